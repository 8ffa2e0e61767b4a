package texts

import (
	netmail "net/mail"
	"strings"

	"undersigned"
)

var unmarked = strings.NewReplacer(undersigned.MarkTitle, "", undersigned.MarkLink, "")

// Mailing writes a mailing to signers as its petition and its body stand, with marks where
// each of them reads something of their own. url is the site's, page the petition's.
func Mailing(m undersigned.Mailing, p undersigned.Petition, body undersigned.Body, url, page, replyTo string) (undersigned.MailText, error) {
	const dateInFull = "2 January 2006"
	t := undersigned.MailText{ReplyTo: unmarked.Replace(replyTo)}
	replies := t.ReplyTo
	if a, err := netmail.ParseAddress(replies); err == nil {
		replies = a.Address
	}
	var err error
	t.Subject, t.Text, err = Render(p.Language, "mailing-"+string(m.Kind), Facts{
		Site: unmarked.Replace(body.SiteName), Body: unmarked.Replace(body.Name), Controller: unmarked.Replace(body.Controller.Name),
		URL: url, Page: page, ReplyTo: replies, Note: unmarked.Replace(m.Words), Title: undersigned.MarkTitle,
		OwnLink: undersigned.MarkLink, VoteLink: undersigned.MarkLink + "?" + undersigned.VoteQuery,
		On: m.ReservedAt.In(body.Location()).Format(dateInFull), Unit: m.Unit, Quota: m.Quota, DeleteBy: p.RetainTo.In(body.Location()).Format(dateInFull),
	})
	return t, err
}
