package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
)

func TestGraph(t *testing.T) { require.NoError(t, fx.ValidateApp(inventory)) }
