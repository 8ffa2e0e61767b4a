package meter

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPageIsWrittenAsPrometheusReadsIt(t *testing.T) {
	h := NewHistogram(5*time.Millisecond, 100*time.Millisecond)
	h.Observe(5 * time.Millisecond) // the upper end belongs to its bucket
	h.Observe(6 * time.Millisecond)
	h.Observe(2 * time.Second)
	var p Page
	p.Gauge("room_bytes", "Room on the disk.\nIn bytes, with a \\.", 12345678901234)
	p.Counters("refused_total", "Refusals.", "why", []Sample{{"busy", 3}, {"a \"b\"\n\\", 0.25}})
	p.Histogram("write_seconds", "Writing.", h)
	p.Counter("batches_total", "Batches.", 7)
	want := `# HELP room_bytes Room on the disk.\nIn bytes, with a \\.
# TYPE room_bytes gauge
room_bytes 12345678901234
# HELP refused_total Refusals.
# TYPE refused_total counter
refused_total{why="busy"} 3
refused_total{why="a \"b\"\n\\"} 0.25
# HELP write_seconds Writing.
# TYPE write_seconds histogram
write_seconds_bucket{le="0.005"} 1
write_seconds_bucket{le="0.1"} 2
write_seconds_bucket{le="+Inf"} 3
write_seconds_sum 2.011
write_seconds_count 3
# HELP batches_total Batches.
# TYPE batches_total counter
batches_total 7
`
	if diff := cmp.Diff(want, string(p.Bytes())); diff != "" {
		t.Error(diff)
	}
	if got := Names(p.Bytes()); !slices.Equal(got, []string{"room_bytes", "refused_total", "write_seconds", "batches_total"}) {
		t.Errorf("the names are %q", got)
	}
}

func TestWhatPeopleDoIsShownInTens(t *testing.T) {
	var c Counter
	if c.Add(9); c.Tens() != 0 {
		t.Errorf("9 are shown as %d", c.Tens())
	}
	if c.Inc(); c.Tens() != 10 {
		t.Errorf("10 are shown as %d", c.Tens())
	}
}

func TestAnInstantIsZeroUntilItIsSet(t *testing.T) {
	var i Instant
	if !i.Get().IsZero() {
		t.Error("an instant that was never set is not zero")
	}
	at := time.Date(2026, 11, 22, 9, 0, 0, 5, time.UTC)
	if i.Set(at); !i.Get().Equal(at) {
		t.Errorf("%v came back as %v", at, i.Get())
	}
}
