package view

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
)

// A File is a static file, ready to be sent. Its path holds a hash of its
// content, so it may be cached for ever.
type File struct {
	Bytes       []byte
	Gzip        []byte // nil where compression gains nothing
	ContentType string
	ETag        string // with its quotation marks
}

// Static returns the static files by path, "/static/app.0123456789ab.css".
// Nobody may change what it returns.
func (e *Engine) Static() map[string]File { return e.static }

// Asset returns the path of a static file by its plain name, "app.css". Names
// are app.css, app.js, desk.js, passkey.js, work.js, mark.svg, and where the body has them theme.css and logo.
func (e *Engine) Asset(name string) string { return e.assets[name] }

func staticFiles(files fs.FS, config Config) (map[string]File, map[string]string, error) {
	byPath, byName := make(map[string]File), make(map[string]string)
	add := func(name, ending, contentType string, data []byte) error {
		sum := sha256.Sum256(data)
		hash := hex.EncodeToString(sum[:6])
		file := File{Bytes: data, ContentType: contentType, ETag: `"` + hash + `"`}
		packed, err := compress(data)
		if err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
		if len(packed) < len(data) {
			file.Gzip = packed
		}
		where := "/static/" + name[:len(name)-len(path.Ext(name))] + "." + hash + ending
		byPath[where], byName[name] = file, where
		return nil
	}
	own := []struct{ name, contentType string }{
		{"app.css", "text/css; charset=utf-8"},
		{"app.js", "text/javascript; charset=utf-8"},
		{"desk.js", "text/javascript; charset=utf-8"},
		{"paper.css", "text/css; charset=utf-8"},
		{"passkey.js", "text/javascript; charset=utf-8"},
		{"work.js", "text/javascript; charset=utf-8"},
		{"mark.svg", "image/svg+xml"},
	}
	for _, f := range own {
		data, err := fs.ReadFile(files, f.name)
		if err != nil {
			return nil, nil, fmt.Errorf("read static file: %w", err)
		}
		if err := add(f.name, path.Ext(f.name), f.contentType, data); err != nil {
			return nil, nil, err
		}
	}
	if config.Theme != nil {
		if err := add("theme.css", ".css", "text/css; charset=utf-8", config.Theme); err != nil {
			return nil, nil, err
		}
	}
	if config.Logo != nil {
		ending, ok := map[string]string{"image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg"}[config.LogoType]
		if !ok {
			return nil, nil, fmt.Errorf("logo: content type %q is not image/svg+xml, image/png or image/jpeg", config.LogoType)
		}
		if err := add("logo", ending, config.LogoType, config.Logo); err != nil {
			return nil, nil, err
		}
	}
	return byPath, byName, nil
}

func compress(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
