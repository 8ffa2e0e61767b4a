package steward_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var given = undersigned.Hearing{Phone: "+44 1422 357159", Postal: "17 Zinnia Terrace\nHalifax HX1 1UJ"}

const charlie = "charlie@example.org"

// asks switches the question on or off.
func asks(s *testkit.Site, on bool) {
	s.T.Helper()
	s.Body.AskHearing, s.Body.HearingWhy = on, "To set the day of a hearing."
	s.Check(s.DB.Desk().SaveBody(context.Background(), &s.Body))
	s.Clock.Move(10 * time.Second) // the steward reads settings every five
}

// startedBy takes Charlie from the form to a petition, with what was typed for a hearing.
func startedBy(s *testkit.Site, h undersigned.Hearing) int64 {
	s.T.Helper()
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: "Charlie Green", Address: charlie, Reply: undersigned.ReplyNo,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version, Hearing: h})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(charlie, undersigned.LinkConfirm), version))
	s.Work()
	return s.Link(charlie, undersigned.LinkCreator).Number
}

func heldFor(s *testkit.Site, petition int64) store.HearingPart {
	s.T.Helper()
	creator, err := s.DB.Steward().Creator(context.Background(), petition)
	s.Check(err)
	return creator.Hearing
}

// opensAs opens what is held, both times, as the steward and the creator's page do.
func opensAs(s *testkit.Site, petition int64, want undersigned.Hearing) {
	s.T.Helper()
	site, err := s.DB.Site(context.Background())
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, petition)
	s.Check(err)
	part, link := heldFor(s, petition), s.Link(charlie, undersigned.LinkCreator)
	held, err := keys.OpenHearing(part.ID, part.Sealed)
	s.Check(err)
	shown, err := seal.OpenHeard(seal.HeardPlace{Site: site.ID, Kind: undersigned.LinkCreator, For: petition, ID: part.ID}, link.Token, part.Card)
	s.Check(err)
	if held != want || shown != want {
		s.T.Fatalf("another thing is held than was given")
	}
	if _, err := keys.OpenReply(part.ID, undersigned.TextVersion{}, part.Sealed); err == nil {
		s.T.Error("the key that mails answers opens a phone number")
	}
}

func change(s *testkit.Site, h undersigned.Hearing) {
	s.T.Helper()
	letter := testkit.Press(undersigned.LetterHearing, s.Link(charlie, undersigned.LinkCreator), undersigned.TextVersion{})
	letter.Hearing = h
	s.Post(letter)
	s.Work()
}

func TestAPhoneNumberIsKeptOnlyWhereTheBodyAsks(t *testing.T) {
	s := testkit.New(t)
	petition := startedBy(s, given)
	if heldFor(s, petition).Sealed != nil {
		t.Fatal("it is kept where nobody asked")
	}
	change(s, given)
	if heldFor(s, petition).Sealed != nil {
		t.Fatal("it is kept where nobody asked, by the creator's page")
	}
	asks(s, true)
	change(s, given)
	opensAs(s, petition, given)
	other := undersigned.Hearing{Phone: "01422 111222"}
	change(s, other)
	opensAs(s, petition, other)
	change(s, undersigned.Hearing{Phone: strings.Repeat("1", 2000)}) // no page sends that
	opensAs(s, petition, other)
	asks(s, false)
	change(s, given)
	opensAs(s, petition, other)
	change(s, undersigned.Hearing{})
	if part := heldFor(s, petition); part.Sealed != nil || part.Card != nil {
		t.Fatal("it cannot be deleted where the body does not ask any more")
	}
}

// wants writes the row that a colleague asks, as an intruder in the desk would, past every
// check of its pages.
func wants(s *testkit.Site, db *sql.DB, petition, staff int64, why string) int64 {
	s.T.Helper()
	result, err := db.Exec(`INSERT INTO hearing_openings (petition_id, staff_id, why, asked_at) VALUES (?, ?, ?, ?)`, petition, staff, why, s.Clock.Now().UnixMicro())
	s.Check(err)
	number, err := result.LastInsertId()
	s.Check(err)
	s.Work()
	return number
}

func opening(s *testkit.Site, number int64) store.Opening {
	s.T.Helper()
	o, err := s.DB.Steward().Opening(context.Background(), number)
	s.Check(err)
	return o
}

// Whoever wrote the row, the link goes into the mailbox of the colleague it names and to
// nobody else, and the creator hears of it. No mail holds what is shown.
func TestARowShowsAPhoneNumberToNobodyButTheColleagueItNames(t *testing.T) {
	s, db := colleagues(t)
	asks(s, true)
	petition := startedBy(s, given)
	s.Mail.Clear()
	number := wants(s, db, petition, 2, "To set the day.")
	to := map[string]string{}
	for _, m := range s.Mail.Messages() {
		to[m.To] += m.Text
		for _, secret := range []string{"357159", "Zinnia", "Charlie"} {
			if bytes.Contains(m.Raw, []byte(secret)) || strings.Contains(m.Text, secret) {
				t.Errorf("the mail to %s holds %q", m.To, secret)
			}
		}
	}
	if len(to) != 2 || to[samMail] == "" || to[charlie] == "" || len(s.Mail.Messages()) != 2 {
		t.Fatalf("mails went to %d people: %v", len(to), to)
	}
	if !strings.Contains(to[charlie], "a moderator") || !strings.Contains(to[charlie], "To set the day.") || strings.Contains(to[charlie], "Sam") || len(s.Links(to[charlie])) != 1 {
		t.Errorf("the creator is told:\n%s", to[charlie])
	}
	link := s.Link(samMail, undersigned.LinkHearing)
	o := opening(s, number)
	if o.State != store.OpeningWorks || o.Role != undersigned.Moderator || link.Number != number || !seal.SameHash(link.Token, o.TokenHash[:]) {
		t.Fatalf("opening %+v", o.State)
	}
	site, err := s.DB.Site(context.Background())
	s.Check(err)
	open := func(staff int64, id undersigned.ID, token undersigned.Token) error {
		_, err := seal.OpenHeard(seal.HeardPlace{Site: site.ID, Kind: undersigned.LinkHearing, For: staff, ID: id}, token, o.Card)
		return err
	}
	wrong := link.Token
	wrong[3] ^= 1
	if open(2, o.ID, link.Token) != nil || open(1, o.ID, link.Token) == nil || open(2, o.ID, wrong) == nil || open(2, o.Hearing, link.Token) == nil ||
		open(2, o.ID, s.Link(charlie, undersigned.LinkCreator).Token) == nil {
		t.Fatal("the card opens for another colleague, row or token, or not at all")
	}
	// The history says who, when and why; the public's does not.
	acts, err := s.DB.Desk().History(context.Background(), petition)
	s.Check(err)
	if acts[0].Act != undersigned.ActHearingOpened || acts[0].Staff != 2 || acts[0].Note != "To set the day." {
		t.Errorf("the history says %+v", acts[0])
	}
	shown, err := s.DB.Public().Openings(context.Background(), petition)
	s.Check(err)
	if len(shown) != 1 || shown[0].Role != undersigned.Moderator || shown[0].Why != "To set the day." || !shown[0].Opened.Equal(o.Opened) || shown[0].Staff != 0 {
		t.Errorf("the creator's page reads %+v", shown)
	}
	// Many rows are no many mails.
	s.Mail.Clear()
	for range 5 {
		if again := opening(s, wants(s, db, petition, 2, "Again.")); again.State != store.OpeningVoid {
			t.Errorf("a second link was made: %d", again.State)
		}
	}
	if n := len(s.Mail.Messages()); n != 0 {
		t.Errorf("%d mails went out about links that there are", n)
	}
	s.Clock.Move(undersigned.OpeningLife)
	s.Check(s.Steward.Chores(context.Background()))
	if o := opening(s, number); o.State != store.OpeningEnded || o.Card != nil || o.TokenHash != [16]byte{} {
		t.Error("a week later its card is still there")
	}
	if next := opening(s, wants(s, db, petition, 2, "The room has changed.")); next.State != store.OpeningWorks {
		t.Error("after a week nobody can ask again")
	}
}

// A row moves nothing for somebody who may not ask, or whose role was only written into theirs.
func TestWhoMayNotAskGetsNoPhoneNumber(t *testing.T) {
	s, db := colleagues(t)
	ctx := context.Background()
	for role, mail := range map[undersigned.Role]string{undersigned.Auditor: "ann@staff.example.org", undersigned.Responder: "rex@staff.example.org", undersigned.Reviewer: "rita@staff.example.org"} {
		_, err := s.Steward.AddStaff(ctx, "One "+string(role), mail, role)
		s.Check(err)
		s.Work()
		s.Post(testkit.Press(undersigned.LetterRelease, s.Link(joMail, undersigned.LinkRelease), undersigned.TextVersion{}))
		s.Work()
	}
	asks(s, true)
	petition, empty := startedBy(s, given), s.OpenPetition("Keep the library open").ID
	s.Mail.Clear()
	must := func(name string, petition, staff int64, why string) {
		t.Helper()
		o := opening(s, wants(s, db, petition, staff, why))
		if n := len(s.Mail.Messages()); o.State != store.OpeningVoid || o.Card != nil || n != 0 {
			t.Errorf("%s: state %d, %d mails", name, o.State, n)
		}
		s.Mail.Clear()
	}
	for staff := int64(3); staff <= 5; staff++ {
		must(fmt.Sprintf("of another role, %d", staff), petition, staff, "To set the day.")
	}
	must("nobody", petition, 99, "To set the day.")
	must("without a reason", petition, 2, "")
	must("with a reason longer than the pages take", petition, 2, strings.Repeat("x", undersigned.MostOpeningWhyRunes+1))
	must("of a petition without a creator", empty, 2, "To set the day.")
	must("of no petition", 99, 2, "To set the day.")
	_, err := db.Exec(`UPDATE staff SET role = 'moderator' WHERE id = 3`)
	s.Check(err)
	must("a role that was written into a row", petition, 3, "To set the day.")
	_, err = db.Exec(`UPDATE staff SET active = 0 WHERE id = 2`)
	s.Check(err)
	must("whose access ended", petition, 2, "To set the day.")
	// An administrator may.
	if o := opening(s, wants(s, db, petition, 1, "To set the day.")); o.State != store.OpeningWorks || len(s.Mail.Messages()) != 2 {
		t.Errorf("an administrator's: state %d", o.State)
	}
}

// What a creator changes or deletes is gone with the links that show it, and no older copy
// brings it back; what they gave after it stays.
func TestADeletedPhoneNumberIsOnTheErasureListAndItsLinksEnd(t *testing.T) {
	s, db := colleagues(t)
	var erased []store.Erasure
	s.Erased = func(all []store.Erasure) error { erased = append(erased, all...); return nil }
	s.Close()
	s.Open()
	asks(s, true)
	petition := startedBy(s, given)
	first := heldFor(s, petition)
	works := wants(s, db, petition, 2, "To set the day.")
	change(s, undersigned.Hearing{Phone: "01422 111222"})
	second := heldFor(s, petition)
	if o := opening(s, works); o.State != store.OpeningEnded || o.Card != nil {
		t.Error("a link shows what was changed")
	}
	if !slices.ContainsFunc(erased, func(e store.Erasure) bool {
		return e.Kind == store.ErasedHearing && bytes.Equal(e.ID, first.ID[:])
	}) {
		t.Fatalf("the list says %v", erased)
	}
	// An older copy holds the first again, and a card of it.
	_, err := db.Exec(`UPDATE creators SET hearing_id = ?, hearing_sealed = ?, hearing_card = ?`, first.ID[:], first.Sealed, first.Card)
	s.Check(err)
	_, err = db.Exec(`UPDATE hearing_openings SET state = 1, token_hash = zeroblob(16), card = zeroblob(1053) WHERE no = ?`, works)
	s.Check(err)
	if n, err := s.Steward.Replay(context.Background(), erased); err != nil || n != 1 {
		t.Fatalf("%d rows were found: %v", n, err)
	}
	if heldFor(s, petition).Sealed != nil || opening(s, works).Card != nil {
		t.Fatal("it came back")
	}
	// One that is newer than the list is not touched.
	_, err = db.Exec(`UPDATE creators SET hearing_id = ?, hearing_sealed = ?, hearing_card = ?`, second.ID[:], second.Sealed, second.Card)
	s.Check(err)
	if n, err := s.Steward.Replay(context.Background(), erased); err != nil || n != 0 || heldFor(s, petition).Sealed == nil {
		t.Fatalf("%d rows were found: %v", n, err)
	}
	opensAs(s, petition, undersigned.Hearing{Phone: "01422 111222"})
	// With the petition everything goes.
	wants(s, db, petition, 2, "To set the day.")
	s.Clock.Move(undersigned.NeverOpenedLife + time.Hour)
	s.Check(s.Steward.Chores(context.Background()))
	var left int
	s.Check(db.QueryRow(`SELECT (SELECT COUNT(*) FROM creators WHERE hearing_sealed IS NOT NULL OR hearing_card IS NOT NULL OR hearing_id IS NOT NULL) + (SELECT COUNT(*) FROM hearing_openings)`).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows are left of a petition whose keys are gone", left)
	}
}

// The copy of their data says that it is held and who saw it; the page it names shows it.
func TestACreatorsCopyTellsWhatIsHeldForAHearing(t *testing.T) {
	s, db := colleagues(t)
	asks(s, true)
	petition := startedBy(s, given)
	wants(s, db, petition, 2, "To set the day.")
	s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: charlie})
	s.Work()
	own := s.Link(charlie, undersigned.LinkOwn)
	s.Mail.Clear()
	s.Post(testkit.Press(undersigned.LetterCopy, own, undersigned.TextVersion{}))
	s.Work()
	all := s.Mail.Messages()
	if len(all) != 1 || all[0].To != charlie {
		t.Fatalf("%d mails went out", len(all))
	}
	text := all[0].Text
	for _, part := range []string{"Name: Charlie Green", "Email: " + charlie, "You gave us a phone number or a postal address for a hearing.", ", moderator: To set the day."} {
		if !strings.Contains(text, part) {
			t.Errorf("the copy lacks %q:\n%s", part, text)
		}
	}
	if links := s.Links(text); len(links) != 1 || links[0].Kind != undersigned.LinkCreator || strings.Contains(text, "357159") || strings.Contains(text, "Zinnia") {
		t.Errorf("the copy is:\n%s", text)
	}
	// The copy of anybody else says nothing of it.
	other := s.OpenPetition("Keep the library open")
	s.Sign(other, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	s.Post(testkit.Press(undersigned.LetterCopy, s.Link("ana@example.org", undersigned.LinkOwn), other.Version))
	s.Work()
	if text := s.Mail.Messages()[0].Text; strings.Contains(text, "hearing") || !strings.Contains(text, "Name: Ana Torres") {
		t.Errorf("another's copy is:\n%s", text)
	}
}

// The desk refuses before the steward does.
func TestTheDeskAsksOnceAndOnlyWhereSomethingIsHeld(t *testing.T) {
	s, _ := colleagues(t)
	ctx, office := context.Background(), desk.New(s.DB.Desk())
	sam := undersigned.Staff{ID: 2, Role: undersigned.Moderator, Active: true}
	asks(s, true)
	petition := startedBy(s, undersigned.Hearing{})
	at := func() desk.Target {
		p, err := s.DB.Public().Petition(ctx, petition)
		s.Check(err)
		return desk.Target{Petition: petition, Revision: p.Revision}
	}
	if err := office.AskOpening(ctx, sam, at(), "To set the day."); err == nil {
		t.Error("nothing is held, and the desk asks")
	}
	change(s, given)
	for name, who := range map[string]undersigned.Staff{"an auditor": {ID: 2, Role: undersigned.Auditor, Active: true}, "nobody": {}} {
		if err := office.AskOpening(ctx, who, at(), "To set the day."); err == nil {
			t.Errorf("%s may ask", name)
		}
	}
	if err := office.AskOpening(ctx, sam, at(), " "); err == nil {
		t.Error("no reason is needed")
	}
	s.Check(office.AskOpening(ctx, sam, at(), "To set the day."))
	if err := office.AskOpening(ctx, sam, at(), "Again."); err == nil {
		t.Error("the desk asks twice before the steward came")
	}
	s.Work()
	if err := office.AskOpening(ctx, sam, at(), "Again."); err == nil {
		t.Error("the desk asks while a link works")
	}
	s.Clock.Move(undersigned.OpeningLife)
	s.Check(office.AskOpening(ctx, sam, at(), "The room has changed."))
}

// A court that orders it gets it, of the one who started the petition and nobody else; no
// other purpose may name it.
func TestACourtGetsAPhoneNumberOnlyWhereItsOrderNamesIt(t *testing.T) {
	c := newCourt(t)
	ctx, office := context.Background(), desk.New(c.DB.Desk())
	c.Body.Sponsors.Needed = 0
	asks(c.Site, true)
	petition := startedBy(c.Site, given)
	p, err := c.DB.Public().Petition(ctx, petition)
	c.Check(err)
	ada := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	c.Check(office.Publish(ctx, ada, desk.Target{Petition: petition, Revision: p.Revision}, nil, ""))
	c.Work()
	c.Sign(p.Petition, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	c.Mail.Clear()
	number := c.order(func(w *undersigned.DisclosureWish) {
		w.Petition, w.Fields = petition, undersigned.FieldName|undersigned.FieldHearing
	})
	c.agree(admins...)
	file, err := c.make(number)
	c.Check(err)
	rows := c.read(file)
	if len(rows) != 3 || !slices.Equal(rows[0][:3], []string{"name", "phone", "postal_address"}) {
		t.Fatalf("the file holds %q", rows)
	}
	for _, row := range rows[1:] {
		want := []string{"", ""}
		if row[0] == "Charlie Green" {
			want = []string{"'" + given.Phone, given.Postal} // a sign that spreadsheets compute from has one before it
		}
		if !slices.Equal(row[1:3], want) {
			t.Errorf("of %s it says %q", row[0], row[1:3])
		}
	}
	for _, purpose := range []undersigned.DisclosurePurpose{undersigned.DisclosureAudit, undersigned.DisclosureVerification, undersigned.DisclosureQuestion} {
		wish := c.wish()
		wish.Purpose, wish.Fields = purpose, undersigned.FieldName|undersigned.FieldHearing
		wish.Basis = map[undersigned.DisclosurePurpose]undersigned.LegalBasis{undersigned.DisclosureAudit: undersigned.BasisAudit, undersigned.DisclosureVerification: undersigned.BasisLaw, undersigned.DisclosureQuestion: undersigned.BasisOrder}[purpose]
		wish.Kind = map[undersigned.DisclosurePurpose]undersigned.RecipientKind{undersigned.DisclosureAudit: undersigned.RecipientAuditor, undersigned.DisclosureVerification: undersigned.RecipientBody, undersigned.DisclosureQuestion: undersigned.RecipientCourt}[purpose]
		if err := wish.Check(); !errors.Is(err, undersigned.ErrDisclosureFields) {
			t.Errorf("%s may name it: %v", purpose, err)
		}
	}
}
