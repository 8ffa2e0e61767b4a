package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/mail/texts"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// A moment is what all pages of one instant are made from: the published snapshot, and
// the body's settings as they were then. It never changes; the next one replaces it.
type moment struct {
	store.Snapshot
	body   undersigned.Body
	zone   *time.Location
	site   *view.Site
	engine *view.Engine
	look   *look
	readAt time.Time // by this machine's clock: how old it is, not when it was
	turns  time.Time // when a date in the settings makes it wrong; zero: none does
}

// A look is what pages of one state of the settings share.
type look struct {
	home      string                    // the body's own country
	countries []view.Choice             // nil where nobody is asked for one
	subjects  map[view.Deed]string      // of the mails with the button
	checks    sync.Map                  // checkKey to *view.PreparedCheckMail
	oldLink   func() ([]byte, error)    // the page of every link that does not work
	asked     []undersigned.TextVersion // what the sign form asks with: the question, then other purposes
	wording   string                    // names all of asked
}

// deedMails names the mail that each deed's form brings.
var deedMails = map[view.Deed]string{view.DeedSign: "confirm", view.DeedSponsor: "confirm-sponsor", view.DeedStart: "confirm-start"}

// now gives the moment that pages are made from. The snapshot is one small row, read
// at most every SnapshotEvery by whichever request comes first; the others go on with
// the one before. When the store fails, what was read last still serves.
//
// Errors: only before anything was ever read.
func (s *Server) now(ctx context.Context) (*moment, error) {
	last := s.moment.Load()
	if last != nil && s.config.SnapshotEvery > 0 && time.Since(last.readAt) < s.config.SnapshotEvery {
		return last, nil
	}
	if last != nil && s.config.SnapshotEvery > 0 {
		select {
		case <-s.reading:
		default:
			return last, nil
		}
	} else {
		<-s.reading
	}
	defer func() { s.reading <- struct{}{} }()
	next, err := s.readMoment(ctx, last)
	if err != nil {
		if last == nil {
			return nil, err
		}
		s.log.Error("the snapshot could not be read; pages stay as they were", "error", err)
		stale := *last
		stale.readAt = time.Now()
		next = &stale
	}
	s.moment.Store(next)
	return next, nil
}

func (s *Server) readMoment(ctx context.Context, last *moment) (*moment, error) {
	snapshot, err := s.public.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	at := s.public.Now()
	if last != nil && last.Content == snapshot.Content && (last.turns.IsZero() || at.Before(last.turns)) {
		next := *last
		next.Snapshot, next.readAt = snapshot, time.Now()
		return &next, nil
	}
	// Each change of a body's settings counts as one of a page.
	body, err := s.public.FirstBody(ctx)
	if err != nil {
		return nil, err
	}
	next := &moment{Snapshot: snapshot, body: body, zone: body.Location(), site: s.siteOf(body, at), readAt: time.Now(), turns: body.NextTurn(at)}
	next.look = &look{subjects: map[view.Deed]string{}}
	for deed, mail := range deedMails {
		if next.look.subjects[deed], _, err = texts.Render(body.Language, mail, texts.Facts{Site: body.SiteName}); err != nil {
			return nil, err
		}
	}
	next.look.oldLink = sync.OnceValues(func() ([]byte, error) { return next.engine.Render(&view.LinkPage{Base: next.fill("")}) })
	if body.AskCountry {
		next.look.home, next.look.countries = countries(body.Language)
	}
	if last != nil && body.Language == last.body.Language && body.TimeZone == last.body.TimeZone && body.Brand == last.body.Brand {
		next.engine = last.engine
		return next, next.readAsked()
	}
	look := view.Config{Lang: body.Language, Zone: next.zone, Theme: theme(body.Brand), Logo: s.config.Logo, LogoType: s.config.LogoType}
	if hash, err := hex.DecodeString(body.Brand.Logo); err == nil && len(hash) == 32 {
		logo, err := s.public.Logo(ctx, [32]byte(hash))
		if err != nil {
			return nil, err
		}
		look.Logo, look.LogoType = logo.Bytes, logo.Type
	}
	if next.engine, err = view.New(look); err != nil {
		// A language without a catalogue gets the pages in ours; its petitions stay as they are.
		look.Lang = ""
		next.engine, err = view.New(look)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the pages' look: %w", err)
	}
	return next, next.readAsked()
}

// readAsked notes what the sign form of this moment asks with.
func (m *moment) readAsked() error {
	asked, err := m.engine.PurposeTexts(m.body)
	for _, text := range asked {
		m.look.asked = append(m.look.asked, text.Version())
	}
	m.look.wording = view.Wording(asked)
	return err
}

func (s *Server) siteOf(body undersigned.Body, now time.Time) *view.Site {
	site := &view.Site{
		Disclosures: true,
		Name:        body.SiteName, URL: s.config.URL, Body: body.Name, Controller: body.Controller.Name, Lang: body.Language,
		Demo: s.config.Demo, Copy: s.config.Copy, Meeting: body.DebateWord == string(view.PromisedMeeting), Households: body.Households, MailFrom: s.config.From, Source: s.config.Source,
		SigningPaused: body.Paused, StartingPaused: body.PausedStarting,
		Intro: body.Intro, Banner: body.Banner, Preparing: body.Stage != undersigned.StageOpen && !s.config.Demo,
	}
	if election, there := body.Election(now); there {
		site.Notice = election.Words
	}
	if s.config.Logo != nil || body.Brand.Logo != "" {
		site.LogoAlt = body.Name
	}
	return site
}

// theme is the style sheet with a body's own colour; nil for our look. In the dark our
// own colours stay: they are chosen to be read there. What could end the declaration is
// refused, because the colour comes from a setting.
func theme(brand undersigned.Brand) []byte {
	colour := brand.Colour
	if colour == "" || strings.ContainsAny(colour, ";{}<>\\/\"'\n") {
		return nil
	}
	return []byte("@media print, (prefers-color-scheme: light) {\n  :root {\n    --govuk-brand-colour: " + colour +
		";\n    --u-brand-dark: color-mix(in srgb, " + colour + " 75%, black);\n  }\n}\n")
}

// fill gives a page what every page has. path is the page's own, for the canonical
// link; "" for forms and pages behind links.
func (m *moment) fill(path string) view.Base {
	return view.Base{Site: m.site, Lang: m.site.Lang, Path: path, NoIndex: path == ""}
}
