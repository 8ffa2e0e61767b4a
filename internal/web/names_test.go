package web_test

import (
	"regexp"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/web/view"
)

// Who runs the site and whom petitions go to are two. "We" is who runs it, and it never
// promises what only the other can do.
func TestWeNeverSpeakForTheBody(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		fresh := undersigned.DefaultBody()
		b.Name, b.Controller.Name, b.Thresholds, b.Reasons = "Calder Council", "Open Petitions Trust", fresh.Thresholds, fresh.Reasons
	})
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathPetition(p.ID)).want(t, 200, "At 10,000 signatures, Calder Council will answer.")
	v.get(view.PathHow).want(t, 200, "Calder Council will answer", "Calder Council will consider a debate")
	v.get(view.PathStandards).want(t, 200, "It is about something that Calder Council does not do", "one clear thing that Calder Council can do or not do")
	deeds := regexp.MustCompile(`(?i)\b(we (will )?(answer|debate|consider|decide|act)\b|our (work|job)\b|not our\b|\bwe can(not)? do\b|us to act)`)
	for _, path := range []string{"/", view.PathList, view.PathPetition(p.ID), view.PathSign(p.ID), view.PathHow, view.PathStandards, view.PathStart, view.PathAbout} {
		body := v.get(path).want(t, 200).body
		if strings.Contains(body, "{body}") {
			t.Errorf("%s shows a name that was not filled in", path)
		}
		if found := deeds.FindString(body); found != "" {
			t.Errorf("%s: we speak for the body: %q", path, found)
		}
	}
}
