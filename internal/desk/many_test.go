package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
)

// picks tries an act on petitions and gives what a confirmation would send.
func (o office) picks(many desk.Many, petitions ...int64) ([]desk.Pick, []desk.Fate) {
	o.T.Helper()
	fates, err := o.TryMany(ctx, moderator, many, petitions)
	o.Check(err)
	picks := make([]desk.Pick, len(fates))
	for i, fate := range fates {
		picks[i] = desk.Pick{Petition: fate.ID, Seen: fate.Seen}
	}
	return picks, fates
}

func whys(fates []desk.Fate) []error {
	all := make([]error, len(fates))
	for i, fate := range fates {
		for _, one := range []error{undersigned.ErrChanged, undersigned.ErrMove, undersigned.ErrNotFound, desk.ErrSame, desk.ErrNoReturn, desk.ErrTooMany} {
			if errors.Is(fate.Err, one) {
				all[i] = one
			}
		}
	}
	return all
}

// acts are the names of what was done to a petition by staff, oldest first.
func (o office) acts(id int64) (all []string) {
	o.T.Helper()
	history, err := o.DB.Desk().History(ctx, id)
	o.Check(err)
	for _, act := range slices.Backward(history) {
		if act.Staff != 0 {
			all = append(all, act.Act)
		}
	}
	return all
}

// Each act on many: what the preview says is what happens, what cannot be done is named,
// and a second press does nothing.
func TestManyPetitionsAtOnce(t *testing.T) {
	tests := []struct {
		many desk.Many
		act  string
	}{
		{desk.Many{Act: desk.ManyTag, Tags: "Roads, budget"}, undersigned.ActTagged},
		{desk.Many{Act: desk.ManyFlag}, undersigned.ActFlagged},
		{desk.Many{Act: desk.ManyPark, Why: "The court decides.", Until: "2026-11-30"}, undersigned.ActParked},
		{desk.Many{Act: desk.ManyReturn, Details: "Say what you ask for."}, undersigned.ActReturned},
		{desk.Many{Act: desk.ManyReject, Reason: "joke", Details: "It is none."}, undersigned.ActRejected},
	}
	for _, test := range tests {
		t.Run(string(test.many.Act), func(t *testing.T) {
			o := newOffice(t)
			a, b, changed := o.petition(undersigned.Queued), o.petition(undersigned.Queued), o.petition(undersigned.Queued)
			open := o.OpenPetition("Keep the library open")
			picks, fates := o.picks(test.many, a.ID, b.ID, changed.ID, open.ID, 999)
			want := []error{nil, nil, nil, undersigned.ErrMove, undersigned.ErrNotFound}
			if test.many.Act == desk.ManyTag || test.many.Act == desk.ManyFlag {
				want[3] = nil // a published one has a file, too
			}
			if got := whys(fates); !slices.Equal(got, want) {
				t.Fatalf("the preview says %v, want %v", got, want)
			}
			for _, id := range []int64{a.ID, b.ID, open.ID} {
				if acts := o.acts(id); len(acts) > 0 {
					t.Fatalf("the preview did %v", acts)
				}
			}
			o.Check(o.Edit(ctx, moderator, at(changed), desk.Texts{Title: "Another title", Background: changed.Background}))
			done, err := o.DoMany(ctx, moderator, test.many, picks)
			o.Check(err)
			want[2] = undersigned.ErrChanged
			if got := whys(done); !slices.Equal(got, want) {
				t.Fatalf("it says %v, want %v", got, want)
			}
			if got := o.acts(a.ID); !slices.Equal(got, []string{test.act}) {
				t.Errorf("done was %v", got)
			}
			if got := o.acts(changed.ID); !slices.Equal(got, []string{undersigned.ActEdited}) {
				t.Errorf("to what changed, done was %v", got)
			}
			again, err := o.DoMany(ctx, moderator, test.many, picks)
			o.Check(err)
			if got := whys(again); slices.Contains(got, nil) {
				t.Errorf("a second press says %v", got)
			}
			if got := o.acts(b.ID); !slices.Equal(got, []string{test.act}) {
				t.Errorf("a second press did %v", got)
			}
		})
	}
}

// What is so already is left out, one by one; only the tags that are missing are added.
func TestManyLeavesOutWhatIsSo(t *testing.T) {
	o := newOffice(t)
	a, b := o.petition(undersigned.Queued), o.petition(undersigned.Queued)
	o.Check(o.Tag(ctx, moderator, a.ID, "roads"))
	o.Check(o.Flag(ctx, moderator, a.ID, true))
	_, fates := o.picks(desk.Many{Act: desk.ManyTag, Tags: "roads"}, a.ID, b.ID)
	if got := whys(fates); !slices.Equal(got, []error{desk.ErrSame, nil}) {
		t.Errorf("tags: %v", got)
	}
	picks, fates := o.picks(desk.Many{Act: desk.ManyTag, Tags: "roads, budget"}, a.ID, b.ID)
	if !slices.Equal(fates[0].Tags, []string{"budget"}) || !slices.Equal(fates[1].Tags, []string{"budget", "roads"}) {
		t.Errorf("they would get %v and %v", fates[0].Tags, fates[1].Tags)
	}
	_, err := o.DoMany(ctx, moderator, desk.Many{Act: desk.ManyTag, Tags: "roads, budget"}, picks)
	o.Check(err)
	_, fates = o.picks(desk.Many{Act: desk.ManyUntag, Tags: "budget"}, a.ID, b.ID)
	if got := whys(fates); !slices.Equal(got, []error{nil, nil}) {
		t.Errorf("taking away: %v", got)
	}
	_, fates = o.picks(desk.Many{Act: desk.ManyFlag}, a.ID, b.ID)
	if got := whys(fates); !slices.Equal(got, []error{desk.ErrSame, nil}) {
		t.Errorf("flags: %v", got)
	}
	o.Check(o.Park(ctx, moderator, a.ID, "The court decides.", "2026-11-30"))
	picks, fates = o.picks(desk.Many{Act: desk.ManyUnpark}, a.ID, b.ID)
	if got := whys(fates); !slices.Equal(got, []error{nil, desk.ErrSame}) {
		t.Errorf("back from parking: %v", got)
	}
	_, err = o.DoMany(ctx, moderator, desk.Many{Act: desk.ManyUnpark}, picks)
	o.Check(err)
	if got := o.acts(a.ID); got[len(got)-1] != undersigned.ActUnparked {
		t.Errorf("done was %v", got)
	}
	_, fates = o.picks(desk.Many{Act: desk.ManyTag, Tags: "1,2,3,4,5,6,7,8,9,10,11"}, a.ID)
	if got := whys(fates); !slices.Equal(got, []error{desk.ErrTooMany}) {
		t.Errorf("too many tags: %v", got)
	}
	_, fates = o.picks(desk.Many{Act: desk.ManyAssign}, a.ID)
	if got := whys(fates); !slices.Equal(got, []error{desk.ErrSame}) {
		t.Errorf("to nobody again: %v", got)
	}
	// A petition goes back once.
	o.Check(o.Return(ctx, moderator, at(b), "Say more."))
	o.Check(o.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		row, err := tx.Petition(b.ID)
		if err != nil {
			return err
		}
		row.State = undersigned.Queued
		return tx.SavePetition(&row.Petition, false)
	}))
	_, fates = o.picks(desk.Many{Act: desk.ManyReturn, Details: "Say more."}, a.ID, b.ID)
	if got := whys(fates); !slices.Equal(got, []error{nil, desk.ErrNoReturn}) {
		t.Errorf("going back: %v", got)
	}
	// A reason that hides the text hides it here, too.
	_, fates = o.picks(desk.Many{Act: desk.ManyReject, Reason: "offensive", Details: "It is."}, a.ID)
	if fates[0].To != undersigned.Hidden {
		t.Errorf("it would be %s", fates[0].To)
	}
}

func TestManyIsCheckedAndForRoles(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Queued)
	wrong := []struct {
		many  desk.Many
		field string
	}{
		{desk.Many{}, "act"}, {desk.Many{Act: "publish"}, "act"}, {desk.Many{Act: desk.ManyTag, Tags: " , "}, "tags"}, {desk.Many{Act: desk.ManyTag, Tags: strings.Repeat("t", 41)}, "tags"},
		{desk.Many{Act: desk.ManyPark, Until: "2026-11-30"}, "park-why"}, {desk.Many{Act: desk.ManyPark, Why: "We wait.", Until: "2026-11-22"}, "park-until"},
		{desk.Many{Act: desk.ManyAssign, Assign: 77}, "assign"}, {desk.Many{Act: desk.ManyReject, Details: "No."}, "reason"},
		{desk.Many{Act: desk.ManyReject, Reason: "joke"}, "details"}, {desk.Many{Act: desk.ManyReturn}, "details"},
	}
	for _, test := range wrong {
		var problems desk.Problems
		if _, err := o.TryMany(ctx, moderator, test.many, []int64{p.ID}); !errors.As(err, &problems) || problems[0].Field != test.field {
			t.Errorf("%+v: %v", test.many, err)
		}
	}
	var problems desk.Problems
	for _, ids := range [][]int64{nil, make([]int64, desk.MostMany+1)} {
		if _, err := o.TryMany(ctx, moderator, desk.Many{Act: desk.ManyFlag}, ids); !errors.As(err, &problems) || problems[0].Field != "pick" {
			t.Errorf("%d petitions: %v", len(ids), err)
		}
	}
	for _, role := range undersigned.Roles {
		staff := undersigned.Staff{ID: 9, Role: role, Active: true}
		offered := desk.ManyActs(staff)
		for _, many := range []desk.Many{{Act: desk.ManyFlag}, {Act: desk.ManyReject, Reason: "joke", Details: "No."}, {Act: desk.ManyReturn, Details: "No."}} {
			_, err := o.TryMany(ctx, staff, many, []int64{p.ID})
			if slices.Contains(offered, many.Act) != (err == nil) || err != nil && !errors.Is(err, desk.ErrForbidden) {
				t.Errorf("%s: %s is offered: %v, and tried: %v", role, many.Act, offered, err)
			}
			if deciders := role == undersigned.Moderator || role == undersigned.Administrator; many.Act != desk.ManyFlag && deciders != (err == nil) {
				t.Errorf("%s may %s: %v", role, many.Act, err)
			}
		}
	}
	if got := o.acts(p.ID); len(got) > 0 {
		t.Errorf("done was %v", got)
	}
}
