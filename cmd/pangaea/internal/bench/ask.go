package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// get asks for something and puts the answer where into points: the text itself, or what its JSON says.
func get(ctx context.Context, client *http.Client, url, token string, into any) error {
	return ask(ctx, client, http.MethodGet, url, token, nil, into)
}

// post sends something.
func post(ctx context.Context, url string, body, into any) error {
	return ask(ctx, http.DefaultClient, http.MethodPost, url, "", body, into)
}

func ask(ctx context.Context, client *http.Client, method, url, token string, body, into any) error {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url, &sent)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= 300:
		return fmt.Errorf("%s %s: %s: %s", method, url, response.Status, text)
	case into == nil:
		return nil
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = text
		return nil
	}
	return json.Unmarshal(text, into)
}
