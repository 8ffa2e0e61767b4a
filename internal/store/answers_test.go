package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

func (s *shelf) facts(id int64) undersigned.Facts {
	s.t.Helper()
	all, err := s.public.Facts(context.Background(), id)
	s.check(err)
	return all[id]
}

func TestAnswersComeBackAsTheyWereGiven(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", nil), petition(2, 0, "Mend the bridge", nil))
	debate := undersigned.Answer{PetitionID: 1, Kind: undersigned.AnswerDebate, Date: "2026-12-01", Details: "One\nTwo",
		Links:       undersigned.Links{Video: "https://video.example/1", Transcript: "https://text.example/1"},
		PublishedAt: day0.Add(3 * time.Hour), CreatedAt: day0.Add(time.Hour), UpdatedAt: day0.Add(2 * time.Hour)}
	debate.ID = s.answer(debate)
	note := undersigned.Answer{PetitionID: 1, Kind: undersigned.AnswerNote, Details: "Thank you."}
	note.ID = s.answer(note)
	note.CreatedAt, note.UpdatedAt = day0, day0 // the database's clock
	s.answer(undersigned.Answer{PetitionID: 2, Kind: undersigned.AnswerResponse, Summary: "No."})
	if got, want := s.facts(1).Answers, []undersigned.Answer{debate, note}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	s.now = day0.Add(24 * time.Hour)
	note.Details, note.PublishedAt = "Thank you all.", s.now
	s.check(s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.SaveAnswer(&note) }))
	if got, _ := s.facts(1).Latest(undersigned.AnswerNote); got.Details != "Thank you all." || !got.UpdatedAt.Equal(s.now) || !got.CreatedAt.Equal(day0) {
		t.Errorf("after saving: %+v", got)
	}
	s.check(s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.DropAnswer(note.ID) }))
	if got := s.facts(1).Answers; len(got) != 1 || got[0].Kind != undersigned.AnswerDebate {
		t.Errorf("after dropping: %+v", got)
	}
	err := s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.SaveAnswer(&note) })
	if !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("saving what was dropped says %v", err)
	}
	err = s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.AddAnswer(&undersigned.Answer{PetitionID: 1, Kind: "song"}) })
	if err == nil {
		t.Error("an answer of an unknown kind was kept")
	}
}

func TestTheFirstTimeAThresholdIsReachedCounts(t *testing.T) {
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", nil))
	s.reach(1, undersigned.ThenDebate, day0.Add(time.Hour))
	s.reach(1, undersigned.ThenAnswer, day0)
	s.check(s.db.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		return tx.Reach(1, undersigned.ThenAnswer, day0.Add(48*time.Hour))
	}))
	want := []undersigned.Milestone{{Then: undersigned.ThenAnswer, At: day0}, {Then: undersigned.ThenDebate, At: day0.Add(time.Hour)}}
	if got := s.facts(1).Reached; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	err := s.desk.InTx(context.Background(), func(tx *store.DeskTx) error { return tx.Reach(1, undersigned.ThenAnswer, time.Time{}) })
	if err == nil {
		t.Error("a threshold was reached at no time")
	}
}

// A petition waits for its answer from the batch on that took it there.
func TestThresholdsAreReachedWithTheCount(t *testing.T) {
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", imported(9_990)), petition(2, 0, "Mend the bridge", func(p *undersigned.Petition) {
		p.Kind, p.ImportedCount = undersigned.Protected, 9_990
	}))
	for hour, confirmed := range []int64{9, 10, 11} {
		at := day0.Add(time.Duration(hour) * time.Hour)
		for id := int64(1); id <= 2; id++ {
			s.count(id, undersigned.Counts{Batch: int64(hour) + 1, At: at, Confirmed: confirmed}, store.Batch{})
			s.check(s.db.Steward().InTx(context.Background(), func(tx *store.StewardTx) error { return tx.ReachThresholds(id, at) }))
		}
		want := []int64{1, 2} // by number: one shows 10,001 then, the other still 10,000
		if hour == 0 {
			want = nil
		} else if hour == 1 {
			want = []int64{2, 1}
		}
		s.wantList(fmt.Sprintf("with %d", confirmed), store.ListQuery{Filter: store.FilterAwaitingResponse, Sort: store.SortSignatures}, want...)
	}
	if got := s.facts(1).ReachedAt(undersigned.ThenAnswer); !got.Equal(day0.Add(time.Hour)) {
		t.Errorf("reached at %v", got)
	}
}

func TestTopicsReplaceEachOther(t *testing.T) {
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", nil))
	for _, topics := range [][]string{{"roads", "trees", "trees"}, {"trees"}} {
		s.check(s.desk.InTx(context.Background(), func(tx *store.DeskTx) error { return tx.SetTopics(1, topics) }))
		if got, want := s.facts(1).Topics, slices.Compact(topics); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		s.wantList("by topic", store.ListQuery{Topic: "trees"}, 1)
	}
	s.wantList("by the topic it left", store.ListQuery{Topic: "roads"})
}

// Wordings that staff mended before the petition opened are nobody's to read: the
// mending may have been the point.
func TestWordings(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	s.put(petition(1, 0, "Sack Mr Example", func(p *undersigned.Petition) { p.State, p.OpenedAt = undersigned.Queued, time.Time{} }))
	save := func(newText bool, change func(*undersigned.Petition)) {
		t.Helper()
		c, err := s.public.Petition(ctx, 1)
		s.check(err)
		change(&c.Petition)
		c.Version = undersigned.VersionOf(c.Title, c.Background, c.Details)
		s.check(s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&c.Petition, newText) }))
	}
	kind := undersigned.Ordinary
	titles := func() (shown []string) {
		t.Helper()
		c, err := s.public.Petition(ctx, 1)
		s.check(err)
		c.Kind = kind
		wordings, err := s.public.Wordings(ctx, c.Petition)
		s.check(err)
		for _, w := range wordings {
			if w.Shown != (w.Title != "") {
				t.Errorf("wording %d: shown is %v, its title %q", w.No, w.Shown, w.Title)
			}
			shown = append(shown, fmt.Sprintf("%s:%d", w.Title, w.Confirmed))
		}
		return shown
	}
	if got := titles(); !slices.Equal(got, []string{":0"}) {
		t.Errorf("in the queue: %v", got)
	}
	s.now = day0.Add(time.Hour)
	save(true, func(p *undersigned.Petition) { p.Title = "Review the office" })
	s.now = day0.Add(2 * time.Hour)
	save(false, func(p *undersigned.Petition) { p.State, p.OpenedAt = undersigned.Open, s.now })
	s.now = day0.Add(3 * time.Hour)
	save(true, func(p *undersigned.Petition) { p.Title = "Review the office soon" })
	s.check(s.db.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		return errors.Join(tx.AddVersionCount(1, 1, 6), tx.AddVersionCount(1, 2, 12))
	}))
	if got, want := titles(), []string{":6", "Review the office:12", "Review the office soon:0"}; !slices.Equal(got, want) {
		t.Errorf("open: got %q, want %q", got, want)
	}
	kind = undersigned.Protected
	if got, want := titles(), []string{":0", "Review the office:10", "Review the office soon:0"}; !slices.Equal(got, want) {
		t.Errorf("protected, in tens: got %q, want %q", got, want)
	}
	save(false, func(p *undersigned.Petition) { p.State = undersigned.Removed })
	if got, want := titles(), []string{":0", ":10", ":0"}; !slices.Equal(got, want) {
		t.Errorf("removed: got %q, want %q", got, want)
	}
}

func TestNeverConfirmedIsToldInTens(t *testing.T) {
	s := newShelf(t)
	for n, want := range map[int64]int64{0: 0, 9: 0, 10: 10, 39: 30} {
		s.check(s.db.Steward().InTx(context.Background(), func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorNeverConfirmed, n) }))
		if got, err := s.public.NeverConfirmed(context.Background()); err != nil || got != want {
			t.Errorf("%d is told as %d, %v", n, got, err)
		}
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := newShelf(t)
	s.check(s.db.Close())
	if err := s.db.Close(); err != nil {
		t.Errorf("closing it again says %v", err)
	}
	err := s.desk.InTx(context.Background(), func(*store.DeskTx) error { return nil })
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("writing says %v", err)
	}
}
