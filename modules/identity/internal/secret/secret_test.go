package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
)

const canary = "canary-7f3a"

func TestASecretIsNeverPrinted(t *testing.T) {
	in := struct {
		Password secret.String `json:"password"`
		Nested   []any         `json:"nested"`
	}{canary, []any{secret.String(canary)}}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, in), canary, verb)
		require.NotContains(t, fmt.Sprintf(verb, in.Password), canary, verb)
		require.NotContains(t, fmt.Sprintf(verb, in.Password), fmt.Sprintf("%x", canary), verb)
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("in", "in", in, "password", in.Password)
	}
	require.NotContains(t, log.String(), canary)
}

func TestASecretIsReadFromJSON(t *testing.T) {
	var in struct{ Password secret.String }
	require.NoError(t, json.Unmarshal([]byte(`{"Password":"`+canary+`"}`), &in))
	require.Equal(t, canary, in.Password.Reveal())
}
