package desk_test

import (
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
)

// Petitions that went through review in known ways, and what the numbers must be.
func TestStatisticsOfReview(t *testing.T) {
	o := newOffice(t) // a Sunday, 22 November 2026
	o.Site.Clock.Move(24 * time.Hour)
	came := func() undersigned.Petition {
		p := o.petition(undersigned.Queued)
		o.act(p.ID, "queued", "")
		return p
	}
	quick, slow, joke, back := came(), came(), came(), came()
	o.Site.Clock.Move(24 * time.Hour) // Tuesday: one working day
	o.Check(o.Publish(ctx, moderator, at(quick), nil, ""))
	o.Check(o.Return(ctx, moderator, at(back), "Say more."))
	o.act(back.ID, "resubmitted", "")
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		row, err := tx.Petition(back.ID)
		if err != nil {
			return err
		}
		row.State = undersigned.Queued
		return tx.SavePetition(&row.Petition, false)
	}))
	o.Site.Clock.Move(24 * time.Hour)
	o.Check(o.Publish(ctx, moderator, at(o.read(back.ID)), nil, ""))
	_, err := o.Reject(ctx, moderator, at(joke), refusal)
	o.Check(err)
	o.Check(o.Hide(ctx, moderator, at(o.read(joke.ID)), refusal)) // later: no review of its own
	o.Site.Clock.Move(9 * 24 * time.Hour)                         // Friday, 4 December
	o.Check(o.Publish(ctx, moderator, at(slow), nil, ""))
	waiting := came()
	o.Site.Clock.Move(14 * 24 * time.Hour)
	parked := came()
	o.Check(o.Park(ctx, moderator, parked.ID, "We wait.", o.Site.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)))
	came()

	got, err := o.Statistics(ctx)
	o.Check(err)
	if len(got.Months) != 2 || got.Months[0].First.Month() != time.December || got.Months[0].Spread != (desk.Spread{Count: 1, Median: 9, Ninth: 9, Longest: 9}) {
		t.Errorf("December: %+v", got.Months)
	}
	if november := got.Months[1]; november.Spread != (desk.Spread{Count: 4, Median: 1, Ninth: 2, Longest: 2}) || november.Outcomes != (desk.Outcomes{Published: 2, Rejected: 1, Returned: 1}) {
		t.Errorf("November: %+v", november)
	}
	if got.All.Outcomes != (desk.Outcomes{Published: 3, Rejected: 1, Returned: 1}) || got.All.Spread != (desk.Spread{Count: 5, Median: 1, Ninth: 9, Longest: 9}) {
		t.Errorf("all: %+v", got.All)
	}
	if got.Again != 1 || got.AgainPublished != 1 {
		t.Errorf("%d came again, %d opened", got.Again, got.AgainPublished)
	}
	if len(got.Reasons) != 1 || got.Reasons[0].Count != 2 || got.Reasons[0].Title == "joke" {
		t.Errorf("reasons: %+v", got.Reasons)
	}
	if got.Fresh != 1 || got.Waiting != 0 || got.Late != 0 || got.Overdue != 1 || got.Parked != 1 {
		t.Errorf("the queue with petition %d overdue: %+v", waiting.ID, got)
	}
}

// act writes a line of a petition's history that the steward would write.
func (o office) act(petition int64, act, reason string) {
	o.T.Helper()
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		return tx.AddAct(store.Act{Petition: petition, Act: act, Reason: reason, At: tx.Now().UnixMicro()})
	}))
}

// Numbers of signatures are whole tens, also where a site has one petition.
func TestStatisticsCountSignaturesInTens(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the library open")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	got, err := o.Statistics(ctx)
	o.Check(err)
	if got.Confirmed != 0 || got.NeverConfirmed != 0 {
		t.Errorf("with one signature it says %d and %d", got.Confirmed, got.NeverConfirmed)
	}
}

// Creators of late petitions are told once for each delay, and of what is fresh, parked or
// decided nobody is.
func TestCreatorsAreToldOnceThatReviewIsLate(t *testing.T) {
	o := newOffice(t)
	o.Site.Clock.Move(24 * time.Hour) // a Monday
	late, parked, decided := o.petition(undersigned.Queued), o.petition(undersigned.Queued), o.petition(undersigned.Queued)
	o.Site.Clock.Move(10 * 24 * time.Hour) // Thursday: eight working days
	fresh := o.petition(undersigned.Queued)
	o.Check(o.Park(ctx, moderator, parked.ID, "We wait.", o.Site.Clock.Now().AddDate(0, 0, 20).Format(time.DateOnly)))
	o.Check(o.Publish(ctx, moderator, at(decided), nil, ""))
	preview, err := o.Late(ctx, undersigned.ReviewLate)
	o.Check(err)
	if len(preview.Petitions) != 1 || preview.Petitions[0].ID != late.ID || preview.Told != 0 {
		t.Fatalf("the preview is %+v", preview)
	}
	if n, err := o.TellLate(ctx, moderator, undersigned.ReviewLate, o.Site.Clock.Now()); n != 1 || err != nil { // a made-up instant reaches nobody else
		t.Fatalf("%d are told: %v", n, err)
	}
	if n, err := o.TellLate(ctx, moderator, undersigned.ReviewLate, preview.Before); n != 0 || err != nil {
		t.Errorf("a second press tells %d: %v", n, err)
	}
	if preview, err = o.Late(ctx, undersigned.ReviewLate); err != nil || len(preview.Petitions) != 0 || preview.Told != 1 {
		t.Errorf("afterwards the preview is %+v, %v", preview, err)
	}
	if n, err := o.TellLate(ctx, moderator, undersigned.ReviewOverdue, preview.Before); n != 0 || err != nil {
		t.Errorf("of a longer delay %d are told: %v", n, err)
	}
	o.Site.Clock.Move(5 * 24 * time.Hour)
	if n, err := o.TellLate(ctx, moderator, undersigned.ReviewOverdue, o.Site.Clock.Now()); n != 1 || err != nil {
		t.Errorf("of the longer delay %d are told: %v", n, err)
	}
	for _, id := range []int64{fresh.ID, parked.ID} {
		if acts := o.acts(id); len(acts) > 0 && acts[len(acts)-1] == desk.ActDelayed {
			t.Errorf("petition %d was told: %v", id, acts)
		}
	}
	if _, err := o.TellLate(ctx, moderator, 3, o.Site.Clock.Now()); err == nil {
		t.Error("a delay of three days is taken")
	}
	for _, role := range []undersigned.Role{undersigned.Reviewer, undersigned.Responder, undersigned.Auditor} {
		if _, err := o.TellLate(ctx, undersigned.Staff{ID: 9, Role: role, Active: true}, undersigned.ReviewLate, o.Site.Clock.Now()); err == nil {
			t.Errorf("a %s may tell", role)
		}
	}
}

// Protection is answered where it was asked for, and nowhere else; given, nobody can take
// it away, and refused, nobody can add it later.
func TestProtectionIsGivenBeforeOpeningOrNever(t *testing.T) {
	o := newOffice(t)
	asked, refused, plain := o.petition(undersigned.Queued), o.petition(undersigned.Queued), o.petition(undersigned.Queued)
	for _, p := range []undersigned.Petition{asked, refused} {
		o.act(p.ID, undersigned.ActAskedProtection, "")
	}
	for _, one := range []struct {
		p      undersigned.Petition
		answer desk.Protection
	}{{asked, ""}, {asked, "perhaps"}, {plain, desk.ProtectionGiven}, {plain, desk.ProtectionRefused}} {
		if err := o.Publish(ctx, moderator, at(one.p), nil, one.answer); err == nil {
			t.Errorf("petition %d is opened with the answer %q", one.p.ID, one.answer)
		}
	}
	o.Check(o.Publish(ctx, moderator, at(asked), nil, desk.ProtectionGiven))
	o.Check(o.Publish(ctx, moderator, at(refused), nil, desk.ProtectionRefused))
	o.Check(o.Publish(ctx, moderator, at(plain), nil, ""))
	for id, want := range map[int64]undersigned.Kind{asked.ID: undersigned.Protected, refused.ID: undersigned.Ordinary, plain.ID: undersigned.Ordinary} {
		p := o.read(id)
		if p.Kind != want {
			t.Errorf("petition %d is %s", id, p.Kind)
		}
		// Whatever writes the row later, by a fault or on purpose.
		p.Kind = map[undersigned.Kind]undersigned.Kind{undersigned.Protected: undersigned.Ordinary, undersigned.Ordinary: undersigned.Protected}[want]
		o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&p, false) }))
		if after := o.read(id); after.Kind != want {
			t.Errorf("an open petition became %s", after.Kind)
		}
	}
	o.Check(o.TakeDown(ctx, moderator, at(o.read(asked.ID)), "A court."))
	o.Check(o.Restore(ctx, administrator, at(o.read(asked.ID)), "It changed its mind."))
	if p := o.read(asked.ID); p.Kind != undersigned.Protected || p.State != undersigned.Open {
		t.Errorf("restored it is %s and %s", p.Kind, p.State)
	}
}
