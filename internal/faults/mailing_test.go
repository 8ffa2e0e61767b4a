package faults

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
)

// window is how many mails a kill may repeat: what SendMailings has under way with few
// connections.
const window = 256

// G15: a mailing that is killed again and again reaches everybody. A kill repeats at most
// what was in flight, and a repeat has the same Message-ID.
func TestG15AKilledMailingReachesEverybody(t *testing.T) {
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	inbox := bench.NewInbox(*recipients)
	addr := s.relay.Addr()
	s.relay.Close()
	relay, err := sink.Start(addr, sink.Options{Each: inbox.Take})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { relay.Close() })
	p := undersigned.Petition{ID: petition, Version: s.version}
	if err := bench.FillWanting(t.Context(), s.dir, s.host, p, *recipients); err != nil {
		t.Fatal(err)
	}
	s.takenBack()
	if err := bench.Reserve(t.Context(), s.dir, s.host, p, undersigned.MailingWithdrawn, ""); err != nil {
		t.Fatal(err)
	}
	server := s.serve()
	server.mustListen()
	for kill := range *mailingKills {
		// Somewhere in this kill's share of the mails.
		at := (*recipients*kill + r.IntN(*recipients)) / *mailingKills
		if !eventually(2*time.Minute, func() bool { taken, _ := inbox.Count(); return taken >= at }) {
			taken, _ := inbox.Count()
			t.Fatalf("%d mails came, waiting for %d; the server wrote:\n%s", taken, at, tail(server.err.String()))
		}
		server.kill()
		server = s.serve()
		server.mustListen()
	}
	var m undersigned.Mailing
	if !eventually(5*time.Minute, func() bool { m = s.mailing(); return m.State.Over() }) {
		t.Fatalf("the mailing is %s; the server wrote:\n%s", m.State, tail(server.err.String()))
	}
	server.terminate()
	if m.State != undersigned.MailingDone || m.Sent != int64(*recipients) || m.Failed+m.Skipped > 0 {
		t.Errorf("the mailing is %s: %d sent, %d failed, %d passed over", m.State, m.Sent, m.Failed, m.Skipped)
	}
	if err := inbox.Wrong(); err != nil {
		t.Error(err)
	}
	taken, _ := inbox.Count()
	if again := taken - *recipients; again > window**mailingKills {
		t.Errorf("%d kills repeated %d mails", *mailingKills, again)
	}
	t.Logf("%d kills repeated %d of %d mails", *mailingKills, taken-*recipients, *recipients)
	s.check()
}

// takenBack writes into the stopped site that its petition was taken back.
func (s *site) takenBack() {
	s.t.Helper()
	s.inStore(func(db *store.DB) error {
		return db.Steward().InTx(s.t.Context(), func(tx *store.StewardTx) error {
			row, err := tx.Petition(petition)
			if err != nil {
				return err
			}
			row.State, row.ClosedAt, row.ClosesAt, row.RetainTo = undersigned.Withdrawn, tx.Now(), tx.Now(), undersigned.RetentionFor(tx.Now())
			return errors.Join(tx.SavePetition(&row.Petition, false), tx.AddAct(store.Act{Petition: petition, Act: undersigned.ActWithdrawn, At: tx.Now().UnixMicro()}))
		})
	})
}

// mailing reads the site's only mailing.
func (s *site) mailing() (m undersigned.Mailing) {
	s.t.Helper()
	s.inStore(func(db *store.DB) error {
		all, err := db.Public().Mailings(s.t.Context(), petition)
		if err == nil && len(all) != 1 {
			err = errors.New("there is not one mailing")
		}
		if err == nil {
			m = all[0]
		}
		return err
	})
	return m
}

// inStore opens the site's database for a moment.
func (s *site) inStore(do func(*store.DB) error) {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), s.dir, store.Options{Readers: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := do(db); err != nil {
		s.t.Fatal(err)
	}
}
