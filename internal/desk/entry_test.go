package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
)

func (o office) facts(id int64) undersigned.Facts {
	o.T.Helper()
	all, err := o.DB.Public().Facts(ctx, id)
	o.Check(err)
	return all[id]
}

// the is the only answer of a kind.
func (o office) the(id int64, kind undersigned.AnswerKind) undersigned.Answer {
	o.T.Helper()
	var found []undersigned.Answer
	for _, a := range o.facts(id).Answers {
		if a.Kind == kind {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		o.T.Fatalf("there are %d of %s: %+v", len(found), kind, found)
	}
	return found[0]
}

func (o office) earlier(id int64) []undersigned.EarlierAnswer {
	o.T.Helper()
	all, err := o.Earlier(ctx, id)
	o.Check(err)
	return all
}

// U72, U73, U79, U112: a debate is planned, moved, held; what is incomplete saves nothing.
func TestU112ADebateFromItsDateToItsOutcome(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the night bus")
	enter := func(form desk.Form, entry desk.Entry) error {
		return o.Enter(ctx, moderator, at(o.read(p.ID)), form, entry)
	}

	for name, one := range map[string]struct {
		form  desk.Form
		entry desk.Entry
		wrong []string
	}{
		"no day":                    {desk.FormDebate, desk.Entry{}, []string{"day"}},
		"a day that is over":        {desk.FormDebate, desk.Entry{Date: "2026-11-01"}, []string{"day"}},
		"no page":                   {desk.FormDebate, desk.Entry{Date: "2026-12-08", Links: undersigned.Links{Video: "javascript:alert(1)"}}, []string{"video"}},
		"a page with a password":    {desk.FormDebate, desk.Entry{Date: "2026-12-08", Links: undersigned.Links{Video: "https://a:b@body.example"}}, []string{"video"}},
		"an outcome of nothing":     {desk.FormOutcome, desk.Entry{Date: "2026-11-20"}, []string{"details"}},
		"an outcome before its day": {desk.FormOutcome, desk.Entry{Date: "2027-11-20", Details: "All agreed."}, []string{"day"}},
		"no reasons":                {desk.FormNoDebate, desk.Entry{Date: "2026-11-20"}, []string{"details"}},
		"too long":                  {desk.FormOutcome, desk.Entry{Date: "2026-11-20", Details: strings.Repeat("x", desk.MostAnswer+1)}, []string{"details"}},
	} {
		if got := wrongFields(enter(one.form, one.entry)); !slices.Equal(got, one.wrong) {
			t.Errorf("%s: the fields %v are wrong, want %v", name, got, one.wrong)
		}
	}
	if n := len(o.facts(p.ID).Answers); n != 0 || o.read(p.ID).Revision != p.Revision {
		t.Fatalf("what is incomplete saved %d answers", n)
	}

	o.Check(enter(desk.FormNoDebate, desk.Entry{Date: "2026-11-20", Details: "There is no room."}))
	o.Check(enter(desk.FormDebate, desk.Entry{Date: "2026-12-08", Summary: "Town Hall", Links: undersigned.Links{Video: "https://body.example/live"}}))
	planned := o.the(p.ID, undersigned.AnswerDebate)
	if !planned.PublishedAt.IsZero() || planned.Summary != "Town Hall" {
		t.Errorf("the plan is %+v", planned)
	}
	if was := o.earlier(p.ID); len(was) != 1 || !was[0].Ended || was[0].Details != "There is no room." || len(o.facts(p.ID).Answers) != 1 {
		t.Errorf("the decision against it is now %+v", was)
	}
	if err := enter(desk.FormDebate, desk.Entry{Date: "2026-12-09"}); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("a second debate gave %v", err)
	}
	o.Clock.Move(20 * 24 * time.Hour)
	o.Check(enter(desk.FormOutcome, desk.Entry{Date: "2026-12-09", Details: "All agreed.", Links: undersigned.Links{Minutes: "https://body.example/minutes", Video: "https://body.example/live"}}))
	held := o.the(p.ID, undersigned.AnswerDebate)
	if held.ID != planned.ID || held.PublishedAt.IsZero() || held.Date != "2026-12-09" || held.Links.Minutes == "" {
		t.Errorf("the outcome is %+v", held)
	}
	if was := o.earlier(p.ID); len(was) != 2 || was[0].Date != "2026-12-08" || was[0].Ended {
		t.Errorf("that it was moved is kept as %+v", was)
	}
	if err := enter(desk.FormNoDebate, desk.Entry{Date: "2026-12-09", Details: "No."}); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("to turn down what was held gave %v", err)
	}
	o.mustBeWhole()
}

// What was published is put right in the open, or taken off: the old words stay, unless
// they harm somebody.
func TestACorrectionKeepsWhatItSaidBefore(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the night bus")
	now := func() desk.Target { return at(o.read(p.ID)) }
	o.Check(o.Respond(ctx, moderator, now(), desk.Response{Date: "2026-11-20", Summary: "No.", Details: "Ask Bo Lind, 5 Mill Lane."}))
	answer := o.the(p.ID, undersigned.AnswerResponse)
	better := desk.Entry{Date: "2026-11-20", Summary: "Yes.", Details: "It stays."}

	if got := wrongFields(o.Correct(ctx, moderator, now(), answer.ID, better, desk.Correction{})); !slices.Equal(got, []string{"why"}) {
		t.Errorf("without a reason the fields %v are wrong", got)
	}
	if err := o.Correct(ctx, moderator, now(), answer.ID+1, better, desk.Correction{Why: "A slip."}); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("no such answer gave %v", err)
	}
	other := o.OpenPetition("Mend the bridge")
	if err := o.Correct(ctx, moderator, at(o.read(other.ID)), answer.ID, better, desk.Correction{Why: "A slip."}); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("another petition's answer gave %v", err)
	}
	stale := now()
	o.Check(o.Correct(ctx, moderator, now(), answer.ID, better, desk.Correction{Why: "It said no where we meant yes."}))
	if err := o.Correct(ctx, moderator, stale, answer.ID, desk.Entry{}, desk.Correction{Why: "A slip."}); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("an old page gave %v", err)
	}
	got, was := o.the(p.ID, undersigned.AnswerResponse), o.earlier(p.ID)
	if got.Summary != "Yes." || !got.PublishedAt.Equal(answer.PublishedAt) || len(was) != 1 || was[0].Summary != "No." || was[0].Why != "It said no where we meant yes." || was[0].Ended || was[0].Withheld {
		t.Errorf("it says %+v, and said %+v", got, was)
	}
	before := o.read(p.ID).Revision
	o.Check(o.Correct(ctx, moderator, now(), answer.ID, better, desk.Correction{Why: "Again."}))
	if o.read(p.ID).Revision != before || len(o.earlier(p.ID)) != 1 {
		t.Error("the same words again changed something")
	}

	o.Check(o.Withhold(ctx, moderator, now(), was[0].Number))
	if again := o.earlier(p.ID)[0]; !again.Withheld || again.Details != "" || again.Summary != "" || again.Why == "" {
		t.Errorf("after taking the words away they are %+v", again)
	}
	if err := o.Withhold(ctx, moderator, now(), was[0].Number); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("twice gave %v", err)
	}

	o.Check(o.Enter(ctx, moderator, now(), desk.FormNote, desk.Entry{Details: "Call Bo Lind."}))
	o.Check(o.End(ctx, moderator, now(), o.the(p.ID, undersigned.AnswerNote).ID, desk.Correction{Why: "It named a person.", Withhold: true}))
	if was := o.earlier(p.ID)[0]; !was.Ended || !was.Withheld || was.Details != "" {
		t.Errorf("a note that hurt somebody is kept as %+v", was)
	}
	o.Check(o.Enter(ctx, moderator, now(), desk.FormNote, desk.Entry{Details: "We decide in March."}))
	responder := undersigned.Staff{ID: 9, Name: "Rita Bell", Role: undersigned.Responder, Active: true}
	if err := o.End(ctx, responder, now(), o.the(p.ID, undersigned.AnswerNote).ID, desk.Correction{Why: "No."}); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a responder took a note off: %v", err)
	}
	o.Check(o.Correct(ctx, responder, now(), answer.ID, desk.Entry{Date: "2026-11-20", Summary: "Yes.", Details: "It stays for ever."}, desk.Correction{Why: "More precise."}))
	o.mustBeWhole()
}

func TestTopicsAndDepartmentsAfterPublishing(t *testing.T) {
	o := newOffice(t)
	o.Body.Topics, o.Body.Departments = []string{"roads", "schools"}, []string{"Highways", "Schools"}
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	p := o.OpenPetition("Keep the night bus")
	now := func() desk.Target { return at(o.read(p.ID)) }
	if got := wrongFields(o.FileUnder(ctx, moderator, now(), []string{"cats"}, nil)); !slices.Equal(got, []string{"topic"}) {
		t.Errorf("an unknown topic: the fields %v are wrong", got)
	}
	if got := wrongFields(o.FileUnder(ctx, moderator, now(), nil, []string{"Cats"})); !slices.Equal(got, []string{"department"}) {
		t.Errorf("an unknown department: the fields %v are wrong", got)
	}
	o.Check(o.FileUnder(ctx, moderator, now(), []string{"roads", "schools", "roads"}, []string{"Highways"}))
	facts := o.facts(p.ID)
	if !slices.Equal(facts.Topics, []string{"roads", "schools"}) || len(facts.Departments) != 1 || facts.Departments[0].Name != "Highways" {
		t.Errorf("it is filed as %+v", facts)
	}
	before := o.read(p.ID).Revision
	o.Check(o.FileUnder(ctx, moderator, now(), []string{"schools", "roads"}, []string{"Highways"}))
	if o.read(p.ID).Revision != before {
		t.Error("the same again changed something")
	}
	o.Check(o.FileUnder(ctx, moderator, now(), nil, nil))
	if facts := o.facts(p.ID); len(facts.Topics)+len(facts.Departments) != 0 {
		t.Errorf("after taking all away it is filed as %+v", facts)
	}
}
