package idempotency

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"gorm.io/gorm"
)

// row is an answered request as the database sees it.
type row struct {
	Scope       string `gorm:"column:scope;primaryKey"`
	Fingerprint string `gorm:"column:fingerprint"`
	Status      int    `gorm:"column:status"`
	Location    string `gorm:"column:location"`
	Answer      []byte `gorm:"column:answer"`
	CreatedAt   int64  `gorm:"column:created_at;autoCreateTime:false"`
}

func (row) TableName() string { return "idempotency_keys" }

// find returns what a request with this key was answered, if there was one.
func (k *Keys) find(ctx context.Context, scope string) (r row, known bool, err error) {
	err = k.db.Query(ctx, func(_ context.Context, tx *gorm.DB) error {
		found := tx.Where("scope = ?", scope).Limit(1).Find(&r)
		known = found.RowsAffected > 0
		return found.Error
	})
	return r, known, err
}

// replay gives the answer again, as the server gave it the first time.
func (r row) replay(ctx huma.Context) {
	ctx.SetHeader(Replayed, "true")
	if r.Location != "" {
		ctx.SetHeader("Location", r.Location)
	}
	if r.Status == http.StatusNoContent {
		ctx.SetStatus(r.Status)
		return
	}
	ctx.SetHeader("Content-Type", "application/json")
	ctx.SetStatus(r.Status)
	_, _ = ctx.BodyWriter().Write(append(r.Answer, '\n')) // the client may be gone; there is nobody else to tell
}
