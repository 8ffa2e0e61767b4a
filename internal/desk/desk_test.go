package desk_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var ctx = context.Background()

// Staff as sessions give them; deeds trust who is signed in.
var (
	moderator     = undersigned.Staff{ID: 7, Name: "Moira Kent", Role: undersigned.Moderator, Active: true}
	administrator = undersigned.Staff{ID: 8, Name: "Josh Patel", Role: undersigned.Administrator, Active: true}
)

type office struct {
	*testkit.Site
	*desk.Desk
}

func newOffice(t *testing.T) office {
	t.Helper()
	site := testkit.New(t)
	return office{site, desk.New(site.DB.Desk())}
}

// petition adds one that stands in a state.
func (o office) petition(state undersigned.State) undersigned.Petition {
	o.T.Helper()
	now := o.Site.Clock.Now()
	p := undersigned.Petition{
		BodyID: o.Body.ID, State: state, Kind: undersigned.Ordinary, Language: "en-GB", Days: 90, CreatorName: "Ana Torres",
		Title: "Keep the library open", Background: "People read there.", Details: "On Saturdays, too.", CreatedAt: now, QueuedAt: now, KeysMadeAt: now,
	}
	switch state {
	case undersigned.Open, undersigned.Closed, undersigned.Removed, undersigned.Archived, undersigned.Withdrawn:
		p.OpenedAt = now
		p.ClosesAt, p.RetainTo = desk.Schedule(p, o.Body, now)
	case undersigned.Rejected, undersigned.Hidden:
		p.RejectedAt, p.Rejection = now, &undersigned.Rejection{Code: "joke", Details: "We laughed.", ShowTitle: true}
	}
	if state == undersigned.Closed || state == undersigned.Withdrawn || state == undersigned.Archived {
		p.ClosedAt = now
	}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.AddPetition(&p) }))
	return o.read(p.ID)
}

func (o office) read(id int64) undersigned.Petition {
	o.T.Helper()
	c, err := o.DB.Desk().Petition(ctx, id)
	o.Check(err)
	return c.Petition
}

func (o office) history(id int64) []store.Act {
	o.T.Helper()
	acts, err := o.DB.Desk().History(ctx, id)
	o.Check(err)
	return acts
}

func at(p undersigned.Petition) desk.Target { return desk.Target{Petition: p.ID, Revision: p.Revision} }

var refusal = desk.Refusal{Reason: "joke", Explanation: "We could not find a request.", ShowTitle: true, ShowBackground: true, ShowDetails: true}

// A deed on a petition, as tests go through all of them.
type deed struct {
	name desk.Deed
	from []undersigned.State // where it can be done
	do   func(office, undersigned.Staff, desk.Target) error
}

var deeds = []deed{
	{desk.Edit, []undersigned.State{undersigned.Queued}, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Edit(ctx, s, t, desk.Texts{Title: "Keep both libraries open", Background: "People read there."})
	}},
	{desk.Publish, []undersigned.State{undersigned.Queued}, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Publish(ctx, s, t, nil, "")
	}},
	{desk.Return, []undersigned.State{undersigned.Queued}, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Return(ctx, s, t, "Say which library.")
	}},
	{desk.Reject, []undersigned.State{undersigned.Queued}, func(o office, s undersigned.Staff, t desk.Target) error {
		_, err := o.Reject(ctx, s, t, refusal)
		return err
	}},
	{desk.Hide, []undersigned.State{undersigned.Sponsoring, undersigned.Queued, undersigned.Returned, undersigned.Rejected},
		func(o office, s undersigned.Staff, t desk.Target) error { return o.Hide(ctx, s, t, refusal) }},
	{desk.TakeDown, []undersigned.State{undersigned.Open, undersigned.Closed, undersigned.Withdrawn, undersigned.Archived},
		func(o office, s undersigned.Staff, t desk.Target) error {
			return o.TakeDown(ctx, s, t, "A court asked us to.")
		}},
	{desk.Restore, []undersigned.State{undersigned.Removed}, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Restore(ctx, s, t, "The court changed its mind.")
	}},
	{desk.Respond, []undersigned.State{undersigned.Open, undersigned.Closed, undersigned.Withdrawn, undersigned.Archived},
		func(o office, s undersigned.Staff, t desk.Target) error {
			return o.Respond(ctx, s, t, desk.Response{Date: "2026-11-22", Summary: "Yes.", Details: "Yes, it stays open."})
		}},
	{desk.EnterDebate, onPage, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Enter(ctx, s, t, desk.FormNoDebate, desk.Entry{Date: "2026-11-20", Details: "There is no room."})
	}},
	{desk.Annotate, onPage, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Enter(ctx, s, t, desk.FormNote, desk.Entry{Details: "We decide in March."})
	}},
	{desk.PassOn, onPage, func(o office, s undersigned.Staff, t desk.Target) error {
		return o.Enter(ctx, s, t, desk.FormPassed, desk.Entry{Date: "2026-11-20", Summary: "The county", Details: "It is theirs."})
	}},
	{desk.Reply, allStates, func(o office, s undersigned.Staff, t desk.Target) error { return o.Reply(ctx, s, t, "We look at it.") }},
}

// onPage are the states in which a petition's page tells of more than its text.
var onPage = []undersigned.State{undersigned.Open, undersigned.Closed, undersigned.Withdrawn, undersigned.Archived}

var allStates = []undersigned.State{undersigned.Sponsoring, undersigned.Queued, undersigned.Returned, undersigned.Open, undersigned.Closed,
	undersigned.Rejected, undersigned.Hidden, undersigned.Withdrawn, undersigned.Removed, undersigned.Archived}

func TestADeedIsDoneOnlyWhereItCanBe(t *testing.T) {
	o := newOffice(t)
	for _, state := range allStates {
		for _, deed := range deeds {
			before := o.petition(state)
			c, err := o.Case(ctx, moderator, before.ID)
			o.Check(err)
			can := slices.Contains(deed.from, state)
			if got := c.Can(administrator, deed.name); got != can {
				t.Errorf("from %s, %q is offered: %t, want %t", state, deed.name, got, can)
			}
			err = deed.do(o, administrator, at(before))
			after, acts := o.read(before.ID), o.history(before.ID)
			switch {
			case can && err != nil:
				t.Errorf("from %s, %q failed: %v", state, deed.name, err)
			case can && (len(acts) != 1 || acts[0].Staff != administrator.ID || acts[0].At != testkit.Start.UnixMicro() || after.Revision != before.Revision+1):
				t.Errorf("from %s, %q left the history %+v and the revision %d", state, deed.name, acts, after.Revision)
			case !can && !errors.Is(err, undersigned.ErrMove):
				t.Errorf("from %s, %q gave %v, want ErrMove", state, deed.name, err)
			case !can && (len(acts) != 0 || !reflect.DeepEqual(before, after)):
				t.Errorf("from %s, %q was refused and changed something", state, deed.name)
			}
		}
	}
}

func TestADeedNeedsItsRole(t *testing.T) {
	o := newOffice(t)
	staff := map[string]undersigned.Staff{
		"nobody":               {},
		"a moderator who left": {ID: 7, Role: undersigned.Moderator},
		"an unknown role":      {ID: 7, Role: "owner", Active: true},
		"no role":              {ID: 7, Active: true},
		"a moderator":          moderator,
		"an administrator":     administrator,
		"an unsaved colleague": {Role: undersigned.Administrator, Active: true},
	}
	for name, who := range staff {
		for _, deed := range deeds {
			p := o.petition(deed.from[0])
			err := deed.do(o, who, at(p))
			allowed := who == administrator || who == moderator && deed.name != desk.Restore
			if allowed != !errors.Is(err, desk.ErrForbidden) {
				t.Errorf("%s: %q gave %v", name, deed.name, err)
			}
			if !allowed && !reflect.DeepEqual(p, o.read(p.ID)) {
				t.Errorf("%s: %q was forbidden and changed something", name, deed.name)
			}
		}
		for deed, err := range map[desk.Deed]error{
			desk.AddStaff: o.RecordAsk(ctx, who, undersigned.Moderator),
			desk.EndStaff: o.EndStaff(ctx, who, 99),
			desk.Pause:    o.Pause(ctx, who, desk.Notices{}),
		} {
			allowed := who == administrator || who == moderator && deed == desk.Pause
			if allowed != !errors.Is(err, desk.ErrForbidden) {
				t.Errorf("%s: %q gave %v", name, deed, err)
			}
		}
		if desk.May(who, "set fire to") {
			t.Errorf("%s may do what no list allows", name)
		}
	}
}

func TestADeedOnAChangedPetitionIsRefused(t *testing.T) {
	o := newOffice(t)
	for _, deed := range deeds {
		p := o.petition(deed.from[0])
		o.Check(o.Reply(ctx, administrator, at(p), "Somebody else was quicker."))
		if err := deed.do(o, administrator, at(p)); !errors.Is(err, undersigned.ErrChanged) {
			t.Errorf("%q on a changed petition gave %v", deed.name, err)
		}
		if acts := o.history(p.ID); len(acts) != 1 {
			t.Errorf("%q on a changed petition left %d acts", deed.name, len(acts))
		}
		if err := deed.do(o, administrator, desk.Target{Petition: 999_999}); !errors.Is(err, undersigned.ErrNotFound) {
			t.Errorf("%q on no petition gave %v", deed.name, err)
		}
	}
}

func TestOfTwoDecisionsAtOnceOneIsTaken(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Queued)
	results := make([]error, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			if i%2 == 0 {
				results[i] = o.Publish(ctx, moderator, at(p), nil, "")
			} else {
				_, results[i] = o.Reject(ctx, administrator, at(p), refusal)
			}
		})
	}
	all.Wait()
	taken := 0
	for _, err := range results {
		if err == nil {
			taken++
		} else if !errors.Is(err, undersigned.ErrChanged) {
			t.Errorf("a decision that came second gave %v", err)
		}
	}
	if acts := o.history(p.ID); taken != 1 || len(acts) != 1 {
		t.Fatalf("%d decisions were taken, and the history has %d", taken, len(acts))
	}
}

func TestSchedule(t *testing.T) {
	tests := []struct {
		name, zone      string
		now             string
		days            int
		closes, retains string // as read on a clock there
	}{
		{"from winter into summer", "Europe/London", "2027-01-10T08:00:00Z", 90, "2027-04-10 23:59:59", "2027-10-10 23:59:59"},
		{"from summer into winter", "Europe/London", "2026-08-01T23:30:00Z", 90, "2026-10-31 23:59:59", "2027-05-01 23:59:59"},
		{"the day there is another", "Pacific/Auckland", "2026-11-22T11:30:00Z", 30, "2026-12-23 23:59:59", "2027-06-23 23:59:59"},
		{"the creator chose nothing", "UTC", "2026-11-22T11:30:00Z", 0, "2027-05-21 23:59:59", "2027-11-21 23:59:59"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			body := undersigned.DefaultBody()
			body.TimeZone = test.zone
			closes, retains := desk.Schedule(undersigned.Petition{Days: test.days}, body, now)
			if got := closes.In(body.Location()).Format(time.DateTime); got != test.closes {
				t.Errorf("it closes at %s, want %s", got, test.closes)
			}
			if got := retains.In(body.Location()).Format(time.DateTime); got != test.retains {
				t.Errorf("its keys die at %s, want %s", got, test.retains)
			}
			// The next microsecond is tomorrow: nothing of the day is lost.
			if next := closes.Add(time.Microsecond).In(body.Location()).Format(time.TimeOnly); next != "00:00:00" {
				t.Errorf("it closes a while before midnight: the next instant is %s", next)
			}
		})
	}
}

func TestPublishFixesTheDatesAndTheTopics(t *testing.T) {
	o := newOffice(t)
	o.Body.Topics = []string{"roads", "libraries"}
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	p := o.petition(undersigned.Queued)
	var wrong desk.Problems
	if err := o.Publish(ctx, moderator, at(p), []string{"libraries", "dragons"}, ""); !errors.As(err, &wrong) || wrong[0].Field != "topic" {
		t.Fatalf("an unknown topic gave %v", err)
	}
	o.Check(o.Publish(ctx, moderator, at(p), []string{"libraries"}, ""))
	got := o.read(p.ID)
	closes, retain := desk.Schedule(p, o.Body, testkit.Start)
	if got.State != undersigned.Open || !got.OpenedAt.Equal(testkit.Start) || !got.ClosesAt.Equal(closes) || !got.RetainTo.Equal(retain) || got.CreatorName != "Ana Torres" {
		t.Errorf("a published petition is %+v", got)
	}
	facts, err := o.DB.Desk().Facts(ctx, p.ID)
	o.Check(err)
	if !slices.Equal(facts[p.ID].Topics, []string{"libraries"}) {
		t.Errorf("it is filed under %v", facts[p.ID].Topics)
	}
}

func TestRefusals(t *testing.T) {
	o := newOffice(t)
	tests := []struct {
		name    string
		refusal desk.Refusal
		state   undersigned.State
		problem string // field; "" for none
	}{
		{"a public reason", refusal, undersigned.Rejected, ""},
		{"a reason that hides the text", desk.Refusal{Reason: "offensive", Explanation: "It insults people.", ShowTitle: true}, undersigned.Hidden, ""},
		{"nothing of it is shown", desk.Refusal{Reason: "joke", Explanation: "We laughed."}, undersigned.Hidden, ""},
		{"a part is shown", desk.Refusal{Reason: "joke", Explanation: "We laughed.", ShowDetails: true}, undersigned.Rejected, ""},
		{"no reason", desk.Refusal{Explanation: "We laughed.", ShowTitle: true}, "", "reason"},
		{"a reason of somebody else", desk.Refusal{Reason: "taste", Explanation: "We did not laugh.", ShowTitle: true}, "", "reason"},
		{"no explanation", desk.Refusal{Reason: "joke", Explanation: " \n ", ShowTitle: true}, "", "details"},
		{"a long explanation", desk.Refusal{Reason: "joke", Explanation: strings.Repeat("ha", desk.MostExplanation), ShowTitle: true}, "", "details"},
		{"an explanation that hides something", desk.Refusal{Reason: "joke", Explanation: "We\u202Elaughed.", ShowTitle: true}, "", "details"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := o.petition(undersigned.Queued)
			state, err := o.Reject(ctx, moderator, at(p), test.refusal)
			var wrong desk.Problems
			if test.problem != "" {
				if !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Field != test.problem {
					t.Fatalf("it gave %v", err)
				}
				if !reflect.DeepEqual(p, o.read(p.ID)) {
					t.Fatal("it was refused and changed something")
				}
				return
			}
			o.Check(err)
			got := o.read(p.ID)
			if state != test.state || got.State != test.state || got.Rejection.Code != test.refusal.Reason || got.Rejection.Details != test.refusal.Explanation {
				t.Errorf("it became %s with %+v", got.State, got.Rejection)
			}
			if got.Rejection.ShowDetails != (test.refusal.ShowDetails && test.state == undersigned.Rejected) {
				t.Errorf("it shows %+v", got.Rejection)
			}
			if got.CreatorName != "" {
				t.Error("the name of who started it stayed") // docs/decisions/0005
			}
			act := o.history(p.ID)[0]
			if act.Reason != test.refusal.Reason || act.Note != test.refusal.Explanation {
				t.Errorf("the history says %q, %q", act.Reason, act.Note)
			}
		})
	}
}

func TestAPetitionIsReturnedOnce(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Queued)
	o.Check(o.Return(ctx, moderator, at(p), "Say which library."))
	p = o.read(p.ID)
	if p.State != undersigned.Returned || p.Returns != 1 {
		t.Fatalf("it is %s after %d returns", p.State, p.Returns)
	}
	o.Clock.Move(time.Hour)
	p.Title, p.State = "Keep the Elland library open", undersigned.Queued // as its creator sends it again
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&p, true) }))
	if err := o.Return(ctx, moderator, at(p), "Now say which town."); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("a second return gave %v", err)
	}
	c, err := o.Case(ctx, moderator, p.ID)
	o.Check(err)
	if before, ok := c.Before(); !ok || before.Title != "Keep the library open" {
		t.Errorf("the text before its return is %q, %t", before.Title, ok)
	}
}

func TestRestoreGoesBackToWhereItStands(t *testing.T) {
	o := newOffice(t)
	open, closed, late := o.petition(undersigned.Open), o.petition(undersigned.Closed), o.petition(undersigned.Open)
	for _, p := range []undersigned.Petition{open, closed, late} {
		o.Check(o.TakeDown(ctx, moderator, at(p), "A court asked us to."))
		if down := o.read(p.ID); down.State != undersigned.Removed || down.Accepts(o.Site.Clock.Now()) || !down.RetainTo.Equal(p.RetainTo) {
			t.Errorf("taken down, it is %+v", down)
		}
	}
	o.Check(o.Restore(ctx, administrator, at(o.read(open.ID)), "The court changed its mind."))
	o.Check(o.Restore(ctx, administrator, at(o.read(closed.ID)), "The court changed its mind."))
	o.Clock.Move(91 * 24 * time.Hour)
	o.Check(o.Restore(ctx, administrator, at(o.read(late.ID)), "The court changed its mind."))
	if got := o.read(open.ID); got.State != undersigned.Open || got.CreatorName == "" || !got.ClosesAt.Equal(open.ClosesAt) {
		t.Errorf("an open one came back as %+v", got)
	}
	if got := o.read(closed.ID); got.State != undersigned.Closed || !got.ClosedAt.Equal(closed.ClosedAt) {
		t.Errorf("a closed one came back as %+v", got)
	}
	if got := o.read(late.ID); got.State != undersigned.Closed || got.CreatorName != "" || !got.ClosedAt.Equal(late.ClosesAt) {
		t.Errorf("one whose time was over came back as %+v", got)
	}
}

func TestResponsesAreChecked(t *testing.T) {
	o := newOffice(t)
	o.Body.TimeZone = "Pacific/Auckland"
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	p := o.petition(undersigned.Open)
	good := desk.Response{Date: "2026-11-22", Summary: "Yes.", Details: "Yes, it stays open."}
	for _, test := range []struct {
		field  string
		change func(*desk.Response)
	}{
		{"on", func(r *desk.Response) { r.Date = "" }},
		{"on", func(r *desk.Response) { r.Date = "22.11.2026" }},
		{"on", func(r *desk.Response) { r.Date = "2026-11-31" }},
		{"on", func(r *desk.Response) { r.Date = "2026-11-23" }},
		{"summary", func(r *desk.Response) { r.Summary = "" }},
		{"summary", func(r *desk.Response) { r.Summary = strings.Repeat("y", desk.MostSummary+1) }},
		{"details", func(r *desk.Response) { r.Details = "\n" }},
		{"details", func(r *desk.Response) { r.Details = strings.Repeat("y", desk.MostAnswer+1) }},
	} {
		response := good
		test.change(&response)
		var wrong desk.Problems
		if err := o.Respond(ctx, moderator, at(p), response); !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Field != test.field {
			t.Errorf("%s: %.40q gave %v", test.field, response, err)
		}
	}
	if facts, err := o.DB.Desk().Facts(ctx, p.ID); err != nil || len(facts[p.ID].Answers) != 0 {
		t.Fatalf("something was saved: %v, %v", facts, err)
	}
	// It is 22:00 of the 22nd in Auckland; two hours later the 23rd is no future.
	o.Clock.Move(2 * time.Hour)
	good.Date = "2026-11-23"
	o.Check(o.Respond(ctx, moderator, at(p), good))
	if err := o.Respond(ctx, moderator, at(o.read(p.ID)), good); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("a second response gave %v", err)
	}
	facts, err := o.DB.Desk().Facts(ctx, p.ID)
	o.Check(err)
	answer, ok := facts[p.ID].Latest(undersigned.AnswerResponse)
	if !ok || answer.Date != good.Date || answer.Summary != good.Summary || answer.Details != good.Details || answer.PublishedAt.IsZero() {
		t.Errorf("the response is %+v", answer)
	}
}

func TestNobodyWritesToACreatorWhoIsNotHere(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Open)
	p.KeysGoneAt = testkit.Start
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&p, false) }))
	if err := o.Reply(ctx, moderator, at(p), "Are you there?"); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("writing about a retired petition gave %v", err)
	}
}

func TestPause(t *testing.T) {
	o := newOffice(t)
	o.Check(o.Pause(ctx, moderator, desk.Notices{Signing: "  Back on\nMonday. "}))
	notices, err := o.Notices(ctx)
	o.Check(err)
	if notices.Signing != "Back on Monday." || notices.Starting != "" {
		t.Errorf("the notices are %+v", notices)
	}
	stale := notices
	o.Check(o.Pause(ctx, administrator, desk.Notices{Starting: "Elections."}))
	o.Check(o.Pause(ctx, administrator, desk.Notices{Starting: "Elections."})) // nothing new
	stale.Signing = "Until noon."
	if err := o.Pause(ctx, moderator, stale); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("notices written over older ones gave %v", err)
	}
	changes, _, err := o.SettingsHistory(ctx, 0)
	o.Check(err)
	if !changes[0].CanUndo || changes[0].Section != string(desk.SectionPause) || changes[1].Section != string(desk.SectionPause) {
		t.Fatalf("the pause cannot be undone: %+v", changes[0])
	}
	before, err := o.NoticesBefore(ctx, changes[0].No)
	o.Check(err)
	if before.Signing != "Back on Monday." || before.Starting != "" {
		t.Errorf("before the last one the notices were %+v", before)
	}
	if differences, err := o.TryPause(ctx, moderator, before); err != nil || len(differences) != 2 {
		t.Errorf("putting them back would change %+v: %v", differences, err)
	}
	body, err := o.DB.Desk().Body(ctx, o.Body.ID)
	o.Check(err)
	if body.Paused != "" || body.PausedStarting != "Elections." || body.Name != o.Body.Name || len(body.Reasons) != len(o.Body.Reasons) {
		t.Errorf("the settings are %+v", body)
	}
	hub, err := o.Hub(ctx, moderator)
	o.Check(err)
	var said []string
	for _, act := range hub.Recent {
		said = append(said, act.Act.Act+" "+act.Reason)
	}
	if want := []string{"paused starting", "resumed signing", "paused signing"}; !slices.Equal(said, want) {
		t.Errorf("the history says %q, want %q", said, want)
	}
	var wrong desk.Problems
	if err := o.Pause(ctx, moderator, desk.Notices{Signing: strings.Repeat("n", desk.MostNotice+1)}); !errors.As(err, &wrong) || wrong[0].Field != "signing" {
		t.Errorf("a long notice gave %v", err)
	}
}

func TestTheHubShowsWhatWaits(t *testing.T) {
	o := newOffice(t)
	first := o.petition(undersigned.Queued)
	o.Clock.Move(26 * time.Hour)
	second := o.petition(undersigned.Queued)
	o.petition(undersigned.Open)
	queue, _, err := o.Queue(ctx, 1)
	o.Check(err)
	if len(queue) != 2 || queue[0].ID != first.ID || queue[1].ID != second.ID {
		t.Errorf("the queue is not the oldest first: %d petitions", len(queue))
	}
	say := func(text string) {
		o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.AddMessage(first.ID, 0, text) }))
	}
	say("Is it there?")
	asked := o.Site.Clock.Now()
	o.Clock.Move(time.Hour)
	say("Hello?")
	hub, err := o.Hub(ctx, moderator)
	o.Check(err)
	if hub.Waiting != 2 || !hub.Oldest.Equal(testkit.Start) {
		t.Errorf("%d wait, the oldest since %s", hub.Waiting, hub.Oldest)
	}
	if len(hub.Unanswered) != 1 || hub.Unanswered[0].Petition != first.ID || !hub.Unanswered[0].Since.Equal(asked) {
		t.Errorf("unanswered are %+v", hub.Unanswered)
	}
	o.Check(o.Reply(ctx, moderator, at(first), "It is."))
	hub, err = o.Hub(ctx, moderator)
	o.Check(err)
	if len(hub.Unanswered) != 0 || len(hub.Recent) != 1 || hub.Recent[0].Title != first.Title {
		t.Errorf("after the answer: unanswered %+v, recent %+v", hub.Unanswered, hub.Recent)
	}
}

func TestFindReadsEveryState(t *testing.T) {
	o := newOffice(t)
	for _, state := range allStates {
		o.petition(state)
	}
	for typed, want := range map[string]int{
		"library": len(allStates), "LIBRARY people": len(allStates), "library dragons": 0, "3": 1, "#3": 1, "999": 0, "": len(allStates), "%": 0, "' OR 1=1": 0, "_": 0,
	} {
		found, total, err := o.Find(ctx, moderator, &store.FindQuery{Typed: typed})
		if err != nil || len(found) != want || total != want {
			t.Errorf("%q found %d of %d, want %d: %v", typed, len(found), total, want, err)
		}
	}
}
