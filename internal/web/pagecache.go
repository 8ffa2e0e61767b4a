package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"undersigned/internal/store"
)

// Bounds of the page cache. A petition's page, its data and its count take about 60 kB
// together, so this holds the thousand petitions that people look at.
const (
	mostPages     = 8192
	mostPageBytes = 64 << 20
	leastGzip     = 512 // bytes; below, compressing gains nothing
)

// A page is an answer that is the same for everybody, ready to be sent. It never
// changes; a newer one replaces it.
type page struct {
	number, content int64        // the snapshot it was last checked against
	until           time.Time    // when time alone makes it wrong; zero: never
	marks           []store.Mark // what it tells of petitions; nil: of the whole snapshot

	status      int
	plain, gzip []byte // gzip is nil where compressing gains nothing
	plainHead   []header
	gzipHead    []header
	etag        string // of the plain form, without quotation marks
}

// newPage makes a page that is right for the moment m. extra are headers beside those
// that every page has.
func newPage(m *moment, kind []string, cacheControl caching, body []byte, extra ...header) *page {
	sum := sha256.Sum256(body)
	p := &page{number: m.Number, content: m.Content, until: m.turns, status: http.StatusOK, plain: body, etag: hex.EncodeToString(sum[:12])}
	head := append([]header{
		{"Content-Type", kind}, {"Cache-Control", []string{string(cacheControl)}}, {"Vary", varies},
	}, extra...)
	p.plainHead = append(slices.Clone(head),
		header{"Etag", []string{`"` + p.etag + `"`}}, header{"Content-Length", []string{strconv.Itoa(len(body))}})
	if len(body) < leastGzip {
		return p
	}
	var packed bytes.Buffer
	packer, _ := gzip.NewWriterLevel(&packed, gzip.DefaultCompression)
	packer.Write(body)
	packer.Close()
	p.gzip = packed.Bytes()
	p.gzipHead = append(head, header{"Etag", []string{`"` + p.etag + `-gzip"`}}, header{"Content-Encoding", gzipped},
		header{"Content-Length", []string{strconv.Itoa(len(p.gzip))}})
	return p
}

// fresh reports whether the page is still right: nothing was published since it was
// checked, and no date of its own has come.
func (p *page) fresh(m *moment, now time.Time) bool {
	return p.number == m.Number && p.content == m.Content && (p.until.IsZero() || now.Before(p.until))
}

// write sends the page, or 304 to whoever has it.
func (p *page) write(w http.ResponseWriter, r *http.Request) {
	body, head := p.plain, p.plainHead
	if p.gzip != nil && acceptsGzip(r) {
		body, head = p.gzip, p.gzipHead
	}
	h := w.Header()
	for i := range head {
		h[head[i].key] = head[i].value
	}
	if known := r.Header["If-None-Match"]; known != nil && p.status == http.StatusOK && p.known(known) {
		delete(h, "Content-Length")
		delete(h, "Content-Type")
		delete(h, "Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// known reports whether one of the tags that the reader has is of this page, in
// whichever form.
func (p *page) known(lines []string) bool {
	for _, line := range lines {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
			if tag == "*" || strings.TrimSuffix(tag, "-gzip") == p.etag {
				return true
			}
		}
	}
	return false
}

// A slot holds the newest form of one page.
type slot struct {
	page atomic.Pointer[page]
	mu   sync.Mutex // held by whoever makes the page anew; the others wait for it
}

// A pageCache holds pages by the address they are asked for at, in the one form that we
// write ourselves: other ways to write the same address cost a little more and share
// the page. The zero value is ready.
type pageCache struct {
	slots sync.Map // string to *slot

	mu    sync.Mutex // guards what follows, and changes of slots
	count int
	bytes int64
}

// ready answers at once where the page asked for is in the cache and still right.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) bool {
	found, ok := s.pages.slots.Load(r.RequestURI)
	if !ok {
		return false
	}
	p := found.(*slot).page.Load()
	if p == nil {
		return false
	}
	m, err := s.now(r.Context())
	if err != nil || !p.fresh(m, s.public.Now()) {
		return false
	}
	p.write(w, r)
	return true
}

// cached answers with the page at key, which build makes where it is missing or out of
// date. Only one request at a time builds a page. Where the store fails, the page as it
// was still goes out: it says as of when it is.
func (s *Server) cached(w http.ResponseWriter, r *http.Request, key string, build func(context.Context, *moment) (*page, error)) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	now := s.public.Now()
	one := s.pages.slot(key)
	if p := one.page.Load(); p != nil && p.fresh(m, now) {
		p.write(w, r)
		return nil
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	last := one.page.Load()
	if last != nil && last.fresh(m, now) {
		last.write(w, r)
		return nil
	}
	next, err := s.renew(r.Context(), m, now, last, build)
	if err != nil {
		if last == nil || statusOf(err) < http.StatusInternalServerError {
			s.pages.drop(key)
			return err
		}
		s.log.Error("a page could not be made anew; it stays as it was", "route", r.Pattern, "error", err)
		last.write(w, r)
		return nil
	}
	s.pages.keep(key, one, next)
	next.write(w, r)
	return nil
}

// renew gives the page for the moment: the last one where nothing that it tells has
// changed, else a new one. So one busy petition does not make the pages of all the
// others anew with each batch.
func (s *Server) renew(ctx context.Context, m *moment, now time.Time, last *page, build func(context.Context, *moment) (*page, error)) (*page, error) {
	if last != nil && last.marks != nil && last.content == m.Content && (last.until.IsZero() || now.Before(last.until)) {
		ids := make([]int64, len(last.marks))
		for i, mark := range last.marks {
			ids[i] = mark.Petition
		}
		marks, err := s.public.Marks(ctx, ids...)
		if err != nil {
			return nil, err
		}
		if slices.Equal(marks, last.marks) {
			same := *last
			same.number = m.Number
			return &same, nil
		}
	}
	next, err := build(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("make a page: %w", err)
	}
	return next, nil
}

// size is what a page costs, near enough.
func (p *page) size() int64 {
	if p == nil {
		return 0
	}
	return int64(len(p.plain)+len(p.gzip)) + 1024
}

// slot gives the slot of a page, which is empty where there was none.
func (c *pageCache) slot(key string) *slot {
	if found, ok := c.slots.Load(key); ok {
		return found.(*slot)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, had := c.slots.LoadOrStore(key, new(slot))
	if !had {
		c.count++
	}
	return found.(*slot)
}

// keep puts a page into its slot, and makes room where there is too little. Whatever
// the map gives first is dropped: a page that is asked for comes back within a
// millisecond.
func (c *pageCache) keep(key string, one *slot, next *page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.slots.Load(key); !ok || found != one {
		return // dropped meanwhile; the next request makes it anew
	}
	c.bytes += next.size() - one.page.Load().size()
	one.page.Store(next)
	if c.count <= mostPages && c.bytes <= mostPageBytes {
		return
	}
	c.slots.Range(func(other, _ any) bool {
		if other != key {
			c.remove(other.(string))
		}
		return c.count > mostPages*7/8 || c.bytes > mostPageBytes*7/8
	})
}

// drop forgets a page, and the slot of one that could not be made.
func (c *pageCache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(key)
}

func (c *pageCache) remove(key string) {
	if gone, ok := c.slots.LoadAndDelete(key); ok {
		c.count--
		c.bytes -= gone.(*slot).page.Load().size()
	}
}
