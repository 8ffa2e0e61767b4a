package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"undersigned/internal/web/view"
)

// render writes a page that is made for this request alone. It renders into memory
// first, so that a fault never sends half a page.
func (s *Server) render(w http.ResponseWriter, m *moment, status int, page view.Page) error {
	body, err := m.engine.Render(page)
	if err != nil {
		return fmt.Errorf("write a page: %w", err)
	}
	send(w, status, body)
	return nil
}

// send writes a rendered page that is nobody else's.
func send(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h["Content-Type"] = htmlText
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Robots-Tag"] = noIndex
	if status != http.StatusOK {
		h["Cache-Control"] = []string{string(never)}
	}
	w.WriteHeader(status)
	w.Write(body)
}

// redirect sends on to a path of this site. It writes no body: what stands in one could
// only repeat the path.
func (s *Server) redirect(w http.ResponseWriter, path string, status int) {
	h := w.Header()
	h["Cache-Control"] = []string{string(never)}
	h["Location"] = []string{path}
	w.WriteHeader(status)
}

// wantsJSON reports whether a program asked for data.
func wantsJSON(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, ".json") }

// acceptsGzip reports whether an answer may be compressed.
func acceptsGzip(r *http.Request) bool {
	for _, accepted := range r.Header["Accept-Encoding"] {
		for one := range strings.SplitSeq(accepted, ",") {
			coding, weight, _ := strings.Cut(one, ";")
			if strings.TrimSpace(coding) != "gzip" {
				continue
			}
			weight = strings.TrimSpace(weight)
			return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight, "q=0.") != ""
		}
	}
	return false
}
