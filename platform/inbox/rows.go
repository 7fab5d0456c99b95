package inbox

import (
	"encoding/json"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A State is why a message is kept.
type State string

// The states.
const (
	Waiting  State = "waiting"  // its predecessor has not been applied
	Retrying State = "retrying" // it failed and is tried again
	Parked   State = "parked"   // it was given up: a dead letter
)

// A laneID names all messages of one key from one source.
type laneID struct{ source, key string }

type laneRow struct {
	Source   string `gorm:"column:source;primaryKey"`
	EventKey string `gorm:"column:event_key;primaryKey"`
	LastN    int64  `gorm:"column:last_n"`
	Kept     int64  `gorm:"column:kept"`
}

func (laneRow) TableName() string { return "inbox_lanes" }

type messageRow struct {
	Source     string `gorm:"column:source;primaryKey"`
	EventKey   string `gorm:"column:event_key;primaryKey"`
	N          int64  `gorm:"column:n;primaryKey;autoIncrement:false"`
	EventID    string `gorm:"column:event_id"`
	Name       string `gorm:"column:name"`
	Payload    []byte `gorm:"column:payload"`
	Metadata   string `gorm:"column:metadata"`
	State      State  `gorm:"column:state"`
	Attempts   int    `gorm:"column:attempts"`
	LastError  string `gorm:"column:last_error"`
	ReceivedAt int64  `gorm:"column:received_at"`
	DueAt      int64  `gorm:"column:due_at"`
	Owner      string `gorm:"column:owner"` // the instance that looks after it
}

func (messageRow) TableName() string { return "inbox_messages" }

func newMessageRow(l envelope.Label, m *message.Message, owner string) (messageRow, error) {
	metadata, err := json.Marshal(m.Metadata)
	payload := []byte(m.Payload)
	if payload == nil {
		payload = []byte{}
	}
	now := time.Now().UnixMicro()
	return messageRow{
		Source: l.Source, EventKey: l.Key, N: l.Number,
		EventID: l.ID, Name: l.Name, Payload: payload, Metadata: string(metadata),
		ReceivedAt: now, DueAt: now, Owner: owner,
	}, err
}

func (r messageRow) label() envelope.Label {
	return envelope.Label{ID: r.EventID, Name: r.Name, Source: r.Source, Key: r.EventKey, Number: r.N}
}

// message restores what was kept.
func (r messageRow) message() (*message.Message, error) {
	m := message.NewMessage(r.EventID, r.Payload)
	err := json.Unmarshal([]byte(r.Metadata), &m.Metadata)
	return m, err
}
