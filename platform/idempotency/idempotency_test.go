package idempotency_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// A parcel is what the shop of these tests makes, once per key.
type parcel struct {
	ID    string `json:"id" gorm:"primaryKey"`
	Label string `json:"label"`
}

type sendInput struct {
	Place string `path:"place" maxLength:"20"`
	Body  struct {
		Label string `json:"label" maxLength:"20"`
	}
}

// A shop answers POST /api/v1/places/{place}/parcels, in every process that shares its database.
type shop struct {
	db        *database.DB
	keys      *idempotency.Keys
	handler   http.Handler
	others    []*shop // this one as well
	token     func(subject string, roles ...string) string
	during    func(label string) error                     // called within the effect
	within    func(ctx context.Context, tx *gorm.DB) error // the same, with the transaction
	delivered *atomic.Int64
}

var migrations = databasetest.Migrations(
	"CREATE TABLE parcels (id VARCHAR(64) NOT NULL PRIMARY KEY, label VARCHAR(64) NOT NULL)",
	"CREATE TABLE shelf (id VARCHAR(64) NOT NULL PRIMARY KEY, pieces BIGINT NOT NULL)",
)

// open opens the shop, and returns one process of it.
func open(t *testing.T) *shop {
	source, token := authtest.New(t)
	var all []*shop
	for _, db := range databasetest.Instances(t, "post", migrations) {
		all = append(all, &shop{
			db: db, token: token, during: func(string) error { return nil },
			within: func(context.Context, *gorm.DB) error { return nil }, delivered: new(atomic.Int64),
		})
	}
	for _, s := range all {
		s.others, s.delivered = all, all[0].delivered
		s.restart(t, source)
	}
	return all[0]
}

// restart forgets what a process keeps in memory.
func (s *shop) restart(t *testing.T, source auth.KeySource) {
	t.Helper()
	s.keys = idempotency.New(s.db)
	server := httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, auth.NewVerifier(source), prometheus.NewRegistry())
	huma.Post(server.API("post"), "/api/v1/places/{place}/parcels", s.send,
		auth.SignedIn, s.keys.Required, httpserver.Status(http.StatusAccepted))
	s.handler = server.Handler()
}

func (s *shop) send(ctx context.Context, in *sendInput) (*idempotency.Answer[parcel], error) {
	return idempotency.Once(ctx, s.keys, http.StatusAccepted, func(ctx context.Context) (parcel, string, error) {
		made := parcel{ID: fmt.Sprint(s.delivered.Add(1)), Label: in.Body.Label}
		err := s.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
			if err := s.within(ctx, tx); err != nil {
				return err
			}
			return tx.Create(&made).Error
		})
		if err == nil {
			err = s.during(in.Body.Label)
		}
		return made, "/parcels/" + made.ID, err
	})
}

// post sends a request as user and returns the answer.
func (s *shop) post(user, place, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/places/"+place+"/parcels", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+user)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set(idempotency.Header, key)
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	return answer
}

// labels returns what was made.
func (s *shop) labels(t *testing.T) []string {
	t.Helper()
	labels := []string{}
	require.NoError(t, s.db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("parcels").Order("id").Pluck("label", &labels).Error
	}))
	return labels
}

const tea = `{"label":"tea & <cake>"}`

func TestRepeating(t *testing.T) {
	s := open(t)
	ann, bob := s.token("ann"), s.token("bob")

	first := s.post(ann, "kew", "k1", tea)
	require.Equal(t, http.StatusAccepted, first.Code, first.Body.String())
	require.JSONEq(t, `{"id":"1","label":"tea & <cake>"}`, first.Body.String())
	require.Empty(t, first.Header().Get(idempotency.Replayed))

	again := s.post(ann, "kew", "k1", tea)
	require.Equal(t, first.Code, again.Code)
	require.Equal(t, first.Body.Bytes(), again.Body.Bytes(), "byte for byte")
	require.Equal(t, "/parcels/1", again.Header().Get("Location"))
	require.Equal(t, first.Header().Get("Content-Type"), again.Header().Get("Content-Type"))
	require.Equal(t, "true", again.Header().Get(idempotency.Replayed))
	require.Len(t, s.labels(t), 1)

	for name, other := range map[string]*httptest.ResponseRecorder{
		"body":  s.post(ann, "kew", "k1", `{"label":"coffee"}`),
		"place": s.post(ann, "ealing", "k1", tea),
	} {
		require.Equal(t, http.StatusUnprocessableEntity, other.Code, "another "+name)
		require.Contains(t, other.Body.String(), "idempotency-key-reused")
	}
	require.Len(t, s.labels(t), 1)

	require.Equal(t, http.StatusAccepted, s.post(bob, "kew", "k1", tea).Code, "somebody else's key is another key")
	require.Len(t, s.labels(t), 2)
}

func TestKeysThatAreRefused(t *testing.T) {
	s := open(t)
	ann := s.token("ann")
	missing := s.post(ann, "kew", "", tea)
	require.Equal(t, http.StatusBadRequest, missing.Code)
	require.Contains(t, missing.Body.String(), "idempotency-key-required")
	for _, key := range []string{strings.Repeat("k", 256), "two words", "schlüssel", "tab\t"} {
		answer := s.post(ann, "kew", key, tea)
		require.Equal(t, http.StatusUnprocessableEntity, answer.Code, key)
		require.Contains(t, answer.Body.String(), idempotency.Header)
	}
	require.Equal(t, http.StatusAccepted, s.post(ann, "kew", strings.Repeat("k", 255), tea).Code)
	require.Len(t, s.labels(t), 1)
}

func TestARequestUnderWay(t *testing.T) {
	s := open(t)
	ann := s.token("ann")
	begun, finish, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s.during = func(string) error { close(begun); <-finish; return nil }
	go func() { defer close(done); s.post(ann, "kew", "k1", tea) }()
	<-begun

	busy := s.post(ann, "kew", "k1", tea)
	require.Equal(t, http.StatusConflict, busy.Code)
	require.Contains(t, busy.Body.String(), "request-in-flight")
	require.Equal(t, "1", busy.Header().Get("Retry-After"))

	close(finish)
	<-done
	require.Equal(t, http.StatusAccepted, s.post(ann, "kew", "k1", tea).Code)
	require.Len(t, s.labels(t), 1)
}

func TestAFailureLeavesTheKeyFree(t *testing.T) {
	s := open(t)
	ann := s.token("ann")
	s.during = func(string) error { return fault.New(fault.Conflict, "the post office is closed") }
	require.Equal(t, http.StatusConflict, s.post(ann, "kew", "k1", tea).Code)
	require.Equal(t, http.StatusUnprocessableEntity, s.post(ann, "kew", "k1", `{"label":7}`).Code)
	s.during = func(string) error { return nil }
	require.Equal(t, http.StatusAccepted, s.post(ann, "kew", "k1", `{"label":"coffee"}`).Code)
	require.Equal(t, []string{"coffee"}, s.labels(t))
}

func TestPurge(t *testing.T) {
	s := open(t)
	ann := s.token("ann")
	require.Equal(t, http.StatusAccepted, s.post(ann, "kew", "k1", tea).Code)
	require.NoError(t, s.keys.Purge(t.Context(), time.Now().Add(-24*time.Hour)))
	require.Equal(t, "true", s.post(ann, "kew", "k1", tea).Header().Get(idempotency.Replayed), "kept for a day")
	require.NoError(t, s.keys.Purge(t.Context(), time.Now()))
	require.Empty(t, s.post(ann, "kew", "k1", tea).Header().Get(idempotency.Replayed), "forgotten, as documented")
}

func TestDescription(t *testing.T) {
	s := open(t)
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	for _, part := range []string{`"name":"Idempotency-Key"`, `#/components/schemas/Parcel`, `"Location"`} {
		require.Contains(t, answer.Body.String(), part)
	}
}
