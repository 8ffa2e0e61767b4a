package web_test

import (
	"net/url"
	"testing"

	"undersigned"
	"undersigned/internal/web/view"
)

func TestU33SigningTheWholeWay(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathPetition(p.ID)).want(t, 200, "Keep the library open", view.PathSign(p.ID))
	form := v.get(view.PathSign(p.ID)).want(t, 200, "Your name", "shall we email you")
	version := versionField.FindStringSubmatch(form.body)[1]
	sent := v.post(view.PathPetition(p.ID)+"/signatures", url.Values{
		"version": {version}, "name": {"Ana Torres"}, "email": {"ana@example.org"}, "answer": {"yes"},
	}).want(t, 200, "Check your email", "ana@example.org", "Please confirm your email address", "no-reply@petitions.example.org")
	sent.lacks(t, "Did you mean")
	v.Work()
	if n := len(v.Mail.Messages()); n != 1 {
		t.Fatalf("%d mails left", n)
	}
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	shown := v.get("/l/"+link.Text).want(t, 200, "A. T.", "Keep the library open", "Sign the petition", "It was not me")
	if shown.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("a personal page may be kept: %q", shown.header.Get("Cache-Control"))
	}
	v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	v.get(view.PathPetition(p.ID)+"/signed").want(t, 200, "You have signed", "Keep the library open")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	v.get(view.PathPetition(p.ID)).want(t, 200, "<b data-count>1</b>")
}
