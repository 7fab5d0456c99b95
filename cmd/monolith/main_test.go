package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
)

func TestGraph(t *testing.T) { require.NoError(t, fx.ValidateApp(monolith)) }

// Whoever asks for help, or mistakes this for the operator's command, must not find a shop opened.
func TestArgumentsOpenNoShop(t *testing.T) {
	var out, wrong bytes.Buffer
	require.Zero(t, instead(&out, &wrong, []string{"--help"}))
	require.Equal(t, usage, out.String())
	require.Empty(t, wrong.String())
	out.Reset()
	require.Equal(t, 1, instead(&out, &wrong, []string{"check", "--help"}))
	require.Equal(t, "pangaea: monolith takes no arguments, and was given \"check\": monolith --help says more\n", wrong.String())
	require.Empty(t, out.String())
}
