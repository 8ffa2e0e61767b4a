package browsertest

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// everyPage visits all pages full of payloads; a few of them else.
var everyPage = flag.Bool("payloads", false, "visit every page with script payloads in all of its texts")

// payloadPages are those that the short run visits: of each part of the site the ones
// with most of what people wrote.
var payloadPages = []string{"petition", "list", "sign-problems", "desk-review", "desk-many-preview-reject"}

// G50, in a browser: pages with 200 script payloads in their texts, sent without the
// policy that would forbid scripts anyway, open no dialog.
func TestG50NoPayloadRunsInABrowser(t *testing.T) {
	t.Parallel()
	engine, err := view.New(view.Config{})
	if err != nil {
		t.Fatal(err)
	}
	payloads := viewtest.Payloads()
	step := len(payloads) / 200
	var text []string
	for i := range 200 {
		text = append(text, payloads[i*step])
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/alert" { // the trial itself
			w.Write([]byte(`<p>` + payloads[0]))
			return
		}
		shown := viewtest.Find(strings.TrimPrefix(r.URL.Path, "/-/"))
		if shown == nil {
			http.NotFound(w, r)
			return
		}
		at := 0
		viewtest.Fill(shown, func() string { at += 20; return strings.Join(append(text[at%200:], text[:at%200]...), "\n") })
		body, err := engine.Render(shown)
		if err != nil {
			http.Error(w, "it does not render", http.StatusTeapot)
			return
		}
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	b := newTab(t)
	dialogs := make(chan string, 1000)
	if err := chromedp.Listen(b.ctx, func(event any) {
		if opened, ok := event.(*page.EventJavascriptDialogOpening); ok {
			dialogs <- opened.URL
			go chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}
	}); err != nil {
		t.Fatal(err)
	}
	names := payloadPages
	if *everyPage {
		names = nil
		for _, one := range viewtest.Samples() {
			names = append(names, one.Name)
		}
	}
	seen := 0
	for _, name := range names {
		b.visit(server.URL + "/-/" + name)
		if eval[int](b, `document.querySelectorAll('main').length`) == 0 {
			continue
		}
		seen++
		// What waits for a person: each link and field is touched.
		eval[bool](b, `document.querySelectorAll('main *').forEach(e => { for (const kind of ['mouseover', 'focus', 'toggle']) e.dispatchEvent(new Event(kind)) }), true`)
		if found := eval[int](b, `[...document.querySelectorAll('a')].filter(a => !['http:', 'https:', 'mailto:'].includes(a.protocol)).length`); found > 0 {
			t.Errorf("%s has %d links that are scripts", name, found)
		}
	}
	if seen < len(names)*9/10 {
		t.Errorf("only %d of %d pages were seen", seen, len(names))
	}
	if n := len(dialogs); n > 0 {
		t.Fatalf("%d dialogs opened, the first on %s", n, <-dialogs)
	}
	b.visit(server.URL + "/alert")
	await(t, "the dialog of a page without care", func() bool { return len(dialogs) > 0 })
}
