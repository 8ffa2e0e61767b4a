package view_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"undersigned/internal/web/static"
	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

func TestStaticFiles(t *testing.T) {
	engine, err := view.New(view.Config{Theme: []byte(":root{--govuk-brand-colour:#603}"), Logo: []byte("<svg/>"), LogoType: "image/svg+xml"})
	if err != nil {
		t.Fatal(err)
	}
	files := engine.Static()
	if len(files) != 9 {
		t.Errorf("%d static files, want 9", len(files))
	}
	for path, file := range files {
		if !regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{12}(\.[a-z]+)?$`).MatchString(path) {
			t.Errorf("path %q", path)
		}
		if file.ContentType == "" || !strings.HasPrefix(file.ETag, `"`) {
			t.Errorf("%s: content type %q, ETag %s", path, file.ContentType, file.ETag)
		}
		if file.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(file.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(plain, file.Bytes) {
			t.Errorf("%s unpacks to something else", path)
		}
	}
	out := render(t, engine, viewtest.Find("home"))
	for _, name := range []string{"app.css", "app.js", "theme.css", "logo"} {
		if !strings.Contains(out, `"`+engine.Asset(name)+`"`) {
			t.Errorf("the page does not load %s", name)
		}
	}
	if plain := newEngine(t); plain.Asset("app.css") != engine.Asset("app.css") || plain.Asset("theme.css") != "" {
		t.Error("a theme changes the path of the shared style sheet, or appears where none is set")
	}
}

func TestUnknownLogoIsRefused(t *testing.T) {
	if _, err := view.New(view.Config{Logo: []byte("x"), LogoType: "text/html"}); err == nil {
		t.Error("a logo of type text/html was taken")
	}
}

// The typeface and the crest of GOV.UK belong to GOV.UK; so does its blue.
func TestLookIsOurOwn(t *testing.T) {
	data, err := static.Files.ReadFile("app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"GDS Transport", "@font-face", "crest", "govuk-logotype", "url(", "#1d70b8", "#00703c"} {
		if bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(bad))) {
			t.Errorf("app.css holds %q", bad)
		}
	}
	if !bytes.Contains(data, []byte("MIT License")) {
		t.Error("app.css does not name the licence of the parts it holds")
	}
}
