package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
)

func TestWhatIsWrittenOnTheContactPageReachesWhoRunsTheSite(t *testing.T) {
	v := visit(t)
	form := func(name, email, message string) url.Values {
		return url.Values{"name": {name}, "email": {email}, "message": {message}}
	}
	v.post("/contact", form("Ana Torres", "ana@example.org", "Where do you keep my name?\r\n\r\nYours, Ana")).to(t, "/outcome/contact")
	v.Work()
	caught := v.Mail.Messages()
	if len(caught) != 1 || caught[0].To != v.Body.Controller.Email || caught[0].Header("Reply-To") != "ana@example.org" {
		t.Fatalf("%d mails, to %q, answers to %q", len(caught), caught[0].To, caught[0].Header("Reply-To"))
	}
	if text := strings.ReplaceAll(caught[0].Text, "\r\n", "\n"); !strings.Contains(text, "Where do you keep my name?\n\nYours, Ana") || !strings.Contains(text, "Ana Torres") {
		t.Fatalf("the mail says:\n%s", text)
	}
	// The letter leaves with its mail.
	if letters, jobs, err := v.DB.Steward().Waiting(t.Context()); err != nil || letters != 0 || jobs != 0 {
		t.Fatalf("%d letters and %d mails wait: %v", letters, jobs, err)
	}

	for _, wrong := range []url.Values{form("", "ana@example.org", "Hello"), form("Ana", "ana", "Hello"), form("Ana", "ana@example.org", " "),
		form("Ana", "ana@example.org", strings.Repeat("x", 1001))} {
		a := v.post("/contact", wrong)
		if a.status != 422 || !strings.Contains(a.body, strings.TrimSpace(wrong.Get("message"))) {
			t.Errorf("%v answers %d", wrong.Get("email"), a.status)
		}
	}
	v.Work()
	if got := len(v.Mail.Messages()); got != 1 {
		t.Errorf("%d mails after forms that were refused", got)
	}
}

func TestWithoutAnAddressTheContactPageHasNoForm(t *testing.T) {
	v := visit(t)
	v.Body.Controller.Email = ""
	v.Check(v.DB.Desk().SaveBody(t.Context(), &v.Body))
	if a := v.get("/contact"); a.status != 200 || strings.Contains(a.body, "<textarea") {
		t.Errorf("it answers %d", a.status)
	}
	if a := v.post("/contact", url.Values{"name": {"Ana"}, "email": {"ana@example.org"}, "message": {"Hello"}}); a.status != 404 {
		t.Errorf("the form answers %d", a.status)
	}
}

// The form for lost links answers the same for every address, and keeps a wrong one.
func TestTheFormForLostLinksTellsNothing(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	v.Work()
	signed := v.post("/my-signatures", url.Values{"email": {"ana@example.org"}})
	signed.to(t, "/outcome/find")
	stranger := v.post("/my-signatures", url.Values{"email": {"zoe@example.org"}})
	if signed.status != stranger.status || signed.body != stranger.body {
		t.Error("the answers differ")
	}
	v.Work()
	own := v.Link("ana@example.org", undersigned.LinkOwn)
	v.get("/l/"+own.Text).want(t, 200, "What we hold about you")
	v.get("/outcome/find").want(t, 200)
	v.post("/my-signatures", url.Values{"email": {"ana"}}).want(t, 422, `value="ana"`)
}

// Whoever is told to wait keeps what they typed.
func TestAFormFromACrowdedPlaceIsKept(t *testing.T) {
	for path, form := range map[string]url.Values{
		"/contact":       {"name": {"Ana Torres"}, "email": {"ana@example.org"}, "message": {"Where do you keep my name?"}},
		"/my-signatures": {"email": {"ana.torres@example.org"}},
		"/staff/sign-in": {"email": {"ana.torres@example.org"}},
	} {
		v := visit(t)
		var refused answer
		server, err := web.New(web.Config{
			Public: v.DB.Public(), Box: v.Box, URL: testkit.URL, From: "no-reply@petitions.example.org", Desk: desk.New(v.DB.Desk()), SnapshotEvery: -1,
			// While one waits, the next comes, until too many wait.
			Wait: func(context.Context, time.Duration) {
				if a := v.post(path, form); a.status == http.StatusTooManyRequests {
					refused = a
				}
			},
		})
		v.Check(err)
		v.handler = server.Handler()
		for range 11 {
			v.post(path, form)
		}
		for _, typed := range form {
			if refused.status != http.StatusTooManyRequests || !strings.Contains(refused.body, typed[0]) || refused.header.Get("Retry-After") == "" {
				t.Errorf("%s answers %d without %q", path, refused.status, typed[0])
			}
		}
	}
}
