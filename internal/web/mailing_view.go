package web

import (
	"time"

	"undersigned"
	"undersigned/internal/web/view"
)

// mailingsShown turns a petition's mailings into what its page says of them.
func mailingsShown(p undersigned.Petition, mailings []undersigned.Mailing) []view.Mailing {
	var shown []view.Mailing
	for _, m := range mailings {
		shown = append(shown, view.Mailing{Unit: m.Unit, Quota: m.Quota, Why: view.MailingWhy(m.Kind), On: m.ReservedAt,
			State: view.MailingState(m.State), Paused: m.Paused, Sent: int(p.Rounded(m.Sent))})
	}
	return shown
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
