package steward_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// limited makes a site whose relay takes only so much.
func limited(t *testing.T, perMinute, perDay int) *testkit.Site {
	t.Helper()
	s := testkit.New(t)
	s.Tune = func(config *steward.Config) { config.PerMinute, config.PerDay = perMinute, perDay }
	s.Close()
	s.Open()
	return s
}

func forms(s *testkit.Site, p undersigned.Petition, from, to int) {
	for i := from; i < to; i++ {
		s.Post(testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyNo))
	}
	s.Check(s.Steward.Drain(context.Background()))
}

// What the relay does not take today waits, and goes when it does; a restart forgets nothing.
func TestMailsWaitForTheRelaysDay(t *testing.T) {
	s := limited(t, 0, 20)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	mails := func() int { return len(s.Mail.Messages()) }
	forms(s, p, 0, 70)
	s.Work()
	if n := mails(); n != 20 {
		t.Fatalf("%d mails on the first day", n)
	}
	s.Close()
	s.Open()
	s.Work()
	if n := mails(); n != 20 {
		t.Fatalf("%d mails after a restart", n)
	}
	snapshot, err := s.DB.Public().Snapshot(ctx)
	s.Check(err)
	// 50 wait: today's 20 free tomorrow, tomorrow's the day after, and then it is a newcomer's turn.
	if !snapshot.MailFull || snapshot.MailDelay < 71*time.Hour || snapshot.MailDelay > 73*time.Hour {
		t.Errorf("the site says that the day is used up: %t, and that mail takes %v", snapshot.MailFull, snapshot.MailDelay)
	}
	for day, want := range []int{40, 60, 70} {
		s.Clock.Move(24*time.Hour + time.Minute)
		s.Check(s.Steward.Chores(ctx))
		s.Work()
		if n := mails(); n != want {
			t.Fatalf("%d mails on day %d, want %d", n, day+2, want)
		}
	}
	s.Clock.Move(24*time.Hour + time.Minute)
	s.Work()
	if snapshot, err = s.DB.Public().Snapshot(ctx); err != nil || snapshot.MailFull {
		t.Errorf("the site still says that the day is used up: %v", err)
	}
	seen := map[string]bool{}
	for _, caught := range s.Mail.Messages() {
		if seen[caught.To] {
			t.Errorf("two mails to one address")
		}
		seen[caught.To] = true
	}
	if faults, _, err := check.Check(ctx, check.Config{DB: s.DB, Vault: s.Vault, Pins: s.Pins}); err != nil || len(faults) > 0 {
		t.Errorf("check: %v %v", faults, err)
	}
}

// Whoever waits for a mail with the page open comes before a petition's creator.
func TestConfirmationsComeFirst(t *testing.T) {
	s := limited(t, 8, 0)
	ctx := context.Background()
	p, _ := charlies(s)
	s.Clock.Move(2 * time.Minute)
	before := len(s.Mail.Messages())
	jobs := make([]store.Job, 20)
	for i := range jobs {
		jobs[i] = store.Job{Kind: int(steward.JobCreatorWelcome), Petition: p.ID}
	}
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error { return tx.AddJobs(jobs) }))
	forms(s, p, 0, 10)
	var order strings.Builder
	for range 8 {
		s.Check(s.Steward.SendMail(ctx))
		all := s.Mail.Messages() // newest first
		confirmations := 0
		for _, caught := range all[:len(all)-before] {
			if strings.HasPrefix(caught.To, "ana") {
				confirmations++
			}
		}
		fmt.Fprintf(&order, "%d+%d ", confirmations, len(all)-before-confirmations)
		before = len(all)
		s.Clock.Move(61 * time.Second)
	}
	got := order.String()
	if !strings.HasPrefix(got, "8+0 2+4 0+6 ") {
		t.Errorf("confirmations and others in each minute: %s", got)
	}
}

// Held for longer than mails are tried, and then put off by the relay: it is tried again.
func TestAHeldMailHasItsTries(t *testing.T) {
	s := limited(t, 0, 1)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	forms(s, p, 0, 4)
	s.Work()
	for day := range 3 {
		s.Clock.Move(24*time.Hour + time.Minute)
		s.Check(s.Steward.Chores(ctx))
		if day < 2 {
			s.Work()
		}
	}
	if n := len(s.Mail.Messages()); n != 3 {
		t.Fatalf("%d mails", n)
	}
	s.Mail.Close() // the relay goes away when the last one's turn has come, after 72 hours
	s.Check(s.Steward.SendMail(ctx))
	s.Clock.Move(time.Hour)
	s.Check(s.Steward.SendMail(ctx))
	if jobs, err := s.DB.Steward().DueJobs(ctx, store.AllJobKinds, s.Clock.Now().Add(time.Hour), 10); err != nil || len(jobs) != 1 {
		t.Fatalf("%d mails are tried again: %v", len(jobs), err)
	}
}

// A mailing that takes a week of the relay's days reaches everybody once, and leaves a
// quarter of each day to people who sign.
func TestAMailingLastsAsManyDaysAsItMust(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	other := s.OpenPetition("Keep the library open")
	p, link := crowd(s, 60) // 30 asked for mail
	before := len(s.Mail.Messages())
	s.Clock.Move(25 * time.Hour) // what went out until now is out of the day
	s.Tune = func(config *steward.Config) { config.PerDay = 8 }
	s.Close()
	s.Open()
	retract(s, link)
	for day := 1; day <= 5; day++ {
		s.Check(s.Steward.SendMailings(ctx))
		if got, want := len(s.Mail.Messages())-before, 6*day+2*(day-1); got != want {
			t.Fatalf("%d mails of the mailing and of signers on day %d, want %d", got, day, want)
		}
		forms(s, other, 10*day, 10*day+2) // two sign on that day, and need not wait
		s.Check(s.Steward.SendMail(ctx))
		if got, want := len(s.Mail.Messages())-before, 8*day; got != want {
			t.Fatalf("%d mails on day %d, want %d", got, day, want)
		}
		s.Clock.Move(24*time.Hour + time.Minute)
	}
	s.Check(s.Steward.SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, 30, 0, 0)
	seen := map[string]bool{}
	for _, caught := range s.Mail.Messages() {
		if key := caught.To + caught.Subject; seen[key] {
			t.Error("somebody got the same mail twice")
		} else {
			seen[key] = true
		}
	}
	sound(s)
}

// No relay was there for two days: whoever's turn had come is given up, also where the
// relay has limits. Mails that the limits held were never tried, and have their two days.
func TestAMailingIsGivenUpWithoutARelay(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p, link := crowd(s, 40) // 20 asked for mail
	s.Clock.Move(25 * time.Hour)
	s.Tune = func(config *steward.Config) { config.PerDay = 16 }
	s.Close()
	s.Open()
	retract(s, link)
	s.Mail.Close()
	for range 49 {
		s.Check(s.Steward.SendMailings(ctx))
		s.Clock.Move(time.Hour)
	}
	s.Check(s.Steward.SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingSending, 0, 12, 0) // a range is as long as what bulk mail leaves of a day
	sound(s)
}

// A range that nobody was there to send for two days has its tries.
func TestAMailingThatNobodySentHasItsTries(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p, link := crowd(s, 40)
	retract(s, link)
	m := onlyMailing(s, p.ID)
	creator, err := s.DB.Steward().Creator(ctx, p.ID)
	s.Check(err)
	next, err := s.DB.Steward().NextRecipients(ctx, m, 20, creator.Signature)
	s.Check(err)
	var leased store.MailingRange
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) (err error) {
		leased, err = tx.TakeRange(m.Number, m.Cursor, next)
		return err
	}))
	if len(leased.Signatures) == 0 {
		t.Fatal("nothing was leased")
	}
	s.Clock.Move(49 * time.Hour)
	s.Check(s.Steward.SendMailings(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, 20, 0, 0)
}

// A provider that takes few mails a minute gets no more of a mailing and of forms, and
// everybody is mailed once in the end.
func TestAMailingKeepsToWhatAProviderTakes(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	other := s.OpenPetition("Keep the library open")
	p, link := crowd(s, 40) // 20 asked for mail, all of example.org
	s.Tune = func(config *steward.Config) { config.PerMinuteTo = map[string]int{"example.org": 8} }
	s.Close()
	s.Open()
	retract(s, link)
	s.Mail.Clear()
	for minute, want := range []int{6, 12, 18, 20} {
		s.Check(s.Steward.SendMailings(ctx))
		if got := onlyMailing(s, p.ID).Sent; got != int64(want) {
			t.Fatalf("%d people were mailed in minute %d, want %d", got, minute+1, want)
		}
		if minute == 0 {
			forms(s, other, 0, 3)
			s.Post(testkit.SignForm(other, "Ana Torres", "ana@example.net", undersigned.ReplyNo))
			s.Check(s.Steward.Drain(ctx))
			s.Check(s.Steward.SendMail(ctx)) // two of example.org, and who is elsewhere
			if n := len(s.Mail.Messages()); n != 6+2+1 {
				t.Fatalf("%d mails in the first minute", n)
			}
		}
		s.Clock.Move(61 * time.Second)
	}
	s.Check(s.Steward.SendMailings(ctx))
	s.Check(s.Steward.SendMail(ctx))
	wantMailing(s, p.ID, undersigned.MailingDone, 20, 0, 0)
	if n := len(s.Mail.Messages()); n != 20+4 {
		t.Fatalf("%d mails in the end", n)
	}
	sound(s)
}
