package web

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever a handler does, its visitor gets a page, and neither the page nor the log
// tells what went wrong with whom.
func TestAHandlerThatPanicsOrFailsTellsNothing(t *testing.T) {
	const secret = "ana@example.org"
	for name, do := range map[string]func(*Server, http.ResponseWriter, *http.Request) error{
		"panics": func(*Server, http.ResponseWriter, *http.Request) error { panic("signed by " + secret) },
		"fails":  func(*Server, http.ResponseWriter, *http.Request) error { return errors.New("no such table") },
	} {
		var log bytes.Buffer
		s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
		w := httptest.NewRecorder()
		s.handler(route{"GET", "/l/{link}", "", never, do})(w, httptest.NewRequest("GET", "/l/"+secret, nil))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("it %s: status %d", name, w.Code)
		}
		if page := w.Body.String(); strings.Contains(page, secret) || strings.Contains(page, "table") {
			t.Errorf("it %s: the page says %q", name, page)
		}
		if line := log.String(); strings.Contains(line, secret) || !strings.Contains(line, "GET /l/{link}") {
			t.Errorf("it %s: the log says %q", name, line)
		}
	}
}
