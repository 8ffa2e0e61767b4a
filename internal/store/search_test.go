package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
)

func wooded(t testing.TB) *shelf {
	s := newShelf(t)
	background := func(text string) func(*undersigned.Petition) {
		return func(p *undersigned.Petition) { p.Background = text }
	}
	s.put(petition(1, 0, "Plant trees along the ring road", background("The road is loud and hot.")),
		petition(2, 0, "Mend the bridge", background("Two planted trees fell on it.")),
		petition(3, 0, "Make the café wheelchair friendly", nil),
		petition(4, 0, "Keep VAT off books", nil),
		petition(5, 0, "Planter des arbres à l’école", nil),
		petition(6, 0, "Plant trees beside the canal", inState(undersigned.Closed)))
	return s
}

func TestSearch(t *testing.T) {
	s := wooded(t)
	for _, test := range []struct {
		name, typed string
		want        []int64
	}{
		{"one word, in the title first", "trees", []int64{6, 1, 2}},
		{"every word must be there", "trees bridge", []int64{2}},
		{"another form of the word, whose stem begins others too", "planting", []int64{6, 1, 2, 5}},
		{"an unfinished last word", "wheelch", []int64{3}},
		{"without the accent", "CAFE ecole", nil},
		{"without the accent, found", "ecole", []int64{5}},
		{"with the accent", "école", []int64{5}},
		{"an apostrophe", "l'école", []int64{5}},
		{"nothing like it", "helicopter", nil},
		{"no word at all", "!?*", nil},
	} {
		list := s.list(store.ListQuery{Search: test.typed})
		got := numbers(list.Petitions)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(test.want))
		if !slices.Equal(got, want) || list.Total != len(test.want) {
			t.Errorf("%s: %q finds %v of %d, want %v", test.name, test.typed, got, list.Total, want)
		}
	}
	if got := numbers(s.list(store.ListQuery{Search: "trees"}).Petitions); got[2] != 2 {
		t.Errorf("a word in the background stands before one in the title: %v", got)
	}
	s.wantList("within one list", store.ListQuery{Search: "trees", Filter: store.FilterClosed}, 6)
}

// hostile are searches that would be syntax to FTS5, SQL or both.
var hostile = []string{
	`"`, `""`, `"trees`, `trees"`, `tr"ees`, `'`, `' OR 1=1 --`, `trees'; DROP TABLE petitions; --`, `*`, `trees*`, `**`, `(`, `)`, `((trees)`,
	`trees AND`, `AND`, `OR`, `NOT`, `NOT trees`, `trees NOT`, `NEAR`, `NEAR(`, `NEAR(trees bridge, 5)`, `title:trees`, `title :`, `{title} : trees`,
	`- trees`, `-trees`, `^trees`, `trees + bridge`, `+`, `:`, `{`, `}`, `\`, `%`, `_`, `;`, `trees || bridge`, "trees\x00bridge", "\x00", "\xff\xfe",
	"tre\u0301es", "\u0301", "\u202etrees", "🌳", "树", strings.Repeat("trees ", 5000), strings.Repeat("x", 100_000), strings.Repeat(`"`, 9999),
	"$1", "?1", ":a", "@a", "rank", "petition_search", "rowid:1", "bm25(petition_search)",
}

func TestHostileSearchesAreOnlyWords(t *testing.T) {
	s := wooded(t)
	for _, typed := range hostile {
		if _, err := s.public.List(context.Background(), store.ListQuery{Search: typed, Topic: typed}); err != nil {
			t.Errorf("%.40q: %v", typed, err)
		}
		if _, err := s.public.Similar(context.Background(), typed, 0, 5); err != nil {
			t.Errorf("similar to %.40q: %v", typed, err)
		}
		if _, ok, err := s.public.Jump(context.Background(), typed); ok || err != nil {
			t.Errorf("%.40q jumps: %v, %v", typed, ok, err)
		}
	}
	s.wantList("the petitions are still there", store.ListQuery{Search: "trees' OR"})
	s.wantList("operators are words", store.ListQuery{Search: "trees bridge"}, 2)
}

func FuzzSearch(f *testing.F) {
	for _, typed := range hostile[:40] {
		f.Add(typed)
	}
	s := wooded(f)
	f.Fuzz(func(t *testing.T, typed string) {
		list, err := s.public.List(context.Background(), store.ListQuery{Search: typed})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Petitions) != min(list.Total, store.PageSize) {
			t.Fatalf("%d petitions of %d", len(list.Petitions), list.Total)
		}
		if _, err := s.public.Similar(context.Background(), typed, 0, 5); err != nil {
			t.Fatal(err)
		}
	})
}

func TestJump(t *testing.T) {
	s := wooded(t)
	for typed, want := range map[string]int64{"1": 1, " 6 ": 6, "#3": 3, "003": 3, "99": 0, "0": 0, "-1": 0, "+1": 0, "1 tree": 0, "": 0,
		"99999999999999999999": 0, "１": 0, "1e0": 0} {
		id, ok, err := s.public.Jump(context.Background(), typed)
		if err != nil || ok != (want != 0) || ok && id != want {
			t.Errorf("%q: %d, %v, %v; want %d", typed, id, ok, err, want)
		}
	}
}

func TestSimilar(t *testing.T) {
	s := wooded(t)
	for _, test := range []struct {
		name, text string
		except     int64
		want       []int64
	}{
		{"shares two words; the closed one is not offered", "Plant more trees in our town", 0, []int64{1, 2}},
		{"without itself", "Plant trees along the ring road", 1, []int64{2}},
		{"only common words shared", "Keep the planes off the runway", 0, nil},
		{"a single telling word is enough where it is all there is", "VAT", 0, []int64{4}},
		{"nothing to go by", "", 0, nil},
	} {
		got, err := s.public.Similar(context.Background(), test.text, test.except, 5)
		s.check(err)
		if !slices.Equal(numbers(got), test.want) && len(got)+len(test.want) > 0 {
			t.Errorf("%s: got %v, want %v", test.name, numbers(got), test.want)
		}
	}
}
