package letterbox_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// A swap is what somebody who writes in the database does to have letters sealed to a
// key of his. It gets the statement that is in use and a private site key of his own.
type swap struct {
	name string
	do   func(db *sql.DB, now seal.Statement, his ed25519.PrivateKey) error
}

func replace(db *sql.DB, now seal.Statement, signed []byte) error {
	_, err := db.Exec(`UPDATE letterbox_keys SET statement = ? WHERE id = ?`, signed, now.Key[:])
	return err
}

var swaps = []swap{
	{"his own public key, signed by himself", func(db *sql.DB, now seal.Statement, his ed25519.PrivateKey) error {
		now.Public = hisKey()
		return replace(db, now, seal.SignStatement(his, now))
	}},
	{"his own public key under our signature", func(db *sql.DB, now seal.Statement, his ed25519.PrivateKey) error {
		ours, err := signedNow(db, now)
		if err != nil {
			return err
		}
		now.Public = hisKey()
		return replace(db, now, append(now.Encode(), ours[len(ours)-ed25519.SignatureSize:]...))
	}},
	{"his own public key without a signature", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		now.Public = hisKey()
		return replace(db, now, now.Encode())
	}},
	{"a longer window", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		ours, err := signedNow(db, now)
		if err != nil {
			return err
		}
		now.NotAfter = now.NotAfter.AddDate(1, 0, 0)
		return replace(db, now, append(now.Encode(), ours[len(ours)-ed25519.SignatureSize:]...))
	}},
	{"another site's statement", func(db *sql.DB, now seal.Statement, his ed25519.PrivateKey) error {
		now.Site[0]++
		return replace(db, now, seal.SignStatement(his, now))
	}},
	{"one changed byte of the key", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		ours, err := signedNow(db, now)
		if err != nil {
			return err
		}
		ours[500] ^= 1
		return replace(db, now, ours)
	}},
	{"a cut statement", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		return replace(db, now, now.Encode()[:20])
	}},
	{"no statement at all", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		return replace(db, now, []byte{})
	}},
	{"a key of his beside ours", func(db *sql.DB, now seal.Statement, his ed25519.PrivateKey) error {
		now.Key, now.Public = seal.KeyID{1}, hisKey()
		_, err := db.Exec(`INSERT INTO letterbox_keys (id, not_before, not_after, statement) VALUES (?, ?, ?, ?)`,
			now.Key[:], now.NotBefore.UnixMicro(), now.NotAfter.UnixMicro(), seal.SignStatement(his, now))
		return err
	}},
	{"a row that lives on, with a statement of yesterday", func(db *sql.DB, now seal.Statement, _ ed25519.PrivateKey) error {
		// He cannot sign; all he has is an old statement whose private key he learned.
		_, err := db.Exec(`UPDATE letterbox_keys SET not_after = not_after + 1000000 * 86400 * 30,
			statement = (SELECT statement FROM letterbox_keys WHERE not_before < ? ORDER BY not_before LIMIT 1)`, now.NotBefore.UnixMicro())
		return err
	}},
}

func signedNow(db *sql.DB, now seal.Statement) (signed []byte, err error) {
	return signed, db.QueryRow(`SELECT statement FROM letterbox_keys WHERE id = ?`, now.Key[:]).Scan(&signed)
}

func hisKey() []byte {
	key, err := seal.KEM().GenerateKey()
	if err != nil {
		panic(err)
	}
	return key.PublicKey().Bytes()
}

// TestG48ASwappedKeyTakesNoLetters swaps the key while the letterbox runs and while it is
// shut: it does not open, and it stops within a data key's life.
func TestG48ASwappedKeyTakesNoLetters(t *testing.T) {
	for _, swap := range swaps {
		t.Run(swap.name, func(t *testing.T) {
			s := testkit.New(t)
			ctx := context.Background()
			p := s.OpenPetition("Keep the library open")
			s.Clock.Move(24 * time.Hour)
			s.Check(s.Steward.Chores(ctx))
			form := testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
			s.Post(form)
			s.Work()
			now := statementNow(t, s)
			_, his, err := ed25519.GenerateKey(rand.Reader)
			s.Check(err)
			db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, store.FileName)+"?_pragma=busy_timeout(5000)")
			s.Check(err)
			defer db.Close()
			s.Check(swap.do(db, now, his))

			if _, err := letterbox.Open(ctx, letterbox.Config{Public: s.DB.Public(), Pins: s.Pins}); !errors.Is(err, letterbox.ErrKey) {
				t.Fatalf("a letterbox opened with a swapped key: %v", err)
			}
			// The one that runs has a data key of the true statement in memory, for a minute.
			refused := 0
			for range 12 {
				s.Clock.Move(10 * time.Second)
				if err := s.Box.Post(ctx, form); err != nil {
					if !errors.Is(err, letterbox.ErrKey) {
						t.Fatal(err)
					}
					refused++
				} else if refused > 0 {
					t.Fatal("it took a letter again")
				}
			}
			if refused < 6 {
				t.Fatalf("it noticed after %d s", 120-10*refused)
			}
			// Whatever was taken is sealed to the true key alone.
			var foreign int
			s.Check(db.QueryRow(`SELECT COUNT(*) FROM data_keys WHERE letterbox_id <> ?`, now.Key[:]).Scan(&foreign))
			if foreign != 0 {
				t.Fatalf("%d data keys were wrapped to another key", foreign)
			}
		})
	}
}

func TestG48AForeignPinOpensNothing(t *testing.T) {
	s := testkit.New(t)
	public, _, err := ed25519.GenerateKey(rand.Reader)
	s.Check(err)
	for name, pins := range map[string][]ed25519.PublicKey{"a foreign pin": {public}, "no pin": nil, "a cut pin": {s.Pins[0][:31]}} {
		if _, err := letterbox.Open(context.Background(), letterbox.Config{Public: s.DB.Public(), Pins: pins}); !errors.Is(err, letterbox.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// While the site key is renewed, both are pinned.
	if _, err := letterbox.Open(t.Context(), letterbox.Config{Public: s.DB.Public(), Pins: append([]ed25519.PublicKey{public}, s.Pins...)}); err != nil {
		t.Errorf("two pins: %v", err)
	}
}

func statementNow(t *testing.T, s *testkit.Site) seal.Statement {
	t.Helper()
	site, err := s.DB.Site(context.Background())
	s.Check(err)
	all, err := s.DB.Public().LetterboxStatements(context.Background(), s.Clock.Now())
	s.Check(err)
	for _, signed := range all {
		if statement, err := seal.VerifyStatement(s.Pins, site.ID, signed); err == nil && statement.Usable(s.Clock.Now()) {
			return statement
		}
	}
	t.Fatal("there is no letterbox key")
	return seal.Statement{}
}
