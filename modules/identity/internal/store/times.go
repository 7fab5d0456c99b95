package store

import (
	"iter"
	"slices"
	"time"
)

// toMicros keeps a zero time as NULL.
func toMicros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	micros := t.UnixMicro()
	return &micros
}

func fromMicros(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

// chunks splits ids into as many as one statement takes on every engine.
func chunks(ids []string) iter.Seq[[]string] { return slices.Chunk(ids, 500) }
