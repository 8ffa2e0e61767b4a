package steward_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

const answerText = "We will keep the trees.\n\nWe plant forty more by May: https://council.example/trees"

// An office has a petition of Charlie's with an answer, two administrators and somebody who
// answers.
type office struct {
	*testkit.Site
	petition undersigned.Petition
	desk     *desk.Desk
	rita     undersigned.Staff // answers
}

func answered(t *testing.T) *office {
	s := testkit.New(t)
	p, _ := charlies(s)
	for name, reply := range map[string]undersigned.Reply{"ana": 1, "bo": 2, "cleo": 1, "dan": 1} {
		s.Sign(p, "A Signer", name+"@example.org", reply)
	}
	o := &office{Site: s, petition: p, desk: desk.New(s.DB.Desk())}
	o.rita = o.staff("Rita Hill", "rita@staff.example.org", undersigned.Responder)
	o.staff("Ada Moss", "ada@staff.example.org", undersigned.Administrator)
	s.Check(o.desk.Respond(context.Background(), o.rita, o.target(), desk.Response{Date: "2026-11-22", Summary: "We will keep the trees.", Details: "We plant forty more by May: https://council.example/trees"}))
	s.Work()
	s.Mail.Clear()
	return o
}

// staff adds a colleague as the rows have it, past the second person, for tests.
func (o *office) staff(name, address string, role undersigned.Role) undersigned.Staff {
	o.T.Helper()
	ctx := context.Background()
	_, err := o.Steward.AddStaff(ctx, name, address, role)
	o.Check(err)
	o.Work()
	rows, err := o.DB.Steward().StaffRows(ctx)
	o.Check(err)
	for _, row := range rows {
		if row.Name == name {
			return row.Staff
		}
	}
	o.T.Fatalf("%s was not added: nobody had to agree to the first administrator", name)
	return undersigned.Staff{}
}

func (o *office) target() desk.Target {
	o.T.Helper()
	row, err := o.DB.Public().Petition(context.Background(), o.petition.ID)
	o.Check(err)
	return desk.Target{Petition: row.ID, Revision: row.Revision}
}

func (o *office) order(order desk.MailOrder) error {
	o.T.Helper()
	m, err := o.desk.Mailable(context.Background(), o.rita, o.petition.ID)
	o.Check(err)
	order.Answer, order.Judged = m.Answer.ID, true
	return o.desk.OrderMail(context.Background(), o.rita, o.target(), order)
}

// newest is the newest order.
func (o *office) newest() store.AnswerOrder {
	o.T.Helper()
	all, err := o.DB.Desk().AnswerOrders(context.Background(), o.petition.ID)
	o.Check(err)
	if len(all) == 0 {
		o.T.Fatal("there is no order")
	}
	return all[0]
}

func (o *office) wantState(state undersigned.MailOrderState, why undersigned.VoidWhy) {
	o.T.Helper()
	if got := o.newest(); got.State != state || got.Why != why {
		o.T.Fatalf("the order is in state %d (%s), not %d (%s)", got.State, got.Why, state, why)
	}
}

// agree presses the button in the second person's mail.
func (o *office) agree() {
	o.T.Helper()
	o.Post(testkit.Press(undersigned.LetterRelease, o.Link("ada@staff.example.org", undersigned.LinkRelease), undersigned.TextVersion{}))
	o.Work()
}

// later moves the clock past the time in which an order can be stopped.
func (o *office) later() {
	o.T.Helper()
	o.Clock.Move(undersigned.StopTime)
	o.Work()
	o.Work()
}

// signersMailed counts the mails that have left with the answer.
func (o *office) signersMailed() (to []string) {
	for _, m := range o.Mail.Messages() {
		if m.Subject == "An answer to a petition you signed" {
			to = append(to, m.To)
		}
	}
	return to
}

// U111.
func TestAnAnswerReachesEverySignerWhoAskedAfterASecondPersonAgreed(t *testing.T) {
	o := answered(t)
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.wantState(undersigned.MailOrderSecond, "")
	request := o.Mail.Messages()[0]
	for _, want := range []string{answerText, "Plant more trees", "4 people"} {
		if request.To != "ada@staff.example.org" || !strings.Contains(request.Text, want) {
			t.Fatalf("the second person at %s does not read %q:\n%s", request.To, want, request.Text)
		}
	}
	o.later()
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%v were mailed before anybody agreed", to)
	}
	o.agree()
	o.wantState(undersigned.MailOrderAgreed, "")
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%v were mailed before the time to stop it was over", to)
	}
	sound(o.Site)
	o.later()
	o.wantState(undersigned.MailOrderMailed, "")
	wantMailing(o.Site, o.petition.ID, undersigned.MailingDone, 4, 0, 0)
	if to := o.signersMailed(); len(to) != 4 { // Charlie, Ana, Cleo, Dan; not Bo
		t.Fatalf("mailed to %v", to)
	}
	for _, m := range o.Mail.Messages() {
		if m.To != "ana@example.org" {
			continue
		}
		for _, want := range []string{answerText, "email 1 of at most 2", "did not get your address", "Calderdale Petitions Trust"} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("the mail does not say %q:\n%s", want, m.Text)
			}
		}
	}
	if m := onlyMailing(o.Site, o.petition.ID); m.Words != answerText || m.Kind != undersigned.MailingAnswer {
		t.Errorf("the mailing keeps %q as %s", m.Words, m.Kind)
	}
	sound(o.Site)
}

// A row alone moves nothing: neither an order that says it was agreed to, nor a mailing.
func TestARowAnIntruderWroteMailsNobody(t *testing.T) {
	for name, forge := range map[string]string{
		"an order as agreed to":              `INSERT INTO answer_orders (petition_id, answer_id, override, staff_id, state, begins_at, assent, at) SELECT petition_id, id, '', 1, 2, 1, zeroblob(32), 1 FROM answers WHERE kind = 'response'`,
		"a mailing":                          `INSERT INTO mailings (petition_id, unit, quota, kind, words, state, reserved_at, reserved_batch) SELECT 1, 1, 2, 'answer', 'Vote for me', 'reserved', 1, number + 1 FROM snapshot`,
		"other words in an order that waits": `UPDATE answers SET details = 'Vote for me' WHERE kind = 'response'`,
	} {
		t.Run(name, func(t *testing.T) {
			o := answered(t)
			waits := strings.HasPrefix(forge, "UPDATE")
			if waits {
				o.Check(o.order(desk.MailOrder{}))
				o.Work()
			}
			db := open(o.Site)
			_, err := db.Exec(forge)
			o.Check(err)
			o.Check(db.Close())
			if waits {
				o.agree()
				o.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
			}
			o.later()
			if to := o.signersMailed(); len(to) > 0 {
				t.Fatalf("%v were mailed", to)
			}
		})
	}
}

// What was agreed to is what is sent: words that change in the ten minutes end it, and so
// do words that change while it is sent.
func TestWordsThatChangeAfterTheSecondPersonAgreedEndAMailing(t *testing.T) {
	o := answered(t)
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	change := func(query string) {
		db := open(o.Site)
		defer db.Close()
		_, err := db.Exec(query)
		o.Check(err)
	}
	change(`UPDATE answers SET details = details || ' Vote for me.' WHERE kind = 'response'`)
	o.later()
	o.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
	change(`UPDATE answers SET details = replace(details, ' Vote for me.', '') WHERE kind = 'response'`)
	o.Mail.Clear()
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	o.Clock.Move(undersigned.StopTime)
	o.Check(o.Steward.FollowActs(context.Background()))
	o.wantState(undersigned.MailOrderMailed, "")
	change(`UPDATE mailings SET words = 'Vote for me'`)
	o.Work()
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%v were mailed other words", to)
	}
	if m := onlyMailing(o.Site, o.petition.ID); m.State != undersigned.MailingStopped {
		t.Errorf("the mailing is %s", m.State)
	}
}

func TestOnePressStopsAMailingBeforeItBeginsAndHoldsOneUnderWay(t *testing.T) {
	o := answered(t)
	ctx := context.Background()
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	o.Check(o.desk.ChangeMail(ctx, o.rita, o.petition.ID, o.newest().Number, undersigned.WishStop))
	o.later()
	o.wantState(undersigned.MailOrderStopped, "")
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%v were mailed after it was stopped", to)
	}
	o.Mail.Clear()
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	o.Clock.Move(undersigned.StopTime)
	o.Check(o.Steward.FollowActs(ctx))
	o.Check(o.desk.ChangeMail(ctx, o.rita, o.petition.ID, o.newest().Number, undersigned.WishPause))
	o.Check(o.Steward.FollowActs(ctx))
	o.Work()
	if to := o.signersMailed(); len(to) > 0 {
		t.Fatalf("%v were mailed while it was on hold", to)
	}
	o.Check(o.desk.ChangeMail(ctx, o.rita, o.petition.ID, o.newest().Number, undersigned.WishResume))
	o.Check(o.Steward.FollowActs(ctx))
	o.Work()
	if to := o.signersMailed(); len(to) != 4 {
		t.Fatalf("mailed to %v", to)
	}
}

func TestBeforeAnElectionAMailingNeedsAReasonThatIsPublic(t *testing.T) {
	o := answered(t)
	ctx := context.Background()
	o.Body.Elections = []undersigned.Election{{From: "2026-11-01", To: "2026-12-10", Words: "There is an election."}}
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	if err := o.order(desk.MailOrder{}); err == nil {
		t.Fatal("an answer was ordered before an election without a reason")
	}
	o.Check(o.order(desk.MailOrder{Override: "The trees are felled on Monday."}))
	o.Work()
	if text := o.Mail.Messages()[0].Text; !strings.Contains(text, "The trees are felled on Monday.") {
		t.Fatalf("the second person does not read the reason:\n%s", text)
	}
	o.agree()
	o.later()
	if to := o.signersMailed(); len(to) != 4 {
		t.Fatalf("mailed to %v", to)
	}
}

func TestAMailingNeedsASecondPersonAndAUnitOfTheQuota(t *testing.T) {
	o := answered(t)
	ctx := context.Background()
	ada := undersigned.Staff{}
	rows, err := o.DB.Steward().StaffRows(ctx)
	o.Check(err)
	for _, row := range rows {
		if row.Name == "Ada Moss" {
			ada = row.Staff
		}
	}
	m, err := o.desk.Mailable(ctx, ada, o.petition.ID)
	o.Check(err)
	err = o.desk.OrderMail(ctx, ada, o.target(), desk.MailOrder{Answer: m.Answer.ID, Judged: true})
	var problems desk.Problems
	if !errors.As(err, &problems) || !errors.Is(problems[0].Err, desk.ErrAlone) {
		t.Fatalf("the only administrator may order and agree: %v", err)
	}
	for unit := range 2 {
		o.Check(o.order(desk.MailOrder{}))
		o.Work()
		o.agree()
		o.later()
		if n := len(o.signersMailed()); n != 4*(unit+1) {
			t.Fatalf("%d mails after mailing %d", n, unit+1)
		}
		o.Clock.Move(time.Minute)
	}
	if err := o.order(desk.MailOrder{}); err == nil {
		t.Fatal("a third mailing of a quota of two was ordered")
	}
}
