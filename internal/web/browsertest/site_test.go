package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// policy is the content security policy that the samples are looked at under.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// TestSite visits every public page of the running site: no finding of axe-core, nothing
// asked of another host, nothing refused or said on the console, no cookie.
func TestSite(t *testing.T) {
	t.Parallel()
	pages := []string{
		"/", "/petitions", "/petitions?q=school", "/petitions?q=xyzzy", "/petitions?state=rejected", "/petitions?state=with_response",
		"/petitions?state=awaiting_debate", "/petitions?state=closed&page=2", "/petitions/start", "/about", "/how-petitions-work", "/standards",
		"/privacy", "/accessibility", "/cookies", "/one-address", "/terms", "/contact", "/no-such-page", "/petitions/1", "/staff/sign-in", "/demo/mail",
	}
	for _, state := range []string{"open", "closed", "rejected", "with_response", "debated", "not_debated"} {
		var list struct{ Data []petition }
		fetchJSON(t, "/petitions.json?state="+state, &list)
		if len(list.Data) == 0 {
			t.Fatalf("the demo has no petition %s", state)
		}
		page := fmt.Sprintf("/petitions/%d", list.Data[0].ID)
		pages = append(pages, page)
		if state != "rejected" { // nobody signed it
			pages = append(pages, page+"/number")
		}
		if state == "open" {
			pages = append(pages, page+"/sign", page+"/poster", page+"/wording", page+"/signed")
		}
	}
	b := newTab(t)
	call(b, network.Enable, network.EnableParams{})
	host := site(t)
	if err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && u.Scheme+"://"+u.Host != host {
				t.Errorf("asked elsewhere: %s", e.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	console := b.console()
	for _, page := range pages {
		b.visit(host + page)
		b.clean(page)
		b.width(narrow)
		for _, over := range eval[[]string](b, sideways) {
			t.Errorf("%s: must be scrolled sideways at %d pixels, because of %s", page, narrow, over)
		}
		b.width(wide)
		for _, said := range console() {
			if page == "/no-such-page" || page == "/petitions/1" {
				continue // the browser writes down that the page is a 404
			}
			t.Errorf("%s: on the console: %s", page, said)
		}
	}
	if cookies := b.cookies(); len(cookies) > 0 {
		t.Errorf("public pages set cookies: %v", cookies)
	}
	b.shootForReadme()
	answer, err := http.Get(host + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("the policy of the site is not the one the samples are looked at under:\n%s\n%s", got, policy)
	}
}

// console gives a function that returns what the console said since it was last asked.
func (b *tab) console() func() []string {
	b.Helper()
	ctx, stop := context.WithCancel(b.ctx)
	b.Cleanup(stop)
	said := make(chan string, 1000)
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			said <- fmt.Sprint(m)
		}
	}()
	return func() []string {
		var all []string
		for len(said) > 0 {
			all = append(all, <-said)
		}
		return all
	}
}

// TestSiteWeight weighs what comes over the line for the two pages everybody loads.
func TestSiteWeight(t *testing.T) {
	t.Parallel()
	p := openPetition(t)
	for _, path := range []string{"", "/sign"} {
		b := newTab(t)
		page, all := b.weigh(fmt.Sprintf("%s/petitions/%d%s", site(t), p.ID, path))
		t.Logf("petition%s: %d bytes of HTML with headers, %d with everything", path, page, all)
		if page == 0 || page > mostHTML {
			t.Errorf("petition%s: %d bytes of HTML, at most %d are allowed", path, page, mostHTML)
		}
		if all < page || all > mostPage {
			t.Errorf("petition%s: %d bytes with everything, at most %d are allowed", path, all, mostPage)
		}
	}
}
