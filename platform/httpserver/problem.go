package httpserver

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Problem is how every error is told (RFC 9457). Its type is stable; programs should decide by it.
type Problem struct {
	_ struct{} `additionalProperties:"true"`

	Type      string        `json:"type" format:"uri" example:"urn:pangaea:problem:not-found" doc:"Stable name of the kind of problem"`
	Title     string        `json:"title" example:"Not found" doc:"The type in words"`
	Status    int           `json:"status" example:"404" doc:"The HTTP status"`
	Detail    string        `json:"detail,omitempty" doc:"What is wrong this time, and what to do about it"`
	Instance  string        `json:"instance,omitempty" format:"uri-reference" doc:"The path that was asked for"`
	RequestID string        `json:"request_id,omitempty" doc:"Names this request in our logs"`
	Errors    []fault.Field `json:"errors,omitempty" doc:"Which parts of the input are wrong"`

	Details map[string]any `json:"-"` // further members
	header  http.Header
}

const problemType = "urn:pangaea:problem:"

// problemMediaType is the content type of a Problem.
const problemMediaType = "application/problem+json"

// kinds are the status and the code of each kind of fault.
var kinds = map[fault.Kind]struct {
	status int
	code   string
}{
	fault.Internal:        {http.StatusInternalServerError, "internal"},
	fault.Malformed:       {http.StatusBadRequest, "malformed"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "invalid"},
	fault.Unauthenticated: {http.StatusUnauthorized, "unauthenticated"},
	fault.Forbidden:       {http.StatusForbidden, "forbidden"},
	fault.NotFound:        {http.StatusNotFound, "not-found"},
	fault.Conflict:        {http.StatusConflict, "conflict"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "too-large"},
	fault.TooMany:         {http.StatusTooManyRequests, "too-many-requests"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "unavailable"},
	fault.Unknown:         {http.StatusServiceUnavailable, "outcome-unknown"},
}

// newProblem returns a problem of a status and a code.
func newProblem(status int, code, detail string) *Problem {
	title := strings.ReplaceAll(code, "-", " ")
	if title != "" {
		title = strings.ToUpper(title[:1]) + title[1:]
	}
	return &Problem{Type: problemType + code, Title: title, Status: status, Detail: detail, header: http.Header{}}
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return problemMediaType }

// MarshalJSON writes the details as members of their own.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	own, err := json.Marshal((*plain)(p))
	if err != nil || len(p.Details) == 0 {
		return own, err
	}
	members := map[string]any{}
	maps.Copy(members, p.Details)
	if err := json.Unmarshal(own, &members); err != nil { // ours win over details of the same name
		return nil, err
	}
	return json.Marshal(members)
}
