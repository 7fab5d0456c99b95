package outbox

import (
	"encoding/json"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
)

// A letter is an event on its way into the outbox.
type letter struct {
	message  *message.Message
	name     string
	key      string
	position int64 // among the events of its key
	at       time.Time
	dests    []string
}

// A delivery is an event on its way to one destination.
type delivery struct {
	dest    string
	key     string
	n       int64
	message *message.Message // shared with the event's other deliveries: never changed

	committed time.Time // unknown of what the table had
}

type eventRow struct {
	ID           string `gorm:"column:id;primaryKey"`
	Name         string `gorm:"column:name"`
	EventKey     string `gorm:"column:event_key"`
	Position     int64  `gorm:"column:position"`
	Payload      string `gorm:"column:payload"`
	Metadata     string `gorm:"column:metadata"`
	Destinations string `gorm:"column:destinations"`
	OccurredAt   int64  `gorm:"column:occurred_at"`
}

func (eventRow) TableName() string { return "outbox_events" }

type laneRow struct {
	EventKey string `gorm:"column:event_key;primaryKey"`
	Dest     string `gorm:"column:dest;primaryKey"`
	LastN    int64  `gorm:"column:last_n"`
}

func (laneRow) TableName() string { return "outbox_lanes" }

type deliveryRow struct {
	Dest     string `gorm:"column:dest;primaryKey"`
	EventID  string `gorm:"column:event_id;primaryKey"`
	EventKey string `gorm:"column:event_key"`
	N        int64  `gorm:"column:n"`
	Owner    string `gorm:"column:owner"` // the instance that delivers it
}

func (deliveryRow) TableName() string { return "outbox_deliveries" }

func (l letter) row() (eventRow, error) {
	metadata, err := json.Marshal(l.message.Metadata)
	if err != nil {
		return eventRow{}, err
	}
	return eventRow{
		ID:           l.message.UUID,
		Name:         l.name,
		EventKey:     l.key,
		Position:     l.position,
		Payload:      string(l.message.Payload),
		Metadata:     string(metadata),
		Destinations: addressed(l.dests),
		OccurredAt:   l.at.UnixMicro(),
	}, nil
}

// addressed is how a list of destinations is stored. A name in quotes finds it.
func addressed(dests []string) string {
	if len(dests) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(dests) // strings always can be
	return string(text)
}

func restore(id, payload, metadata string) (*message.Message, error) {
	m := message.NewMessage(id, []byte(payload))
	err := json.Unmarshal([]byte(metadata), &m.Metadata)
	return m, err
}

func parseDestinations(text string) (dests []string) {
	_ = json.Unmarshal([]byte(text), &dests) // we wrote it
	return dests
}
