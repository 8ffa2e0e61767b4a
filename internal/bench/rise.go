package bench

import (
	"context"
	"sync"
	"time"

	"undersigned/internal/store"
)

// A rise is a public number while it rises.
type rise struct {
	end context.CancelFunc

	mu     sync.Mutex // guards what follows
	number int64
	at     []time.Time // when it rose
	to     []int64
}

// watchNumber follows the public number until end.
func (o Options) watchNumber(ctx context.Context) (*rise, error) {
	db, err := store.Open(ctx, o.Dir, store.Options{Readers: 1})
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	r := &rise{end: end, number: o.counted(ctx)}
	go func() {
		defer db.Close()
		for ctx.Err() == nil {
			time.Sleep(100 * time.Millisecond)
			p, err := db.Public().Petition(ctx, o.Petition)
			if err != nil {
				continue
			}
			r.mu.Lock()
			if p.Number() != r.number {
				r.number, r.at, r.to = p.Number(), append(r.at, time.Now()), append(r.to, p.Number())
			}
			r.mu.Unlock()
		}
	}()
	return r, nil
}

func (r *rise) last() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.number
}

// perSecond is how fast the number rose after its first rise. Where it rose once, that
// says nothing, and it is told how fast from the start on.
func (r *rise) perSecond(start time.Time, before int64) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.at) - 1
	if last < 1 {
		return float64(r.number-before) / time.Since(start).Seconds()
	}
	return float64(r.to[last]-r.to[0]) / r.at[last].Sub(r.at[0]).Seconds()
}
