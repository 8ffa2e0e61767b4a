package post_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/post"
)

// What works, or does not, is written down where that changes and once an hour; what could
// not be written is tried again.
func TestAStateIsWrittenDownWhereItChanges(t *testing.T) {
	at := now
	var noted []bool
	var fail error
	s := post.State{Now: func() time.Time { return at }, Note: func(_ context.Context, works bool) error {
		if fail == nil {
			noted = append(noted, works)
		}
		return fail
	}}
	for _, step := range []struct {
		name  string
		after time.Duration
		works bool
		fail  error
		notes int // in all
	}{
		{"the first", 0, true, nil, 1},
		{"the same a minute later", time.Minute, true, nil, 1},
		{"it changed, and the disk is full", time.Minute, false, errors.New("full"), 1},
		{"it is as it was before that", time.Minute, true, nil, 1},
		{"it changed", time.Minute, false, nil, 2},
		{"the same", time.Minute, false, nil, 2},
		{"the same an hour later", undersigned.ReturnSeen, false, nil, 3},
		{"it works again", time.Minute, true, nil, 4},
	} {
		at, fail = at.Add(step.after), step.fail
		s.Is(t.Context(), step.works)
		if len(noted) != step.notes || len(noted) > 0 && fail == nil && noted[len(noted)-1] != step.works {
			t.Errorf("%s: noted %v", step.name, noted)
		}
	}
	(&post.State{Now: s.Now}).Is(t.Context(), true) // nobody wants to know
}
