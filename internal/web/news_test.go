package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

const agreesToNews = "Also email me news about this petition from the person who started it."

// reserved mails news of a petition past everybody who must agree to it.
func (v *visitor) reserved(p undersigned.Petition, words string) {
	v.T.Helper()
	v.Check(v.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		_, err := v.Steward.ReserveMailing(tx, p.ID, 2, undersigned.MailingNews, words)
		return err
	}))
	v.Clock.Move(11 * time.Second)
	v.Work()
	v.Check(v.Steward.Record(context.Background()))
}

func (v *visitor) newsParts() (n int64) {
	v.T.Helper()
	n, err := v.DB.Public().NewsWanted(context.Background(), 1)
	v.Check(err)
	return n
}

// The box for news is there only where the body lets it be; who ticked it sees that on their
// own page, and one press stops news and nothing else.
func TestABoxForNewsIsAskedOnlyWhereTheBodyLetsItBe(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	path := view.PathPetition(p.ID) + "/signatures"
	v.get(view.PathSign(p.ID)).want(t, 200).lacks(t, agreesToNews, view.NewsID)
	v.get("/privacy").want(t, 200).lacks(t, "may send news through us")
	form := signing(p, "Eve Lund", "eve@example.org", "yes")
	form["purpose"] = []string{view.NewsID}
	v.post(path, form).want(t, 200).lacks(t, view.NewsID) // what was not asked is not carried on
	v.saveBody(func(b *undersigned.Body) { b.News, b.NewsQuota = true, 2 })
	v.Clock.Move(10 * time.Second) // the steward reads settings anew
	v.get(view.PathSign(p.ID)).want(t, 200, agreesToNews, "2 emails at most", `value="`+view.NewsID+`"`).lacks(t, " checked")
	v.get("/privacy").want(t, 200, "may send news through us")
	v.get("/how-petitions-work").want(t, 200, "may send news to those who agreed to it")

	form = signing(p, "Ana Torres", "ana@example.org", "yes")
	form["purpose"] = []string{view.NewsID}
	v.post(path, form).want(t, 200, `name="purpose" value="`+view.NewsID+`"`)
	other := signing(p, "Bo Lind", "bo@example.org", "no")
	other["purpose"] = []string{view.NewsID}
	v.post(path, other).want(t, 200)
	v.Work()
	for _, name := range []string{"ana", "bo"} {
		v.pressed(v.Link(name+"@example.org", undersigned.LinkConfirm), p.Version)
	}
	v.Work()
	if n := v.newsParts(); n != 1 {
		t.Fatalf("%d are to be mailed news", n)
	}
	own := "/l/" + v.Link("ana@example.org", undersigned.LinkOwn).Text
	v.get(own).want(t, 200, "News from the person who started it. We send it.", `value="stop-news"`)
	v.get("/l/"+v.Link("bo@example.org", undersigned.LinkOwn).Text).want(t, 200).lacks(t, "News from the person", "stop-news")

	v.reserved(p, "A meeting\n\nIt is on 3 May.")
	v.get(view.PathPetition(p.ID)).want(t, 200, "News from the person who started it", "A meeting", "It is on 3 May.", "They wrote this, not we.")
	v.get(view.PathJSON(p.ID)).want(t, 200, `"reason":"news"`, `"words":"A meeting\n\nIt is on 3 May."`, `"sent":0`)
	v.get("/transparency?what=mails").want(t, 200, "This was news 1 of at most 2.")
	v.get(own).want(t, 200, view.PathRecordMail(1))
	v.get("/l/"+v.Link("bo@example.org", undersigned.LinkOwn).Text).want(t, 200).lacks(t, view.PathRecordMail(1))

	v.get(own+"?stop-news").want(t, 200, "Stop news about this petition", `value="stop-news"`, `value="stop"`)
	v.ask(http.MethodHead, own+"?stop-news", "").want(t, 200)
	v.Work()
	if v.newsParts() != 1 {
		t.Fatal("looking at the page stopped news")
	}
	kind, body := parts(t, "List-Unsubscribe", "One-Click")
	v.program(own+"?stop-news", kind, body).want(t, 200, "No more news")
	v.Work()
	if v.newsParts() != 0 {
		t.Fatal("one click in a mail program did not stop news")
	}
	v.get(own).want(t, 200, "Stop all emails").lacks(t, "stop-news")
	v.post(own, url.Values{"do": {"stop-news"}}).to(t, "/outcome/no-news") // once more changes nothing
	v.get("/outcome/no-news").want(t, 200, "We still email you the answer.")
	v.Work()
	v.get(own).want(t, 200, "Stop all emails")
}

// The petition form says the same to everybody, whatever they agreed to before.
func TestNobodyLearnsWhoAgreedToNews(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) { b.News, b.NewsQuota = true, 2 })
	p := v.OpenPetition("Keep the library open")
	path := view.PathPetition(p.ID) + "/signatures"
	answers := func(name string, news bool) string {
		form := signing(p, "A Signer", name+"@example.org", "yes")
		if news {
			form["purpose"] = []string{view.NewsID}
		}
		return strings.ReplaceAll(hiddenField.ReplaceAllString(v.post(path, form).want(t, 200).body, ""), name+"@", "somebody@")
	}
	first := answers("ana", true)
	answers("bea", false)
	v.Work()
	for _, name := range []string{"ana", "bea"} {
		v.pressed(v.Link(name+"@example.org", undersigned.LinkConfirm), p.Version)
	}
	v.Work()
	for _, name := range []string{"ana", "bea", "new"} {
		if answers(name, true) != first {
			t.Errorf("the answer to %s is another", name)
		}
	}
	// Nor does what is published: nine who agreed look like nobody.
	for i := range 8 {
		v.post(path, func() url.Values {
			form := signing(p, "A Signer", fmt.Sprintf("more%d@example.org", i), "yes")
			form["purpose"] = []string{view.NewsID}
			return form
		}())
	}
	v.Work()
	for i := range 8 {
		v.pressed(v.Link(fmt.Sprintf("more%d@example.org", i), undersigned.LinkConfirm), p.Version)
	}
	v.Work()
	if n := v.newsParts(); n != 9 {
		t.Fatalf("%d agreed", n)
	}
	v.reserved(p, "A meeting\n\nIt is on 3 May.")
	v.get(view.PathJSON(p.ID)).want(t, 200, `"sent":0`)
	v.get(view.PathRecordMail(1)).want(t, 200).lacks(t, ">9<")
	v.get("/transparency").want(t, 200).lacks(t, "9 people", "9 emails")
}

// Who started a petition writes on their own page, and reads there what became of it.
func TestACreatorWritesNews(t *testing.T) {
	v := visit(t)
	creator, sponsors := v.started()
	own := "/l/" + creator.Text
	const heading = "Write to people who asked for news"
	v.get(own).want(t, 200).lacks(t, heading)
	v.saveBody(func(b *undersigned.Body) { b.News, b.NewsQuota = true, 1 })
	v.get(own).want(t, 200).lacks(t, heading) // nobody can have signed yet
	before := v.letters()
	v.post(own, url.Values{"do": {"news"}, "news-title": {"A meeting"}, "news-text": {"It is on 3 May."}}).want(t, 200)
	if v.letters() != before {
		t.Error("a letter was taken that nobody asked for")
	}
	v.change(sponsors.Number, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.ClosesAt = undersigned.Open, v.Clock.Now(), v.Clock.Now().AddDate(0, 3, 0)
	})
	v.get(own).want(t, 200, heading, "You can send 1 more email.", "We do not say how many people agreed to news while it is fewer than ten.")
	for name, bad := range map[string][2]string{
		"no title": {"", "It is on 3 May."}, "no text": {"A meeting", " "}, "a long title": {strings.Repeat("x", 81), "It is on 3 May."}, "a long text": {"A meeting", strings.Repeat("y ", 1001)},
		"HTML": {"A meeting", "<b>It is</b> on 3 May."}, "a link behind words": {"A meeting", "[Come](https://trees.example)"}, "a scheme": {"A meeting", "javascript:alert(1)"},
		"an address that tells": {"A meeting", "https://trees.example/?utm_source=mail"}, "an odd sign": {"A meeting", "It is\u202e on 3 May."},
	} {
		page := v.post(own, url.Values{"do": {"news"}, "news-title": {bad[0]}, "news-text": {bad[1]}})
		if page.status != 422 || !strings.Contains(page.body, "There is a problem") {
			t.Errorf("%s: it answers %d", name, page.status)
		}
	}
	v.post(own, url.Values{"do": {"news"}, "news-title": {"A meeting"}, "news-text": {"It is on 3 May."}}).to(t, "/outcome/news")
	v.get("/outcome/news").want(t, 200, "We read it first.")
	v.Work()
	v.get(own).want(t, 200, "A meeting", "Waits until we have read it.").lacks(t, `name="news-title"`) // there is room for one
	v.get(view.PathPetition(creator.Number)).lacks(t, "It is on 3 May.")
}
