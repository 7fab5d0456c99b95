package module_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Struck is announced by the clock of these tests.
type Struck struct {
	Hour string `json:"hour"`
}

func (Struck) EventName() string  { return "clock.Struck" }
func (s Struck) EventKey() string { return s.Hour }

// process is what a process shares among its modules.
func process(t *testing.T, dir string) fx.Option {
	keys, _ := authtest.New(t)
	carrier := bus.NewDirect()
	return fx.Options(
		fx.NopLogger,
		fx.Provide(
			func() database.Places {
				return func(string) (database.Options, error) { return database.Options{Dir: dir}, nil }
			},
			func(r *prometheus.Registry) *httpserver.Server {
				return httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, auth.NewVerifier(keys), r)
			},
			func() outbox.Manifest { return outbox.Manifest{"clock.Struck": {"ringer"}} },
			func() message.Publisher { return carrier },
			func() message.Subscriber { return carrier },
			prometheus.NewRegistry,
			module.NewRoll,
		),
		fx.Supply(module.Limits{}),
		fx.Invoke(module.Work),
	)
}

func TestPartsOfTwoModules(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	rung := make(chan string, 10)
	var strike func(hour string) error
	var server *httpserver.Server
	var registry *prometheus.Registry

	clock := fx.Module("clock", module.Parts("clock", databasetest.Migrations("CREATE TABLE hours (hour VARCHAR(20) NOT NULL PRIMARY KEY)")),
		fx.Invoke(func(api huma.API, db *database.DB, box *outbox.Outbox, queue *tasks.Queue, _ *idempotency.Keys, _ *audit.Log) {
			huma.Get(api, "/api/v1/hours", func(context.Context, *struct{}) (*struct{ Body []string }, error) {
				return &struct{ Body []string }{}, nil
			}, auth.Anyone)
			queue.Handle("strike", func(ctx context.Context, task tasks.Task) error {
				return db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error { return box.Add(ctx, Struck{task.Key}) })
			})
			strike = func(hour string) error {
				return db.Do(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
					return queue.Add(ctx, "strike", hour, nil, time.Time{})
				})
			}
		}))
	ringer := fx.Module("ringer", module.Parts("ringer", nil),
		fx.Invoke(func(events *bus.Events) error {
			return events.Listen(bus.On(func(_ context.Context, e *Struck) error { rung <- e.Hour; return nil }))
		}))

	app := fxtest.New(t, process(t, dir), clock, ringer, fx.Populate(&server, &registry))
	app.RequireStart()
	require.NoError(t, strike("noon"))
	select {
	case hour := <-rung:
		require.Equal(t, "noon", hour)
	case <-time.After(5 * time.Second):
		t.Fatal("nobody rang")
	}
	require.Equal(t, "clock", server.Routes()[0].Module)
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, answer.Body.String(), `pangaea_tasks_pending{module="clock"}`)
	require.Contains(t, answer.Body.String(), `pangaea_database_group_size_count{module="ringer"}`)
	app.RequireStop()
}

func TestWhatIsAModulesOwnIsNobodyElses(t *testing.T) {
	err := fx.ValidateApp(process(t, t.TempDir()), fx.Module("clock", module.Parts("clock", nil)), fx.Invoke(func(*database.DB) {}))
	require.ErrorContains(t, err, "missing type")
	require.ErrorContains(t, err, "database.DB")
}
