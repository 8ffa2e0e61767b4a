package seal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"undersigned"
)

func statementFor(t *testing.T) Statement {
	t.Helper()
	key, err := KEM().GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return Statement{Site: vectorSite, Key: KeyID{1}, NotBefore: vectorWindow, NotAfter: vectorWindow.AddDate(0, 0, 1), Public: key.PublicKey().Bytes()}
}

func TestADataKeyEndsWithItsMinuteItsLettersOrItsDay(t *testing.T) {
	s := statementFor(t)
	noon := vectorWindow.Add(12 * time.Hour)
	tests := []struct {
		name    string
		made    time.Time
		taken   int // letters before
		now     time.Time
		allowed bool
	}{
		{"at once", noon, 0, noon, true},
		{"within its minute", noon, 0, noon.Add(DataKeyLife - time.Microsecond), true},
		{"after its minute", noon, 0, noon.Add(DataKeyLife), false},
		{"the last letter", noon, DataKeyLetters - 1, noon, true},
		{"one letter more", noon, DataKeyLetters, noon, false},
		{"after a clock was set back", noon, 0, noon.Add(-time.Microsecond), false},
		{"the last moment of its day", s.NotAfter.Add(-10 * time.Second), 0, s.NotAfter.Add(-time.Microsecond), true},
		{"a moment into the next day", s.NotAfter.Add(-10 * time.Second), 0, s.NotAfter, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := NewDataKey(s, test.made)
			if err != nil {
				t.Fatal(err)
			}
			for range test.taken {
				if !key.Take(test.made) {
					t.Fatal("it ended before")
				}
			}
			if got := key.Take(test.now); got != test.allowed {
				t.Fatalf("taken: %v", got)
			}
		})
	}
}

func TestADataKeyIsMadeOnlyInsideTheWindow(t *testing.T) {
	s := statementFor(t)
	for _, now := range []time.Time{s.NotBefore.Add(-time.Microsecond), s.NotAfter, s.NotAfter.AddDate(1, 0, 0)} {
		if _, err := NewDataKey(s, now); !errors.Is(err, ErrWindow) {
			t.Errorf("at %s: %v", now, err)
		}
	}
}

func TestALetterFitsOrIsRefused(t *testing.T) {
	key, err := NewDataKey(statementFor(t), vectorWindow)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ content, sealed int }{{0, 549}, {511, 549}, {512, 4133}, {4095, 4133}} {
		sealed, err := key.SealLetter(undersigned.LetterSign, 1, undersigned.ID{}, make([]byte, test.content))
		if err != nil || len(sealed) != test.sealed {
			t.Errorf("%d bytes seal to %d: %v", test.content, len(sealed), err)
		}
	}
	if _, err := key.SealLetter(undersigned.LetterSign, 1, undersigned.ID{}, make([]byte, 4096)); !errors.Is(err, ErrTooLong) {
		t.Errorf("4,096 bytes: %v", err)
	}
}

func TestACardLeavesOutInitialsThatDoNotFit(t *testing.T) {
	for initials, want := range map[string]string{"A. T.": "A. T.", "Ж. Ł.": "Ж. Ł.", "සිං. සිං.": ""} {
		sealed, err := SealCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, Card{Petition: 1 << 62, Initials: initials, Version: vectorVersion})
		if err != nil {
			t.Fatal(err)
		}
		card, err := OpenCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, sealed)
		if err != nil || card.Initials != want || card.Petition != 1<<62 || card.Version != vectorVersion {
			t.Errorf("%q: %+v, %v", initials, card, err)
		}
	}
}

func TestACardHoldsATitleAsLongAsTitlesAre(t *testing.T) {
	for title, want := range map[string]int{"": 93, "Keep the library open": 477, strings.Repeat("𝄞", 80): 477} {
		card := Card{Initials: "A. T.", Version: vectorVersion, Title: title}
		sealed, err := SealCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, card)
		if err != nil || len(sealed) != want {
			t.Fatalf("%d bytes of title seal to %d: %v", len(title), len(sealed), err)
		}
		if opened, err := OpenCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, sealed); err != nil || opened != card {
			t.Errorf("%+v, %v", opened, err)
		}
	}
	over := Card{Petition: 1 << 62, Initials: "A. T.", Version: vectorVersion, Title: strings.Repeat("𝄞", 96)}
	sealed, err := SealCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, over)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := OpenCard(vectorSite, undersigned.LinkConfirm, vectorID, vectorToken, sealed); err != nil || opened.Title != "" || opened.Initials != over.Initials {
		t.Errorf("a title that does not fit: %+v, %v", opened, err)
	}
}
