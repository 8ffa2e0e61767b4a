package steward_test

import (
	"sync/atomic"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/mail/sink"
)

// begun has an answer reserved that is about to be mailed.
func (o *office) begun(order desk.MailOrder) {
	o.T.Helper()
	o.Check(o.order(order))
	o.Work()
	o.agree()
	o.Clock.Move(undersigned.StopTime)
	o.Check(o.Steward.FollowActs(o.T.Context()))
	o.wantState(undersigned.MailOrderMailed, "")
}

// election sets the calendar of a body.
func (o *office) election(from, to string) {
	o.T.Helper()
	o.Body.Elections = []undersigned.Election{{From: from, To: to, Words: "There is an election."}}
	o.Check(o.DB.Desk().SaveBody(o.T.Context(), &o.Body))
}

func TestAMailingUnderWayWaitsForTheEndOfAnElection(t *testing.T) {
	o := answered(t)
	o.begun(desk.MailOrder{})
	today := o.Clock.Now()
	o.election(today.Format(time.DateOnly), today.AddDate(0, 0, 20).Format(time.DateOnly))
	for range 4 {
		o.Clock.Move(5 * 24 * time.Hour)
		o.Work()
		if to := o.signersMailed(); len(to) > 0 {
			t.Fatalf("%v were mailed before an election", to)
		}
	}
	sound(o.Site)
	o.Clock.Move(2 * 24 * time.Hour)
	o.Work()
	wantMailing(o.Site, o.petition.ID, undersigned.MailingDone, 4, 0, 0)
}

func TestAMailingWithAReasonGoesOnBeforeAnElection(t *testing.T) {
	o := answered(t)
	o.election("2020-01-01", "2099-01-01")
	o.begun(desk.MailOrder{Override: "The trees are felled on Monday."})
	if m := onlyMailing(o.Site, o.petition.ID); m.Override != "The trees are felled on Monday." {
		t.Errorf("the mailing says %q", m.Override)
	}
	o.Work()
	wantMailing(o.Site, o.petition.ID, undersigned.MailingDone, 4, 0, 0)
	sound(o.Site)
}

// Who was put off by the relay before an election is not given up when it is over: the days
// between are not held against them.
func TestWhoIsTriedAgainWaitsForTheEndOfAnElection(t *testing.T) {
	o := answered(t)
	var full atomic.Bool // the relay puts everybody off
	full.Store(true)
	sends := stewardOf(o.Site, relay(t, sink.Options{Fault: func(string) sink.Fault {
		if full.Load() {
			return sink.RefuseLater
		}
		return sink.None
	}}).URL(), 1)
	o.begun(desk.MailOrder{})
	o.Check(sends.SendMailings(t.Context()))
	today := o.Clock.Now()
	o.election(today.Format(time.DateOnly), today.AddDate(0, 0, 20).Format(time.DateOnly))
	for range 5 {
		o.Clock.Move(5 * 24 * time.Hour)
		o.Check(sends.SendMailings(t.Context()))
		full.Store(false)
	}
	wantMailing(o.Site, o.petition.ID, undersigned.MailingDone, 4, 0, 0)
	sound(o.Site)
}
