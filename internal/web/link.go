package web

import (
	"context"
	"errors"
	"net/http"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// errOldLink is for every link that does not work: expired, foreign, mangled, used up.
// They all get one page, so that nobody learns which it was.
var errOldLink = errors.New("this link no longer works")

// A mailLink is a link from a mail, as a request brings it.
type mailLink struct {
	text   string
	kind   undersigned.LinkKind
	number int64
	token  undersigned.Token
}

// path is where the link's page is and its forms post to.
func (l mailLink) path() string { return "/l/" + l.text }

// letter begins the letter of a button behind the link.
func (l mailLink) letter(kind undersigned.LetterKind) undersigned.Submission {
	return undersigned.Submission{Kind: kind, Link: l.kind, Number: l.number, Token: l.token}
}

// A linkDeed is what a kind of link shows, and what its forms do. Showing changes
// nothing: scanners follow every link in a mail before people do.
type linkDeed struct {
	show func(*Server, http.ResponseWriter, *http.Request, *moment, mailLink) error
	act  func(*Server, http.ResponseWriter, *http.Request, *moment, mailLink, form) error
}

// linkDeeds names all links there are.
var linkDeeds = map[undersigned.LinkKind]linkDeed{
	undersigned.LinkConfirm: {(*Server).showConfirm, (*Server).actConfirm},
	undersigned.LinkOwn:     {(*Server).showOwn, (*Server).actOwn},
	undersigned.LinkSponsor: {(*Server).showSponsor, nil}, // its form posts to the petition
	undersigned.LinkCreator: {(*Server).showCreator, (*Server).actCreator},
	undersigned.LinkSignIn:  forStaff((*Server).signInLink),
	undersigned.LinkRelease: forStaff((*Server).releaseLink),
	undersigned.LinkHearing: forStaff((*Server).hearingLink),
}

// forStaff makes a deed of a handler that takes both GET and POST.
func forStaff(do func(*Server, http.ResponseWriter, *http.Request, int64, undersigned.Token) error) linkDeed {
	return linkDeed{
		func(s *Server, w http.ResponseWriter, r *http.Request, _ *moment, l mailLink) error {
			return do(s, w, r, l.number, l.token)
		},
		func(s *Server, w http.ResponseWriter, r *http.Request, _ *moment, l mailLink, _ form) error {
			return do(s, w, r, l.number, l.token)
		},
	}
}

// link handles GET /l/{link}: it shows what the link is for.
func (s *Server) link(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	l, ok := s.parseLink(r.PathValue("link"))
	if deed := linkDeeds[l.kind]; ok && deed.show != nil {
		if err := deed.show(s, w, r, m, l); !errors.Is(err, errOldLink) {
			return err
		}
	}
	return s.oldLink(w, r, m)
}

// linkDeed handles POST /l/{link}: a button was pressed.
func (s *Server) linkDeed(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readLinkForm(r)
	if err != nil {
		return err
	}
	l, ok := s.parseLink(r.PathValue("link"))
	if deed := linkDeeds[l.kind]; ok && deed.act != nil {
		if err := deed.act(s, w, r, m, l, f); !errors.Is(err, errOldLink) {
			return err
		}
	}
	return s.oldLink(w, r, m)
}

func (s *Server) parseLink(text string) (mailLink, bool) {
	l := mailLink{text: text}
	var ok bool
	l.kind, l.number, l.token, ok = s.mask.Parse(text)
	return l, ok
}

// holds reports with errOldLink that a link's token is not the one of its row.
func (l mailLink) holds(hash [16]byte) error {
	if !seal.SameHash(l.token, hash[:]) {
		return errOldLink
	}
	return nil
}

// gone makes errOldLink of a row that is not there.
func gone(err error) error {
	if errors.Is(err, undersigned.ErrNotFound) {
		return errOldLink
	}
	return err
}

// oldLink answers a link that does not work, and slows down whoever tries many.
func (s *Server) oldLink(w http.ResponseWriter, r *http.Request, m *moment) error {
	if err := s.slow(r); err != nil {
		return err
	}
	html, err := m.look.oldLink()
	if err != nil {
		return err
	}
	send(w, http.StatusNotFound, html)
	return nil
}

// put posts a letter of a button and sends on to a page without the link in its
// address. Where the letter could not be taken, the button is still on the page.
func (s *Server) put(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, letter undersigned.Submission, then string) error {
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, l.path(), f, err)
	}
	s.redirect(w, then, http.StatusSeeOther)
	return nil
}

// done handles the pages where a confirmed deed ends: /petitions/{id}/signed and
// /petitions/{id}/backed, and /started. They are the same for everybody.
func (s *Server) done(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("id") == "" {
		return s.text(w, r, pathStarted, func(_ context.Context, m *moment) (view.Page, error) {
			return &view.DonePage{Base: m.fill(""), Deed: view.DeedStart, SponsorsNeeded: m.body.Sponsors.Needed}, nil
		})
	}
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	build := func(content *view.DonePage, counted store.Counted, m *moment) (*page, error) {
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		p.marks = marksOf(counted, nil)
		return p, nil
	}
	if r.URL.Path == pathBacked(id) {
		return s.cached(w, r, pathBacked(id), func(ctx context.Context, m *moment) (*page, error) {
			counted, err := s.public.Petition(ctx, id)
			if err != nil {
				return nil, err
			}
			// No title: until it is published only people with the link may read it (U31).
			return build(&view.DonePage{Base: m.fill(""), Deed: view.DeedSponsor, SponsorsNeeded: m.body.Sponsors.Needed}, counted, m)
		})
	}
	return s.cached(w, r, pathSigned(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		return build(&view.DonePage{Base: m.fill(""), Deed: view.DeedSign, Number: id, Title: counted.Published().Title,
			TitleLang: m.langOf(counted.Petition), Protected: counted.Kind == undersigned.Protected}, counted, m)
	})
}

const (
	pathStarted = "/started"
	pathNotMe   = "/not-me"
	pathBlocked = "/not-me/blocked"
	pathOutcome = "/outcome/"
)

func pathSigned(id int64) string { return view.PathPetition(id) + "/signed" }
func pathBacked(id int64) string { return view.PathPetition(id) + "/backed" }

// notMe handles the pages after "It was not me".
func (s *Server) notMe(w http.ResponseWriter, r *http.Request) error {
	return s.cached(w, r, r.URL.Path, func(_ context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		// The letter goes within seconds; the last that could hold it is its day's key.
		deleted := now.UTC().Truncate(day).Add(day + undersigned.LetterboxLife)
		html, err := m.engine.Render(&view.NotMePage{Base: m.fill(""), Blocked: r.URL.Path == pathBlocked, DeletedBy: deleted})
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, steady, html, header{"X-Robots-Tag", noIndex})
		p.marks, p.until = []store.Mark{}, m.midnight(now)
		if utc := now.UTC().Truncate(day).Add(day); utc.Before(p.until) {
			p.until = utc
		}
		return p, nil
	})
}

// outcomes are the pages after the other deeds.
var outcomes = map[view.Outcome]bool{
	view.OutcomeLeft: true, view.OutcomeStopped: true, view.OutcomeNoNews: true, view.OutcomeNews: true, view.OutcomeCopy: true, view.OutcomeCopyAsked: true, view.OutcomeReceipt: true, view.OutcomeNamed: true, view.OutcomeBlocked: true, view.OutcomePetitionGone: true,
	view.OutcomePetitionWithdrawn: true, view.OutcomeMessage: true, view.OutcomeResubmitted: true, view.OutcomeHearing: true, view.OutcomeHearingGone: true, view.OutcomeContact: true, view.OutcomeFind: true, view.OutcomeVoted: true,
}

// outcome handles GET /outcome/{outcome}.
func (s *Server) outcome(w http.ResponseWriter, r *http.Request) error {
	outcome := view.Outcome(r.PathValue("outcome"))
	if !outcomes[outcome] {
		return undersigned.ErrNotFound
	}
	return s.cached(w, r, pathOutcome+string(outcome), func(_ context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		content := &view.OutcomePage{Base: m.fill(""), Outcome: outcome, Pending: true}
		if s.config.BackupDays > 0 {
			content.CopiesUntil = now.AddDate(0, 0, s.config.BackupDays)
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, steady, html, header{"X-Robots-Tag", noIndex})
		p.marks, p.until = []store.Mark{}, m.midnight(now)
		return p, nil
	})
}
