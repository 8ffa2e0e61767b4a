package web

import (
	"time"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/web/view"
)

// mailingsShown turns a petition's mailings into what its page says of them.
func mailingsShown(p undersigned.Petition, mailings []undersigned.Mailing) []view.Mailing {
	var shown []view.Mailing
	for _, m := range mailings {
		sent, failed, skipped := m.Told(p)
		shown = append(shown, view.Mailing{Number: m.Number, Unit: m.Unit, Quota: m.Quota, Why: view.MailingWhy(m.Kind), On: m.ReservedAt,
			State: view.MailingState(m.State), Paused: m.Paused, Sent: int(sent), Failed: int(failed), Skipped: int(skipped)})
	}
	return shown
}

// signerMail is a mail as somebody who signed gets it, with dots where their own link is.
func (s *Server) signerMail(m *moment, p undersigned.Petition, mailing undersigned.Mailing) (subject, text string, err error) {
	until, err := m.engine.Date(m.body.Language, p.RetainTo)
	if err != nil {
		return "", "", err
	}
	on, err := m.engine.Date(m.body.Language, mailing.ReservedAt)
	if err != nil {
		return "", "", err
	}
	return texts.Render(p.Language, "mailing-"+string(mailing.Kind), texts.Facts{
		Site: m.body.SiteName, Body: m.body.Name, Controller: m.body.Controller.Name, URL: s.config.URL, Title: p.Title,
		Page: s.config.URL + view.PathPetition(p.ID), OwnLink: s.config.URL + "/l/…", VoteLink: s.config.URL + "/l/…", Note: mailing.Words, On: on,
		Unit: mailing.Unit, Quota: mailing.Quota, DeleteBy: until,
	})
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
