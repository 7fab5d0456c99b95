package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../../.."

func TestTheCodeIsWhatTheProtosSay(t *testing.T) {
	generated, err := generate(t.Context(), root)
	require.NoError(t, err)
	require.NotEmpty(t, generated)
	for name, code := range generated {
		committed, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.True(t, string(committed) == code, "%s is not what its .proto says: run make generate", name)
	}
}

func TestAMistakeIsNamed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.proto"), []byte("syntax = \"proto3\";\nmessage M { nonsense n = 1; }"), 0o600))
	_, err := generate(t.Context(), dir)
	require.ErrorContains(t, err, "x.proto:2:13")
}
