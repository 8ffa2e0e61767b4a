package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// answers posts the body's answer, past the desk.
func (v *visitor) answers(p undersigned.Petition) undersigned.Answer {
	v.T.Helper()
	a := undersigned.Answer{PetitionID: p.ID, Kind: undersigned.AnswerResponse, Date: "2026-11-22", Summary: "It stays open.", Details: "All of it.", PublishedAt: v.Clock.Now()}
	v.Check(v.DB.Desk().InTx(v.T.Context(), func(tx *store.DeskTx) error { return tx.AddAnswer(&a) }))
	return a
}

// Whoever signed says by the link in their mail whether the answer answered the petition.
// Programs that open links say nothing, and no page tells who has said something.
func TestASignerSaysIfTheAnswerAnswered(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	links := v.filled(p, 24) // twelve of them asked for mail
	path := func(i int) string { return "/l/" + links[i].Text }
	v.get(path(0)+"?answer").want(t, 200, "Your signature").lacks(t, "Did this answer the petition?")
	v.get(path(0)).want(t, 200).lacks(t, "?answer")
	a := v.answers(p)
	v.get(path(0)).want(t, 200, path(0)+"?answer")
	v.get(view.PathPetition(p.ID)).want(t, 200, "Did this answer the petition?", "Yes: fewer than 10", "No: fewer than 10")

	before := v.letters()
	for i := range links {
		v.get(path(i)+"?answer").want(t, 200, "Did this answer the petition?", "It stays open.", `name="vote"`)
		v.ask(http.MethodHead, path(i)+"?answer", "").want(t, 200)
	}
	say := func(i int, vote string) answer {
		return v.post(path(i), url.Values{"do": {"vote"}, "answer": {fmt.Sprint(a.ID)}, "vote": {vote}})
	}
	say(0, "").want(t, 422, "Choose yes, partly or no")
	say(0, "maybe").want(t, 422, "Choose yes, partly or no")
	v.post(path(0), url.Values{"do": {"vote"}, "answer": {"7"}, "vote": {"yes"}}).want(t, 409, "There is another answer now")
	v.ask(http.MethodPost, path(0), url.Values{"do": {"vote"}, "answer": {fmt.Sprint(a.ID)}, "vote": {"yes"}}.Encode(),
		"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").want(t, 403)
	wrong := links[0].Text[:22] + links[1].Text[22:]
	v.post("/l/"+wrong, url.Values{"do": {"vote"}, "answer": {fmt.Sprint(a.ID)}, "vote": {"yes"}}).want(t, 404)
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in, and nobody has said anything", n-before)
	}

	first := say(0, "no").to(t, "/outcome/voted")
	again := say(0, "yes").to(t, "/outcome/voted")
	if first.body != again.body || len(first.header) != len(again.header) {
		t.Error("who says it again gets another answer")
	}
	v.Work()
	form := v.get(path(1) + "?answer").body
	if mine := v.get(path(0) + "?answer").body; strings.ReplaceAll(mine, links[0].Text, "") != strings.ReplaceAll(form, links[1].Text, "") {
		t.Error("the page tells that its reader has said something")
	}
	for i := 1; i < 9; i++ {
		say(i, "yes")
	}
	v.Work()
	v.get(view.PathPetition(p.ID)).want(t, 200, "Yes: fewer than 10")
	for i := 9; i < 12; i++ {
		say(i, "yes")
	}
	v.Work()
	v.get(view.PathPetition(p.ID)).want(t, 200, "Yes: 11", "Partly: fewer than 10", "No: fewer than 10")
	v.get(view.PathJSON(p.ID)).want(t, 200, fmt.Sprintf(`"answer_votes":{"answer":%d,"yes":11,"partly":null,"no":null}`, a.ID))
	v.get("/outcome/voted").want(t, 200, "We have what you said")
}

// U111: the mail with the answer has the link alone on its line, as text and as HTML.
func TestTheAnswersMailAsksIfItAnswered(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	a := v.answers(p)
	v.Check(v.DB.Steward().InTx(t.Context(), func(tx *store.StewardTx) error {
		_, err := v.Steward.ReserveMailing(tx, p.ID, 2, undersigned.MailingAnswer, a.Summary)
		return err
	}))
	for range 3 {
		v.Work()
	}
	m := v.Mail.Messages()[0]
	link := testkit.URL + "/l/" + v.Links(m.Text)[0].Text + "?answer"
	if !strings.Contains(m.Text, "\n"+link+"\n") {
		t.Errorf("the text has no line %s:\n%s", link, m.Text)
	}
	if !strings.Contains(m.HTML, `<a href="`+link+`"`) {
		t.Errorf("the HTML has no link to %s:\n%s", link, m.HTML)
	}
	v.get(strings.TrimPrefix(link, testkit.URL)).want(t, 200, "Did this answer the petition?")
}
