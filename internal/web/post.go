package web

import (
	"context"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
)

// patience is how long a form waits for the letterbox at least, and half of how long at
// most, before its sender is told that we are busy. Nobody loads a page for longer.
const patience = 8 * time.Second

// A patient context ends for all the letters of some seconds together: a timer for each
// of twenty thousand a second would cost more than sealing them.
type patient struct {
	context.Context
	renew time.Time
}

// post puts a letter into the letterbox. It does not end with its request: the letter
// of somebody who closed the page is as good as any.
//
// Errors: letterbox.ErrBusy, letterbox.ErrKey, context.Canceled: then nothing was acknowledged.
func (s *Server) post(letter undersigned.Submission) error {
	if s.box == nil {
		return fmt.Errorf("post a letter to a site that does not act: %w", letterbox.ErrBusy)
	}
	now := time.Now()
	p := s.patient.Load()
	if p == nil || !now.Before(p.renew) {
		// Whoever loses the race to store one uses their own.
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(2*patience, cancel)
		p = &patient{ctx, now.Add(patience)}
		s.patient.Store(p)
	}
	return s.box.Post(p, letter)
}
