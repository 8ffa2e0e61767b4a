package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/web/view"
)

// static serves the style sheet, the script, the mark and what a body adds. Their names
// hold a hash of their content.
func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	file, ok := m.engine.Static()[r.URL.Path]
	if !ok {
		// By its plain name a file is found, too: for pages that are not made here.
		if path := m.engine.Asset(r.PathValue("file")); path != "" {
			s.redirect(w, path, http.StatusFound)
			return nil
		}
		return undersigned.ErrNotFound
	}
	h := w.Header()
	h["Content-Type"] = []string{file.ContentType}
	h["Vary"] = varies
	body, etag := file.Bytes, file.ETag
	if file.Gzip != nil && acceptsGzip(r) {
		body, etag = file.Gzip, strings.TrimSuffix(file.ETag, `"`)+`-gzip"`
		h["Content-Encoding"] = gzipped
	}
	h["Etag"] = []string{etag}
	if known := r.Header.Get("If-None-Match"); known == etag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.Write(body)
	return nil
}

// robots lets search engines read petitions and nothing that is a form.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	return s.cached(w, r, "/robots.txt", func(_ context.Context, m *moment) (*page, error) {
		body := "User-agent: *\nDisallow: /l/\nDisallow: " + view.PathStart + "\nDisallow: " + view.PathDesk + "\nDisallow: " + view.PathSignIn + "\n"
		return newPage(m, plainText, steady, []byte(body)), nil
	})
}

// demoMail shows the mails of a demo.
func (s *Server) demoMail(w http.ResponseWriter, r *http.Request) error {
	s.config.DemoMail.ServeHTTP(w, r)
	return nil
}

// health says that this process answers and can read the store. It tells nothing else:
// anybody may ask.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.public.Snapshot(r.Context()); err != nil {
		return err
	}
	w.Header()["Content-Type"] = plainText
	w.Write([]byte("ok\n"))
	return nil
}
