package web

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/web/view"
)

// A sheet is what the sign form's POST must know of a petition. It is read once a
// snapshot: the busiest moment of a petition is the one in which everybody signs it.
type sheet struct {
	undersigned.Petition        // without its texts
	content              int64  // of the snapshot it was read for
	lang                 string // of the title, where it is not the site's
}

// sheets keeps the sheets of petitions that are being signed.
type sheets struct {
	mu  sync.RWMutex // guards all
	all map[int64]*sheet
}

// mostSheets bounds them; beyond, all are read anew.
const mostSheets = 4096

// sheet gives what a form must know of a petition that anybody may read.
//
// Errors: undersigned.ErrNotFound, errGone.
func (s *Server) sheet(ctx context.Context, m *moment, id int64) (*sheet, error) {
	s.sheets.mu.RLock()
	known := s.sheets.all[id]
	s.sheets.mu.RUnlock()
	// A new number changes nothing here; only staff and dates do.
	if known != nil && known.content == m.Content {
		return known, nil
	}
	counted, err := s.published(ctx, id)
	if err != nil {
		return nil, err
	}
	known = &sheet{Petition: counted.Petition, content: m.Content, lang: m.langOf(counted.Petition)}
	known.Background, known.Details = "", ""
	s.sheets.mu.Lock()
	defer s.sheets.mu.Unlock()
	if s.sheets.all == nil || len(s.sheets.all) >= mostSheets {
		s.sheets.all = map[int64]*sheet{}
	}
	s.sheets.all[id] = known
	return known, nil
}

// checkKey names one of the few shapes that the check-your-mail page has.
type checkKey struct {
	deed      view.Deed
	lang      string // of the title
	suggested bool
	delay     int
	full      int
}

// A check is what one check-your-mail page tells.
type check struct {
	checkKey
	number        int64
	title         string
	typed, domain string // the address, and what stands after its @
	form          form
}

// carried are the fields that "Change it" brings back, for each deed.
var carried = map[view.Deed][]string{
	view.DeedSign:    {"stamp", "version", "wording", "eligible", "name", "email", "country", "postcode", "answer"},
	view.DeedSponsor: {"stamp", "link", "version", "wording", "eligible", "name", "email", "country", "postcode", "answer"},
	view.DeedStart:   {"stamp", "step", "title", "background", "details", "days", "eligible", "protect", "name", "email", "country", "postcode"},
}

// checkBuffers holds memory for pages that are being put together.
var checkBuffers = sync.Pool{New: func() any { return new([2][]byte) }}

// checkMail answers a form that was taken: look for our mail. The page is the same for
// every address in status, headers and size.
func (s *Server) checkMail(w http.ResponseWriter, r *http.Request, m *moment, c check) error {
	meant := suggestion(c.typed, c.domain)
	c.suggested, c.delay = meant != "", delayMinutes(m.MailDelay)
	if m.MailFull {
		c.delay, c.full = 0, fullHours(m.MailDelay)
	}
	prepared, err := s.prepared(m, c)
	if err != nil {
		return err
	}
	values := view.CheckMailValues{Address: c.typed, Suggestion: meant, Title: c.title, Number: c.number}
	names := carried[c.deed]
	values.Hidden = make([]string, 0, len(names)+m.boxes())
	for _, name := range names {
		values.Hidden = append(values.Hidden, c.form.get(name))
	}
	if c.deed != view.DeedStart {
		for i, purpose := range c.form.all("purpose") {
			if i < m.boxes() {
				values.Hidden = append(values.Hidden, purpose)
			}
		}
	}
	buffers := checkBuffers.Get().(*[2][]byte)
	defer checkBuffers.Put(buffers)
	h := w.Header()
	if acceptsGzip(r) {
		buffers[0], buffers[1] = prepared.AppendGzip(buffers[0][:0], buffers[1], values)
		h["Content-Encoding"] = gzipped
	} else {
		buffers[0] = prepared.Append(buffers[0][:0], values)
	}
	h["Content-Type"] = htmlText
	h["Vary"] = varies
	h["X-Robots-Tag"] = noIndex
	h["Content-Length"] = []string{strconv.Itoa(len(buffers[0]))}
	w.Write(buffers[0])
	return nil
}

// prepared gives the page's shape, rendered once for each state of the settings.
func (s *Server) prepared(m *moment, c check) (*view.PreparedCheckMail, error) {
	if found, ok := m.look.checks.Load(c.checkKey); ok {
		return found.(*view.PreparedCheckMail), nil
	}
	content := view.CheckMailPage{Base: m.fill(""), Deed: c.deed, Number: c.number, TitleLang: c.lang, Sender: s.config.From, Subject: m.look.subjects[c.deed],
		DelayMinutes: c.delay, FullHours: c.full}
	if c.suggested {
		content.Suggestion = "yes"
	}
	for _, name := range carried[c.deed] {
		content.Hidden = append(content.Hidden, view.Hidden{Name: name})
	}
	switch c.deed {
	case view.DeedStart:
		content.Action = view.PathStart
	case view.DeedSponsor:
		content.Action = view.SponsorAction()
	default:
		content.Action = view.SignAction()
	}
	if c.deed != view.DeedStart {
		for range m.boxes() {
			content.Hidden = append(content.Hidden, view.Hidden{Name: "purpose"})
		}
	}
	made, err := m.engine.PrepareCheckMail(content)
	if err != nil {
		return nil, err
	}
	m.look.checks.Store(c.checkKey, made)
	return made, nil
}

// delayMinutes is the measured delay of mails as people are told it; 0 while none was
// measured. The steps keep the page's shapes few.
func delayMinutes(delay time.Duration) int {
	if delay <= 0 {
		return 0
	}
	for _, minutes := range []int{2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1440} {
		if delay <= time.Duration(minutes)*time.Minute {
			return minutes
		}
	}
	return 48 * 60 // no mail is tried for longer
}

// fullHours is how long mails are held because the relay takes no more today, as people
// are told it.
func fullHours(delay time.Duration) int {
	steps := []int{1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96, 120}
	for _, hours := range steps {
		if delay <= time.Duration(hours)*time.Hour {
			return hours
		}
	}
	// The link still opens then: letters last ten days.
	return 168
}
