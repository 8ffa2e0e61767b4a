package web

import (
	"context"
	"testing"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// Staff see how many mails came back, and whether somebody looks for them; nobody does where
// the site takes none in.
func TestTheDeskSaysWhichMailsCameBack(t *testing.T) {
	o := newOffice(t).staffed()
	ctx := context.Background()
	came := func(mails int, what store.ReturnCount) {
		t.Helper()
		o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
			for range mails {
				if err := tx.CountReturn(what); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	note := func(way store.ReturnWay, works bool) {
		t.Helper()
		o.Check(o.DB.Public().NoteReturnWay(ctx, way, works))
	}
	came(5, store.ReturnDead)
	o.Clock.Move(8 * 24 * time.Hour) // the five are forgotten
	o.Check(o.Steward.Chores(ctx))
	o.serve(nil)
	mustNotHold(t, o.signedIn(moiraMail).page(view.PathDesk), "came back")

	o.serve(func(c *Config) { c.Returns = true })
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), "No email came back in the last week.", "Nobody has looked for emails that came back yet.")

	came(2, store.ReturnDead)
	came(1, store.ReturnStopped)
	came(3, store.ReturnNoted)
	came(1, store.ReturnUnread)
	came(4, store.ReturnUnknown) // forged, and a second time: none of ours that came back
	came(4, store.ReturnAgain)
	note(store.WayMailbox, true)
	note(store.WaySMTP, true)
	shown := v.page(view.PathDesk)
	mustHold(t, shown, "7 emails came back in the last week.", "2 addresses do not exist", "1 person called an email unwanted", "3 changed nothing", "1 could not be understood",
		"Their mailbox can be read.", "Servers can bring them.")
	mustNotHold(t, shown, "Nobody", "cannot")

	o.Clock.Move(30 * time.Minute)
	note(store.WayMailbox, false)
	since := o.Clock.Now().In(time.UTC)
	o.Clock.Move(90 * time.Minute)
	note(store.WayMailbox, false) // since when stays
	v = o.signedIn(moiraMail)
	shown = v.page(view.PathDesk)
	mustHold(t, shown, "Their mailbox cannot be read since ", "Servers can bring them.")
	ways, err := o.DB.ReturnWays(ctx)
	o.Check(err)
	for _, state := range ways {
		if state.Way == store.WayMailbox && !state.Since.Equal(since) {
			t.Errorf("the mailbox fails since %v, and it began at %v", state.Since, since)
		}
	}
	o.Clock.Move(time.Hour)
	v = o.signedIn(moiraMail)
	shown = v.page(view.PathDesk)
	mustHold(t, shown, "Nobody has taken them from servers since ")
	note(store.WayMailbox, true)
	mustHold(t, v.page(view.PathDesk), "Their mailbox can be read.")
}
