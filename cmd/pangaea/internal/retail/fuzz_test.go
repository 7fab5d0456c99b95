package retail_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
)

// FuzzRead holds that whatever a file contains, reading it never panics, every line and penny is
// accounted for, and what is planned could have been planned.
func FuzzRead(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.csv*")
	require.NoError(f, err)
	for _, seed := range seeds {
		content, err := os.ReadFile(seed)
		require.NoError(f, err)
		f.Add(content)
	}
	f.Add([]byte(header + "\"\n\"\"\"\n,,,,,,,\n\r\r\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "sales.csv")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		options := retail.Defaults()
		options.MaxBytes = 1 << 20
		plan, err := retail.Read(context.Background(), []string{path}, options)
		if err != nil {
			return
		}
		accountedFor(t, plan.Report)
		for _, refusal := range plan.Report.Refusals {
			require.GreaterOrEqual(t, refusal.Line, 1)
			require.GreaterOrEqual(t, refusal.Column, 1)
			require.LessOrEqual(t, refusal.Offset, plan.Files[0].Bytes)
		}
		for _, sale := range plan.Sales {
			require.NotEmpty(t, sale.Items)
			require.GreaterOrEqual(t, sale.Total, int64(0))
		}
		for _, product := range plan.Products {
			require.Positive(t, product.Price)
			require.NotEmpty(t, product.Name)
		}
	})
}
