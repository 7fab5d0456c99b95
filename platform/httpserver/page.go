package httpserver

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

// PageRequest is embedded in the input of every operation that lists things.
type PageRequest struct {
	PageSize  int    `query:"page_size" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	PageToken string `query:"page_token" maxLength:"1024" doc:"next_page_token of the page before"`
}

// A Page is one part of a list.
type Page[T any] struct {
	Items         []T    `json:"items"`
	NextPageToken string `json:"next_page_token" doc:"Send it as page_token to get the next page; empty: this is the last one"`
}

// pageToken is what a page token says. Its version lets a later one carry something else.
type pageToken[P any] struct {
	Version  int `json:"v"`
	Position P   `json:"p"`
}

const (
	pageTokenVersion = 1
	maxPageToken     = 1024
)

// After decodes the page token into the position after which the page starts: zero for the first page.
// A token that we did not make is fault.Malformed.
func After[P any](r PageRequest) (P, error) {
	var zero P
	if r.PageToken == "" {
		return zero, nil
	}
	token, err := decodePageToken[P](r.PageToken)
	if err != nil || token.Version != pageTokenVersion || encodePageToken(token.Position) != r.PageToken {
		return zero, &fault.Error{
			Kind: fault.Malformed, Message: "page_token was not made by this list; leave it out to start again",
			Fields: []fault.Field{{Name: "page_token", Message: "was not made by this list"}},
		}
	}
	return token.Position, nil
}

// NewPage makes a page of the items that a query for PageSize+1 rows returned; position tells where the
// next page starts, given the last item shown.
func NewPage[T, P any](r PageRequest, items []T, position func(last T) P) Page[T] {
	size := r.PageSize
	if size < 1 || len(items) <= size {
		return Page[T]{Items: append([]T{}, items...)}
	}
	return Page[T]{Items: items[:size:size], NextPageToken: encodePageToken(position(items[size-1]))}
}

// encodePageToken makes exactly one token of a position, so that every other spelling can be refused.
func encodePageToken[P any](position P) string {
	text, err := json.Marshal(pageToken[P]{pageTokenVersion, position})
	if err != nil {
		panic("a page's position cannot be written as JSON: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodePageToken[P any](text string) (token pageToken[P], err error) {
	if len(text) > maxPageToken {
		return token, base64.CorruptInputError(maxPageToken)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return token, err
	}
	if err := strictjson.Check(raw); err != nil { // what a body may not say, such as U+0000, a token may not either
		return token, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return token, decoder.Decode(&token)
}
