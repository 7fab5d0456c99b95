package main

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/module"
)

// A statement is one that a module ran, with the values that it had the first time.
type statement struct {
	module string
	sql    string
	vars   []any
}

// An ear hears every statement that goes through GORM, which is every one that a module can run.
type ear struct {
	mu    sync.Mutex
	heard map[[2]string]statement
}

// transactional is what moves between savepoints and touches no table.
var transactional = regexp.MustCompile(`(?i)^\s*(SAVEPOINT|RELEASE|ROLLBACK TO)\b`)

func (e *ear) listen(roll *module.Roll) error {
	for _, member := range roll.Members() {
		hear := func(tx *gorm.DB) {
			if !tx.DryRun { // a part of another statement, which is heard as a whole
				e.hear(member.Name, tx.Statement)
			}
		}
		err := member.DB.Read(context.Background(), func(_ context.Context, tx *gorm.DB) error {
			on := tx.Callback()
			for name, register := range map[string]func(string, func(*gorm.DB)) error{
				"create": on.Create().After("gorm:create").Register, "query": on.Query().After("gorm:query").Register,
				"update": on.Update().After("gorm:update").Register, "delete": on.Delete().After("gorm:delete").Register,
				"row": on.Row().After("gorm:row").Register, "raw": on.Raw().After("gorm:raw").Register,
			} {
				if err := register("ear:"+name, hear); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *ear) hear(module string, s *gorm.Statement) {
	text := s.SQL.String()
	if text == "" || transactional.MatchString(text) {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heard == nil {
		e.heard = map[[2]string]statement{}
	}
	if _, before := e.heard[[2]string{module, text}]; !before {
		e.heard[[2]string{module, text}] = statement{module, text, slices.Clone(s.Vars)}
	}
}

func (e *ear) all() (list []statement) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.heard {
		list = append(list, s)
	}
	return list
}

// isUsed lets people register, look around, order, cancel and send back, and then tries everything else.
func (s *opened) isUsed(t *testing.T) {
	t.Helper()
	ada := s.register(t, "ada@example.org")
	s.does(t, s.staff, http.MethodPost, "/api/v1/products", map[string]any{
		"sku": "MUG", "name": "A mug", "description": "Blue.",
		"category": "Kitchen", "price": map[string]any{"amount": 799, "currency": "GBP"},
	})
	s.does(t, s.staff, http.MethodPost, "/api/v1/stock/MUG/receipts", map[string]any{"quantity": 100, "reference": "opening"})
	for _, path := range []string{"/api/v1/products", "/api/v1/products?q=mug", "/api/v1/products?category=Kitchen", "/api/v1/products/MUG", "/api/v1/categories"} {
		s.does(t, "", http.MethodGet, path, nil)
	}

	delivered := s.orders(t, ada, "tok_approve", "delivered")
	back := s.does(t, ada, http.MethodPost, "/api/v1/orders/"+delivered["id"].(string)+"/returns", map[string]any{
		"reason": "cracked",
		"items":  []map[string]any{{"line_id": delivered["lines"].([]any)[0].(map[string]any)["line_id"], "quantity": 1}},
	})
	s.does(t, s.staff, http.MethodPost, "/api/v1/returns/"+back["id"].(string)+"/accept", nil)
	waiting := s.orders(t, ada, "tok_timeout", "reserved")
	s.does(t, ada, http.MethodPost, "/api/v1/orders/"+waiting["id"].(string)+"/cancel", nil)
	s.follows(t, ada, waiting["id"].(string), "cancelled")
	s.follows(t, ada, s.orders(t, ada, "tok_decline", "cancelled")["id"].(string), "cancelled")

	for _, o := range s.operations() {
		for _, who := range []string{s.staff, ada} {
			r := s.valid(o)
			r.token = who
			require.Less(t, s.send(t, r).StatusCode, 500, o.OperationID)
		}
	}
}

// does something that has to succeed.
func (s *opened) does(t *testing.T, who, method, path string, body any) (answer map[string]any) {
	t.Helper()
	r := request{method: method, path: path, token: who, parameters: map[string]map[string]string{"header": {idempotencyKey: uuid.NewString()}}}
	if body != nil {
		text, err := json.Marshal(body)
		require.NoError(t, err)
		r.body = text
	}
	got := s.send(t, r)
	require.Less(t, got.StatusCode, 300, "%s: %s", path, got.body)
	require.NoError(t, json.Unmarshal(got.body, &answer))
	return answer
}

// orders a mug and waits until the order is so far.
func (s *opened) orders(t *testing.T, who, card, status string) map[string]any {
	t.Helper()
	placed := s.does(t, who, http.MethodPost, "/api/v1/orders", map[string]any{
		"items": []map[string]any{{"sku": "MUG", "quantity": 2}}, "payment": map[string]any{"card_token": card},
		"shipping_address": map[string]any{"name": "Ada", "line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"},
	})
	return s.follows(t, who, placed["id"].(string), status)
}

func (s *opened) follows(t *testing.T, who, order, status string) (now map[string]any) {
	t.Helper()
	require.Eventually(t, func() bool {
		now = s.does(t, who, http.MethodGet, "/api/v1/orders/"+order, nil)
		return now["status"] == status
	}, time.Minute, 50*time.Millisecond, "order %s does not become %s", order, status)
	return now
}
