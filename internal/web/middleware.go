package web

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// mostBody is how many bytes a form may have; the longest of ours has a tenth of it.
const mostBody = 64 << 10

// formType is how browsers send our forms: the only type that a POST may have, but for
// what mail programs post to a link.
const formType = "application/x-www-form-urlencoded"

// A header is one line of an answer, in the form that goes into an http.Header as it
// is: the slices are shared and nobody changes them.
type header struct {
	key   string
	value []string
}

// Values of headers that many answers share.
var (
	plainText = []string{"text/plain; charset=utf-8"}
	htmlText  = []string{"text/html; charset=utf-8"}
	jsonText  = []string{"application/json; charset=utf-8"}
	noIndex   = []string{"noindex"}
	anyOrigin = []string{"*"}
	gzipped   = []string{"gzip"}
	varies    = []string{"Accept-Encoding"}
)

// policy lets a page load its own style sheet, script and images, talk to nobody else,
// and stand in no frame. There is no inline script or style in any template.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fixedHeaders are on every answer.
func fixedHeaders(secure bool) []header {
	all := []header{
		{"Content-Security-Policy", []string{policy}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"no-referrer"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"}},
	}
	if secure {
		all = append(all, header{"Strict-Transport-Security", []string{"max-age=63072000; includeSubDomains"}})
	}
	return all
}

// front is what every request meets first: a wrong host is sent away, and a page that
// is ready goes out without anything else being asked. ready is nil at an address of
// whose pages none is kept.
func (s *Server) front(host string, ready func(http.ResponseWriter, *http.Request) bool, router http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for i := range s.headers {
			h[s.headers[i].key] = s.headers[i].value
		}
		if !sameHost(r.Host, host) && r.URL.Path != "/healthz" {
			h["Cache-Control"] = []string{string(never)}
			http.Error(w, http.StatusText(http.StatusMisdirectedRequest), http.StatusMisdirectedRequest)
			return
		}
		if ready != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) && ready(w, r) {
			return
		}
		router.ServeHTTP(w, r)
	})
}

func sameHost(asked, ours string) bool {
	return asked == ours || strings.EqualFold(asked, ours)
}

// router puts routes into a mux. What no route takes is answered by missing.
func (s *Server) router(routes []route) http.Handler {
	mux := http.NewServeMux()
	for _, one := range routes {
		mux.Handle(one.method+" "+one.pattern, s.handler(one))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.missing(w, r, mux) })
	return mux
}

// handler wraps a route's own: checks before, fail after.
func (s *Server) handler(one route) http.HandlerFunc {
	pattern := one.method + " " + one.pattern
	cacheControl := []string{string(one.caching)}
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.meters.Faults.Inc()
				s.log.Error("a handler panicked", "route", pattern, "stack", string(debug.Stack()))
				s.failPage(w, r, statusOf(errPanic))
			}
		}()
		w.Header()["Cache-Control"] = cacheControl
		r, err := s.admit(w, r, one)
		if err == nil {
			err = one.do(s, w, r)
		}
		if err != nil {
			s.fail(w, r, pattern, err)
		}
	}
}

// admit checks what every request of a route must fulfil.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, one route) (*http.Request, error) {
	if one.method == http.MethodPost {
		if err := s.sameOrigin(r, one); err != nil {
			return r, err
		}
		if kind := r.Header.Get("Content-Type"); kind != formType {
			if kind, _, err := mime.ParseMediaType(kind); err != nil || kind != formType && (kind != partsType || !inParts[one.pattern]) {
				return r, errType
			}
		}
		most := int64(mostBody)
		if one.pattern == view.PathSettingsLogo {
			most = mostUpload
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
	if one.who == "" {
		return r, nil
	}
	staff, err := s.staffOf(r)
	if err != nil {
		return r, err
	}
	if !desk.May(staff, one.who) {
		return r, errForbidden
	}
	return r.WithContext(context.WithValue(r.Context(), staffKey{}, staff)), nil
}

// sameOrigin refuses a form that another site's page sends. What net/http checks is the
// host; where only Origin tells, the scheme must be ours, too, or whoever sits on the
// wire could send forms from a page without https.
//
// Browsers from before Sec-Fetch-Site say the origin "null" where a page must not be
// named, and pages behind links must not. Their forms bring another proof: the link's
// token, which no other site knows. See docs/decisions/0010-origin.md.
func (s *Server) sameOrigin(r *http.Request, one route) error {
	if proven[one.pattern] && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" {
		if l, ok := s.parseLink(r.PathValue("link")); ok && l.kind.ForStaff() { // their browsers hold a cookie
			return errForeign
		}
		return nil
	}
	if err := s.cross.Check(r); err != nil {
		return fmt.Errorf("%w: %w", errForeign, err)
	}
	origin := r.Header.Get("Origin")
	if origin != "" && r.Header.Get("Sec-Fetch-Site") == "" && !strings.EqualFold(origin, s.config.URL) && !strings.EqualFold(origin, s.config.DeskURL) {
		return errForeign
	}
	return nil
}

// proven are the routes whose forms do nothing without the token of a link, in their
// path or in a field.
var proven = map[string]bool{linkPattern: true, sponsorPattern: true, setupPattern: true}

// inParts are the routes that take forms in parts: what mail programs post to a link, and
// a logo.
var inParts = map[string]bool{linkPattern: true, view.PathSettingsLogo: true}

// sponsorPattern is where the sponsors' form posts to.
const sponsorPattern = view.PathList + "/{id}/sponsor"

type staffKey struct{}

// staffIn is who is signed in, for handlers of routes that only staff reach.
func staffIn(ctx context.Context) undersigned.Staff {
	staff, _ := ctx.Value(staffKey{}).(undersigned.Staff)
	return staff
}

// missing answers what no route takes: 405 where another method would do, the page's
// own address where a slash was added, else 404. Among it are the paths on which other
// programs leak their files; they get the same small page as any typing mistake.
func (s *Server) missing(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if _, pattern := mux.Handler(&http.Request{Method: method, Host: r.Host, URL: r.URL}); pattern != "/" && pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 && r.Method != allowed[0] {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		s.fail(w, r, "/", errMethod)
		return
	}
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && r.Method == http.MethodGet {
		if _, pattern := mux.Handler(&http.Request{Method: r.Method, Host: r.Host, URL: &url.URL{Path: clean}}); pattern != "/" && pattern != "" {
			s.redirect(w, clean, http.StatusMovedPermanently)
			return
		}
	}
	s.fail(w, r, "/", undersigned.ErrNotFound)
}
