package desk_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
)

// sheets is an entry as a clerk would type it.
func sheets(change string) desk.PaperEntry {
	return desk.PaperEntry{Change: change, Received: "2026-11-20", From: "Transport Workers’ Union", Checked: "Petitions office", How: undersigned.PaperCounted}
}

func wrongFields(err error) (fields []string) {
	var problems desk.Problems
	if errors.As(err, &problems) {
		for _, one := range problems {
			fields = append(fields, one.Field)
		}
	}
	return fields
}

func (o office) mustBeWhole() {
	o.T.Helper()
	o.Check(o.Steward.Chores(ctx))
	faults, _, err := check.Check(ctx, check.Config{DB: o.DB, Vault: o.Vault})
	o.Check(err)
	for _, fault := range faults {
		if !strings.Contains(fault.String(), "who did it is not there") { // tests sign in as staff that have no row
			o.T.Errorf("the check finds %s", fault)
		}
	}
}

func TestPaperIsSummedBesideWhatIsSignedByMail(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the night bus")
	for i, name := range []string{"Ana Torres", "Bo Lind", "Cy Day"} {
		o.Sign(p, name, []string{"ana", "bo", "cy"}[i]+"@example.org", undersigned.ReplyNo)
	}
	for _, one := range []string{"20,000", "1 500", "−12"} {
		entry := sheets(one)
		if strings.HasPrefix(one, "−") {
			entry.Why = "Twelve cards were empty."
		}
		o.Check(o.CountPaper(ctx, moderator, at(o.read(p.ID)), entry))
	}
	entries, err := o.PaperCounts(ctx, p.ID)
	o.Check(err)
	var changes []int64
	for _, entry := range entries {
		changes = append(changes, entry.Change)
		if entry.Staff != moderator.ID || entry.At != testkit.Start || entry.PetitionID != p.ID {
			t.Errorf("the entry is %+v", entry)
		}
	}
	if want := []int64{20_000, 1_500, -12}; !slices.Equal(changes, want) {
		t.Errorf("the entries are %v, want %v", changes, want)
	}
	if got := o.read(p.ID).PaperCount; got != 21_488 {
		t.Errorf("on paper there are %d", got)
	}
	if got := o.Number(p.ID); got != 21_491 {
		t.Errorf("the public number is %d, want imported 0, paper 21488 and 3 by mail", got)
	}
	if acts := o.history(p.ID); len(acts) != 3 || acts[0].Act != undersigned.ActPaper || acts[0].Note != "-12. Twelve cards were empty." || acts[2].Note != "+20000." {
		t.Errorf("the history is %+v", acts)
	}
	o.mustBeWhole()
}

func TestPaperEntriesAreChecked(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Open)
	o.Check(o.CountPaper(ctx, moderator, at(p), sheets("10")))
	p = o.read(p.ID)
	with := func(change func(*desk.PaperEntry)) desk.PaperEntry {
		entry := sheets("5")
		change(&entry)
		return entry
	}
	for name, test := range map[string]struct {
		entry desk.PaperEntry
		wrong []string
	}{
		"nothing":           {desk.PaperEntry{}, []string{"change", "received", "from", "checked", "how"}},
		"no number":         {sheets("many"), []string{"change"}},
		"half a person":     {sheets("0.5"), []string{"change"}},
		"nobody":            {sheets("0"), []string{"change"}},
		"below zero":        {with(func(e *desk.PaperEntry) { e.Change, e.Why = "-11", "Wrong petition." }), []string{"change"}},
		"less, without why": {sheets("-3"), []string{"why"}},
		"tomorrow":          {with(func(e *desk.PaperEntry) { e.Received = "2099-01-01" }), []string{"received"}},
		"a person's mail":   {with(func(e *desk.PaperEntry) { e.From = "Ana ana@example.org" }), []string{"from"}},
		"a long name":       {with(func(e *desk.PaperEntry) { e.Checked = strings.Repeat("a", desk.MostOrganisation+1) }), []string{"checked"}},
		"guessed":           {with(func(e *desk.PaperEntry) { e.How = "guessed" }), []string{"how"}},
	} {
		err := o.CountPaper(ctx, moderator, at(p), test.entry)
		if got := wrongFields(err); !slices.Equal(got, test.wrong) {
			t.Errorf("%s: wrong are %v (%v), want %v", name, got, err, test.wrong)
		}
		if after := o.read(p.ID); !reflect.DeepEqual(after, p) {
			t.Errorf("%s: it changed the petition", name)
		}
	}
	if entries, err := o.PaperCounts(ctx, p.ID); err != nil || len(entries) != 1 {
		t.Errorf("refused entries were kept: %v, %v", entries, err)
	}
}

func TestPaperAndHandOversNeedTheirPlaceAndRole(t *testing.T) {
	o := newOffice(t)
	for _, state := range allStates {
		for deed, do := range map[desk.Deed]func(undersigned.Staff, desk.Target) error{
			desk.CountPaper: func(s undersigned.Staff, t desk.Target) error { return o.CountPaper(ctx, s, t, sheets("5")) },
			desk.HandOver: func(s undersigned.Staff, t desk.Target) error {
				return o.HandOver(ctx, s, t, desk.HandingOver{To: "Mayor’s office", Behalf: "Bus users", Day: "2026-11-20"})
			},
		} {
			p := o.petition(state)
			if err := do(undersigned.Staff{ID: 9, Role: undersigned.Moderator}, at(p)); !errors.Is(err, desk.ErrForbidden) {
				t.Errorf("%s of a petition %s by who left: %v", deed, state, err)
			}
			err := do(moderator, at(p))
			can := state == undersigned.Open || state == undersigned.Closed
			if can && err != nil || !can && !errors.Is(err, undersigned.ErrMove) {
				t.Errorf("%s of a petition %s: %v", deed, state, err)
			}
			if can {
				if err := do(moderator, at(p)); !errors.Is(err, undersigned.ErrChanged) {
					t.Errorf("%s sent twice: %v", deed, err)
				}
			}
		}
	}
}

// A threshold names the count that reaches it.
func TestPaperReachesTheThresholdsThatCountIt(t *testing.T) {
	o := newOffice(t)
	o.Body.Thresholds = []undersigned.Threshold{
		{Number: 100, Then: undersigned.ThenAnswer, Count: "public"}, {Number: 100, Then: undersigned.ThenDebate, Count: "confirmed"},
	}
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	p := o.petition(undersigned.Open)
	o.Check(o.CountPaper(ctx, moderator, at(p), sheets("99")))
	facts := func() undersigned.Facts {
		all, err := o.DB.Public().Facts(ctx, p.ID)
		o.Check(err)
		return all[p.ID]
	}
	if got := facts().Reached; len(got) != 0 {
		t.Errorf("at 99 it reached %v", got)
	}
	o.Site.Clock.Move(time.Hour)
	o.Check(o.CountPaper(ctx, moderator, at(o.read(p.ID)), sheets("1")))
	if got := facts(); !got.ReachedAt(undersigned.ThenAnswer).Equal(testkit.Start.Add(time.Hour)) || len(got.Reached) != 1 {
		t.Errorf("at 100 on paper it reached %v", got.Reached)
	}
}

func TestAHandOverKeepsTheNumberOfItsMoment(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the night bus")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	o.Check(o.CountPaper(ctx, moderator, at(o.read(p.ID)), sheets("2000")))
	o.Check(o.HandOver(ctx, moderator, at(o.read(p.ID)), desk.HandingOver{To: "Mayor’s office", Behalf: "Bus users", Day: "2026-11-21"}))
	o.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	o.Check(o.CountPaper(ctx, moderator, at(o.read(p.ID)), sheets("50")))
	one := func() undersigned.HandOver {
		all, err := o.HandOvers(ctx, p.ID)
		o.Check(err)
		if len(all) != 1 {
			t.Fatalf("there are %d hand-overs", len(all))
		}
		return all[0]
	}
	h := one()
	if h.Public != 2001 || h.Paper != 2000 || h.Confirmed() != 1 || h.Batch == 0 || h.Version != p.Version || h.Outcome != "" || h.To != "Mayor’s office" {
		t.Errorf("the hand-over is %+v", h)
	}
	settle := func(number int64, outcome undersigned.Outcome, day string) error {
		return o.SettleHandOver(ctx, moderator, at(o.read(p.ID)), number, outcome, day)
	}
	if got := wrongFields(settle(h.Number, "lost", "")); !slices.Equal(got, []string{"outcome", "outcome-day"}) {
		t.Errorf("wrong are %v", got)
	}
	if err := settle(h.Number+1, undersigned.OutcomeRefused, "2026-11-22"); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("the outcome of no hand-over: %v", err)
	}
	o.Check(settle(h.Number, undersigned.OutcomeNoReply, "2026-11-21"))
	o.Check(settle(h.Number, undersigned.OutcomeAccepted, "2026-11-22"))
	if h = one(); h.Outcome != undersigned.OutcomeAccepted || h.OutcomeOn != "2026-11-22" || h.Public != 2001 {
		t.Errorf("in the end it is %+v", h)
	}
	if got := wrongFields(o.HandOver(ctx, moderator, at(o.read(p.ID)), desk.HandingOver{To: "", Behalf: "ana@example.org", Day: "soon"})); !slices.Equal(got, []string{"to", "behalf", "day"}) {
		t.Errorf("wrong are %v", got)
	}
	o.mustBeWhole()
}

func TestAPetitionOnPaperOnlyNeedsNoKeysAndTakesNoLetters(t *testing.T) {
	o := newOffice(t)
	bring := desk.PaperPetition{Texts: desk.Texts{Title: "Keep the night bus", Background: "Nurses ride it."}, From: "Transport Workers’ Union", Days: o.Body.Durations[0]}
	if _, err := o.StartOnPaper(ctx, undersigned.Staff{ID: 9, Role: undersigned.Moderator}, bring); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("who left could start one: %v", err)
	}
	_, err := o.StartOnPaper(ctx, moderator, desk.PaperPetition{})
	if got := wrongFields(err); !slices.Equal(got, []string{"title", "background", "from", "days"}) {
		t.Errorf("wrong are %v", got)
	}
	id, err := o.StartOnPaper(ctx, moderator, bring)
	o.Check(err)
	p := o.read(id)
	if c, err := o.Case(ctx, moderator, id); err != nil || p.State != undersigned.Queued || c.Can(moderator, desk.Return) || c.Can(moderator, desk.Reply) || !c.Can(moderator, desk.Publish) {
		t.Errorf("it stands at %s (%v)", p.State, err)
	}
	o.Check(o.Publish(ctx, moderator, at(p), nil, ""))
	o.Work()
	o.Check(o.Steward.Chores(ctx))
	p = o.read(id)
	if p.State != undersigned.Open || !p.KeysMadeAt.IsZero() || p.RetainTo.IsZero() || !p.ClosesAt.After(testkit.Start) {
		t.Errorf("open it is %+v", p)
	}
	// A letter that names it, from whatever program, signs nothing and brings no mail.
	o.Post(testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo))
	o.Work()
	if mails := o.Mail.Messages(); len(mails) != 0 {
		t.Errorf("the letter brought %d mails", len(mails))
	}
	o.Check(o.CountPaper(ctx, moderator, at(o.read(id)), sheets("20000")))
	o.mustBeWhole()
	if got := o.Number(id); got != 20_000 {
		t.Errorf("its number is %d", got)
	}
	// It closes on its day like any other, and on the retention date there is nothing to destroy.
	for _, day := range []time.Time{p.ClosesAt, p.RetainTo} {
		o.Site.Clock.Move(day.Sub(o.Site.Clock.Now()) + time.Second)
		o.mustBeWhole()
		if p = o.read(id); p.State != undersigned.Closed || p.CreatorName != "" || p.PaperCount != 20_000 {
			t.Errorf("at %s it is %+v", day, p)
		}
	}
}
