// Package problem answers with problem documents (RFC 9457).
package problem

import (
	"encoding/json"
	"maps"
	"net/http"
)

// MediaType is what a problem document says it is.
const MediaType = "application/problem+json"

// Problem is what went wrong with a request. As an error it tells the client, so it holds no internals.
type Problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail,omitempty"`
	Errors []FieldError `json:"errors,omitempty"`

	// Header is sent along.
	Header http.Header `json:"-"`
}

// FieldError is one wrong value in a request. It never repeats the value, which may be a secret.
type FieldError struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// New returns a problem with the title that belongs to its status.
func New(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// Invalid returns the problem of a request that has wrong values.
func Invalid(errors ...FieldError) *Problem {
	invalid := New(http.StatusUnprocessableEntity, "the request is not valid")
	invalid.Errors = errors
	return invalid
}

// With returns the problem with a header of its answer set.
func (p *Problem) With(header, value string) *Problem {
	if p.Header == nil {
		p.Header = http.Header{}
	}
	p.Header.Set(header, value)
	return p
}

// Error makes a problem an error.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Detail
}

// Write answers with a problem.
func Write(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.Header)
	w.Header().Set("Content-Type", MediaType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who has gone needs no answer
}
