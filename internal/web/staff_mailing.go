package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/mail"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/mail/texts"
	"undersigned/internal/web/view"
)

// mailingForm handles GET /staff/petitions/{id}/mailing: what would be mailed to whom,
// before anybody orders it.
func (s *Server) mailingForm(w http.ResponseWriter, r *http.Request) error {
	return s.showMailing(w, r, nil, http.StatusOK, nil)
}

// mailableIn reads the petition of a request, and the site as it is now.
func (s *Server) mailableIn(r *http.Request) (m *moment, c desk.Mailable, err error) {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return nil, c, err
	}
	if m, err = s.now(r.Context()); err != nil {
		return nil, c, err
	}
	c, err = s.staff.Mailable(r.Context(), staffIn(r.Context()), id)
	return m, c, err
}

var mailProblems = map[error]view.Key{
	undersigned.ErrMailHTML: "problem.mail.html", undersigned.ErrMailLink: "problem.mail.link",
	undersigned.ErrMailScheme: "problem.mail.scheme", undersigned.ErrMailTracked: "problem.mail.tracked",
	desk.ErrAlone: "problem.mail.alone", desk.ErrQuestion: "problem.mail.judged",
}

func (s *Server) showMailing(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.mailableIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.SendPage{
		StaffBase: base, Action: view.PathAdminMailing(c.ID), Revision: c.Revision, Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition),
		Answer: c.Answer.ID, People: int(c.People), Protected: c.Kind == undersigned.Protected, Quota: c.Body.MailQuota,
		Judged: f.get("judged") == "yes", Override: f.get("override"), Most: desk.MostOverride, Mailings: mailingsShown(c.Petition, c.Body, c.Mailings, s.staff.Now()),
	}
	if page.Unit, err = undersigned.NextUnit(undersigned.MailingAnswer, c.Body.MailQuota, c.Mailings); err != nil {
		page.Unit = 0
	}
	if c.Objection != nil {
		page.Objection = mailProblems[c.Objection]
	}
	if c.Election != nil {
		page.Election = c.Body.NextTurn(s.staff.Now())
	}
	page.CanOrder = page.Unit > 0 && page.Answer != 0
	for _, order := range c.Orders {
		page.CanOrder = page.CanOrder && order.State.Over()
		page.Orders = append(page.Orders, sendOrder(c, order.Number))
	}
	if page.Answer != 0 {
		if page.Subject, page.Preview, err = s.answerMail(m, c); err != nil {
			return err
		}
		page.Sender, page.First = senderName(s.config.From), firstWords(page.Preview)
	}
	return s.render(w, m, status, page)
}

// answerMail is the mail as a signer gets it, with words where their own link will be.
func (s *Server) answerMail(m *moment, c desk.Mailable) (subject, text string, err error) {
	unit, err := undersigned.NextUnit(undersigned.MailingAnswer, c.Body.MailQuota, c.Mailings)
	if err != nil {
		unit = c.Body.MailQuota
	}
	return s.signerMail(m, c.Petition, undersigned.Mailing{Kind: undersigned.MailingAnswer, Words: strings.TrimSpace(c.Answer.Summary + "\n\n" + c.Answer.Details),
		Unit: unit, Quota: c.Body.MailQuota, ReservedAt: s.staff.Now()}, c.Title)
}

// mailingHTML handles GET /staff/petitions/{id}/mailing/email.html: the HTML form of that
// mail, byte for byte. It is a file to open, because it has styles of its own, which no page
// of ours may have.
func (s *Server) mailingHTML(w http.ResponseWriter, r *http.Request) error {
	m, c, err := s.mailableIn(r)
	if err != nil {
		return err
	}
	if c.Answer.ID == 0 {
		return undersigned.ErrNotFound
	}
	_, text, err := s.answerMail(m, c)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="email.html"`)
	send(w, http.StatusOK, []byte(texts.ToHTML(c.Petition.Language, text)))
	return nil
}

// senderName is what a list of mails calls a sender.
func senderName(from string) string {
	if a, err := mail.ParseAddress(from); err == nil {
		return cmp.Or(a.Name, a.Address)
	}
	return from
}

// firstWords are the words of a mail that a list of mails shows.
func firstWords(text string) string {
	const most = 100
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > most {
		return string(words[:most]) + "…"
	}
	return string(words)
}

var sendStates = map[undersigned.MailOrderState]view.SendState{
	undersigned.MailOrderWaiting: view.SendWaiting, undersigned.MailOrderSecond: view.SendSecond, undersigned.MailOrderAgreed: view.SendAgreed,
	undersigned.MailOrderMailed: view.SendMailed, undersigned.MailOrderVoid: view.SendVoid, undersigned.MailOrderStopped: view.SendStopped,
}

// sendOrder shows one order, with what can still be done about it.
func sendOrder(c desk.Mailable, number int64) view.SendOrder {
	var shown view.SendOrder
	for _, order := range c.Orders {
		if order.Number != number {
			continue
		}
		shown = view.SendOrder{Order: number, State: sendStates[order.State], Why: view.SendVoidWhy(order.Why), At: order.At, Begins: order.Begins,
			People: int(c.Petition.Rounded(order.People)), Minutes: int(order.Minutes), Stop: !order.State.Over()}
		for _, mailing := range c.Mailings {
			if mailing.Number == order.Mailing && !mailing.State.Over() {
				shown.Stop, shown.Pause, shown.Resume = true, !mailing.Paused, mailing.Paused
			}
		}
	}
	return shown
}

var overrideWords = map[string]fieldWords{"override": {missing: "problem.mail.override", long: "problem.why.long"}}

// mailing handles POST /staff/petitions/{id}/mailing.
func (s *Server) mailing(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	number := func(field string) int64 { n, _ := strconv.ParseInt(f.get(field), 10, 64); return n }
	said := "mail-asked"
	switch do := f.get("do"); do {
	case "order":
		err = s.staff.OrderMail(ctx, staff, target, desk.MailOrder{Answer: number("answer"), Judged: f.get("judged") == "yes", Override: f.get("override")})
	case "stop", "pause", "resume":
		said = "mail-changed"
		err = s.staff.ChangeMail(ctx, staff, target.Petition, number("order"), undersigned.Wish(do))
	default:
		var wrong problems
		wrong.add("main", "problem.do")
		return s.showMailing(w, r, f, http.StatusUnprocessableEntity, wrong)
	}
	if err == nil {
		return s.said(w, view.PathAdminMailing(target.Petition), said)
	}
	wrong, status, err := refusedMailing(err)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showMailing(w, r, f, status, wrong)
}

// refusedMailing is refused, with what may be wrong with a text that is to be mailed.
func refusedMailing(err error) (problems, int, error) {
	var wrong desk.Problems
	if !errors.As(err, &wrong) {
		return refused(err, overrideWords)
	}
	var all problems
	for _, one := range wrong {
		if word, ok := mailProblems[one.Err]; ok {
			field := one.Field
			if field == "answer" {
				field = "main"
			}
			all.add(field, word)
			continue
		}
		all = append(all, found(desk.Problems{one}, overrideWords)...)
	}
	return all, http.StatusUnprocessableEntity, nil
}
