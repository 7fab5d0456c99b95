package stories

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A shop sells, stops, has its payments moved to PostgreSQL, sells on, gives money back for what it sold before, and
// has them moved home again.
func TestPaymentsMoveOutAndBackHome(t *testing.T) {
	t.Parallel()
	if !slices.Contains(databasetest.Servers(t), database.Postgres) {
		return // said already, and an error on CI
	}
	shop := open(t, inFiles)
	staff := shop.staff()
	staff.sells("MUG", 799, 100)
	ada := shop.customer("ada")
	old := ada.becomes(ada.place("tok_approve", "MUG", 2).ID, "delivered")
	shop.isSound()
	require.Contains(t, shop.isNotMoved("postgres://db.example/pangaea"), "say --offline")
	elsewhere := databasetest.Server(t, database.Postgres)
	require.Contains(t, shop.isNotMoved(elsewhere, "--offline"), "in use by another process")
	shop.stop()

	// Out.
	require.Contains(t, shop.moves("payments", elsewhere, "--dry-run"), "Nothing was done.")
	report := shop.moves("payments", elsewhere)
	require.Contains(t, report, "the digests of all tables agree")
	require.Regexp(t, `(?m)^payments +1 `, report)
	require.Contains(t, report, "set    PANGAEA_PAYMENTS_DATABASE_URL=postgres://")
	require.Contains(t, report, "payments-provider is a database of its own and stays where it is")
	info, err := os.Stat(filepath.Join(shop.dir, "payments.db"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o400), info.Mode().Perm())
	require.Contains(t, shop.staysShut(), "payments has moved from here to postgres://")
	out, code := shop.pangaea("check")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "payments has moved from here to postgres://")
	out, code = shop.pangaea("backup", filepath.Join(t.TempDir(), "backup"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "payments has moved from here to postgres://")

	shop.env = append(shop.env, "PANGAEA_PAYMENTS_DATABASE_URL="+elsewhere)
	shop.isSound()
	shop.start()
	young := ada.becomes(ada.place("tok_approve", "MUG", 3).ID, "delivered")
	ada.givesBack(staff, old, 799)
	shop.isSound()
	shop.stop()

	// And home again, over the old copy.
	require.Contains(t, shop.isNotMoved(shop.dir, "--offline"), "--replace-old-copy")
	require.Contains(t, shop.moves("payments", shop.dir, "--replace-old-copy"), "unset  PANGAEA_PAYMENTS_DATABASE_URL\n")
	require.Contains(t, shop.staysShut(), "payments has moved from here to "+filepath.Join(shop.dir, "payments.db"))
	shop.env = slices.DeleteFunc(shop.env, func(s string) bool { return strings.HasPrefix(s, "PANGAEA_PAYMENTS_DATABASE_URL=") })
	shop.isSound()
	shop.start()
	ada.givesBack(staff, young, 799)
	ada.becomes(ada.place("tok_approve", "MUG", 1).ID, "delivered")
	shop.isSound()
}

// moves has a module moved, with the shop stopped, and returns what was said.
func (s *shop) moves(module, place string, flags ...string) string {
	s.t.Helper()
	out, code := s.pangaea(append([]string{"move", module, "--to", place, "--offline"}, flags...)...)
	require.Zero(s.t, code, out)
	return out
}

// isNotMoved expects that payments cannot be moved, and returns why not.
func (s *shop) isNotMoved(place string, flags ...string) string {
	s.t.Helper()
	out, code := s.pangaea(append([]string{"move", "payments", "--to", place}, flags...)...)
	require.Equal(s.t, 2, code, out)
	return out
}

// givesBack returns one piece of an order, and expects its price back.
func (v visitor) givesBack(staff visitor, o order, price int64) {
	v.shop.t.Helper()
	back := post[goodsReturn](v, "/api/v1/orders/"+o.ID+"/returns", map[string]any{
		"items": []map[string]any{{"line_id": o.Lines[0].LineID, "quantity": 1}}, "reason": "it has a crack",
	}, http.StatusCreated)
	staff.call(http.MethodPost, "/api/v1/returns/"+back.ID+"/accept", nil).expect(v.shop.t, http.StatusOK)
	refunded := v.follow(o.ID, "refunded", func(o order) bool { return len(o.Returns) == 1 && o.Returns[0].Status == "refunded" })
	require.EqualValues(v.shop.t, price, refunded.Refunded.Amount)
}
