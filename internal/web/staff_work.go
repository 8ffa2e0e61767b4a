package web

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/signon"
	"undersigned/internal/web/view"
)

// workName is who issues work accounts; "": nobody.
func (s *Server) workName() string {
	if s.config.SignOn == nil {
		return ""
	}
	return s.config.SignOn.Name()
}

// askWork handles POST /staff/sign-in/work.
func (s *Server) askWork(w http.ResponseWriter, r *http.Request) error {
	if err := s.slow(r); err != nil {
		return err
	}
	return s.toIssuer(w, r, 0)
}

// toIssuer leads a browser to the issuer of work accounts, with a question that is good
// once. staff is who links their account, 0 where somebody signs in.
//
// It leads there by a page and not by a redirect: the policy of our pages lets a form lead
// nowhere else, and browsers hold each redirect that follows it to that, which also would
// forbid an issuer to pass people on.
func (s *Server) toIssuer(w http.ResponseWriter, r *http.Request, staff int64) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	if s.config.SignOn == nil {
		return undersigned.ErrNotFound
	}
	secret, ok := s.secretIn(r, browserCookie)
	if !ok {
		rand.Read(secret[:])
	}
	question, err := s.staff.AskWork(sha256.Sum256(secret[:]), staff)
	if err != nil {
		return errSlowDown // too many are open
	}
	page := &view.WorkPage{Base: m.fill(""), Name: s.workName(), Link: staff != 0}
	if page.Go, err = s.config.SignOn.URL(r.Context(), question); err != nil {
		return s.noWork(w, m, page, err)
	}
	// One that is there already lives on as long as the question does.
	s.putCookie(w, browserCookie, cookieText.EncodeToString(secret[:]), int(undersigned.SignInLife.Seconds()))
	w.Header().Set("Refresh", "0; url="+page.Go)
	return s.render(w, m, http.StatusOK, page)
}

// workBack handles GET /staff/sign-in/work/back, to which the issuer sends people. It shows
// a button and uses nothing up.
func (s *Server) workBack(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	if s.config.SignOn == nil {
		return undersigned.ErrNotFound
	}
	said, err := readQuery(r)
	if err != nil {
		return err
	}
	page := &view.WorkPage{Base: m.fill(""), Name: s.workName(), Code: said.get("code"), State: said.get("state"), By: said.get("iss")}
	question, ok := signon.ReadState(page.State)
	if !ok {
		return s.noWork(w, m, page, errOldWork)
	}
	staff, open := s.staff.WorkAsk(question, s.browserIn(r))
	if !open {
		return s.noWork(w, m, page, errOldWork)
	}
	page.Link = staff != 0
	if page.Code == "" { // there is an error instead; its text is not ours to show
		return s.noWork(w, m, page, signon.ErrRefused)
	}
	return s.render(w, m, http.StatusOK, page)
}

// errOldWork means that an issuer's answer belongs to no question of this browser.
var errOldWork = errors.New("this answer about a work account is too old, or of another browser")

// takeWork handles POST /staff/sign-in/work/back: it signs in, or links an account.
func (s *Server) takeWork(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	if s.config.SignOn == nil {
		return undersigned.ErrNotFound
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	page := &view.WorkPage{Base: m.fill(""), Name: s.workName()}
	question, ok := signon.ReadState(f.get("state"))
	if !ok {
		return s.noWork(w, m, page, errOldWork)
	}
	staff, open := s.staff.EndWorkAsk(question, s.browserIn(r))
	if !open {
		if err := s.slow(r); err != nil {
			return err
		}
		return s.noWork(w, m, page, errOldWork)
	}
	page.Link = staff != 0
	var who undersigned.Staff
	if page.Link {
		// The issuer is asked for nobody who has been signed out meanwhile.
		if who, err = s.staffOf(r); err != nil {
			return err
		}
		if who.ID != staff {
			return s.noWork(w, m, page, errOldWork)
		}
	}
	tags, err := s.config.SignOn.Who(r.Context(), question, f.get("code"), f.get("by"))
	if err != nil {
		return s.noWork(w, m, page, err)
	}
	if page.Link {
		if err := s.staff.LinkWork(r.Context(), who, tags); err != nil {
			return s.noWork(w, m, page, deskError(err))
		}
		s.putCookie(w, browserCookie, "", 0)
		return s.said(w, view.PathAccount, "work")
	}
	session, err := s.staff.SignInByWork(r.Context(), tags)
	if err != nil {
		return s.noWork(w, m, page, err)
	}
	return s.enter(w, r, session)
}

// noWork tells why a work account did not let somebody in. The mail still does.
func (s *Server) noWork(w http.ResponseWriter, m *moment, page *view.WorkPage, err error) error {
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, signon.ErrDown):
		s.log.Warn("the issuer of work accounts gives trouble; staff sign in by mail", "error", err)
		status, page.Failed = http.StatusServiceUnavailable, "work.failed.down"
	case errors.Is(err, signon.ErrRefused):
		s.log.Warn("the issuer of work accounts did not vouch for somebody", "error", err)
		page.Failed = "work.failed.no"
	case errors.Is(err, signon.ErrDomain):
		page.Failed = "work.failed.domain"
	case errors.Is(err, desk.ErrWork) && page.Link:
		page.Failed = "work.failed.taken"
	case errors.Is(err, desk.ErrWork):
		page.Failed = "work.failed.unknown"
	case errors.Is(err, errOldWork):
		page.Failed = "work.failed.old"
	default:
		return err
	}
	return s.render(w, m, status, page)
}
