package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// Somebody who answers sees how many would be mailed and what they would read, and asks; a
// second person agrees by the link in their mail; the public page tells of it.
func TestAResponderHasAnAnswerMailed(t *testing.T) {
	o := newOffice(t).everyRole()
	p := o.OpenPetition("Mend the bridge")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	o.Sign(p, "Bo Lind", "bo@example.org", undersigned.ReplyNo)
	o.serve(nil)
	v := o.asEverybody()[string(undersigned.Responder)]
	path := view.PathAdminMailing(p.ID)
	mustHold(t, v.page(path), "There is no answer to send yet.")
	post := func(fields ...string) int {
		t.Helper()
		shown := revisionField.FindStringSubmatch(v.page(path))
		if shown == nil {
			t.Fatal("the page has no form that could be sent")
		}
		return v.post(path, append(fields, "revision", shown[1])...).Code
	}
	answer := func(details string) {
		t.Helper()
		row := o.read(p.ID)
		o.Check(desk.New(o.DB.Desk()).Respond(context.Background(), undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true},
			desk.Target{Petition: row.ID, Revision: row.Revision}, desk.Response{Date: "2026-11-22", Summary: "We mend it.", Details: details}))
	}
	answer("In <b>May</b>, see [here](https://example.org).")
	mustHold(t, v.page(path), "1 person asked us to email them.", "We mend it.", "Take the HTML out of the answer")
	if status := post("do", "order", "answer", "1", "judged", "yes"); status != http.StatusUnprocessableEntity {
		t.Fatalf("an answer with HTML: %d", status)
	}
	o.sql(`UPDATE answers SET details = 'In May: https://example.org/bridge' WHERE kind = 'response'`)
	page := v.page(path)
	mustHold(t, page, "In a list of emails", "You signed this petition on", "As plain text", "As HTML", path+"/email.html")
	file := v.get(path + "/email.html")
	if file.Code != http.StatusOK || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") {
		t.Fatalf("the HTML form answers %d, %v", file.Code, file.Header())
	}
	previewed := file.Body.String()
	if status := post("do", "order", "answer", "1"); status != http.StatusUnprocessableEntity {
		t.Fatalf("nobody said that it is no campaigning: %d", status)
	}
	if status := post("do", "order", "answer", "7", "judged", "yes"); status != http.StatusConflict {
		t.Fatalf("another answer than was read: %d", status)
	}
	if status := post("do", "order", "answer", "1", "judged", "yes"); status != http.StatusSeeOther {
		t.Fatalf("the order answers %d", status)
	}
	o.Work()
	mustHold(t, v.page(path), "Waits for a second person to agree.", "Stop it")
	if status := post("do", "order", "answer", "1", "judged", "yes"); status != http.StatusConflict && status != http.StatusUnprocessableEntity {
		t.Fatalf("a second order beside the first answers %d", status)
	}
	link := o.Link(mailOf(undersigned.Administrator), undersigned.LinkRelease)
	someone := o.visitor()
	mustHold(t, someone.page("/l/"+link.Text), "A colleague asks to email an answer", "The whole text is in the email")
	someone.post("/l/" + link.Text)
	o.Work()
	mustHold(t, v.page(path), "A second person agreed.", "The first email leaves at")
	o.Clock.Move(undersigned.StopTime)
	o.Work()
	o.Work()
	sent := ""
	for _, m := range o.Mail.Messages() {
		if m.To == "ana@example.org" && m.Subject == "An answer to a petition you signed" {
			sent = regexp.MustCompile(`/l/[A-Za-z0-9_.-]+`).ReplaceAllString(m.HTML, "/l/…")
		}
	}
	if strings.TrimSpace(sent) != strings.TrimSpace(previewed) {
		t.Errorf("previewed as HTML:\n%s\nsent:\n%s", previewed, sent)
	}
	mustHold(t, o.visitor().page(view.PathPetition(p.ID)), "To give them the answer", "Email 1 of at most 2", "We sent it to 1 person.")
	mustHold(t, v.page(path), "email 2 of at most 2")
}
