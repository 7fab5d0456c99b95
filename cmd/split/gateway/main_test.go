package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/discovery"
)

func TestGraph(t *testing.T) {
	require.NoError(t, fx.ValidateApp(edge, fx.Provide(func() discovery.Directory { return discovery.Static{} })))
}
