package web_test

import (
	"net/http"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// A restored site that nobody has called the live one is read, says so, and takes no form.
func TestACopyIsReadAndTakesNoForm(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	before := v.letters()
	server, err := web.New(web.Config{Public: v.DB.Public(), URL: testkit.URL, From: "no-reply@petitions.example.org", SnapshotEvery: -1, Copy: true})
	v.Check(err)
	v.handler = server.Handler()
	const says = "We are bringing this site back"
	for _, path := range []string{"/", view.PathPetition(p.ID), view.PathSign(p.ID), "/l/" + link.Text} {
		v.get(path).want(t, http.StatusOK, says)
	}
	form := signing(p, "Ben Okoro", "ben@example.org", "yes")
	v.post(view.PathPetition(p.ID)+"/signatures", form).keeps(t, view.PathPetition(p.ID)+"/signatures", form)
	v.post("/l/"+link.Text, map[string][]string{"do": {"confirm"}, "version": {p.Version.String()}}).want(t, http.StatusServiceUnavailable, says)
	v.get(view.PathSignIn).want(t, http.StatusNotFound)
	if n := v.letters(); n != before {
		t.Fatalf("a copy took %d letters", n-before)
	}
}
