package census

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pangaea-shop/pangaea/platform/topology"
)

// ask finds out what is at an address, and whether it is ready.
func (i *Instance) ask(ctx context.Context) {
	info, err := ask(ctx, i.Address)
	if err == nil {
		i.Is = &info
		i.Missing, err = missing(ctx, i.Address)
	}
	if err != nil {
		i.Error = plain(cause(ctx, err))
	}
}

// cause is why ctx ended, if it did.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// plain is what is wrong with the way to somebody, without what was tried.
func plain(err error) string {
	var network *net.OpError
	var name *net.DNSError
	switch {
	case errors.As(err, &name):
		return "there is no host " + name.Name
	case errors.As(err, &network):
		return strings.TrimPrefix(network.Err.Error(), "connect: ")
	}
	return err.Error()
}

// largest is how much of an answer is read. Measurements of a process with all modules are a tenth of it.
const largest = 8 << 20

func get(ctx context.Context, address, path string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	response, err := direct.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, largest))
	return response.StatusCode, body, err
}

// direct goes to the processes themselves: no proxy knows them, and none that answers elsewhere is one of them.
var direct = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

var errStranger = fmt.Errorf("what answers there is no process of the shop: its /metrics has no %s", topology.Info)

// ask reads from a process's measurements what it is.
func ask(ctx context.Context, address string) (info Info, err error) {
	status, body, err := get(ctx, address, "/metrics")
	if err != nil {
		return info, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(body)))
	family := families[topology.Info]
	if status != http.StatusOK || err != nil || len(family.GetMetric()) != 1 {
		return info, errStranger
	}
	for _, label := range family.GetMetric()[0].GetLabel() {
		switch value := label.GetValue(); label.GetName() {
		case topology.InfoProcess:
			info.Process = value
		case topology.InfoReplica:
			info.Replica, _ = strconv.Atoi(value)
		case topology.InfoModules:
			info.Modules = strings.FieldsFunc(value, func(c rune) bool { return c == ',' })
		case topology.InfoVersion:
			info.Version = value
		case topology.InfoFingerprint:
			info.Fingerprint = value
		}
	}
	return info, nil
}

// missing is what a process lacks for real work, "" if nothing.
func missing(ctx context.Context, address string) (string, error) {
	status, body, err := get(ctx, address, "/readyz")
	if err != nil || status == http.StatusOK {
		return "", err
	}
	var problem struct {
		Detail  string            `json:"detail"`
		Missing map[string]string `json:"missing"`
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		return fmt.Sprintf("/readyz answers %d", status), nil
	}
	if len(problem.Missing) == 0 {
		return problem.Detail, nil
	}
	var all []string
	for _, check := range slices.Sorted(maps.Keys(problem.Missing)) {
		all = append(all, check+": "+problem.Missing[check])
	}
	return strings.Join(all, "; "), nil
}
