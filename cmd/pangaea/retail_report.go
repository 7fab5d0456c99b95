package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// tell writes a run's report, and fails if some of it could not be done.
func (r *retailRun) tell(out io.Writer, report interface{ Text(io.Writer) error }, problems int) error {
	var text bytes.Buffer
	var err error
	if r.output == "json" {
		encoder := json.NewEncoder(&text)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.Text(&text)
	}
	if err == nil {
		_, err = text.WriteTo(out)
	}
	if err == nil && problems > 0 {
		err = fmt.Errorf("%d things could not be done: see the report", problems)
	}
	return err
}
