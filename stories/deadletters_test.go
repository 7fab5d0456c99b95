package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// tables are the migrations of the modules that these stories look into.
var tables = map[string]fs.FS{
	"notifications": notificationssql.Files, "ordering": orderingsql.Files, "shipping": shippingsql.Files,
}

// operated opens a shop that has an operator, whose command is built before anybody waits for it.
func operated(t *testing.T, settings ...string) *shop {
	t.Helper()
	binary(t, "pangaea")
	return open(t, settings...)
}

// beside opens a module's database beside the shop, which may be running on it, for as long as do takes.
func (s *shop) beside(module string, do func(*database.DB)) { s.visit(module, database.Attach, do) }

// looks reads a module's database beside the shop.
func (s *shop) looks(module string, query func(*gorm.DB) error) {
	s.t.Helper()
	s.visit(module, database.OpenReadOnly, func(db *database.DB) {
		require.NoError(s.t, db.Read(s.t.Context(), func(_ context.Context, tx *gorm.DB) error { return query(tx) }))
	})
}

func (s *shop) visit(module string, open func(context.Context, string, database.Options) (*database.DB, error), do func(*database.DB)) {
	s.t.Helper()
	settings := map[string]string{}
	for _, setting := range s.env {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	place, err := app.Places(config.Of(settings), topology.Place{})(module)
	require.NoError(s.t, err)
	place.Migrations = tables[module]
	db, err := open(s.t.Context(), module, place)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, db.Close()) }()
	do(db)
}

// A planted event is announced by nobody in the shop.
type planted struct {
	name, key string
	json.RawMessage
}

func (p planted) EventName() string { return p.name }
func (p planted) EventKey() string  { return p.key }

// plant has ordering announce events that its own code would not, to those whom the manifest names.
func (s *shop) plant(manifest outbox.Manifest, events ...outbox.Event) {
	s.t.Helper()
	s.beside("ordering", func(db *database.DB) {
		require.NoError(s.t, db.Do(s.t.Context(), func(ctx context.Context, _ *gorm.DB) error {
			return outbox.New(db, manifest).Add(ctx, events...)
		}))
	})
}

func (s *shop) subscriptions() outbox.Manifest {
	s.t.Helper()
	manifest, err := contracts.Subscriptions()
	require.NoError(s.t, err)
	return manifest
}

// A deadLetter is one as the command lists it.
type deadLetter struct {
	ID       string            `json:"id"`
	Module   string            `json:"module"`
	Kind     string            `json:"kind"`
	State    string            `json:"state"`
	Name     string            `json:"name"`
	Behind   string            `json:"behind"`
	Attempts int               `json:"attempts"`
	Error    string            `json:"error"`
	Metadata map[string]string `json:"metadata"`
	Payload  string            `json:"payload"`
	BehindIt []deadLetter      `json:"behind_it"`
}

type deadLetters struct {
	Letters []deadLetter `json:"letters"`
	Next    string       `json:"next"`
}

// letters asks the operator's command.
func (s *shop) letters(args ...string) deadLetters {
	s.t.Helper()
	return operate[deadLetters](s, 0, append([]string{"deadletters", "list"}, args...)...)
}

// lists waits until the operator's command lists as many letters. While it cannot, such as on a server that
// is busy with others, it is asked again.
func (s *shop) lists(count int, args ...string) (found []deadLetter) {
	s.t.Helper()
	args = append([]string{"deadletters", "list", "--limit", "100", "-o", "json"}, args...)
	eventually(s.t, func() bool {
		var said deadLetters
		out, code := s.pangaea(args...)
		if code != 0 || json.Unmarshal([]byte(out), &said) != nil {
			return false
		}
		found = said.Letters
		return len(found) == count
	}, "%v does not list %d letters", args, count)
	return found
}

// operate runs the operator's command, expects an exit code, and reads what it says as JSON.
func operate[T any](s *shop, code int, args ...string) (said T) {
	s.t.Helper()
	out, got := s.pangaea(append(args, "-o", "json")...)
	require.Equal(s.t, code, got, out)
	start := max(strings.Index(out, "{\n"), 0) // after the progress
	require.NoError(s.t, json.NewDecoder(strings.NewReader(out[start:])).Decode(&said), out)
	return said
}

// refuses expects one line that says why, and an exit code.
func (s *shop) refuses(code int, why string, args ...string) {
	s.t.Helper()
	out, got := s.pangaea(args...)
	require.Equal(s.t, code, got, out)
	require.Contains(s.t, out, why)
}

// waitsFor waits until a letter of a module about something is there in a state.
func (s *shop) waitsFor(module, key, state string) deadLetter {
	s.t.Helper()
	return s.lists(1, "--module", module, "--key", key, "--state", state)[0]
}

// deeds are what the audit log of a module says about operators: what was done, and the details.
func (s *shop) deeds(module string) (actions []string, details []map[string]string) {
	s.t.Helper()
	who, err := user.Current()
	require.NoError(s.t, err)
	s.visit(module, database.OpenReadOnly, func(db *database.DB) {
		entries, err := audit.New(db).Of(s.t.Context(), "", 1000)
		require.NoError(s.t, err)
		for _, e := range slices.Backward(entries) {
			if strings.HasPrefix(e.Actor, "operator:") {
				require.Equal(s.t, "operator:"+who.Username, e.Actor)
				actions, details = append(actions, e.Action), append(details, e.Details)
			}
		}
	})
	return actions, details
}

// An order is paid when news of it comes again, and nobody can read it: it is given up by shipping and by
// notifications, and what comes after it waits. The customer cancels.
func TestAnOperatorMendsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	shop := operated(t, "PANGAEA_CARRIER=manual")
	staff, ada := shop.staff(), shop.customer("ada")
	staff.sells("URN", 900, 10)
	placed := ada.place("tok_approve", "URN", 1)
	ada.becomes(placed.ID, "paid")
	ada.shipment(placed.ID)
	shop.plant(shop.subscriptions(), planted{"ordering.OrderPaid", placed.ID, json.RawMessage(`{"order_id":["what?"]}`)})
	letter := shop.waitsFor("shipping", placed.ID, "parked")
	shop.waitsFor("notifications", placed.ID, "parked")
	ada.cancels(placed.ID).expect(t, http.StatusAccepted)
	behind := shop.waitsFor("shipping", placed.ID, "waiting")

	// The operator looks at what there is.
	require.Len(t, shop.letters("--key", placed.ID).Letters, 3)
	require.Equal(t, []string{"message", "ordering.OrderPaid"}, []string{letter.Kind, letter.Name})
	require.Equal(t, 1, letter.Attempts)
	require.Contains(t, letter.Error, "ordering.OrderPaid: json: cannot unmarshal array")
	require.Equal(t, letter.ID, behind.Behind)
	shown := operate[deadLetter](shop, 0, "deadletters", "show", letter.ID)
	require.JSONEq(t, `{"order_id":["what?"]}`, shown.Payload)
	require.Equal(t, placed.ID, shown.Metadata["ce-subject"])
	require.Equal(t, []string{behind.ID}, []string{shown.BehindIt[0].ID})
	out, code := shop.pangaea("deadletters", "show", letter.ID)
	require.Zero(t, code, out)
	require.Contains(t, out, "ordering.CancellationRequested")
	_, own, _ := strings.Cut(letter.ID, "/")
	shop.refuses(1, "name one of notifications/"+own+", shipping/"+own, "deadletters", "show", own)

	// As it is it cannot be read, however often; and what waits has to wait.
	shop.refuses(1, "waits behind "+letter.ID, "deadletters", "retry", behind.ID)
	retried, code := shop.pangaea("deadletters", "retry", letter.ID)
	require.Zero(t, code, retried)
	require.Contains(t, retried, "To be tried again: 1 of 1")
	require.Equal(t, 1, shop.waitsFor("shipping", placed.ID, "parked").Attempts)

	// Edited it can. What it said is in the audit log.
	var paid []string
	shop.looks("ordering", func(tx *gorm.DB) error {
		return tx.Table("outbox_events").Where("event_key = ? AND name = ?", placed.ID, "ordering.OrderPaid").Order("position").Pluck("payload", &paid).Error
	})
	file := filepath.Join(t.TempDir(), "payload.json")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	shop.refuses(2, "the payload in "+file, "deadletters", "edit", letter.ID, "--file", file)
	require.NoError(t, os.WriteFile(file, []byte(paid[0]+"\n"), 0o600))
	out, code = shop.pangaea("deadletters", "edit", letter.ID, "--file", file, "--dry-run")
	require.Zero(t, code, out)
	require.Contains(t, out, `+   "order_id": "`+placed.ID)
	out, code = shop.pangaea("deadletters", "edit", letter.ID, "--file", file, "--reason", "the order was listed")
	require.Zero(t, code, out)
	ada.settles(placed.ID)
	require.Equal(t, "refunded", ada.payment(placed.ID).Status)
	shop.refuses(1, "there is no letter "+letter.ID, "deadletters", "show", letter.ID)
	shop.refuses(1, "there is no letter "+letter.ID, "deadletters", "edit", letter.ID, "--file", file)

	// The customer has been told of the payment: telling her again can be dropped.
	told := len(get[page[struct{}]](ada, "/api/v1/notifications").Items)
	shop.refuses(2, "--reason", "deadletters", "drop", "notifications/"+own)
	out, code = shop.pangaea("deadletters", "drop", "notifications/"+own, "--reason", "told already")
	require.Zero(t, code, out)
	eventually(t, func() bool { return len(get[page[struct{}]](ada, "/api/v1/notifications").Items) > told }, "ada is not told that it is cancelled")

	require.Empty(t, shop.letters("--state", "all").Letters)
	shop.isSound()
	actions, details := shop.deeds("shipping")
	require.Equal(t, []string{"message.retry", "message.edit"}, actions)
	require.Equal(t, "the order was listed", details[1]["reason"])
	require.JSONEq(t, `{"order_id":["what?"]}`, details[1]["payload"])
	require.JSONEq(t, paid[0], details[1]["edited"])
	actions, details = shop.deeds("notifications")
	require.Equal(t, []string{"message.drop"}, actions)
	require.Equal(t, "told already", details[0]["reason"])
	require.JSONEq(t, `{"order_id":["what?"]}`, details[0]["payload"])
}

// What was done for or against many letters at once, as a command says it.
type deadLetterReport struct {
	DryRun bool `json:"dry_run"`
	Chosen int  `json:"chosen"`
	Behind int  `json:"behind"`
	Groups []struct {
		Error string `json:"error"`
		Count int    `json:"count"`
	} `json:"groups"`
	Done   int        `json:"done"`
	Failed []struct{} `json:"failed"`
}

// Many are chosen by what they have in common, with the shop stopped as well as running.
func TestAnOperatorActsOnManyLetters(t *testing.T) {
	t.Parallel()
	const many = 30
	shop := operated(t, "PANGAEA_DEMO=off")
	var events []outbox.Event
	for n := range many {
		key := fmt.Sprintf("order-%d", n)
		odd := planted{"ordering.CancellationRefused", key, json.RawMessage(`["what?"]`)}
		if n%3 == 0 {
			odd.RawMessage = json.RawMessage(`{"order_id":1}`)
		}
		events = append(events, odd, planted{"ordering.OrderCompleted", key, json.RawMessage(`{"order_id":"` + key + `"}`)})
	}
	shop.plant(shop.subscriptions(), events...)
	shop.lists(2 * many)
	shop.stop()

	// A page at a time they are all there.
	var pages []string
	for next := ""; ; {
		p := shop.letters("--state", "parked", "--limit", "7", "--after", next)
		for _, l := range p.Letters {
			pages = append(pages, l.ID)
		}
		if next = p.Next; next == "" {
			break
		}
	}
	require.Len(t, slices.Compact(slices.Clone(pages)), many)
	require.True(t, slices.IsSorted(pages))

	// Without --yes they are counted, and nothing is done.
	retry := []string{"deadletters", "retry", "--event", "ordering.CancellationRefused", "--source", "ordering", "--since", "1h"}
	counted := operate[deadLetterReport](shop, 0, retry...)
	require.True(t, counted.DryRun)
	require.Equal(t, []int{many, many, 0}, []int{counted.Chosen, counted.Behind, counted.Done})
	require.Len(t, counted.Groups, 2)
	require.Equal(t, []int{2 * many / 3, many / 3}, []int{counted.Groups[0].Count, counted.Groups[1].Count})
	require.Empty(t, shop.letters("--state", "retrying").Letters)
	require.Equal(t, many, operate[deadLetterReport](shop, 0, append(retry, "--yes")...).Done)
	require.Len(t, shop.letters("--state", "retrying", "--limit", "100").Letters, many)

	// The shop tries them when it starts, and gives them up again.
	shop.start()
	shop.lists(many, "--state", "parked")
	shop.refuses(2, "--reason", "deadletters", "drop", "--all", "--yes")
	dropped := operate[deadLetterReport](shop, 0, "deadletters", "drop", "--error", "ORDER_ID", "--yes", "--reason", "there are no such orders")
	require.Equal(t, many/3, dropped.Done)
	require.Equal(t, 2*many/3, operate[deadLetterReport](shop, 0, "deadletters", "drop", "--all", "--yes", "--reason", "nor these").Done)

	shop.lists(0, "--state", "all")
	actions, _ := shop.deeds("notifications")
	require.Len(t, actions, 2*many)
	require.Zero(t, operate[deadLetterReport](shop, 0, "deadletters", "drop", "--all", "--yes", "--reason", "twice").Done)
	shop.isSound()
}

// A task that is to hand a parcel over is spoilt, given up, and mended.
func TestAnOperatorMendsATask(t *testing.T) {
	t.Parallel()
	shop := operated(t, "PANGAEA_CARRIER_DISPATCH_AFTER=1h")
	staff, ada := shop.staff(), shop.customer("ada")
	staff.sells("OAR", 900, 10)
	placed := ada.place("tok_approve", "OAR", 1)
	ada.becomes(placed.ID, "paid")
	parcel := ada.shipment(placed.ID)
	var good string
	shop.beside("shipping", func(db *database.DB) {
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			task := tx.Table("tasks").Where("kind = ? AND task_key = ?", "hand-over", parcel.ID)
			if err := task.Session(&gorm.Session{}).Select("payload").Take(&good).Error; err != nil {
				return err
			}
			return task.Session(&gorm.Session{}).Updates(map[string]any{"payload": `["nonsense"]`, "due_at": time.Now().UnixMicro()}).Error
		}))
	})

	letter := shop.waitsFor("shipping", parcel.ID, "parked")
	require.Equal(t, []string{"task", "hand-over"}, []string{letter.Kind, letter.Name})
	require.Equal(t, []deadLetter{letter}, shop.letters("--kind", "hand-over").Letters)
	require.Empty(t, shop.letters("--event", "hand-over").Letters)
	file := filepath.Join(t.TempDir(), "payload.json")
	require.NoError(t, os.WriteFile(file, []byte(good), 0o600))
	out, code := shop.pangaea("deadletters", "edit", letter.ID, "--file", file)
	require.Zero(t, code, out)

	ada.becomes(placed.ID, "delivered")
	shop.refuses(1, "there is no letter", "deadletters", "drop", letter.ID, "--reason", "too late")
	actions, details := shop.deeds("shipping")
	require.Equal(t, []string{"task.edit"}, actions)
	require.JSONEq(t, `["nonsense"]`, details[0]["payload"])
	shop.isSound()
}
