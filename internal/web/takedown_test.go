package web_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// Whatever is pressed behind the links of mails that went out before a petition was taken
// down, it stays down and nobody is added. Who signed can still leave, and its creator
// can still write to staff.
func TestNoOldLinkRevivesARemovedPetition(t *testing.T) {
	v := visit(t)
	creator, sponsors := v.started()
	v.back(sponsors, "laura@example.org")
	id := creator.Number
	now := v.Clock.Now()
	p := v.change(id, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.ClosesAt = undersigned.Open, now, now.Add(90*24*time.Hour)
		p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	})
	v.sign(p, "Zoe Lind", "zoe@example.org", "yes")
	v.pressed(v.Link("zoe@example.org", undersigned.LinkConfirm), p.Version)
	v.sign(p, "Ben Ali", "ben@example.org", "yes")
	v.Work()
	waiting, notBen := v.Link("ben@example.org", undersigned.LinkConfirm), v.Link("ben@example.org", undersigned.LinkOwn)
	own := v.Link("zoe@example.org", undersigned.LinkOwn)

	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	row, err := v.DB.Public().Petition(context.Background(), id)
	v.Check(err)
	v.Check(desk.New(v.DB.Desk()).TakeDown(context.Background(), staff, desk.Target{Petition: id, Revision: row.Revision}, "A court asked us to."))
	v.Work()
	number := v.Number(id)
	down := func(after string) {
		t.Helper()
		v.Work()
		v.Check(v.Steward.Chores(context.Background()))
		row, err := v.DB.Public().Petition(context.Background(), id)
		v.Check(err)
		if row.State != undersigned.Removed || v.Number(id) > number {
			t.Fatalf("after %s it is %s with %d signatures, and before it had %d", after, row.State, v.Number(id), number)
		}
		v.get(view.PathPetition(id)).want(t, 410, "A court asked us to.").lacks(t, "Plant more trees")
	}
	version := p.Version.String()
	for _, press := range []struct {
		name, link string
		form       url.Values
	}{
		{"the confirmation", waiting.Text, url.Values{"do": {"confirm"}, "version": {version}}},
		{"“it was not me”", notBen.Text, url.Values{"do": {"not-me"}}},
		{"a copy", own.Text, url.Values{"do": {"copy"}}},
		{"stopping mails", own.Text, url.Values{"do": {"stop"}}},
		{"the creator's resubmission", creator.Text, url.Values{"do": {"resubmit"}, "title": {"Plant many trees"}, "background": {"They are few."}, "details": {""}}},
		{"the creator's withdrawal", creator.Text, url.Values{"do": {"withdraw"}, "sure": {"yes"}}},
		{"the creator's message", creator.Text, url.Values{"do": {"message"}, "text": {"Why was it taken down?"}}},
		{"the sponsors' link", sponsors.Text, url.Values{"do": {"confirm"}, "version": {version}}},
	} {
		v.get("/l/" + press.link)
		v.post("/l/"+press.link, press.form)
		down(press.name)
	}
	late := url.Values{"link": {sponsors.Text}, "name": {"Laura Smith"}, "email": {"late@example.org"}, "answer": {"no"}, "version": {version}}
	v.post(view.PathSponsor(id), late)
	v.post(view.PathPetition(id)+"/signatures", signing(p, "Late Comer", "late@example.org", "no"))
	down("forms that were open")
	for _, mail := range v.Mail.Messages() {
		if mail.To == "late@example.org" {
			t.Fatalf("somebody who came late was mailed: %s", mail.Subject)
		}
	}
	v.post("/l/"+own.Text, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/left")
	down("leaving")
	if got := v.Number(id); got != number-1 {
		t.Errorf("after somebody left, the number is %d, and before it was %d", got, number)
	}
}
