package vault

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/seal"
)

// A sealedThing opens in one place only. open tries with a changed place or bytes.
type sealedThing struct {
	name  string
	bytes []byte
	place place
	open  func(p place, sealed []byte) error
}

// A place is all that a sealed thing is bound to.
type place struct {
	site     [16]byte
	kind     byte
	petition int64
	id       undersigned.ID
	version  undersigned.TextVersion
	token    undersigned.Token
}

var seed = flag.Uint64("seed", 0, "repeat the draws of an earlier run; 0: new ones")

// TestG47NothingOpensElsewhere changes bytes, or the place of what is sealed, 5,000 times.
func TestG47NothingOpensElsewhere(t *testing.T) {
	dir := t.TempDir()
	v, err := Create(filepath.Join(dir, "first"), filepath.Join(dir, "second"))
	check(t, err)
	site := [16]byte{1, 2, 3}
	here := place{site: site, kind: byte(undersigned.LetterSign), petition: 7, id: undersigned.ID{9, 9}, version: undersigned.VersionOf("a", "b", "c"), token: undersigned.Token{5}}
	things := everySealedThing(t, v, here)
	for _, thing := range things {
		if err := thing.open(thing.place, thing.bytes); err != nil {
			t.Fatalf("%s does not open where it belongs: %v", thing.name, err)
		}
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d; repeat with: go test ./internal/vault -run G47 -seed %d", *seed, *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	opened, tries := 0, 0
	try := func(name, how string, err error) {
		tries++
		if err == nil {
			opened++
			t.Errorf("%s opened with another %s", name, how)
		}
	}
	// Each sealed thing in place of each other: purposes, formats and key ids are part of it.
	for _, thing := range things {
		for _, other := range things {
			if thing.name != other.name {
				try(thing.name, "in place of "+other.name, other.open(other.place, thing.bytes))
				moved := slices.Clone(thing.bytes)
				moved[0] = other.bytes[0] // and called what the other is
				try(thing.name, "called "+other.name, other.open(other.place, moved))
			}
		}
	}
	for tries < 5000 {
		thing := things[random.IntN(len(things))]
		p, sealed := thing.place, slices.Clone(thing.bytes)
		how := "byte"
		switch n := random.IntN(12); {
		case n < 5:
			sealed[random.IntN(len(sealed))] ^= 1 << random.IntN(8)
		case n == 5:
			how, sealed = "length", sealed[:random.IntN(len(sealed))]
		case n == 6:
			how, sealed = "length", append(sealed, byte(random.Uint32()))
		case n == 7:
			how = "site"
			p.site[random.IntN(16)] ^= 1 << random.IntN(8)
		case n == 8:
			how = "id"
			p.id[random.IntN(16)] ^= 1 << random.IntN(8)
		default:
			// What some things are not bound to, because it is another's or not known yet,
			// is left out by applies.
			change := changes[random.IntN(len(changes))]
			if !change.applies(thing.name) {
				continue
			}
			how = change.what
			change.do(&p, random)
		}
		try(thing.name, how, thing.open(p, sealed))
	}
	t.Logf("%d tries on %d things, %d opened", tries, len(things), opened)
}

// changes of a place beside site and id, which bind everything.
var changes = []struct {
	what    string
	do      func(*place, *rand.Rand)
	applies func(name string) bool
}{
	{"petition", func(p *place, r *rand.Rand) { p.petition += 1 + r.Int64N(1000) }, func(n string) bool {
		return n == "letter" || n == "reply part" || n == "news part" || n == "audit part" || n == "creator's part"
	}},
	{"text version", func(p *place, r *rand.Rand) { p.version[r.IntN(32)] ^= 1 << r.IntN(8) }, func(n string) bool {
		return n == "reply part" || n == "news part" || n == "audit part"
	}},
	{"kind", func(p *place, r *rand.Rand) { p.kind ^= 1 << r.IntN(8) }, func(n string) bool { return n == "letter" || n == "card" }},
	{"token", func(p *place, r *rand.Rand) { p.token[r.IntN(16)] ^= 1 << r.IntN(8) }, func(n string) bool { return n == "card" }},
}

func everySealedThing(t *testing.T, v *Vault, here place) []sealedThing {
	t.Helper()
	made, err := v.MakePetitionKeys(here.site, here.petition)
	check(t, err)
	// The same keys at another place: refused because of the place, not for want of a key.
	keysOf := func(p place) *PetitionKeys {
		moved := *made
		moved.site, moved.Petition = p.site, p.petition
		return &moved
	}
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	statement, _, err := v.MakeLetterboxKey(here.site, start, start.AddDate(0, 0, 1))
	check(t, err)
	data, err := seal.NewDataKey(statement, start.Add(time.Hour))
	check(t, err)
	check(t, v.AddDataKey(here.site, data.Letterbox, data.ID, data.Wrapped))
	must := func(b []byte, err error) []byte {
		t.Helper()
		check(t, err)
		return b
	}
	contact := seal.Contact{Name: "Ana Torres", Address: "ana@example.org"}
	keys := keysOf(here)
	letter := must(data.SealLetter(undersigned.LetterKind(here.kind), here.petition, here.id, seal.EncodeSubmission(undersigned.Submission{Name: "Ana Torres"})))
	return []sealedThing{
		{"letter", letter, here, func(p place, b []byte) error {
			_, err := v.OpenLetter(p.site, undersigned.LetterKind(p.kind), p.petition, p.id, b)
			return err
		}},
		{"reply part", must(keys.SealReply(here.id, here.version, contact)), here, func(p place, b []byte) error {
			_, err := keysOf(p).OpenReply(p.id, p.version, b)
			return err
		}},
		{"news part", must(keys.SealNews(here.id, here.version, contact)), here, func(p place, b []byte) error {
			_, err := keysOf(p).OpenNews(p.id, p.version, b)
			return err
		}},
		{"audit part", must(keys.SealAudit(here.id, here.version, seal.Audit{Name: "Ana Torres"})), here, func(p place, b []byte) error {
			_, err := keysOf(p).OpenAudit(p.id, p.version, b)
			return err
		}},
		{"creator's part", must(keys.SealCreator(here.id, contact)), here, func(p place, b []byte) error {
			_, err := keysOf(p).OpenCreator(p.id, b)
			return err
		}},
		{"colleague's part", must(v.SealStaff(here.site, Colleague{here.petition, undersigned.Moderator, here.id}, contact)), here, func(p place, b []byte) error {
			role := undersigned.Moderator
			if p.kind != here.kind {
				role = undersigned.Administrator
			}
			_, err := v.OpenStaff(p.site, Colleague{p.petition, role, p.id}, b)
			return err
		}},
		{"request", must(v.SealRequest(here.site, here.id, []byte("{}"))), here, func(p place, b []byte) error {
			_, err := v.OpenRequest(p.site, p.id, b)
			return err
		}},
		{"card", must(seal.SealCard(here.site, undersigned.LinkKind(here.kind), here.id, here.token, seal.Card{Petition: 7, Initials: "A. T."})), here, func(p place, b []byte) error {
			_, err := seal.OpenCard(p.site, undersigned.LinkKind(p.kind), p.id, p.token, b)
			return err
		}},
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Equal texts of equal length never give equal boxes, and boxes tell no lengths beyond
// their few sizes.
func TestWhatIsSealedTwiceLooksDifferentAndTellsNoLength(t *testing.T) {
	aead, err := seal.NewAEAD(make([]byte, 32))
	check(t, err)
	sizes := map[int]bool{}
	seen := map[string]bool{}
	for n := range 320 {
		text := bytes.Repeat([]byte{'a'}, n)
		for range 4 {
			sealed, err := seal.Seal(aead, seal.FormatReply, make([]byte, 4), seal.Context{}, text)
			check(t, err)
			sizes[len(sealed)] = true
			if seen[string(sealed[:17])] || seen[string(sealed[17:])] {
				t.Fatal("the same nonce or box came twice")
			}
			seen[string(sealed[:17])], seen[string(sealed[17:])] = true, true
		}
	}
	if len(sizes) != 2 || !sizes[97] || !sizes[353] {
		t.Fatalf("sizes %v", sizes)
	}
	if _, err := seal.Seal(aead, seal.FormatReply, make([]byte, 4), seal.Context{}, make([]byte, 320)); err == nil {
		t.Fatal("320 bytes fitted into 320 with their end")
	}
}
