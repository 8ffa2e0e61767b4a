// Package meter counts what happens, in memory: counters and histograms that rooms fill,
// and the text in which Prometheus reads them. Nothing here can hold a person: values are
// numbers, and labels are words of the program's own.
package meter

import (
	"sync/atomic"
	"time"
)

// A Counter only rises. It is safe for concurrent use.
type Counter struct{ n atomic.Int64 }

// Inc counts one.
func (c *Counter) Inc() { c.n.Add(1) }

// Add counts n, which is 0 or more.
func (c *Counter) Add(n int) { c.n.Add(int64(n)) }

// Value is what was counted since the process began.
func (c *Counter) Value() int64 { return c.n.Load() }

// Tens is Value rounded down to tens. What people do one by one is shown like this: a
// monitoring system keeps for years to the second when a quiet site's number moved, and
// the database itself does not.
func (c *Counter) Tens() int64 { return c.n.Load() / 10 * 10 }

// A Histogram sorts durations into fixed buckets. It is safe for concurrent use; make it
// with NewHistogram.
type Histogram struct {
	bounds []time.Duration // upper ends, rising
	counts []atomic.Int64  // one more than bounds: the last has no end
	sum    atomic.Int64    // nanoseconds
}

// NewHistogram makes a histogram with these upper ends of buckets, which must rise.
func NewHistogram(bounds ...time.Duration) *Histogram {
	return &Histogram{bounds: bounds, counts: make([]atomic.Int64, len(bounds)+1)}
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	i := 0
	for i < len(h.bounds) && d > h.bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// An Instant remembers when something last happened. It is safe for concurrent use.
type Instant struct{ nanos atomic.Int64 }

// Set remembers at.
func (i *Instant) Set(at time.Time) { i.nanos.Store(at.UnixNano()) }

// Get is what Set was last given; the zero time before that.
func (i *Instant) Get() time.Time {
	if n := i.nanos.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}
