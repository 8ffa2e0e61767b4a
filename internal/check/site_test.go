package check_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
	"undersigned/internal/web/view"
)

// everything makes a site in which every table holds something: petitions in several
// states, signers of both sorts, some who left, letters and mails that wait, are held,
// were given up, and a petition and a letterbox key that have ended.
func everything(t testing.TB) *testkit.Site {
	s := testkit.New(t)
	ctx := context.Background()
	if _, err := s.DB.BeginEpoch(ctx, [16]byte{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Steward.AddStaff(ctx, "Jo Reed", "jo@staff.example.org", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	// Signed, left, and given its last rest.
	old := s.OpenPetition("An old matter")
	sign(s, old, 3)
	s.Post(testkit.SignForm(old, "Never Pressed", "never@example.org", undersigned.ReplyNo))
	s.Work()
	s.Clock.Move(300 * 24 * time.Hour)
	s.Check(s.Steward.Chores(ctx))

	p := s.OpenPetition("Keep the library open")
	sign(s, p, 12)
	for i := range 3 {
		own := s.Link(fmt.Sprintf("signer%d@example.org", i), undersigned.LinkOwn)
		kind := []undersigned.LetterKind{undersigned.LetterWithdraw, undersigned.LetterStopMail, undersigned.LetterCopy}[i]
		s.Post(testkit.Press(kind, own, p.Version))
	}
	s.Work()
	// A new wording, signed as well.
	p = reword(s, p, "More about it, in other words.")
	withNews(s, p)
	protected := s.OpenProtected("Name the polluters")
	sign(s, protected, 4) // too few to publish

	start(s)
	s.Post(testkit.SignForm(p, "Blocked One", "blocked@example.org", undersigned.ReplyNo))
	s.Work()
	press := testkit.Press(undersigned.LetterNotMe, s.Link("blocked@example.org", undersigned.LinkConfirm), p.Version)
	press.Block = true
	s.Post(press)
	if _, err := s.Steward.AddStaff(ctx, "Sam Hill", "sam@staff.example.org", undersigned.Moderator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	// What waits: links to press, a letter held for its address's limit, mails to send,
	// one that failed once, one given up, leaves, and letters nobody has come to.
	for i := range 7 {
		s.Post(testkit.SignForm(p, fmt.Sprintf("Waiting %c", 'A'+i), fmt.Sprintf("waiting%d@example.org", i/6), undersigned.ReplyYes))
	}
	s.Work()
	s.Post(testkit.SignForm(p, "Signer Three", "signer3@example.org", undersigned.ReplyYes)) // has signed: a mail says so
	s.Post(undersigned.Submission{Kind: undersigned.LetterSignIn, Address: "jo@staff.example.org", Browser: [32]byte{1}})
	s.Post(testkit.SignForm(p, "Given Up", "given-up@example.org", undersigned.ReplyYes))
	s.Post(testkit.SignForm(p, "Tried Again", "again@example.org", undersigned.ReplyYes))
	for _, link := range []testkit.Link{s.Link("waiting0@example.org", undersigned.LinkConfirm), s.Link("signer4@example.org", undersigned.LinkOwn)} {
		kind := undersigned.LetterConfirm
		if link.Kind == undersigned.LinkOwn {
			kind = undersigned.LetterWithdraw
		}
		s.Post(testkit.Press(kind, link, p.Version))
	}
	s.Check(s.Steward.Drain(ctx))
	jobs, err := s.DB.Steward().FreshJobs(ctx, store.AllJobKinds, 0, 100)
	s.Check(err)
	s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		if err := tx.RetryJob(jobs[len(jobs)-1].Number, 1, tx.Now().Add(time.Minute), 451); err != nil {
			return err
		}
		if _, err := tx.UseReturn([16]byte{7}, tx.Now().Unix()/86400); err != nil {
			return err
		}
		if err := tx.MergeMailLimits(1); err != nil {
			return err
		}
		if err := errors.Join(tx.StopDead([16]byte{8}, 1, time.Hour, time.Hour), tx.CountReturn(store.ReturnDead)); err != nil {
			return err
		}
		return tx.FailJob(jobs[len(jobs)-2], 550)
	}))
	s.Check(s.DB.Public().NoteReturnWay(ctx, store.WayMailbox, true))
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		a := undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerNote, Summary: "We have seen it.", PublishedAt: s.Clock.Now()}
		if err := tx.AddAnswer(&a); err != nil {
			return err
		}
		if err := tx.Reach(p.ID, undersigned.ThenAnswer, s.Clock.Now()); err != nil {
			return err
		}
		if err := tx.SetExtra(p.ID, "{}", "{}"); err != nil {
			return err
		}
		if err := tx.SetTopics(p.ID, []string{"libraries"}); err != nil {
			return err
		}
		return keep(tx, p.ID)
	}))
	onPaper(s, p.ID)
	s.Check(s.Steward.Record(ctx))
	putRight(s, p.ID)
	setUp(s)
	s.Post(testkit.SignForm(p, "Not Yet Read", "unread@example.org", undersigned.ReplyYes))
	s.Post(testkit.SignForm(p, "Not Yet Read Either", "unread2@example.org", undersigned.ReplyYes))
	return s
}

// withNews lets a signer of a petition agree to news, and its creator have written some:
// news that waits, and news that was refused.
func withNews(s *testkit.Site, p undersigned.Petition) {
	ctx := context.Background()
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		body, err := tx.Body(s.Body.ID)
		if err != nil {
			return err
		}
		body.News, body.NewsQuota = true, 2
		return tx.SaveBody(body, store.Change{Staff: 1, Section: "starting"})
	}))
	s.Clock.Move(10 * time.Second)
	form := testkit.SignForm(p, "Late Comer", "late@example.org", undersigned.ReplyYes)
	form.Purposes = []string{view.NewsID}
	s.Post(form)
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("late@example.org", undersigned.LinkConfirm), p.Version))
	s.Work()
	for _, title := range []string{"A meeting", "Vote for me"} {
		s.Clock.Move(time.Second)
		s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
			b := undersigned.Bulletin{PetitionID: p.ID, Title: title, Text: "It is on 3 May."}
			if err := tx.AddBulletin(&b); err != nil {
				return err
			}
			assent, err := s.Vault.Assent(vault.AssentNews, b.AssentText())
			if err != nil {
				return err
			}
			return errors.Join(tx.SetBulletinAssent(b.Number, assent),
				tx.AddAct(store.Act{Petition: p.ID, Act: undersigned.ActNewsWritten, At: b.At.UnixMicro()}))
		}))
	}
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.RefuseBulletin(p.ID, 2, "It asks for votes.") }))
}

// setUp gives a one-time address, and a logo that the settings name.
func setUp(s *testkit.Site) {
	logo := store.Logo{Hash: [32]byte{7}, Type: "image/png", Bytes: []byte("a picture")}
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		if err := tx.AddSetup([32]byte{1}, 1, tx.Now().Add(time.Hour)); err != nil {
			return err
		}
		if err := tx.AddLogo(logo); err != nil {
			return err
		}
		body, err := tx.Body(s.Body.ID)
		if err != nil {
			return err
		}
		body.Brand.Logo = hex.EncodeToString(logo.Hash[:])
		return tx.SaveBody(body, store.Change{Staff: 1, Section: "look"})
	}))
}

// keep writes down all that staff keep beside a petition, and for themselves.
func keep(tx *store.DeskTx, petition int64) error {
	return errors.Join(
		tx.SaveNote(petition, 1, 0, "Ask the school."), tx.SetFlag(petition, tx.Now()), tx.SetParked(petition, "We wait.", tx.Now()),
		tx.Assign(petition, 1), tx.SetLock(petition, 1, tx.Now()), tx.SetTags(petition, []string{"budget"}), tx.Choose(1, "find-order", "oldest"),
		tx.AddPasskey(store.Passkey{Staff: 1, Credential: []byte{1}, Key: make([]byte, 91), Name: "Phone"}), tx.LinkWorkAccount(1, [32]byte{1}),
	)
}

// onPaper counts paper for a petition, puts it right, and hands the number over.
func onPaper(s *testkit.Site, petition int64) {
	ctx, office := context.Background(), desk.New(s.DB.Desk())
	staff := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	at := func() desk.Target {
		now, err := s.DB.Public().Petition(ctx, petition)
		s.Check(err)
		return desk.Target{Petition: petition, Revision: now.Revision}
	}
	day := s.Clock.Now().Format(time.DateOnly)
	entry := desk.PaperEntry{Change: "200", Received: day, From: "Readers’ union", Checked: "Petitions office", How: undersigned.PaperCounted}
	s.Check(office.CountPaper(ctx, staff, at(), entry))
	entry.Change, entry.Why = "-2", "Two cards were empty."
	s.Check(office.CountPaper(ctx, staff, at(), entry))
	s.Check(office.HandOver(ctx, staff, at(), desk.HandingOver{To: "Mayor’s office", Behalf: "Readers’ union", Day: day}))
	s.Check(office.SettleHandOver(ctx, staff, at(), 1, undersigned.OutcomeAccepted, day))
}

// putRight corrects an answer, and says which department a petition is with.
func putRight(s *testkit.Site, petition int64) {
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		a := undersigned.Answer{PetitionID: petition, Kind: undersigned.AnswerActivity, Summary: "A visit on Monday", PublishedAt: s.Clock.Now()}
		if err := tx.AddAnswer(&a); err != nil {
			return err
		}
		if err := tx.KeepEarlier(&undersigned.EarlierAnswer{Answer: a, Until: s.Clock.Now(), Why: "It was Tuesday.", Staff: 1}); err != nil {
			return err
		}
		a.Summary = "A visit on Tuesday"
		if err := tx.SaveAnswer(&a); err != nil {
			return err
		}
		return tx.SetDepartments(petition, []undersigned.Department{{Name: "Libraries"}})
	}))
}

func sign(s *testkit.Site, p undersigned.Petition, n int) {
	for i := range n {
		form := testkit.SignForm(p, fmt.Sprintf("Signer %c", 'A'+i), fmt.Sprintf("signer%d@example.org", i), undersigned.Reply(1+i%2))
		form.Postcode = "HX1 1UJ"
		s.Post(form)
	}
	s.Work()
	for i := range n {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(fmt.Sprintf("signer%d@example.org", i), undersigned.LinkConfirm), p.Version))
	}
	s.Work()
}

func reword(s *testkit.Site, p undersigned.Petition, details string) undersigned.Petition {
	now, err := s.DB.Public().Petition(context.Background(), p.ID)
	s.Check(err)
	p = now.Petition
	p.Details = details
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.SavePetition(&p, true) }))
	return p
}

// start makes a petition of its creator's, with two of the sponsors it needs.
func start(s *testkit.Site) {
	ctx := context.Background()
	s.Check(s.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		body, err := tx.Body(s.Body.ID)
		if err != nil {
			return err
		}
		body.AskHearing, body.HearingWhy = true, "To set the day of a hearing."
		return tx.SaveBody(body, store.Change{Staff: 1, Section: "starting"})
	}))
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version, Hearing: undersigned.Hearing{Phone: "01422 350000", Postal: "1 Mill Lane\nHalifax"},
	})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), version))
	s.Work()
	link := s.Link("charlie@example.org", undersigned.LinkSponsor)
	for i := range 2 {
		address := fmt.Sprintf("sponsor%d@example.org", i)
		form := testkit.SignForm(undersigned.Petition{ID: link.Number, Version: version}, "Laura Smith", address, undersigned.ReplyNo)
		form.Kind, form.Link, form.Number, form.Token = undersigned.LetterSponsor, link.Kind, link.Number, link.Token
		s.Post(form)
		s.Work()
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(address, undersigned.LinkConfirm), version))
		s.Work()
	}
	creator := s.Link("charlie@example.org", undersigned.LinkCreator)
	message := testkit.Press(undersigned.LetterMessage, creator, version)
	message.Text = "When will you look at it?"
	s.Post(message)
	s.Work()
	// A colleague may see how to reach them.
	now, err := s.DB.Public().Petition(ctx, creator.Number)
	s.Check(err)
	staff := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	s.Check(desk.New(s.DB.Desk()).AskOpening(ctx, staff, desk.Target{Petition: now.ID, Revision: now.Revision}, "To set the day."))
	s.Work()
}
