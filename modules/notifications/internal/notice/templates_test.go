package notice_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
)

func TestEveryKindIsWritten(t *testing.T) {
	facts := notice.Facts{Name: "Ada", Order: "o-1", Amount: "19.99 GBP", Reason: "out_of_stock", Tracking: "PG123"}
	want := map[notice.Kind][]string{
		notice.OrderConfirmed:      {"o-1", "19.99 GBP"},
		notice.OrderPaid:           {"o-1"},
		notice.OrderDispatched:     {"o-1", "PG123"},
		notice.OrderCompleted:      {"o-1", "return"},
		notice.OrderCancelled:      {"o-1", "not everything in it is in stock"},
		notice.CancellationRefused: {"o-1", "on its way"},
		notice.Refunded:            {"o-1", "19.99 GBP", "your cancelled order"},
		notice.RefundFailed:        {"o-1", "19.99 GBP"},
	}
	for kind, parts := range want {
		subject, body, err := notice.Render(kind, facts)
		require.NoError(t, err)
		require.NotEmpty(t, subject)
		require.NotContains(t, subject, "\n")
		require.True(t, strings.HasPrefix(body, "Hello Ada,\n"), body)
		for _, part := range parts {
			require.Contains(t, body, part)
		}
		require.NotContains(t, body, "<no value>")
	}
	_, _, err := notice.Render("unheard-of", facts)
	require.Error(t, err)
}

func TestACancellationSaysWhy(t *testing.T) {
	for reason, part := range map[string]string{
		"payment_declined": "the payment was declined", "payment_failed": "did not go through",
		"customer": "as you asked", "timed_out": "too long", "out_of_stock": "in stock", "": "o-1 is cancelled.",
	} {
		_, body, err := notice.Render(notice.OrderCancelled, notice.Facts{Order: "o-1", Reason: reason})
		require.NoError(t, err)
		require.Contains(t, body, part)
		require.True(t, strings.HasPrefix(body, "Hello,\n"), "nobody's name is known")
	}
}
