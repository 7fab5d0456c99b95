package identityfx

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/password"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// process is what a process gives its modules.
func process(t *testing.T) fx.Option {
	t.Helper()
	t.Setenv("PANGAEA_HTTP_ADDR", "127.0.0.1:0")
	t.Setenv("PANGAEA_LOG_LEVEL", "error")
	return fx.Options(
		app.Base,
		fx.Provide(
			func(keys identity.Keys) auth.KeySource { return keys },
			func() outbox.Manifest { return outbox.Manifest{} },
			func() (message.Publisher, message.Subscriber) { d := bus.NewDirect(); return d, d },
		),
	)
}

func TestTheModuleStartsWithItsStaffAndAnswers(t *testing.T) {
	t.Setenv("PANGAEA_STAFF_EMAIL", "boss@example.org")
	t.Setenv("PANGAEA_STAFF_PASSWORD", "boss-canary-password")
	t.Setenv("PANGAEA_DATA_DIR", t.TempDir())
	for range 2 { // the second time on what the first left
		var (
			server    *httpserver.Server
			customers identity.Customers
		)
		running := fxtest.New(t, process(t), Module, fx.Populate(&server, &customers))
		running.RequireStart()

		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/tokens", strings.NewReader(`{"email":"boss@example.org","password":"boss-canary-password"}`))
		r.Header.Set("Content-Type", "application/json")
		server.Handler().ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		known, err := customers.Known(t.Context(), []string{"nobody"})
		require.NoError(t, err)
		require.Empty(t, known)

		running.RequireStop()
	}
}

// office is the account service and what it printed and logged.
type office struct {
	db       *database.DB
	service  *account.Service
	out, log bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{db: databasetest.Open(t, "identity", identitysql.Files)}
	hasher := password.NewHasher()
	guard := throttle.NewGuard(store.NewTries(o.db), throttle.Limits{}, clock())
	o.service = account.NewService(store.NewAccounts(o.db, outbox.New(o.db, outbox.Manifest{})), hasher, guard, clock())
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&o.log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return o
}

// start does what a start of the process does, and returns what it printed.
func (o *office) start(t *testing.T, password string) string {
	t.Helper()
	o.out.Reset()
	require.NoError(t, appoint(t.Context(), o.service, Settings{StaffEmail: "staff@pangaea.example", StaffPassword: password}, &o.out))
	return o.out.String()
}

func (o *office) knows(t *testing.T, password string) bool {
	t.Helper()
	o.log.Reset()
	o.start(t, password)
	return !strings.Contains(o.log.String(), "was not applied")
}

func TestAPasswordThatWasMadeUpIsPrintedOnceAndNeverLogged(t *testing.T) {
	o := newOffice(t)
	printed := strings.Fields(o.start(t, ""))
	require.Contains(t, printed, "staff@pangaea.example")
	made := printed[len(printed)-4] // before "(shown this once)"
	require.GreaterOrEqual(t, len(made), 26)

	require.Empty(t, o.start(t, ""))
	require.NotContains(t, o.log.String(), made)
	require.True(t, o.knows(t, made))
}

func TestAnotherPasswordIsNotAppliedSilently(t *testing.T) {
	o := newOffice(t)
	require.NotContains(t, o.start(t, "canary-of-the-first-start"), "canary", "whoever set it knows it")

	o.start(t, "canary-of-a-later-start")

	require.Contains(t, o.log.String(), "PANGAEA_STAFF_PASSWORD")
	require.NotContains(t, o.log.String(), "canary")
	require.True(t, o.knows(t, "canary-of-the-first-start"))
}

func TestTheStaffPasswordIsReset(t *testing.T) {
	o := newOffice(t)
	o.start(t, "canary-of-the-first-start")

	address, made, err := ResetStaffPassword(t.Context(), o.db, "", "")
	require.NoError(t, err)
	require.Equal(t, "staff@pangaea.example", address)
	require.True(t, o.knows(t, made))
	require.False(t, o.knows(t, "canary-of-the-first-start"))

	_, set, err := ResetStaffPassword(t.Context(), o.db, "Staff@pangaea.example", "chosen-password")
	require.NoError(t, err)
	require.Equal(t, "chosen-password", set)
	require.True(t, o.knows(t, "chosen-password"))

	for _, bad := range [][2]string{{"nobody@example.org", ""}, {"nonsense", ""}, {"", "short"}} {
		_, _, err := ResetStaffPassword(t.Context(), o.db, bad[0], bad[1])
		require.Error(t, err, bad)
	}
}

func TestACustomersAddressIsNotTakenForStaff(t *testing.T) {
	o := newOffice(t)
	_, err := o.service.SignUp(t.Context(), "staff@pangaea.example", "Eve", "eves-password")
	require.NoError(t, err)
	err = appoint(t.Context(), o.service, Settings{StaffEmail: "staff@pangaea.example"}, &o.out)
	require.ErrorContains(t, err, "belongs to a customer")
	require.Empty(t, o.out.String())
}
