package view_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

func newEngine(t testing.TB) *view.Engine {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := view.New(view.Config{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func render(t testing.TB, engine *view.Engine, page view.Page) string {
	t.Helper()
	out, err := engine.Render(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestEverySampleRenders(t *testing.T) {
	engine := newEngine(t)
	for _, s := range viewtest.Samples() {
		t.Run(s.Name, func(t *testing.T) {
			out := render(t, engine, s.Page)
			for _, bad := range []string{"<no value>", "ZgotmplZ", "%!", "<nil>", "0001"} {
				if strings.Contains(out, bad) {
					t.Errorf("the page holds %q", bad)
				}
			}
			if n := strings.Count(out, "<h1"); n != 1 {
				t.Errorf("%d h1 headings, want 1", n)
			}
			for _, bad := range []string{" style=", "<style", " onclick", "javascript:\""} {
				if strings.Contains(out, bad) {
					t.Errorf("the page holds %q, which the content security policy forbids", bad)
				}
			}
		})
	}
}

// The first view of a petition must be quick on a bad line.
func TestSizes(t *testing.T) {
	engine := newEngine(t)
	assets := 0
	for _, name := range []string{"app.css", "app.js", "mark.svg"} {
		assets += len(engine.Static()[engine.Asset(name)].Gzip)
	}
	for _, name := range []string{"petition", "petition-answered", "sign-full", "sign-problems", "home", "list", "check-mail"} {
		packed := pack(t, render(t, engine, viewtest.Find(name)))
		t.Logf("%s: %d bytes of HTML compressed, %d with everything", name, packed, packed+assets)
		if packed > 14<<10 {
			t.Errorf("%s: %d bytes of HTML compressed, want at most 14 kB", name, packed)
		}
		if packed+assets > 60<<10 {
			t.Errorf("%s: %d bytes with everything, want at most 60 kB", name, packed+assets)
		}
	}
	if n := len(engine.Static()[engine.Asset("app.js")].Bytes); n > 6<<10 {
		t.Errorf("the script has %d bytes, want at most 6 kB", n)
	}
}

func pack(t testing.TB, text string) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func TestPagesSayTheirLanguage(t *testing.T) {
	engine := newEngine(t)
	for _, s := range viewtest.Samples() {
		if out := render(t, engine, s.Page); !strings.Contains(out, `<html lang="en-GB"`) {
			t.Errorf("%s does not say its language", s.Name)
		}
	}
}
