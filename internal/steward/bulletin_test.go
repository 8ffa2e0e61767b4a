package steward_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

const newsText = "The planning meeting is on 3 May.\n\nCome along: https://trees.example/may"

// A newsroom has a petition of Charlie's, whose signers may agree to news, and two colleagues:
// Jo, a moderator, and Ada, an administrator.
type newsroom struct {
	*office
	creator testkit.Link
	jo, ada undersigned.Staff
}

func newsletter(t *testing.T) *newsroom {
	s := testkit.New(t)
	s.Body.News, s.Body.NewsQuota = true, 2
	s.Check(s.DB.Desk().SaveBody(context.Background(), &s.Body))
	p, link := charlies(s)
	n := &newsroom{office: &office{Site: s, petition: p, desk: desk.New(s.DB.Desk())}, creator: link}
	rows, err := s.DB.Steward().StaffRows(context.Background())
	s.Check(err)
	n.jo = rows[0].Staff
	n.ada = n.staff("Ada Moss", "ada@staff.example.org", undersigned.Administrator)
	return n
}

// signs signs with what the form asks now; news says whether the box is ticked.
func (n *newsroom) signs(name string, reply undersigned.Reply, news bool) {
	n.T.Helper()
	asked, err := view.PurposeTexts(n.Body)
	n.Check(err)
	form := testkit.SignForm(n.petition, "A Signer", name+"@example.org", reply)
	form.Wordings = []undersigned.TextVersion{asked[0].Version()}
	if news {
		form.Purposes, form.Wordings = []string{view.NewsID}, append(form.Wordings, asked[len(asked)-1].Version())
	}
	n.Post(form)
	n.Work()
	n.Post(testkit.Press(undersigned.LetterConfirm, n.Link(name+"@example.org", undersigned.LinkConfirm), n.petition.Version))
	n.Work()
}

// everybody signs: Ana and Cleo want news, Bo asked us to forget him and ticked the box all
// the same, Dan wants the answer alone.
func (n *newsroom) everybody() {
	n.T.Helper()
	n.Check(n.Steward.Chores(context.Background()))
	n.signs("ana", undersigned.ReplyYes, true)
	n.signs("bo", undersigned.ReplyNo, true)
	n.signs("cleo", undersigned.ReplyYes, true)
	n.signs("dan", undersigned.ReplyYes, false)
}

// writes posts what Charlie writes, and gives what is kept of it.
func (n *newsroom) writes(title, text string) undersigned.Bulletin {
	n.T.Helper()
	letter := testkit.Press(undersigned.LetterNews, n.creator, undersigned.TextVersion{})
	letter.Title, letter.Text = title, text
	n.Post(letter)
	n.Work()
	all := n.bulletins()
	if len(all) == 0 {
		return undersigned.Bulletin{}
	}
	return all[len(all)-1]
}

func (n *newsroom) bulletins() []undersigned.Bulletin {
	n.T.Helper()
	all, err := n.DB.Desk().Bulletins(context.Background(), n.petition.ID)
	n.Check(err)
	return all
}

func (n *newsroom) orders(who undersigned.Staff, bulletin int64) error {
	n.T.Helper()
	err := n.desk.OrderNews(context.Background(), who, n.target(), bulletin)
	n.Work()
	return err
}

// release presses the button in Jo's mail.
func (n *newsroom) release() {
	n.T.Helper()
	n.Post(testkit.Press(undersigned.LetterRelease, n.Link("jo@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	n.Work()
}

// sends takes news from Charlie's page to the signers.
func (n *newsroom) sends(title string) {
	n.T.Helper()
	n.Check(n.orders(n.jo, n.writes(title, newsText).Number))
	n.release()
	n.later()
}

// told are the addresses that have got news.
func (n *newsroom) told() (to []string) {
	for _, m := range n.Mail.Messages() {
		if m.Subject == "News about a petition you signed" {
			to = append(to, strings.TrimSuffix(m.To, "@example.org"))
		}
	}
	slices.Sort(to)
	return to
}

func (n *newsroom) wantTold(want ...string) {
	n.T.Helper()
	if got := n.told(); !slices.Equal(got, want) {
		n.T.Fatalf("news went to %v, not %v", got, want)
	}
}

func (n *newsroom) mailings() []undersigned.Mailing {
	n.T.Helper()
	all, err := n.DB.Public().Mailings(context.Background(), n.petition.ID)
	n.Check(err)
	return all
}

func (n *newsroom) parts() int {
	n.T.Helper()
	count := 0
	n.Check(open(n.Site).QueryRow(`SELECT COUNT(*) FROM news_parts`).Scan(&count))
	return count
}

func TestNewsReachesWhoAgreedAfterStaffReadItAndNobodyElse(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	if n.parts() != 2 {
		t.Fatalf("%d news parts are kept of two who agreed", n.parts())
	}
	n.Mail.Clear()
	b := n.writes("A meeting", newsText)
	if b.Title != "A meeting" || b.Text != newsText || b.State != undersigned.BulletinWaiting {
		t.Fatalf("kept is %+v", b)
	}
	n.later()
	if len(n.mailings()) != 0 {
		t.Fatal("news was mailed before anybody of staff wanted it")
	}
	auditor := undersigned.Staff{ID: n.jo.ID, Role: undersigned.Responder, Active: true}
	if err := n.desk.OrderNews(context.Background(), auditor, n.target(), b.Number); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a responder sends news: %v", err)
	}
	n.Check(n.orders(n.jo, b.Number))
	n.wantState(undersigned.MailOrderSecond, "")
	n.later()
	if len(n.mailings()) != 0 {
		t.Fatal("news was mailed before the button in the mail was pressed")
	}
	var asked string
	for _, m := range n.Mail.Messages() {
		if m.To == "jo@staff.example.org" {
			asked = m.Text
		}
	}
	for _, want := range []string{"A meeting", "Come along: https://trees.example/may"} {
		if !strings.Contains(asked, want) {
			t.Errorf("the mail to whoever agrees does not hold %q", want)
		}
	}
	n.release()
	n.wantState(undersigned.MailOrderAgreed, "")
	n.wantTold()
	n.later()
	n.wantTold("ana", "cleo")
	m := n.mailings()[0]
	if m.Kind != undersigned.MailingNews || m.Unit != 1 || m.Quota != 2 || m.State != undersigned.MailingDone || m.Sent != 2 || m.Words != "A meeting\n\n"+newsText {
		t.Fatalf("the mailing is %+v", m)
	}
	if got := n.bulletins()[0].State; got != undersigned.BulletinMailed {
		t.Errorf("the news is in state %d", got)
	}
	// Nobody outside learns how many fewer than ten agreed.
	told := entriesAs(n.Site, func(e *ledger.Mailing) bool { return e.Number == m.Number })
	ends := entriesAs(n.Site, func(e *ledger.MailingEnd) bool { return e.Number == m.Number })
	if len(told) != 1 || told[0].Reason != 4 || told[0].Unit != 1 || told[0].Quota != 2 || len(ends) != 1 || ends[0].Sent != 0 {
		t.Fatalf("the ledger tells %+v, %+v", told, ends)
	}
	sound(n.Site)
}

func TestNewsHasAQuotaOfItsOwn(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	n.Mail.Clear()
	n.sends("First")
	n.sends("Second")
	n.wantTold("ana", "ana", "cleo", "cleo")
	if b := n.writes("Third", newsText); b.Title != "Second" {
		t.Fatalf("kept is %q, and the quota was used", b.Title)
	}
	// An order past the desk's own check is void.
	_, err := open(n.Site).Exec(`UPDATE bulletins SET state = 0`)
	n.Check(err)
	n.Check(n.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		return tx.AddAnswerOrder(store.AnswerOrder{Petition: n.petition.ID, Bulletin: n.bulletins()[0].Number, Staff: n.jo.ID})
	}))
	n.Work()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidQuota)
	_, err = open(n.Site).Exec(`UPDATE bulletins SET state = 2`)
	n.Check(err)
	// The two emails about the answer are all there.
	n.rita = n.staff2("Rita Hill", "rita@staff.example.org", undersigned.Responder)
	n.Check(n.desk.Respond(context.Background(), n.rita, n.target(), desk.Response{Date: "2026-11-22", Summary: "We will keep the trees.", Details: "All of them."}))
	n.Check(n.order(desk.MailOrder{}))
	n.Work()
	n.agree()
	n.later()
	units := []string{}
	for _, m := range n.mailings() {
		units = append(units, fmt.Sprintf("%s %d", m.Kind, m.Unit))
	}
	if want := []string{"news 1", "news 2", "answer 1"}; !slices.Equal(units, want) {
		t.Fatalf("the mailings are %v, not %v", units, want)
	}
	if got := len(n.signersMailed()); got != 4 { // Charlie asked for it, too
		t.Errorf("the answer went to %d", got)
	}
	sound(n.Site)
}

// staff2 adds a colleague where there is an administrator, who agrees.
func (n *newsroom) staff2(name, address string, role undersigned.Role) undersigned.Staff {
	n.T.Helper()
	_, err := n.Steward.AddStaff(context.Background(), name, address, role)
	n.Check(err)
	n.Work()
	n.agree()
	rows, err := n.DB.Steward().StaffRows(context.Background())
	n.Check(err)
	return rows[len(rows)-1].Staff
}

func TestStaffRefuseNewsAndItsCreatorIsToldWhy(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	b := n.writes("Vote for me", newsText)
	n.Mail.Clear()
	var wrong desk.Problems
	if err := n.desk.RefuseNews(context.Background(), n.ada, n.target(), b.Number, " "); !errors.As(err, &wrong) {
		t.Errorf("news was refused without a reason: %v", err)
	}
	n.Check(n.desk.RefuseNews(context.Background(), n.ada, n.target(), b.Number, "It asks for votes."))
	n.Work()
	n.Work()
	mails := n.Mail.Messages()
	if len(mails) != 1 || mails[0].To != charlie || !strings.Contains(mails[0].Text, "It asks for votes.") {
		t.Fatalf("after a refusal these mails left: %v", mails)
	}
	if err := n.orders(n.jo, b.Number); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("refused news was sent: %v", err)
	}
	n.later()
	n.wantTold()
	// It used nothing up.
	n.sends("A meeting")
	n.wantTold("ana", "cleo")
	sound(n.Site)
}

func TestOnePressStopsNewsBeforeItBegins(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	n.Mail.Clear()
	b := n.writes("A meeting", newsText)
	n.Check(n.orders(n.jo, b.Number))
	if err := n.desk.RefuseNews(context.Background(), n.ada, n.target(), b.Number, "No."); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("news that is on its way was refused: %v", err)
	}
	n.release()
	if err := n.desk.ChangeMail(context.Background(), undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}, n.petition.ID, n.newest().Number, undersigned.WishStop); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("the page about answers stops news: %v", err)
	}
	n.Check(n.desk.ChangeNews(context.Background(), n.jo, n.petition.ID, n.newest().Number, undersigned.WishStop))
	n.later()
	n.wantTold()
	n.wantState(undersigned.MailOrderStopped, "")
	// It waits again, and may be sent after all.
	n.Check(n.orders(n.jo, b.Number))
	n.release()
	n.later()
	n.wantTold("ana", "cleo")
	sound(n.Site)
}

// Rows alone send nothing, and nobody writes in a creator's name.
func TestWhoeverWritesRowsSendsNoNews(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	n.Mail.Clear()
	db := open(n.Site)
	exec := func(query string, args ...any) {
		t.Helper()
		_, err := db.Exec(query, args...)
		n.Check(err)
	}
	at := n.Clock.Now().UnixMicro()
	// Words that nobody wrote.
	exec(`INSERT INTO bulletins (petition_id, title, text, assent, at) VALUES (?, 'Buy now', 'Buy this.', zeroblob(32), ?)`, n.petition.ID, at)
	exec(`INSERT INTO answer_orders (petition_id, answer_id, override, staff_id, state, at, bulletin_no) VALUES (?, 0, '', ?, 0, ?, 1)`, n.petition.ID, n.jo.ID, at)
	n.Work()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
	// Words that were changed after they were read.
	b := n.writes("A meeting", newsText)
	n.Check(n.orders(n.jo, b.Number))
	exec(`UPDATE bulletins SET text = 'Buy this.' WHERE no = ?`, b.Number)
	n.release()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
	exec(`UPDATE bulletins SET text = ? WHERE no = ?`, newsText, b.Number)
	// An order that nobody agreed to.
	exec(`INSERT INTO answer_orders (petition_id, answer_id, override, staff_id, state, at, bulletin_no, release_no, begins_at, assent) VALUES (?, 0, '', ?, 2, ?, ?, 1, ?, zeroblob(32))`,
		n.petition.ID, n.jo.ID, at, b.Number, at)
	n.Work()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
	// A mailing that nobody reserved.
	exec(`INSERT INTO mailings (petition_id, unit, quota, kind, words, state, reserved_at, reserved_batch) SELECT ?, -1, 2, 'news', 'Buy now', 'reserved', ?, number + 1 FROM snapshot`, n.petition.ID, at)
	n.Work()
	n.later()
	n.wantTold()
	// Somebody whose role was only written into a row.
	exec(`DELETE FROM mailings`)
	exec(`UPDATE staff SET role = 'responder' WHERE id = ?`, n.jo.ID)
	exec(`INSERT INTO answer_orders (petition_id, answer_id, override, staff_id, state, at, bulletin_no) VALUES (?, 0, '', ?, 0, ?, ?)`, n.petition.ID, n.jo.ID, at, b.Number)
	n.Work()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidAlone)
	// The reply part of somebody who did not agree is no news part.
	exec(`UPDATE staff SET role = 'moderator' WHERE id = ?`, n.jo.ID)
	exec(`INSERT INTO news_parts (signature_no, petition_id, sealed) SELECT no, petition_id, reply_sealed FROM signatures s WHERE reply_sealed IS NOT NULL AND no NOT IN (SELECT signature_no FROM news_parts)`)
	n.sends("Another meeting")
	n.wantTold("ana", "cleo")
}

func TestASignerStopsNewsAndKeepsTheAnswer(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	var erased []store.Erasure
	n.Erased = func(all []store.Erasure) error { erased = append(erased, all...); return nil }
	n.Close()
	n.Open()
	n.desk = desk.New(n.DB.Desk())
	stop := func(name string, purposes ...string) {
		letter := testkit.Press(undersigned.LetterStopMail, n.Link(name+"@example.org", undersigned.LinkOwn), undersigned.TextVersion{})
		letter.Purposes = purposes
		n.Post(letter)
		n.Work()
	}
	stop("ana", undersigned.PurposeNews)
	if n.parts() != 1 || len(erased) != 1 || erased[0].Kind != store.ErasedNews {
		t.Fatalf("%d parts, erased %v", n.parts(), erased)
	}
	if own := ownLink(n.Site, n.petition, "ana"); own.Number == 0 {
		t.Error("the answer is not mailed to her any more")
	}
	stop("cleo")
	if n.parts() != 0 {
		t.Error("somebody who stopped all mails is mailed news")
	}
	// Nobody is left, which the creator learns from nothing: all is as where somebody is.
	n.sends("A meeting")
	n.wantTold()
	n.wantState(undersigned.MailOrderMailed, "")
	if m := n.mailings()[0]; m.State != undersigned.MailingDone || m.Sent != 0 || m.Skipped != 0 {
		t.Errorf("the mailing is %+v", m)
	}
	if got := n.bulletins()[0].State; got != undersigned.BulletinMailed {
		t.Errorf("the news is in state %d", got)
	}
	sound(n.Site)
}

// Taken back or down while it is being sent, a petition sends no more news.
func TestNewsEndsWithItsPetition(t *testing.T) {
	for _, do := range []undersigned.LetterKind{undersigned.LetterRetract, 0} {
		n := newsletter(t)
		n.everybody()
		n.Mail.Clear()
		n.Check(n.orders(n.jo, n.writes("A meeting", newsText).Number))
		n.release()
		n.Clock.Move(undersigned.StopTime + time.Second)
		n.Check(n.Mail.Close()) // the relay is away
		n.Work()
		if m := n.mailings(); len(m) != 1 || m[0].State != undersigned.MailingSending {
			t.Fatalf("the mailings are %+v", m)
		}
		if do != 0 {
			n.Post(testkit.Press(do, n.creator, undersigned.TextVersion{}))
		} else {
			n.Check(n.desk.TakeDown(context.Background(), n.ada, n.target(), "It names somebody."))
		}
		n.Work()
		n.Clock.Move(time.Hour)
		n.Work()
		n.wantTold()
		if m := n.mailings()[0]; m.State != undersigned.MailingStopped || m.Sent != 0 {
			t.Errorf("the mailing is %+v", m)
		}
		if b := n.writes("Another", newsText); b.Title == "Another" {
			t.Error("news is kept of a petition that was taken back or down")
		}
		sound(n.Site)
	}
}

// Who signs a second time with another answer has still given the first one.
func TestASecondFormOfTheSameAddressChangesNothingAboutNews(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	for _, again := range []struct {
		name  string
		reply undersigned.Reply
		news  bool
	}{{"ana", undersigned.ReplyYes, false}, {"cleo", undersigned.ReplyNo, true}, {"bo", undersigned.ReplyYes, true}, {"dan", undersigned.ReplyYes, true}} {
		asked, err := view.PurposeTexts(n.Body)
		n.Check(err)
		form := testkit.SignForm(n.petition, "A Signer", again.name+"@example.org", again.reply)
		form.Wordings = []undersigned.TextVersion{asked[0].Version()}
		if again.news {
			form.Purposes, form.Wordings = []string{view.NewsID}, append(form.Wordings, asked[len(asked)-1].Version())
		}
		n.Post(form)
		n.Work()
	}
	if n.parts() != 2 {
		t.Errorf("%d news parts are kept", n.parts())
	}
	n.Mail.Clear()
	n.sends("A meeting")
	n.wantTold("ana", "cleo")
	sound(n.Site)
}

// Whoever stops while it is being sent gets none.
func TestNewsStopsWithinAMailing(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	ana := n.Link("ana@example.org", undersigned.LinkOwn)
	n.Mail.Clear()
	n.Check(n.orders(n.jo, n.writes("A meeting", newsText).Number))
	n.release()
	letter := testkit.Press(undersigned.LetterStopMail, ana, undersigned.TextVersion{})
	letter.Purposes = []string{undersigned.PurposeNews}
	n.Post(letter)
	n.later()
	n.wantTold("cleo")
	for _, m := range n.Mail.Messages() {
		if m.To == "cleo@example.org" && !strings.Contains(string(m.Raw), "?stop-news>") {
			t.Error("the mail does not offer to stop news")
		}
	}
	sound(n.Site)
}

func TestANewsPartGoesWithItsSignature(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	own := n.Link("ana@example.org", undersigned.LinkOwn)
	correct := testkit.Press(undersigned.LetterCorrect, own, undersigned.TextVersion{})
	correct.Name = "Ana Smith"
	n.Post(correct)
	n.Work()
	if n.parts() != 2 {
		t.Error("a name was put right, and news ended")
	}
	n.Post(testkit.Press(undersigned.LetterCopy, own, undersigned.TextVersion{}))
	n.Work()
	var copied string
	for _, m := range n.Mail.Messages() {
		if m.Subject == "The copy you asked for" {
			copied = m.Text
		}
	}
	if !strings.Contains(copied, "news from who started it: Yes") || !strings.Contains(copied, "Also email me news about this petition") {
		t.Errorf("the copy does not tell of news:\n%s", copied)
	}
	n.Post(testkit.Press(undersigned.LetterWithdraw, own, undersigned.TextVersion{}))
	n.Work()
	if n.parts() != 1 {
		t.Error("somebody left, and their news part is there")
	}
	n.writes("A meeting", newsText)
	n.Clock.Move(300 * 24 * time.Hour)
	n.Check(n.Steward.Chores(context.Background()))
	n.Work()
	n.Check(n.Steward.Chores(context.Background()))
	if n.parts() != 0 || len(n.bulletins()) != 0 {
		t.Error("the keys are gone, and rows about who wants news are left")
	}
	sound(n.Site)
}

func TestNothingIsKeptWhereNobodyAsksForIt(t *testing.T) {
	n := newsletter(t)
	n.Body.News = false
	n.Check(n.DB.Desk().SaveBody(context.Background(), &n.Body))
	n.Clock.Move(10 * time.Second)
	on := n.Body
	on.News = true
	asked, err := view.PurposeTexts(on)
	n.Check(err)
	form := testkit.SignForm(n.petition, "A Signer", "ana@example.org", undersigned.ReplyYes)
	form.Purposes, form.Wordings = []string{view.NewsID}, []undersigned.TextVersion{asked[0].Version(), asked[1].Version()}
	n.Post(form)
	n.Work()
	n.Post(testkit.Press(undersigned.LetterConfirm, n.Link("ana@example.org", undersigned.LinkConfirm), n.petition.Version))
	n.Work()
	if n.parts() != 0 {
		t.Error("a news part is kept where there is no news")
	}
	if b := n.writes("A meeting", newsText); b.Number != 0 {
		t.Error("news is kept where there is none")
	}
}

func TestNoNewsBeforeAnElection(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	b := n.writes("A meeting", newsText)
	n.Check(n.orders(n.jo, b.Number))
	n.release()
	n.Body.Elections = []undersigned.Election{{From: "2026-11-01", To: "2026-12-31", Words: "Before the election we hold back."}}
	n.Check(n.DB.Desk().SaveBody(context.Background(), &n.Body))
	n.Mail.Clear()
	n.later()
	n.wantTold()
	n.wantState(undersigned.MailOrderVoid, undersigned.VoidElection)
	if err := n.orders(n.jo, b.Number); !errors.Is(err, undersigned.ErrMove) {
		t.Errorf("news was ordered before an election: %v", err)
	}
	sound(n.Site)
}

// Rows that are gone, or that say that it is still to come, give news no second turn and take
// none from an answer.
func TestNewsHasItsTurnsWhateverRowsSay(t *testing.T) {
	n := newsletter(t)
	n.everybody()
	n.Mail.Clear()
	n.sends("First")
	n.wantTold("ana", "cleo")
	plant(n.office, `UPDATE mailings SET state = 'reserved', cursor_no = 0, ended_at = 0, logged = 1; DELETE FROM mailing_ranges`)
	again(n.office)
	n.wantTold("ana", "cleo")
	plant(n.office, `DELETE FROM mailing_ranges; DELETE FROM mailings; DELETE FROM answer_orders`)
	reserves := func(kind undersigned.MailingKind, unit int) {
		t.Helper()
		err := n.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
			m, err := n.Steward.ReserveMailing(tx, n.petition.ID, 2, kind, "Words\n\nof it")
			if err == nil && m.Unit != unit {
				t.Errorf("it is unit %d of %s", m.Unit, kind)
			}
			return err
		})
		if errors.Is(err, undersigned.ErrQuota) != (unit == 0) || err != nil && unit != 0 {
			t.Fatalf("reserve %s: %v", kind, err)
		}
		n.Work()
		n.later()
	}
	reserves(undersigned.MailingAnswer, 1)
	reserves(undersigned.MailingNews, 2)
	n.wantTold("ana", "ana", "cleo", "cleo")
	reserves(undersigned.MailingNews, 0)
	reserves(undersigned.MailingAnswer, 2)
}
