package steward_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/check"
	"undersigned/internal/desk"
	"undersigned/internal/mail"
	"undersigned/internal/mail/sink"
	"undersigned/internal/steward"
	"undersigned/internal/testkit"
)

// charlies opens a petition of Charlie's, who asked for mail like any signer, and gives
// the link to withdraw it with.
func charlies(s *testkit.Site) (undersigned.Petition, testkit.Link) {
	ctx := context.Background()
	s.Body.Sponsors.Needed = 0
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	s.Check(s.Steward.Chores(ctx)) // keeps what people are asked with
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version,
	})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), version))
	s.Work()
	link := s.Link("charlie@example.org", undersigned.LinkCreator)
	_, err := s.Steward.AddStaff(ctx, "Jo Reed", "jo@staff.example.org", undersigned.Moderator)
	s.Check(err)
	row, err := s.DB.Public().Petition(ctx, link.Number)
	s.Check(err)
	jo := undersigned.Staff{ID: 1, Name: "Jo Reed", Role: undersigned.Moderator, Active: true}
	s.Check(desk.New(s.DB.Desk()).Publish(ctx, jo, desk.Target{Petition: row.ID, Revision: row.Revision}, nil, ""))
	s.Work()
	row, err = s.DB.Public().Petition(ctx, link.Number)
	s.Check(err)
	return row.Petition, link
}

// crowd opens a petition of Charlie's with n signers beside, of whom every other asked
// for mail.
func crowd(s *testkit.Site, n int) (undersigned.Petition, testkit.Link) {
	p, link := charlies(s)
	ctx := context.Background()
	site, err := s.DB.Site(ctx)
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, p.ID)
	s.Check(err)
	s.Check(bench.Fill(ctx, s.DB, keys, p, n, s.Steward.Count))
	return p, link
}

// retract takes a petition back and lets the steward read it, without any mail.
func retract(s *testkit.Site, link testkit.Link) {
	s.Post(testkit.Press(undersigned.LetterRetract, link, undersigned.TextVersion{}))
	s.Check(s.Steward.Drain(context.Background()))
}

func onlyMailing(s *testkit.Site, petition int64) undersigned.Mailing {
	s.T.Helper()
	all, err := s.DB.Public().Mailings(context.Background(), petition)
	s.Check(err)
	if len(all) != 1 {
		s.T.Fatalf("%d mailings", len(all))
	}
	return all[0]
}

func wantMailing(s *testkit.Site, petition int64, state undersigned.MailingState, sent, failed, skipped int64) {
	s.T.Helper()
	m := onlyMailing(s, petition)
	if m.State != state || m.Sent != sent || m.Failed != failed || m.Skipped != skipped {
		s.T.Fatalf("the mailing is %s: %d sent, %d failed, %d skipped", m.State, m.Sent, m.Failed, m.Skipped)
	}
}

// sound fails on anything that does not fit together.
func sound(s *testkit.Site) {
	s.T.Helper()
	faults, _, err := check.Check(context.Background(), check.Config{DB: s.DB, Vault: s.Vault, Sample: 10000})
	s.Check(err)
	for _, fault := range faults {
		s.T.Error(fault)
	}
}

// stewardOf makes another steward of the site's, which sends through a relay.
func stewardOf(s *testkit.Site, url string, connections int) *steward.Steward {
	s.T.Helper()
	pool, err := mail.NewPool(mail.Config{URL: url, Connections: connections, Backoff: mail.Backoff{First: time.Millisecond, Max: 5 * time.Millisecond}})
	s.Check(err)
	s.T.Cleanup(func() { pool.Close(context.Background()) })
	other, err := steward.Open(context.Background(), steward.Config{
		Store: s.DB.Steward(), Vault: s.Vault, Mail: pool, URL: testkit.URL,
		From: "Calderdale petitions <no-reply@petitions.example.org>", EnvelopeFrom: "bounces@petitions.example.org",
	})
	s.Check(err)
	return other
}

// A mailbox counts what a sink took.
type mailbox struct {
	mu  sync.Mutex // guards ids
	ids map[string][]string
}

func (m *mailbox) take(message sink.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids == nil {
		m.ids = map[string][]string{}
	}
	m.ids[message.To] = append(m.ids[message.To], message.MessageID)
}

func relay(t testing.TB, o sink.Options) *sink.Sink {
	t.Helper()
	r, err := sink.Start("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// ownLink makes the own-page link of a signer whose mails were cleared.
func ownLink(s *testkit.Site, p undersigned.Petition, name string) testkit.Link {
	s.T.Helper()
	ctx := context.Background()
	site, err := s.DB.Site(ctx)
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, p.ID)
	s.Check(err)
	for number := int64(1); number < 100; number++ {
		signature, err := s.DB.Steward().Signature(ctx, number)
		if err != nil || signature.PetitionID != p.ID || signature.ReplySealed == nil {
			continue
		}
		contact, err := keys.OpenReply(signature.ID, signature.Version, signature.ReplySealed)
		s.Check(err)
		if contact.Address == name+"@example.org" {
			return testkit.Link{Kind: undersigned.LinkOwn, Number: number, Token: keys.Token(undersigned.LinkOwn, signature.ID)}
		}
	}
	s.T.Fatalf("nobody of that name signed")
	return testkit.Link{}
}
