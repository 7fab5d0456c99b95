package shop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
)

func TestContractsAreCurrent(t *testing.T) {
	documents, err := shop.Contracts()
	require.NoError(t, err)
	for name, want := range documents {
		got, err := os.ReadFile(filepath.Join("../../../docs/contracts", name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "docs/contracts/%s is out of date: run make generate", name)
	}
	events, err := filepath.Glob("../../../docs/contracts/events/*")
	require.NoError(t, err)
	for _, path := range events {
		require.Contains(t, documents, "events/"+filepath.Base(path), "no event is described there any more: delete it")
	}
}

func TestNoModuleIsForgotten(t *testing.T) {
	wired, discard, err := shop.Wire()
	require.NoError(t, err)
	t.Cleanup(discard)
	var listed []string
	for _, member := range wired.Roll.Members() {
		if !strings.Contains(member.Name, "-") { // a module's companion, such as payments-provider
			listed = append(listed, member.Name)
		}
	}
	folders, err := os.ReadDir("../../../modules")
	require.NoError(t, err)
	var there []string
	for _, folder := range folders {
		there = append(there, folder.Name())
	}
	require.ElementsMatch(t, there, listed, "a module's wiring is listed in shop.Modules")
}

func TestEveryOperationSaysInWordsWhatItDoes(t *testing.T) {
	wired, discard, err := shop.Wire()
	require.NoError(t, err)
	t.Cleanup(discard)
	for path, item := range wired.Server.OpenAPI().Paths {
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o != nil {
				require.NotContains(t, strings.ToLower(o.Summary), " api v1 ", "give %s %s an httpserver.Summary", o.Method, path)
			}
		}
	}
}

func TestEveryRouteBelongsToAModuleAndSaysWhoMayCallIt(t *testing.T) {
	wired, discard, err := shop.Wire()
	require.NoError(t, err)
	t.Cleanup(discard)
	require.NotEmpty(t, wired.Server.Routes())
	for _, route := range wired.Server.Routes() {
		require.NotEmpty(t, route.Module, route.Path)
		require.NotEmpty(t, route.Access, route.Path)
	}
}
