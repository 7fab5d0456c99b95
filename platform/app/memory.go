package app

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// How much garbage may come together before it is collected, in percent of what is in use. Requests and
// messages leave much garbage and little else, and a heap of a few megabytes would be collected dozens of
// times a second: at Go's own 100 a fifth of a busy shop's processor time went there.
const (
	whenBusy = 400
	whenIdle = 50
)

// What is busy and what is idle, in bytes of garbage a second. Between them everything stays as it is.
const (
	busy = 16 << 20
	idle = 2 << 20
)

// spaceOut collects garbage rarely while there is much of it, and keeps the process small otherwise.
// Whoever sets GOGC decides for themselves. Once stop has returned nothing is changed any more.
func spaceOut(every time.Duration) (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent := whenBusy // starting is being busy
	debug.SetGCPercent(percent)
	ticker, quit := time.NewTicker(every), make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		defer ticker.Stop()
		for before := allocated(); ; {
			select {
			case <-ticker.C:
			case <-quit:
				return
			}
			now := allocated()
			if wanted := percentFor(float64(now-before)/every.Seconds(), percent); wanted != percent {
				percent = wanted
				debug.SetGCPercent(percent)
			}
			before = now
		}
	})
	return func() { close(quit); watching.Wait() }
}

func percentFor(rate float64, now int) int {
	switch {
	case rate > busy:
		return whenBusy
	case rate < idle:
		return whenIdle
	}
	return now
}

// allocated is how many bytes were ever asked for.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
