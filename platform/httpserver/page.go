package httpserver

// PageRequest is embedded in the input of every operation that lists things.
type PageRequest struct {
	PageSize  int    `query:"page_size" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	PageToken string `query:"page_token" maxLength:"1024" doc:"next_page_token of the page before"`
}

// A Page is one part of a list.
type Page[T any] struct {
	Items         []T    `json:"items"`
	NextPageToken string `json:"next_page_token"`
}

// After decodes the page token into the position after which the page starts: zero for the first page.
// A token that we did not make is fault.Malformed.
func After[P any](r PageRequest) (P, error) { panic("unwritten") }

// NewPage makes a page of the items that a query for PageSize+1 rows returned; position tells where the
// next page starts, given the last item shown.
func NewPage[T, P any](r PageRequest, items []T, position func(last T) P) Page[T] { panic("unwritten") }
