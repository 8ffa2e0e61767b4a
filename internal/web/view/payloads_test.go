package view_test

import (
	"flag"
	"hash/fnv"
	"strings"
	"testing"

	"undersigned/internal/mail/texts"
	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// every puts all payloads into each text of each page; a few of them else. scripts/faults
// asks for it.
var every = flag.Bool("payloads", false, "put all script payloads into each text of each page")

// How many payloads each text of a page holds in the short run. They are others in each
// text, so that all of them stand in some text of most pages.
const fewPayloads = 8

// G50: whatever people wrote in any text of any page, the page as a browser parses it
// holds no script, handler, address that is a script, or frame.
func TestG50NoPageRunsWhatItShows(t *testing.T) {
	engine := newEngine(t)
	payloads := viewtest.Payloads()
	if len(payloads) < 1000 {
		t.Fatalf("there are only %d payloads", len(payloads))
	}
	tried, silent := 0, 0
	samples := viewtest.Samples()
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			seed := fnv.New32a()
			seed.Write([]byte(s.Name))
			at, rounds := int(seed.Sum32()%uint32(len(payloads))), 1
			size := fewPayloads
			if *every {
				size, rounds = 50, (len(payloads)+49)/50
			}
			for _, address := range []string{"javascript:alert(1)", " JaVa\tScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x"} {
				viewtest.Fill(s.Page, func() string { return address })
				if out, err := engine.Render(s.Page); err == nil {
					if harm := viewtest.Harm(string(out)); len(harm) > 0 {
						t.Fatalf("with an address that is a script it holds %q", harm)
					}
				}
			}
			for round := range rounds {
				if *every {
					at = round * size
				}
				viewtest.Fill(s.Page, func() string {
					var texts []string
					for i := range size {
						texts = append(texts, payloads[(at+i)%len(payloads)])
					}
					tried += size
					if !*every { // the next text gets the next ones
						at = (at + size) % len(payloads)
					}
					return strings.Join(texts, "\n")
				})
				out, err := engine.Render(s.Page)
				if err != nil {
					if round == 0 {
						silent++
					}
					continue // a page that does not render shows nothing: codes that no catalogue has
				}
				if harm := viewtest.Harm(string(out)); len(harm) > 0 {
					t.Fatalf("it holds %q", harm)
				}
			}
		})
	}
	t.Logf("%d payloads in all; %d of %d pages did not render with them", tried, silent, len(samples))
	if silent > len(samples)/20 {
		t.Errorf("%d of %d pages were not looked at", silent, len(samples))
	}
}

// G50, one by one: each payload alone, as a text, a line of a page and a mail.
func TestG50EachPayloadAlone(t *testing.T) {
	for _, payload := range viewtest.Payloads() {
		for name, page := range map[string]string{"a text": "<p>" + string(view.Written(payload)) + "</p>", "a mail": viewtest.WithoutStyle(texts.ToHTML(payload, payload))} {
			if harm := viewtest.Harm(page); len(harm) > 0 {
				t.Errorf("%s of %q holds %q", name, payload, harm)
			}
		}
	}
}

// The judge itself finds each kind of harm, and no harm in our pages as they are.
func TestG50TheJudgeFindsHarm(t *testing.T) {
	found := 0
	payloads := viewtest.Payloads()
	for _, payload := range payloads {
		if len(viewtest.Harm("<p>"+payload+"</p>")) > 0 {
			found++
		}
	}
	if found < len(payloads)/2 { // the others are harmless where they stand, or only in another place
		t.Errorf("of %d payloads shown without care, %d are found", len(payloads), found)
	}
	for _, bad := range []string{`<a href=" java	script:alert(1)">`, `<img src=x onerror=1>`, `<script src="https://evil.example/static/x.js"></script>`, `<script src="/static/x.js">1</script>`, `<base href=/>`, `<p style="x">`} {
		if len(viewtest.Harm(bad)) == 0 {
			t.Errorf("no harm is found in %s", bad)
		}
	}
	engine := newEngine(t)
	for _, s := range viewtest.Samples() {
		if harm := viewtest.Harm(render(t, engine, s.Page)); len(harm) > 0 {
			t.Errorf("%s holds %q", s.Name, harm)
		}
	}
}
