package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// What people are told of the mail that they wait for is what was measured, and that the
// relay takes no more today, while it does not.
func TestThePageTellsWhenMailComes(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	weather := func(delay time.Duration, full bool) {
		v.Check(v.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error { return tx.SetWeather(0, delay, full) }))
		v.Clock.Move(time.Minute) // what is kept of the snapshot is read again
	}
	const held, slow = "We have sent all the emails that we can send today", "Emails are slow right now"
	for i, test := range []struct {
		delay       time.Duration
		full        bool
		want, lacks string
	}{
		{20 * time.Minute, false, slow + ": yours should come within 20 minutes", held},
		{20 * time.Minute, true, held + ". Yours waits its turn, and should come within 1 hour.", slow},
		{17 * time.Hour, true, held + ". Yours waits its turn, and should come within 18 hours.", slow},
		{9 * 24 * time.Hour, true, "within 168 hours", slow},
		{time.Second, false, "Your email should come within 2 minutes", held},
	} {
		weather(test.delay, test.full)
		v.post(view.PathPetition(p.ID)+"/signatures", signing(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), "yes")).
			want(t, 200, "Check your email", test.want).lacks(t, test.lacks)
	}
}
