package bustest

// happened is the event of most tests: version counts the changes of its key.
type happened struct {
	Key     string `json:"key"`
	Version int    `json:"version"`
	Note    string `json:"note,omitempty"`
}

func (happened) EventName() string  { return "source.Happened" }
func (e happened) EventKey() string { return e.Key }

// followed is what a handler announces in turn.
type followed struct{ happened }

func (followed) EventName() string { return "relaying.Followed" }
