package post

import (
	"context"
	"sync"
	"time"

	"undersigned"
)

// A State writes down whether a way in works: where that changes, and every
// undersigned.ReturnSeen.
type State struct {
	Note func(ctx context.Context, works bool) error // writes it down; nil: nobody wants to know
	Now  func() time.Time

	mu    sync.Mutex // guards what follows
	works bool
	at    time.Time // when it was last written down; zero: not yet
}

// Is says whether the way in works now. Where that cannot be written down, the next call
// tries again.
func (s *State) Is(ctx context.Context, works bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if s.Note == nil || !s.at.IsZero() && s.works == works && now.Sub(s.at) < undersigned.ReturnSeen {
		return
	}
	if s.Note(ctx, works) == nil {
		s.works, s.at = works, now
	}
}
