package web

import (
	"context"
	"net/http"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// written adds an open petition whose creator wrote to signers who agreed to news.
func (o *office) written(title string) (undersigned.Petition, testkit.Link) {
	o.T.Helper()
	o.Body.Sponsors.Needed, o.Body.News, o.Body.NewsQuota = 0, true, 2
	o.Check(o.DB.Desk().SaveBody(context.Background(), &o.Body))
	version := undersigned.VersionOf("Mend the bridge", "It is old.", "")
	o.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: "Ana Torres", Address: creatorMail, Title: "Mend the bridge", Background: "It is old.", Version: version,
		Days: 90, Language: "en-GB", Reply: undersigned.ReplyNo})
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(creatorMail, undersigned.LinkConfirm), version))
	o.Work()
	link := o.Link(creatorMail, undersigned.LinkCreator)
	o.sql(`UPDATE petitions SET state = 'open', opened_at = 1795338000000000, closes_at = 1803114000000000`)
	o.writes(link, title)
	return o.read(link.Number), link
}

func (o *office) writes(creator testkit.Link, title string) {
	o.T.Helper()
	letter := testkit.Press(undersigned.LetterNews, creator, undersigned.TextVersion{})
	letter.Title, letter.Text = title, "It is on 3 May."
	o.Post(letter)
	o.Work()
}

// Staff read what a creator wrote, refuse it with a reason, or ask for the mail whose button
// sends it.
func TestStaffDecideAboutNews(t *testing.T) {
	o := newOffice(t).staffed()
	p, creator := o.written("Vote for me")
	o.serve(nil)
	moira := o.signedIn(moiraMail)
	path := view.PathAdminNews(p.ID)
	mustHold(t, moira.page(view.PathAdmin(p.ID)), path, "News from the person who started it", "The person who started it wrote news")
	mustHold(t, moira.page(path), "Vote for me", "It is on 3 May.", "2 of 2 emails with news are left.", "Ask for the link", "Refuse to send it", "fewer than ten")
	revision := revisionField.FindStringSubmatch(moira.page(path))[1]
	w := moira.post(path, "revision", revision, "do", "refuse", "news", "1", "why", " ")
	mustAnswer(t, "refusing without a reason", w.Code, http.StatusUnprocessableEntity)
	mustAnswer(t, "doing nothing known", moira.post(path, "revision", revision, "do", "publish", "news", "1").Code, http.StatusUnprocessableEntity)
	mustAnswer(t, "sending what is not there", moira.post(path, "revision", revision, "do", "order", "news", "7").Code, http.StatusConflict)
	o.Mail.Clear()
	mustGo(t, moira.post(path, "revision", revision, "do", "refuse", "news", "1", "why", "It asks for votes."), path+"?said=news-refused")
	o.Work()
	mustHold(t, moira.page(path+"?said=news-refused"), "We tell the person who started the petition", "We did not send it.", "It asks for votes.")
	if mails := o.mails(creatorMail); len(mails) != 1 {
		t.Fatalf("the creator got %d mails", len(mails))
	} else {
		mustHold(t, mails[0].Text, "It asks for votes.")
	}
	// The next one goes.
	o.Work()
	o.writes(creator, "A meeting")
	revision = revisionField.FindStringSubmatch(moira.page(path))[1]
	mustGo(t, moira.post(path, "revision", revision, "do", "order", "news", "2"), path+"?said=news-asked")
	o.Work()
	mustHold(t, moira.page(path), "We want to send it.", "Waits until the link in the email is pressed.")
	mustNotHold(t, moira.page(path), "Ask for the link", "Refuse to send it")
	link := "/l/" + o.Link(moiraMail, undersigned.LinkRelease).Text
	mustHold(t, o.mails(moiraMail)[0].Text, "A meeting", "It is on 3 May.", "10 minutes")
	mustAnswer(t, "the link", moira.get(link).Code, http.StatusOK)
	o.Work()
	mustHold(t, moira.page(path), "Waits until the link in the email is pressed.") // to look agrees to nothing
	o.Post(testkit.Press(undersigned.LetterRelease, o.Link(moiraMail, undersigned.LinkRelease), undersigned.TextVersion{}))
	o.Work()
	mustHold(t, moira.page(path), "Agreed.", `value="stop"`)
	mustGo(t, moira.post(path, "revision", revision, "do", "stop", "order", "1"), path+"?said=news-changed")
	o.Work()
	mustHold(t, moira.page(path), "Stopped before the first email.", "Ask for the link")
	// Switched off, it is still there to be read, where something was written.
	o.Body.News = false
	o.Check(o.DB.Desk().SaveBody(context.Background(), &o.Body))
	o.serve(nil)
	moira = o.signedIn(moiraMail)
	mustHold(t, moira.page(view.PathAdmin(p.ID)), path)
}
