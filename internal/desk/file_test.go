package desk_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
)

func (o office) file(id int64) store.File {
	o.T.Helper()
	f, err := o.DB.Desk().File(ctx, id)
	o.Check(err)
	return f
}

// U113: two people write a note at once. The second is told, and the first's words stay.
func TestU113NobodysNoteIsLost(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Queued)
	o.Check(o.Note(ctx, moderator, p.ID, 0, "Ask the library."))
	if err := o.Note(ctx, administrator, p.ID, 0, "Ask the school."); !errors.Is(err, undersigned.ErrChanged) {
		t.Fatalf("a note over one that was not read: %v", err)
	}
	o.Check(o.Note(ctx, administrator, p.ID, 1, "Ask the library and the school."))
	if f := o.file(p.ID); f.Note != "Ask the library and the school." || f.NoteNo != 2 {
		t.Fatalf("the file holds %+v", f)
	}
	if after := o.read(p.ID); after.Revision != p.Revision {
		t.Error("a note made a colleague's decision about the petition stale")
	}
	if len(o.history(p.ID)) != 0 {
		t.Error("a note that is kept while it is written fills the history")
	}
	// A petition that was only flagged has no note yet: the first is number 0 there, too.
	other := o.petition(undersigned.Open)
	o.Check(o.Flag(ctx, moderator, other.ID, true))
	o.Check(o.Note(ctx, moderator, other.ID, 0, "Call them."))
	if err := o.Note(ctx, moderator, other.ID, 7, "x"); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("a note over one that never was: %v", err)
	}
	if err := o.Note(ctx, moderator, 999, 0, "x"); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("a note on no petition: %v", err)
	}
	var wrong desk.Problems
	if err := o.Note(ctx, moderator, p.ID, 2, strings.Repeat("x", desk.MostNote+1)); !errors.As(err, &wrong) || wrong[0].Field != "note" {
		t.Errorf("a note that is too long: %v", err)
	}
}

func TestAParkedPetitionComesBackByItself(t *testing.T) {
	o := newOffice(t)
	first, second := o.petition(undersigned.Queued), o.petition(undersigned.Queued)
	day := func(days int) string { return o.Now().In(o.Body.Location()).AddDate(0, 0, days).Format(time.DateOnly) }
	for _, bad := range [][2]string{{"", day(3)}, {"We wait for the court.", ""}, {"We wait for the court.", day(0)}, {"We wait for the court.", day(200)}, {"We wait for the court.", "soon"}} {
		var wrong desk.Problems
		if err := o.Park(ctx, moderator, first.ID, bad[0], bad[1]); !errors.As(err, &wrong) {
			t.Errorf("parked for %q until %q: %v", bad[0], bad[1], err)
		}
	}
	if err := o.Park(ctx, moderator, o.petition(undersigned.Open).ID, "Why not.", day(3)); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("an open petition was parked: %v", err)
	}
	waiting := func(want int) {
		t.Helper()
		queue, _, err := o.Waiting(ctx)
		o.Check(err)
		if queue.Waiting != want {
			t.Fatalf("%d wait, want %d", queue.Waiting, want)
		}
	}
	waiting(2)
	o.Check(o.Park(ctx, moderator, first.ID, "We wait for the court.", day(3)))
	waiting(1)
	found, total, err := o.Find(ctx, moderator, &store.FindQuery{Kept: store.KeptParked})
	if err != nil || total != 1 || found[0].ID != first.ID {
		t.Fatalf("parked are %d: %v", total, err)
	}
	o.Site.Clock.Move(3 * 24 * time.Hour)
	waiting(2)
	o.Check(o.Park(ctx, moderator, second.ID, "Later.", day(3)))
	waiting(1)
	o.Check(o.Unpark(ctx, administrator, second.ID))
	waiting(2)
	acts := o.history(second.ID)
	if len(acts) != 2 || acts[0].Act != undersigned.ActUnparked || acts[1].Act != undersigned.ActParked || !strings.HasPrefix(acts[1].Note, "Later. (") {
		t.Errorf("the history is %+v", acts)
	}
}

func TestTagsFlagsAndAssignmentAreFound(t *testing.T) {
	o := newOffice(t)
	p, other := o.petition(undersigned.Open), o.petition(undersigned.Rejected)
	o.Check(o.Tag(ctx, moderator, p.ID, " Budget, budget ,, Sports  hall,"))
	if f := o.file(p.ID); !slices.Equal(f.Tags, []string{"budget", "sports hall"}) {
		t.Fatalf("the tags are %q", f.Tags)
	}
	var wrong desk.Problems
	if err := o.Tag(ctx, moderator, p.ID, "a,b,c,d,e,f,g,h,i,j,k,l,m"); !errors.As(err, &wrong) || !errors.Is(wrong[0].Err, desk.ErrTooMany) {
		t.Errorf("thirteen tags: %v", err)
	}
	if err := o.Tag(ctx, moderator, p.ID, strings.Repeat("x", desk.MostTag+1)); !errors.As(err, &wrong) {
		t.Errorf("a long tag: %v", err)
	}
	o.Check(o.Flag(ctx, moderator, other.ID, true))
	if err := o.Assign(ctx, moderator, p.ID, 99); !errors.As(err, &wrong) || wrong[0].Field != "assign" {
		t.Errorf("given to nobody who is there: %v", err)
	}
	o.Check(o.Assign(ctx, moderator, p.ID, 0))
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		other.Details = "The details are Évident."
		other.Version = undersigned.VersionOf(other.Title, other.Background, other.Details)
		return errors.Join(tx.SavePetition(&other, true), tx.SetDepartments(p.ID, []undersigned.Department{{Name: "Highways"}}))
	}))
	tests := []struct {
		name  string
		query store.FindQuery
		want  []int64
	}{
		{"a tag", store.FindQuery{Tag: "budget"}, []int64{p.ID}},
		{"a tag nobody gave", store.FindQuery{Tag: "budge"}, nil},
		{"a flag", store.FindQuery{Kept: store.KeptFlagged}, []int64{other.ID}},
		{"a state", store.FindQuery{State: undersigned.Rejected}, []int64{other.ID}},
		{"a state and words", store.FindQuery{State: undersigned.Open, Typed: "library"}, []int64{p.ID}},
		{"who started it, as published", store.FindQuery{Typed: "torres", State: undersigned.Open}, []int64{p.ID}},
		{"everything, oldest first", store.FindQuery{Order: store.FindOldest}, []int64{p.ID, other.ID}},
		{"everything, newest first", store.FindQuery{}, []int64{other.ID, p.ID}},
		{"nothing of mine", store.FindQuery{Kept: store.KeptMine}, nil},
		{"no messages", store.FindQuery{Kept: store.KeptUnread}, nil},
		{"no answers owed", store.FindQuery{Kept: store.KeptOwed}, nil},
		{"the second page", store.FindQuery{Page: 2}, nil},
		{"a department", store.FindQuery{Department: "Highways"}, []int64{p.ID}},
		{"part of a department's name", store.FindQuery{Department: "High"}, nil},
		{"words of the details", store.FindQuery{Typed: "details évident"}, []int64{other.ID}},
		{"in capitals", store.FindQuery{Typed: "ÉVIDENT"}, []int64{other.ID}},
		{"without its accent", store.FindQuery{Typed: "evident"}, []int64{other.ID}},
		{"a number", store.FindQuery{Typed: "#" + strconv.FormatInt(other.ID, 10)}, []int64{other.ID}},
	}
	for _, test := range tests {
		found, _, err := o.Find(ctx, moderator, &test.query)
		var ids []int64
		for _, one := range found {
			ids = append(ids, one.ID)
		}
		if err != nil || !slices.Equal(ids, test.want) {
			t.Errorf("%s: %v, want %v: %v", test.name, ids, test.want, err)
		}
	}
}

func TestEachOfStaffKeepsAnOrder(t *testing.T) {
	o := newOffice(t)
	o.petition(undersigned.Open)
	o.petition(undersigned.Open)
	o.Check(o.KeepOrder(ctx, moderator, store.FindOldest))
	var wrong desk.Problems
	if err := o.KeepOrder(ctx, moderator, "p.id; DROP TABLE petitions"); !errors.As(err, &wrong) {
		t.Errorf("an order that is none: %v", err)
	}
	for _, test := range []struct {
		who   undersigned.Staff
		first int64
	}{{moderator, 1}, {administrator, 2}} {
		query := store.FindQuery{}
		found, total, err := o.Find(ctx, test.who, &query)
		if err != nil || total != 2 || found[0].ID != test.first {
			t.Errorf("%s sees petition %d of %d first: %v", test.who.Name, found[0].ID, total, err)
		}
	}
}

func TestTheHubCountsByWorkingDays(t *testing.T) {
	o := newOffice(t)
	o.petition(undersigned.Queued) // the site's day is a Sunday
	o.Site.Clock.Move(9 * 24 * time.Hour)
	o.petition(undersigned.Queued)
	for _, test := range []struct{ days, late, overdue int }{{0, 1, 0}, {3, 0, 1}, {6, 1, 1}, {20, 0, 2}} {
		o.Site.Clock.Move(time.Duration(test.days) * 24 * time.Hour)
		hub, err := o.Hub(ctx, moderator)
		o.Check(err)
		if hub.Late != test.late || hub.Overdue != test.overdue || hub.Waiting != 2 {
			t.Errorf("on %s %d are late and %d overdue, want %d and %d", o.Now().Format(time.RFC1123), hub.Late, hub.Overdue, test.late, test.overdue)
		}
	}
}
