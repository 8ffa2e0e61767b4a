package undersigned

import (
	"errors"
	"reflect"
	"testing"
)

func TestPaperIsAddedAndPutRight(t *testing.T) {
	for _, test := range []struct {
		name  string
		held  int64
		entry PaperCount
		want  int64
		err   error
	}{
		{"the first sheets", 0, PaperCount{Change: 20_000}, 20_000, nil},
		{"more of them", 20_000, PaperCount{Change: 1}, 20_001, nil},
		{"a correction with its reason", 20_000, PaperCount{Change: -12, Why: "Twelve cards were empty."}, 19_988, nil},
		{"all of them were for another petition", 5, PaperCount{Change: -5, Why: "Wrong petition."}, 0, nil},
		{"a correction without a reason", 20_000, PaperCount{Change: -12}, 20_000, ErrPaperWhy},
		{"below zero", 5, PaperCount{Change: -6, Why: "Wrong petition."}, 5, ErrPaperLess},
		{"nobody", 5, PaperCount{}, 5, ErrPaperNone},
		{"as many as can be", 0, PaperCount{Change: MostPaper}, MostPaper, nil},
		{"one more than can be", 1, PaperCount{Change: MostPaper}, 1, ErrPaperMost},
		{"so many that the sum would overflow", 1, PaperCount{Change: 1<<63 - 1}, 1, ErrPaperMost},
		{"so few that the sum would overflow", 1, PaperCount{Change: -1 << 63, Why: "A slip."}, 1, ErrPaperLess},
	} {
		held := Petition{PaperCount: test.held}
		after, err := held.WithPaper(test.entry)
		if after.PaperCount != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %d, %v, want %d, %v", test.name, after.PaperCount, err, test.want, test.err)
		}
	}
}

// Paper may be entered one by one, and its history is public: where the whole sum were
// rounded, the entry at which it jumps would tell the exact number of a protected
// petition's signers.
func TestPaperTellsNothingOfWhatRoundingHides(t *testing.T) {
	for standing := range int64(30) {
		p, counts := Petition{Kind: Protected, ImportedCount: 3}, Counts{Confirmed: standing + 2, Withdrawn: 1, Removed: 1}
		for paper := range int64(25) {
			p.PaperCount = paper
			if got, want := p.Number(counts), standing-standing%10+3+paper; got != want {
				t.Fatalf("of %d signers and %d on paper the number is %d, want %d", standing, paper, got, want)
			}
		}
	}
}

func TestAPaperOnlyPetitionIsOpenAndTakesNothingByMail(t *testing.T) {
	opened, closes := FromMicros(1), FromMicros(1000)
	for _, test := range []struct {
		source           string
		accepts, signing bool
	}{{"", true, true}, {"import", true, true}, {SourcePaper, true, false}} {
		p := Petition{State: Open, Source: test.source, OpenedAt: opened, ClosesAt: closes}
		if p.Accepts(opened) != test.accepts || p.Signable(opened) != test.signing || p.Signable(closes) {
			t.Errorf("a petition from %q: open %t, takes signatures by mail %t", test.source, p.Accepts(opened), p.Signable(opened))
		}
	}
}

func TestHowPaperWasCounted(t *testing.T) {
	add, take := func(how PaperHow) PaperCount { return PaperCount{Change: 9, How: how} }, PaperCount{Change: -1, How: PaperSampled}
	for _, test := range []struct {
		entries []PaperCount
		want    []PaperHow
	}{
		{nil, nil}, {[]PaperCount{add(PaperCounted), take}, []PaperHow{PaperCounted}},
		{[]PaperCount{add(PaperSampled), add(PaperCounted), add(PaperSampled)}, []PaperHow{PaperCounted, PaperSampled}},
	} {
		if got := PaperHows(test.entries); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: %v, want %v", test.entries, got, test.want)
		}
	}
}

func TestAHandOverKeepsTheNumberAndItsParts(t *testing.T) {
	p := Petition{ID: 4, ImportedCount: 100, PaperCount: 20_000, Version: VersionOf("a", "b", "c")}
	h := HandOverOf(p, Counts{Batch: 9, Confirmed: 3_005, Withdrawn: 4, Removed: 1})
	if h.Public != 23_100 || h.Confirmed() != 3_000 || h.Batch != 9 || h.Version != p.Version || h.PetitionID != 4 {
		t.Fatalf("%+v", h)
	}
}
