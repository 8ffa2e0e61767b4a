package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// A visitor is somebody with a browser in front of a whole test site.
type visitor struct {
	*testkit.Site
	server  *web.Server
	handler http.Handler
	log     *bytes.Buffer
	waits   []time.Duration // how long wrong links waited
}

func visit(t testing.TB) *visitor { return visitSite(t, testkit.New(t)) }

func visitSite(t testing.TB, site *testkit.Site) *visitor {
	t.Helper()
	v := &visitor{Site: site, log: new(bytes.Buffer)}
	server, err := web.New(web.Config{
		Public: site.DB.Public(), Box: site.Box, URL: testkit.URL, From: "Calderdale petitions <no-reply@petitions.example.org>",
		Desk: desk.New(site.DB.Desk()), Log: slog.New(slog.NewTextHandler(v.log, nil)), SnapshotEvery: -1,
		Wait: func(_ context.Context, d time.Duration) { v.waits = append(v.waits, d) },
	})
	site.Check(err)
	v.server, v.handler = server, server.Handler()
	return v
}

// An answer is what came back, with its body opened.
type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) ask(method, path string, body string, header ...string) answer {
	v.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RequestURI = path
	r.Host = "petitions.example.org"
	r.RemoteAddr = "127.0.0.1:4711" // our own house; who comes from elsewhere is judged
	r.Header.Set("Accept-Encoding", "gzip")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", testkit.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	a := answer{w.Code, w.Result().Header, w.Body.String()}
	if a.header.Get("Content-Encoding") == "gzip" && method != http.MethodHead && a.status != http.StatusNotModified {
		reader, err := gzip.NewReader(w.Body)
		v.Check(err)
		opened, err := io.ReadAll(reader)
		v.Check(err)
		a.body = string(opened)
	}
	return a
}

func (v *visitor) get(path string, header ...string) answer {
	v.T.Helper()
	return v.ask(http.MethodGet, path, "", header...)
}

func (v *visitor) post(path string, f url.Values, header ...string) answer {
	v.T.Helper()
	if strings.HasSuffix(path, "/signatures") || strings.HasSuffix(path, "/sponsor") {
		f = v.worded(f)
	}
	return v.ask(http.MethodPost, path, f.Encode(), header...)
}

// worded is a sign form as its page sends it: with the name of what it asked with.
func (v *visitor) worded(f url.Values) url.Values {
	v.T.Helper()
	if f.Has("wording") {
		return f
	}
	body, err := v.DB.Public().FirstBody(context.Background())
	if err != nil { // the store is what the test broke
		body = testkit.Body()
	}
	wording, err := view.FormWording(body)
	v.Check(err)
	all := url.Values{"wording": {wording}}
	maps.Copy(all, f)
	return all
}

// want fails the test unless the answer has a status and holds texts.
func (a answer) want(t testing.TB, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d instead of %d (to %q):\n%.600s", a.status, status, a.header.Get("Location"), a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Fatalf("the page lacks %q:\n%s", text, a.body)
		}
	}
	return a
}

// lacks fails the test where the answer holds one of texts.
func (a answer) lacks(t testing.TB, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Fatalf("the page holds %q:\n%s", text, a.body)
		}
	}
	return a
}

// to fails the test unless the answer sends on to a path.
func (a answer) to(t testing.TB, path string) answer {
	t.Helper()
	if a.status != http.StatusSeeOther || a.header.Get("Location") != path {
		t.Fatalf("status %d to %q instead of 303 to %q:\n%.600s", a.status, a.header.Get("Location"), path, a.body)
	}
	return a
}

// signing is a filled-in sign form.
func signing(p undersigned.Petition, name, address, answer string) url.Values {
	return url.Values{"version": {p.Version.String()}, "name": {name}, "email": {address}, "answer": {answer}}
}

// sign sends a sign form and lets the steward mail.
func (v *visitor) sign(p undersigned.Petition, name, address, answer string) {
	v.T.Helper()
	v.post(view.PathPetition(p.ID)+"/signatures", signing(p, name, address, answer)).want(v.T, 200, "Check your email")
	v.Work()
}

// pressed confirms what a mail asks.
func (v *visitor) pressed(link testkit.Link, version undersigned.TextVersion) answer {
	v.T.Helper()
	a := v.post("/l/"+link.Text, url.Values{"do": {"confirm"}, "version": {version.String()}})
	v.Work()
	return a
}

var versionField = regexp.MustCompile(`name="version" value="([0-9a-f]{64})"`)

// letters counts the letters that came in so far.
func (v *visitor) letters() int64 {
	v.T.Helper()
	n, err := v.DB.Public().Undrained(context.Background())
	v.Check(err)
	return n
}
