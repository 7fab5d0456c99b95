package stories

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A report is what import and replay say at the end.
type report struct {
	figures
	whole []byte // all of it, but how long it took
}

// The figures do not depend on what was done before.
type figures struct {
	Lines         int            `json:"lines"`
	LinesAccepted int            `json:"lines_accepted"`
	LinesSetAside int            `json:"lines_set_aside"`
	LinesRefused  int            `json:"lines_refused"`
	Value         int64          `json:"value_minor"`
	ValueAccepted int64          `json:"value_accepted_minor"`
	ValueSetAside int64          `json:"value_set_aside_minor"`
	ValueRefused  int64          `json:"value_refused_minor"`
	Orders        map[string]int `json:"orders"`
	Returns       map[string]int `json:"returns"`
}

// retail runs import or replay on files and reads the report.
func (s *shop) retail(args ...string) (r report) {
	s.t.Helper()
	began := time.Now()
	command := s.retailCommand(context.Background(), args...)
	var out, progress bytes.Buffer
	command.Stdout, command.Stderr = &out, &progress
	require.NoError(s.t, command.Run(), "%s", &progress)
	require.NoError(s.t, json.Unmarshal(out.Bytes(), &r.figures), "%s", &out)
	r.whole = regexp.MustCompile(`,\s*"seconds": [0-9.e-]+`).ReplaceAll(out.Bytes(), nil)
	require.Equal(s.t, r.Lines, r.LinesAccepted+r.LinesSetAside+r.LinesRefused, "every line is accounted for")
	require.Equal(s.t, r.Value, r.ValueAccepted+r.ValueSetAside+r.ValueRefused, "to the penny")
	s.t.Logf("%s: %s: %s", strings.Join(args, " "), time.Since(began).Round(time.Millisecond), r.whole)
	return r
}

// is fails the test unless a report is the one in a file, to the penny.
func (r report) is(t *testing.T, file string) {
	t.Helper()
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(r.whole))
}

func (s *shop) retailCommand(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary(s.t, "pangaea"), append(args, "--url", s.url, "--output", "json")...)
	command.Env = s.env
	return command
}

// left is how many pieces of everything are in the house, once none is meant for anybody.
func (v visitor) left() (pieces int64) {
	v.shop.t.Helper()
	var reserved int64
	eventually(v.shop.t, func() bool { pieces, reserved = v.stock(); return reserved == 0 }, "%d pieces stay reserved", &reserved)
	return pieces
}

// stock is how many pieces of everything there are, and how many of them are meant for somebody.
func (v visitor) stock() (pieces, reserved int64) {
	v.shop.t.Helper()
	for token := ""; ; {
		part := get[page[product]](v, "/api/v1/products?page_size=200&page_token="+token)
		for _, p := range part.Items {
			got := v.call(http.MethodGet, "/api/v1/stock/"+p.SKU, nil)
			if got.status == http.StatusNotFound {
				continue // there never was any: half of one piece is none
			}
			var level stock
			got.into(v.shop.t, http.StatusOK, &level)
			require.GreaterOrEqual(v.shop.t, level.OnHand, int64(0), p.SKU)
			pieces, reserved = pieces+level.OnHand, reserved+level.Reserved
		}
		if token = part.NextPageToken; token == "" {
			return pieces, reserved
		}
	}
}

const everyRule = "a line for every rule"

// salesFiles are our own fixture with a line for every rule and, where PANGAEA_RETAIL_DATA names a
// folder with the Online Retail data set, a day of it.
func salesFiles(t *testing.T) map[string]string {
	files := map[string]string{everyRule: "../cmd/pangaea/internal/retail/testdata/rules.csv"}
	folder := os.Getenv("PANGAEA_RETAIL_DATA")
	if folder == "" {
		t.Log("not tested: a day of the Online Retail data set; set PANGAEA_RETAIL_DATA to a folder with 2010-12-01.csv")
		return files
	}
	files["a day of real orders"] = filepath.Join(folder, "2010-12-01.csv")
	return files
}

func TestRealOrdersAreSoldAgain(t *testing.T) {
	t.Parallel()
	for name, file := range salesFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := open(t, "PANGAEA_DEMO=off")
			imported := shop.retail("import", "online-retail", file)
			replayed := shop.retail("replay", file)
			if name == everyRule { // the same however many processes a shop is, and on whatever databases
				imported.is(t, "testdata/rules.import.json")
				replayed.is(t, "testdata/rules.replay.json")
			}
			require.Equal(t, imported.Lines, replayed.Lines)
			require.NotEmpty(t, replayed.Orders)
			require.Equal(t, []string{"delivered"}, keys(replayed.Orders), "with enough stock every sale is confirmed")
			require.Subset(t, []string{"refunded"}, keys(replayed.Returns))

			staff := shop.staff()
			var back int64
			for _, order := range staff.orders() {
				for _, line := range get[struct{ Lines []line }](staff, "/api/v1/orders/"+order.ID).Lines {
					back += line.Returned
				}
			}
			left := int64(0)
			eventually(t, func() bool { left = staff.left(); return left == back }, "%d pieces are left, and %d came back", &left, &back)

			again := shop.retail("import", "online-retail", file)
			require.Equal(t, imported.figures, again.figures)
			require.Equal(t, replayed.figures, shop.retail("replay", file).figures)
			require.Equal(t, back, shop.staff().left(), "a second run changes nothing")
			shop.isSound()
		})
	}
}

func TestRealOrdersWithHalfTheStock(t *testing.T) {
	t.Parallel()
	for name, file := range salesFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := open(t, "PANGAEA_DEMO=off")
			shop.retail("import", "online-retail", file, "--stock-factor", "0.5")
			sold := shop.retail("replay", file)
			require.Subset(t, []string{"delivered", "cancelled"}, keys(sold.Orders), "every order ends")
			require.NotZero(t, sold.Orders["cancelled"])
			shop.staff().left() // and nothing is oversold
			shop.isSound()
		})
	}
}

func TestAReplayThatIsInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	file := "../cmd/pangaea/internal/retail/testdata/rules.csv"
	shop, calm := open(t, "PANGAEA_DEMO=off"), open(t, "PANGAEA_DEMO=off")
	calm.retail("import", "online-retail", file)
	want := calm.retail("replay", file)

	shop.retail("import", "online-retail", file)
	for i := range 8 { // killed a little later each time
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(20+15*i)*time.Millisecond)
		_ = shop.retailCommand(ctx, "replay", file).Run()
		cancel()
	}
	require.Equal(t, want.figures, shop.retail("replay", file).figures)
	pieces, left := calm.staff().left(), int64(0)
	eventually(t, func() bool { left = shop.staff().left(); return left == pieces }, "%d pieces are left instead of %d", &left, &pieces)
	shop.isSound()
}

func keys(counts map[string]int) (names []string) {
	for name, count := range counts {
		if count > 0 {
			names = append(names, name)
		}
	}
	return names
}
