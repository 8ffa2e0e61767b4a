package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

var day0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// shelf is a store with one body and a clock that stands still.
type shelf struct {
	t      testing.TB
	db     *store.DB
	dir    string
	public *store.Public
	desk   *store.Desk
	now    time.Time
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	if err := store.Create(ctx, dir, store.Site{CreatedAt: day0}); err != nil {
		t.Fatal(err)
	}
	s := &shelf{t: t, now: day0}
	db, err := store.Open(ctx, dir, store.Options{Clock: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s.db, s.dir, s.public, s.desk = db, dir, db.Public(), db.Desk()
	body := undersigned.DefaultBody()
	body.Name = "Anytown Council"
	s.check(s.desk.SaveBody(ctx, &body))
	return s
}

func (s *shelf) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// petition gives an open petition that opened n days after day0, for change to alter.
func petition(id int64, n int, title string, change func(*undersigned.Petition)) undersigned.Petition {
	opened := day0.AddDate(0, 0, n)
	p := undersigned.Petition{ID: id, BodyID: 1, State: undersigned.Open, Kind: undersigned.Ordinary, Language: "en-GB",
		Title: title, Background: "Because it would help.", CreatedAt: opened.AddDate(0, 0, -7), OpenedAt: opened, ClosesAt: opened.AddDate(0, 3, 0)}
	if change != nil {
		change(&p)
	}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	return p
}

func (s *shelf) put(petitions ...undersigned.Petition) {
	s.t.Helper()
	s.check(s.desk.InTx(context.Background(), func(tx *store.DeskTx) error {
		for _, p := range petitions {
			if err := tx.AddPetition(&p); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *shelf) answer(a undersigned.Answer) int64 {
	s.t.Helper()
	s.check(s.desk.InTx(context.Background(), func(tx *store.DeskTx) error { return tx.AddAnswer(&a) }))
	return a.ID
}

func (s *shelf) reach(petition int64, then string, at time.Time) {
	s.t.Helper()
	s.check(s.desk.InTx(context.Background(), func(tx *store.DeskTx) error { return tx.Reach(petition, then, at) }))
}

// count publishes counts as the steward does.
func (s *shelf) count(petition int64, c undersigned.Counts, batch store.Batch) {
	s.t.Helper()
	s.check(s.db.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		if batch.Number != 0 {
			if err := tx.AddBatch(batch); err != nil {
				return err
			}
		}
		return tx.SetCounts(petition, c)
	}))
}

func (s *shelf) list(q store.ListQuery) store.List {
	s.t.Helper()
	list, err := s.public.List(context.Background(), q)
	s.check(err)
	return list
}

func numbers(listed []store.Listed) []int64 {
	ids := []int64{}
	for _, l := range listed {
		ids = append(ids, l.ID)
	}
	return ids
}

func (s *shelf) wantList(name string, q store.ListQuery, want ...int64) {
	s.t.Helper()
	if got := numbers(s.list(q).Petitions); !slices.Equal(got, want) {
		s.t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func imported(n int64) func(*undersigned.Petition) {
	return func(p *undersigned.Petition) { p.ImportedCount = n }
}

func inState(state undersigned.State) func(*undersigned.Petition) {
	return func(p *undersigned.Petition) { p.State = state }
}

// U77: "open" is ordered by count, "recent" by publication.
func TestU77OpenByCountAndRecentByDate(t *testing.T) {
	s := newShelf(t)
	s.put(petition(1, 1, "Plant trees", imported(50)), petition(2, 3, "Mend the bridge", imported(9)),
		petition(3, 2, "Open the pool", imported(200)), petition(4, 4, "Keep the bus", imported(9)))
	s.wantList("open", store.ListQuery{Filter: store.FilterOpen}, 3, 1, 4, 2)
	s.wantList("recent", store.ListQuery{Filter: store.FilterRecent}, 4, 2, 3, 1)
	s.wantList("closing soonest", store.ListQuery{Filter: store.FilterOpen, Sort: store.SortClosing}, 1, 3, 2, 4)

	s.count(2, undersigned.Counts{Batch: 1, At: day0, Confirmed: 90, Withdrawn: 2, Removed: 1}, store.Batch{})
	s.wantList("open, after a batch", store.ListQuery{Filter: store.FilterOpen}, 3, 2, 1, 4)
	if got := s.list(store.ListQuery{Filter: store.FilterOpen}).Petitions[1].Number(); got != 96 {
		t.Errorf("its number is %d, want 9 imported and 87 standing", got)
	}
}

// A protected petition's place in a list must not tell more than its rounded number.
func TestProtectedPetitionsAreOrderedByTheirRoundedNumber(t *testing.T) {
	s := newShelf(t)
	protect := func(p *undersigned.Petition) { p.Kind = undersigned.Protected }
	s.put(petition(1, 1, "Ordinary", imported(21)), petition(2, 1, "Protected", protect), petition(3, 1, "Ordinary too", imported(20)))
	s.count(2, undersigned.Counts{Batch: 1, At: day0, Confirmed: 31, Withdrawn: 1, Removed: 1}, store.Batch{})
	s.wantList("by number", store.ListQuery{Filter: store.FilterOpen}, 1, 3, 2)
}

// U79: dated debates first, by date; then who has waited longest.
func TestU79AwaitingDebate(t *testing.T) {
	s := newShelf(t)
	for id := int64(1); id <= 6; id++ {
		s.put(petition(id, 0, fmt.Sprintf("Petition %d", id), nil))
	}
	s.reach(1, undersigned.ThenDebate, day0.AddDate(0, 0, 5))
	s.reach(2, undersigned.ThenDebate, day0.AddDate(0, 0, 2))
	for id, date := range map[int64]string{3: "2026-12-24", 4: "2026-12-01"} {
		s.reach(id, undersigned.ThenDebate, day0)
		s.answer(undersigned.Answer{PetitionID: id, Kind: undersigned.AnswerDebate, Date: date})
	}
	s.reach(5, undersigned.ThenDebate, day0)
	s.answer(undersigned.Answer{PetitionID: 5, Kind: undersigned.AnswerDebate, Date: "2026-11-05", PublishedAt: day0.AddDate(0, 0, 6)})
	s.reach(6, undersigned.ThenDebate, day0)
	s.answer(undersigned.Answer{PetitionID: 6, Kind: undersigned.AnswerNoDebate, PublishedAt: day0.AddDate(0, 0, 7)})

	s.wantList("awaiting debate", store.ListQuery{Filter: store.FilterAwaitingDebate}, 4, 3, 2, 1)
	s.wantList("debated", store.ListQuery{Filter: store.FilterDebated}, 5)
	s.wantList("not debated", store.ListQuery{Filter: store.FilterNotDebated}, 6)
}

func TestResponsesOwedAndGiven(t *testing.T) {
	s := newShelf(t)
	for id := int64(1); id <= 4; id++ {
		s.put(petition(id, 0, fmt.Sprintf("Petition %d", id), inState(undersigned.Closed)))
		s.reach(id, undersigned.ThenAnswer, day0.AddDate(0, 0, -int(id)))
	}
	s.answer(undersigned.Answer{PetitionID: 1, Kind: undersigned.AnswerResponse, Summary: "We agree.", PublishedAt: day0})
	s.answer(undersigned.Answer{PetitionID: 3, Kind: undersigned.AnswerResponse, Summary: "We do not.", PublishedAt: day0.Add(time.Hour)})
	s.wantList("longest waiting first", store.ListQuery{Filter: store.FilterAwaitingResponse}, 4, 2)
	s.wantList("last answered first", store.ListQuery{Filter: store.FilterWithResponse}, 3, 1)
	first := s.list(store.ListQuery{Filter: store.FilterWithResponse}).Petitions[0]
	if first.Summary != "We do not." || !first.AnsweredAt.Equal(day0.Add(time.Hour)) {
		t.Errorf("the line says %q at %v", first.Summary, first.AnsweredAt)
	}
}

// U82: 26 results are a page of 25 and one of 1.
func TestU82Pages(t *testing.T) {
	s := newShelf(t)
	for id := int64(1); id <= 26; id++ {
		s.put(petition(id, int(id), fmt.Sprintf("Plant %d trees", id), nil))
	}
	for _, q := range []store.ListQuery{{Filter: store.FilterOpen}, {Search: "trees"}, {Search: "tree", Sort: store.SortNewest}} {
		seen := map[int64]bool{}
		for page, want := range map[int]int{1: 25, 2: 1, 3: 0} {
			q.Page = page
			list := s.list(q)
			if len(list.Petitions) != want || list.Total != 26 || list.Pages != 2 {
				t.Errorf("%+v: %d petitions of %d on %d pages", q, len(list.Petitions), list.Total, list.Pages)
			}
			for _, id := range numbers(list.Petitions) {
				seen[id] = true
			}
		}
		if len(seen) != 26 {
			t.Errorf("%+v: both pages together hold %d petitions", q, len(seen))
		}
	}
	if list := s.list(store.ListQuery{Page: -3, PerPage: 1_000_000, Filter: "nonsense", Sort: "upwards"}); len(list.Petitions) != 26 || list.Page != 1 {
		t.Errorf("a senseless query gives %d petitions on page %d", len(list.Petitions), list.Page)
	}
}

// What nobody may read appears in no list, no search, no total and under no topic.
func TestOnlyPublicPetitionsAreFound(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	neverOpened := func(state undersigned.State) func(*undersigned.Petition) {
		return func(p *undersigned.Petition) { p.State, p.OpenedAt, p.ClosesAt = state, time.Time{}, time.Time{} }
	}
	s.put(petition(1, 0, "Secret plans one", neverOpened(undersigned.Sponsoring)),
		petition(2, 0, "Secret plans two", neverOpened(undersigned.Queued)),
		petition(3, 0, "Secret plans three", neverOpened(undersigned.Returned)),
		petition(4, 0, "Secret plans four", neverOpened(undersigned.Hidden)),
		petition(5, 0, "Secret plans five", inState(undersigned.Removed)),
		petition(6, 0, "Secret plans six", neverOpened(undersigned.Withdrawn)),
		petition(7, 0, "Open plans", imported(7)))
	for id := int64(1); id <= 7; id++ {
		s.answer(undersigned.Answer{PetitionID: id, Kind: undersigned.AnswerResponse, PublishedAt: day0})
		s.reach(id, undersigned.ThenDebate, day0)
		s.check(s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.SetTopics(id, []string{"plans"}) }))
		s.count(id, undersigned.Counts{Batch: 1, At: day0, Confirmed: 5}, store.Batch{Number: id, Petition: id, At: day0, Added: 5})
	}
	for _, filter := range store.Filters {
		for _, q := range []store.ListQuery{{Filter: filter}, {Filter: filter, Topic: "plans"}, {Filter: filter, Search: "plans"}} {
			for _, id := range numbers(s.list(q).Petitions) {
				if id != 7 {
					t.Errorf("%+v finds petition %d", q, id)
				}
			}
		}
	}
	totals, err := s.public.Totals(ctx)
	s.check(err)
	if want := (store.Totals{Open: 1, Signatures: 12, Answers: 1}); totals != want {
		t.Errorf("totals are %+v, want %+v", totals, want)
	}
	topics, err := s.public.Topics(ctx)
	s.check(err)
	if topics["plans"] != 1 {
		t.Errorf("the topic has %d petitions, want 1", topics["plans"])
	}
	hour, err := s.public.MostSignedLastHour(ctx, day0.Add(time.Minute), 5)
	s.check(err)
	if got := numbers(hour); !slices.Equal(got, []int64{7}) {
		t.Errorf("most signed: %v", got)
	}
	for id := int64(1); id <= 7; id++ {
		if _, ok, err := s.public.Jump(ctx, fmt.Sprint(id)); err != nil || ok != (id == 7) {
			t.Errorf("the number %d jumps: %v, %v", id, ok, err)
		}
	}
}

// A petition enters and leaves lists and search with each move.
func TestListsFollowMoves(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", func(p *undersigned.Petition) { p.State, p.OpenedAt = undersigned.Queued, time.Time{} }))
	move := func(change func(*undersigned.Petition)) {
		t.Helper()
		c, err := s.public.Petition(ctx, 1)
		s.check(err)
		change(&c.Petition)
		s.check(s.desk.InTx(ctx, func(tx *store.DeskTx) error { return tx.SavePetition(&c.Petition, false) }))
	}
	s.wantList("queued", store.ListQuery{Search: "trees"})
	move(func(p *undersigned.Petition) { p.State, p.OpenedAt = undersigned.Open, day0 })
	s.wantList("open", store.ListQuery{Filter: store.FilterOpen}, 1)
	s.wantList("open, searched", store.ListQuery{Search: "trees"}, 1)
	move(func(p *undersigned.Petition) { p.PaperCount = 40 })
	if totals, _ := s.public.Totals(ctx); totals.Signatures != 40 {
		t.Errorf("the total is %d after 40 came on paper", totals.Signatures)
	}
	move(inState(undersigned.Removed))
	s.wantList("removed", store.ListQuery{})
	s.wantList("removed, searched", store.ListQuery{Search: "trees"})
	move(inState(undersigned.Closed))
	s.wantList("restored", store.ListQuery{Filter: store.FilterClosed}, 1)
}

// What was the reason to reject a petition is shown and found nowhere.
func TestRejectedPartsStayUnread(t *testing.T) {
	s := newShelf(t)
	s.put(petition(1, 0, "Sack Mr Example", func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.RejectedAt, p.Details = undersigned.Rejected, time.Time{}, day0, "He likes marmalade."
		p.Rejection = &undersigned.Rejection{Code: "jobs", ShowDetails: true}
	}))
	s.wantList("by what is hidden", store.ListQuery{Search: "Example"})
	s.wantList("by what is shown", store.ListQuery{Search: "marmalade"}, 1)
	line := s.list(store.ListQuery{Filter: store.FilterRejected}).Petitions[0]
	if line.Title != "" || line.Background != "" || line.Details == "" {
		t.Errorf("the line shows %q, %q, %q", line.Title, line.Background, line.Details)
	}
}

func TestMostSignedLastHour(t *testing.T) {
	s := newShelf(t)
	protect := func(p *undersigned.Petition) { p.Kind = undersigned.Protected }
	s.put(petition(1, 0, "One", nil), petition(2, 0, "Two", nil), petition(3, 0, "Three", protect), petition(4, 0, "Four", nil))
	for _, b := range []store.Batch{{Number: 1, Petition: 4, At: day0.Add(-61 * time.Minute), Added: 99}, {Number: 2, Petition: 1, At: day0.Add(-50 * time.Minute), Added: 3},
		{Number: 2, Petition: 2, At: day0.Add(-50 * time.Minute), Added: 4}, {Number: 3, Petition: 1, At: day0, Added: 2},
		{Number: 3, Petition: 3, At: day0, Added: 50}, {Number: 3, Petition: 4, At: day0, Taken: 2}} {
		s.count(b.Petition, undersigned.Counts{Batch: b.Number, At: b.At}, b)
	}
	got, err := s.public.MostSignedLastHour(context.Background(), day0, 5)
	s.check(err)
	if !slices.Equal(numbers(got), []int64{1, 2}) || got[0].LastHour != 5 || got[1].LastHour != 4 {
		t.Errorf("got %v", numbers(got))
	}
	list := s.list(store.ListQuery{Filter: store.FilterOpen, Sort: store.SortHour}).Petitions
	if !slices.Equal(numbers(list), []int64{1, 2, 4, 3}) || list[0].LastHour != 5 || list[1].LastHour != 4 || list[2].LastHour != 0 || list[3].LastHour != 0 {
		t.Errorf("the list in this order is %v", list)
	}
	s.wantList("one found, in this order", store.ListQuery{Search: "two", Sort: store.SortHour}, 2)
}

func TestSnapshotMovesWithEachChange(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	s.put(petition(1, 0, "Plant trees", nil))
	before, err := s.public.Snapshot(ctx)
	s.check(err)
	s.answer(undersigned.Answer{PetitionID: 1, Kind: undersigned.AnswerNote, Details: "Thank you.", PublishedAt: day0})
	s.check(s.db.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		if err := tx.SetWeather(7, 90*time.Second, true); err != nil {
			return err
		}
		return tx.PublishSnapshot(before.Number+1, day0)
	}))
	after, err := s.public.Snapshot(ctx)
	s.check(err)
	if after.Content <= before.Content || after.Number != before.Number+1 || after.Waiting != 7 || after.MailDelay != 90*time.Second || !after.MailFull || before.MailFull || !after.At.Equal(day0) {
		t.Errorf("from %+v to %+v", before, after)
	}
}

func TestListsOfAStoreThatIsGone(t *testing.T) {
	s := newShelf(t)
	s.db.Close()
	if _, err := s.public.List(context.Background(), store.ListQuery{}); err == nil {
		t.Error("a closed store lists petitions")
	}
	if _, _, err := s.public.Jump(context.Background(), "1"); err == nil || errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("a closed store says %v", err)
	}
}
