package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// What handlers say beside the errors of other packages.
var (
	errBadForm   = errors.New("the form is not one of ours")
	errForeign   = errors.New("the form comes from another site")
	errType      = errors.New("the form is of another content type")
	errMethod    = errors.New("the page takes no such method")
	errGone      = errors.New("the page was taken down")
	errSlowDown  = errors.New("too many wrong links from one place")
	errForbidden = errors.New("this is for others")
	errSignedOut = errors.New("nobody is signed in")
	errPanic     = errors.New("a handler panicked")
)

// retrySeconds is when to try again after a 503 or 429: by then a backlog has moved.
const retrySeconds = 60

// statusOf turns an error into a status. Whatever is not named here is our fault.
func statusOf(err error) int {
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, undersigned.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, errGone):
		return http.StatusGone
	case errors.Is(err, errBadForm):
		return http.StatusBadRequest
	case errors.Is(err, errForeign), errors.Is(err, errForbidden), errors.Is(err, errSignedOut):
		return http.StatusForbidden
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errType):
		return http.StatusUnsupportedMediaType
	case errors.As(err, &tooLong), errors.Is(err, seal.ErrTooLong):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, undersigned.ErrChanged):
		return http.StatusConflict
	case errors.Is(err, errSlowDown):
		return http.StatusTooManyRequests
	case busy(err):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// busy reports whether trying again later helps.
func busy(err error) bool {
	return errors.Is(err, letterbox.ErrBusy) || errors.Is(err, letterbox.ErrKey) || errors.Is(err, store.ErrFull) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// fail answers with the page for an error. It is the only place where errors become
// statuses, and it shows none of their text. Logs name the route and never the path:
// paths hold the links of mails.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, pattern string, err error) {
	if errors.Is(err, errSignedOut) && r.Method == http.MethodGet {
		s.redirect(w, view.PathSignIn, http.StatusSeeOther)
		return
	}
	status := statusOf(err)
	s.tell(pattern, status, err)
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(retrySeconds))
	}
	s.failPage(w, r, status)
}

// tell logs what is our fault. In a surge one line a second says that we are busy: a
// line for each form that waits would fill the disk that is the trouble.
func (s *Server) tell(pattern string, status int, err error) {
	switch {
	case status == http.StatusServiceUnavailable:
		s.meters.Busy.Inc()
		now := time.Now().Unix()
		if last := s.saidAt.Load(); last == now || !s.saidAt.CompareAndSwap(last, now) {
			return
		}
	case status == http.StatusTooManyRequests:
		s.meters.Slowed.Inc()
		return
	case status < http.StatusInternalServerError:
		return
	default:
		s.meters.Faults.Inc()
	}
	s.log.Error("a request failed", "route", pattern, "status", status, "error", err)
}

// failPage writes the page for a status from what is in memory: the store may be what
// failed.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h["Cache-Control"] = []string{string(never)}
	h.Del("ETag")
	if wantsJSON(r) {
		s.failJSON(w, status)
		return
	}
	body := []byte(http.StatusText(status) + "\n")
	h["Content-Type"] = plainText
	if m := s.moment.Load(); m != nil {
		page := &view.ErrorPage{Base: view.Base{Site: m.site, NoIndex: true}, Status: status}
		if html, err := m.engine.Render(page); err == nil {
			body = html
			h["Content-Type"] = htmlText
		} else {
			s.log.Error("the page for an error does not render", "status", status, "error", err)
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Robots-Tag"] = noIndex
	w.WriteHeader(status)
	w.Write(body)
}

// failJSON answers programs that asked for data.
func (s *Server) failJSON(w http.ResponseWriter, status int) {
	h := w.Header()
	h["Content-Type"] = jsonText
	h["Access-Control-Allow-Origin"] = anyOrigin
	w.WriteHeader(status)
	w.Write([]byte(`{"error":{"status":` + strconv.Itoa(status) + `,"title":"` + http.StatusText(status) + `"}}` + "\n"))
}
