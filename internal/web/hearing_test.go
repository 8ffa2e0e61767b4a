package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/web/view"
)

// A phone number and a postal address are asked for only where the body asks, with its
// reason, and nobody has to give them.
func TestTheStartFormAsksForAPhoneNumberOnlyWhereTheBodyDoes(t *testing.T) {
	v := visit(t)
	you := func() answer {
		page := v.get(view.PathStart).want(t, 200)
		for _, typed := range []url.Values{whatFor, why, howLong} {
			page = v.next(page, typed).want(t, 200)
		}
		return page
	}
	who := url.Values{"name": whoAmI["name"], "email": whoAmI["email"], "phone": {"+44 1422 357159"}, "postal": {"17 Zinnia Terrace\r\nHalifax"}}
	you().want(t, 200, "Your email address").lacks(t, "Phone number", "Postal address")
	v.next(you(), who).want(t, 200).lacks(t, "357159", "Zinnia")
	v.get("/privacy").want(t, 200).lacks(t, "phone number")

	const reason = "We call to set the day of a hearing."
	v.saveBody(func(b *undersigned.Body) { b.AskHearing, b.HearingWhy = true, reason })
	you().want(t, 200, "Phone number", "Postal address", reason, "You need not fill this in.", "We tell you each time")
	v.get("/privacy").want(t, 200, "phone number", reason)
	for name, bad := range map[string][2]string{"words": {"phone", "ask next door"}, "length": {"phone", strings.Repeat("1", 41)}, "a long address": {"postal", strings.Repeat("x", 201)}, "a formula": {"phone", "=1234"}} {
		form := url.Values{"name": whoAmI["name"], "email": whoAmI["email"], bad[0]: {bad[1]}}
		if page := v.next(you(), form).want(t, 422); !strings.Contains(page.body, `id="`+bad[0]+`-error"`) {
			t.Errorf("%s: the page does not say what is wrong", name)
		}
	}
	v.next(you(), whoAmI).want(t, 200, "Check") // neither is needed
	check := v.next(you(), who).want(t, 200, "&#43;44 1422 357159", "17 Zinnia Terrace")
	form := url.Values{"title": whatFor["title"], "background": why["background"], "details": {""}}
	v.next(check, form).want(t, 200, "Check your email").lacks(t, "Sponsor")
	v.Work()
	link := v.Link("charlie@example.org", undersigned.LinkConfirm)
	v.get("/l/"+link.Text).want(t, 200).lacks(t, "357159", "Zinnia")
	v.post("/l/"+link.Text, url.Values{"do": {"confirm"}, "version": {strings.Repeat("0", 64)}}).to(t, "/started")
	v.Work()

	// Their own page shows it when asked to, and changes and deletes it.
	own := "/l/" + v.Link("charlie@example.org", undersigned.LinkCreator).Text
	v.get(own).want(t, 200, "We hold what you gave us, locked.", "Nobody has asked to see it.", reason).lacks(t, "357159", "Zinnia")
	shown := v.post(own, url.Values{"do": {"hearing-show"}}).want(t, 200, "&#43;44 1422 357159", "17 Zinnia Terrace\nHalifax")
	if got := shown.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the page may be kept: %q", got)
	}
	v.post(own, url.Values{"do": {"hearing"}, "phone": {" "}, "postal": {""}}).want(t, 422, "To take them away, delete them below.")
	v.post(own, url.Values{"do": {"hearing"}, "phone": {"1"}, "postal": {"Somewhere"}}).want(t, 422, "Write a phone number that we can call", "Somewhere")
	v.post(own, url.Values{"do": {"hearing"}, "phone": {"01422 111222"}, "postal": {""}}).to(t, "/outcome/hearing")
	v.get("/outcome/hearing").want(t, 200, "We keep what you gave")
	v.Work()
	v.post(own, url.Values{"do": {"hearing-show"}}).want(t, 200, "01422 111222").lacks(t, "357159", "Zinnia")
	// Where the body does not ask any more, it can still be seen and deleted, and not given.
	v.saveBody(func(b *undersigned.Body) { b.AskHearing = false })
	v.get(own).want(t, 200, "We do not ask for a phone number", "Delete what you gave").lacks(t, `name="phone"`)
	v.post(own, url.Values{"do": {"hearing-show"}}).want(t, 200, "01422 111222")
	before := v.letters()
	v.post(own, url.Values{"do": {"hearing"}, "phone": {"01422 333444"}}).want(t, 200)
	if v.letters() != before {
		t.Error("a letter was taken that nobody asked for")
	}
	v.post(own, url.Values{"do": {"hearing-delete"}}).to(t, "/outcome/hearing-gone")
	v.get("/outcome/hearing-gone").want(t, 200, "We delete what you gave")
	v.Work()
	v.get(own).want(t, 200).lacks(t, "If there is a hearing", "01422")
	creator, err := v.DB.Public().Creator(context.Background(), v.Link("charlie@example.org", undersigned.LinkCreator).Number)
	v.Check(err)
	if creator.Hearing.Sealed != nil || creator.Hearing.Card != nil {
		t.Error("something is left")
	}
	if strings.Contains(v.log.String(), "357159") || strings.Contains(v.log.String(), "Zinnia") {
		t.Error("the log holds what was given")
	}
}
