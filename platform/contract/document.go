package contract

import "github.com/invopop/jsonschema"

// A Document is an AsyncAPI 3.0 document, as far as it is needed here.
type Document struct {
	AsyncAPI           string               `json:"asyncapi"`
	Info               Info                 `json:"info"`
	DefaultContentType string               `json:"defaultContentType"`
	Channels           map[string]channel   `json:"channels"`
	Operations         map[string]operation `json:"operations"`
	Components         components           `json:"components"`
}

// Info says what a document is about.
type Info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type channel struct {
	Address     *string              `json:"address"` // null: there is none
	Title       string               `json:"title"`
	Description string               `json:"description"`
	Parameters  map[string]parameter `json:"parameters,omitempty"`
	Messages    map[string]ref       `json:"messages"`
	Tags        []tag                `json:"tags"`
}

type parameter struct {
	Description string   `json:"description"`
	Enum        []string `json:"enum"`
}

type operation struct {
	Action   string `json:"action"`
	Summary  string `json:"summary"`
	Channel  ref    `json:"channel"`
	Messages []ref  `json:"messages"`
	Tags     []tag  `json:"tags"`
}

type components struct {
	Messages      map[string]message `json:"messages"`
	MessageTraits map[string]trait   `json:"messageTraits"`
}

type message struct {
	Name       string             `json:"name"`
	Title      string             `json:"title"`
	Summary    string             `json:"summary"`
	Deprecated bool               `json:"deprecated,omitempty"`
	Traits     []ref              `json:"traits"`
	Headers    *jsonschema.Schema `json:"headers"`
	Payload    *jsonschema.Schema `json:"payload"`
}

type trait struct {
	Headers       *jsonschema.Schema `json:"headers"`
	CorrelationID correlation        `json:"correlationId"`
}

type correlation struct {
	Description string `json:"description"`
	Location    string `json:"location"`
}

type tag struct {
	Name string `json:"name"`
}

type ref struct {
	To string `json:"$ref"`
}
