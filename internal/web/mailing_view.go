package web

import (
	"cmp"
	"time"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/web/view"
)

// mailingsShown turns a petition's mailings into what its page says of them.
func mailingsShown(p undersigned.Petition, body undersigned.Body, mailings []undersigned.Mailing, now time.Time) []view.Mailing {
	var shown []view.Mailing
	for _, m := range mailings {
		sent, failed, skipped := m.Told(p)
		one := view.Mailing{Number: m.Number, Unit: m.Unit, Quota: m.Quota, Why: view.MailingWhy(m.Kind), On: m.ReservedAt,
			State: view.MailingState(m.State), Paused: m.Paused, Sent: int(sent), Failed: int(failed), Skipped: int(skipped)}
		if !m.State.Over() && body.HoldsBack(&m, now) {
			one.Until = body.NextTurn(now)
		}
		if readable(p) { // else the reason may be about what the petition was taken down for
			one.Override = m.Override
		}
		shown = append(shown, one)
	}
	return shown
}

// signerMail is a mail as somebody gets it who signed a wording of that title, with dots where
// their own link is: the text that was kept with the mailing, or, where there is none, as
// petition and body stand now.
func (s *Server) signerMail(m *moment, p undersigned.Petition, mailing undersigned.Mailing, title string) (subject, text string, err error) {
	mail := mailing.Text
	if mail.Text == "" {
		page := s.config.URL + view.PathPetition(p.ID)
		if mail, err = texts.Mailing(mailing, p, m.body, s.config.URL, page, cmp.Or(s.config.ReplyTo, m.body.Controller.Email)); err != nil {
			return "", "", err
		}
	}
	return mail.Subject, mail.Read(title, s.config.URL+"/l/…"), nil
}

// mailingUntil is when a page must be made anew that tells how far a mailing is: as often
// as the number of signatures is published.
func mailingUntil(until time.Time, mailings []view.Mailing, now time.Time) time.Time {
	for _, m := range mailings {
		if soon := now.Add(10 * time.Second); !undersigned.MailingState(m.State).Over() && soon.Before(until) {
			until = soon
		}
	}
	return until
}
