package shopclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A Problem is what a shop answers when it does not do what it was asked for.
type Problem struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
	Errors []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
	call string
}

// Code is the problem's stable name, such as "product-exists".
func (p *Problem) Code() string { return p.Type[strings.LastIndex(p.Type, ":")+1:] }

// Error says what was asked for and why it was not done.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%s: %d", p.call, p.Status)
	if p.Detail != "" {
		text += " " + p.Detail
	}
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s %s", e.Field, e.Message)
	}
	return text
}

// Is reports whether err is a Problem of that code.
func Is(err error, code string) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code() == code
}

// HasStatus reports whether err is a Problem with that status.
func HasStatus(err error, status int) bool {
	var p *Problem
	return errors.As(err, &p) && p.Status == status
}

func problem(status int, text []byte, call call) error {
	p := &Problem{}
	if err := json.Unmarshal(text, p); err != nil {
		p = &Problem{Detail: http.StatusText(status)} // not a shop that speaks: a proxy in between
	}
	p.Status, p.call = status, call.method+" "+call.path
	return p
}
