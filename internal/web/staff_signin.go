package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/text/unicode/norm"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/desk"
	"undersigned/internal/seal"
	"undersigned/internal/web/view"
)

// The cookies of staff, the only ones there are. Over https their names begin with
// __Host-: then no other host, and nothing but https, can have set them.
const (
	sessionCookie = "session" // who is signed in
	browserCookie = "browser" // which browser asked for a sign-in link
)

var cookieText = base64.RawURLEncoding.Strict()

// putCookie sets a cookie; an empty value takes it away. The session's is strict: no
// link from elsewhere arrives signed in. The browser's must come along when the link in
// a mail is opened, so it is lax.
func (s *Server) putCookie(w http.ResponseWriter, name, value string, lives int) {
	cookie := &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: s.staff.secure, MaxAge: lives, SameSite: http.SameSiteStrictMode}
	if name == browserCookie {
		cookie.SameSite = http.SameSiteLaxMode
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func (s *Server) cookieName(name string) string {
	if s.staff.secure {
		return "__Host-" + name
	}
	return name
}

// secretIn reads the 32 random bytes of a cookie of ours; false where there are none.
func (s *Server) secretIn(r *http.Request, name string) (secret [32]byte, ok bool) {
	cookies := r.CookiesNamed(s.cookieName(name))
	if len(cookies) != 1 { // two of one name: somebody else set one
		return secret, false
	}
	bytes, err := cookieText.DecodeString(cookies[0].Value)
	if err != nil || len(bytes) != len(secret) {
		return secret, false
	}
	return [32]byte(bytes), true
}

// staffOf finds who is signed in.
//
// Errors: errSignedOut where nobody is.
func (s *Server) staffOf(r *http.Request) (undersigned.Staff, error) {
	secret, ok := s.secretIn(r, sessionCookie)
	if !ok || s.staff.Desk == nil {
		return undersigned.Staff{}, errSignedOut
	}
	staff, err := s.staff.Staff(r.Context(), desk.Session(secret))
	if errors.Is(err, desk.ErrSignedOut) {
		return staff, errSignedOut
	}
	return staff, err
}

// signInForm handles GET /staff/sign-in.
func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	return s.render(w, m, http.StatusOK, &view.SignInPage{Base: m.fill(""), Ended: query.get("ended") == "yes", Work: s.workName()})
}

// askToSignIn handles POST /staff/sign-in. It answers the same for every address: who
// works here is decided by the steward, who opens the letter.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(f.get("email"))
	parsed, err := address.Parse(norm.NFC.String(typed))
	if err != nil {
		page := &view.SignInPage{Base: m.fill(""), Email: typed, Work: s.workName()}
		page.Problems = []view.Problem{{Field: "email", Word: addressWord(err)}}
		return s.render(w, m, http.StatusUnprocessableEntity, page)
	}
	// Each of these may bring somebody a mail they did not ask for.
	if err := s.slow(r); err != nil {
		return s.keepTyped(w, r, f, err)
	}
	// A browser that asks twice keeps its secret, so that the first mail works, too.
	secret, ok := s.secretIn(r, browserCookie)
	if !ok {
		rand.Read(secret[:])
	}
	if err := s.post(undersigned.Submission{
		Kind: undersigned.LetterSignIn, Address: parsed.String(), Browser: sha256.Sum256(secret[:]),
	}); err != nil {
		return s.keepTyped(w, r, f, err)
	}
	s.putCookie(w, browserCookie, cookieText.EncodeToString(secret[:]), int(undersigned.SignInLife.Seconds()))
	return s.render(w, m, http.StatusOK, s.codePage(m, typed))
}

func (s *Server) codePage(m *moment, typed string) *view.CodePage {
	return &view.CodePage{Base: m.fill(""), Action: view.PathSignInCode, Address: typed, Minutes: int(undersigned.SignInLife.Minutes())}
}

// slow counts a request that a stranger could repeat to guess or to annoy, and makes
// one from a place that sends many of them wait.
//
// Errors: errSlowDown where too many wait already.
func (s *Server) slow(r *http.Request) error {
	delay, done, ok := s.guesses.wrong(s.from(r))
	if !ok {
		return errSlowDown
	}
	defer done()
	if delay > 0 {
		s.config.Wait(r.Context(), delay)
	}
	return nil
}

// readCode puts a typed code into the form it is made in: people take O for 0, and I or
// L for 1, and write blanks between.
func readCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r == '-' || r == ' ':
			return -1
		}
		return r
	}, strings.ToUpper(line(typed)))
}

// signInByCode handles POST /staff/sign-in/code.
func (s *Server) signInByCode(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	session, err := desk.Session{}, desk.ErrCode
	if secret, ok := s.secretIn(r, browserCookie); ok {
		browser := sha256.Sum256(secret[:])
		session, err = s.staff.SignInByCode(r.Context(), seal.HashCode(readCode(f.get("code")), browser), browser)
	}
	if errors.Is(err, desk.ErrCode) {
		if err := s.slow(r); err != nil {
			return err
		}
		page := s.codePage(m, f.get("email"))
		page.Code = f.get("code")
		page.Problems = []view.Problem{{Field: "code", Word: "problem.code"}}
		return s.render(w, m, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.enter(w, r, session)
}

// enter gives a browser its new session. What it held before ends: nobody who set a
// cookie here beforehand knows the new one.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, session desk.Session) error {
	return s.enterAt(w, r, session, view.PathDesk)
}

// enterAt is enter, and leads to a path.
func (s *Server) enterAt(w http.ResponseWriter, r *http.Request, session desk.Session, path string) error {
	if old, ok := s.secretIn(r, sessionCookie); ok {
		if err := s.staff.SignOut(r.Context(), desk.Session(old)); err != nil {
			return err
		}
	}
	s.putCookie(w, sessionCookie, cookieText.EncodeToString(session[:]), 0)
	s.putCookie(w, browserCookie, "", 0)
	s.redirect(w, path, http.StatusSeeOther)
	return nil
}

// signOut handles POST /staff/sign-out. It asks for no session: whose has just ended
// wants to be signed out all the same.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if secret, ok := s.secretIn(r, sessionCookie); ok {
		if err := s.staff.SignOut(r.Context(), desk.Session(secret)); err != nil {
			return err
		}
	}
	s.putCookie(w, sessionCookie, "", 0)
	s.redirect(w, view.PathSignIn+"?ended=yes", http.StatusSeeOther)
	return nil
}

// signInLink handles the link of a sign-in mail. GET shows a button to the browser that
// asked and a kind word to any other; only POST uses the link up.
func (s *Server) signInLink(w http.ResponseWriter, r *http.Request, number int64, token undersigned.Token) error {
	if away, err := s.toDesk(w, r); away {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	var browser [32]byte // of no secret, where the browser holds none
	if secret, ok := s.secretIn(r, browserCookie); ok {
		browser = sha256.Sum256(secret[:])
	}
	hash := seal.HashToken(token)
	page := &view.SignInLinkPage{Base: m.fill(""), Action: r.URL.Path}
	if r.Method == http.MethodPost {
		session, err := s.staff.SignInByLink(r.Context(), number, hash, browser)
		if err == nil {
			return s.enter(w, r, session)
		}
		return s.noWayIn(w, m, page, err)
	}
	if err := s.staff.CheckLink(r.Context(), number, hash, browser); err != nil {
		return s.noWayIn(w, m, page, err)
	}
	return s.render(w, m, http.StatusOK, page)
}

// noWayIn tells why a sign-in link does not work here.
func (s *Server) noWayIn(w http.ResponseWriter, m *moment, page *view.SignInLinkPage, err error) error {
	switch {
	case errors.Is(err, desk.ErrOtherBrowser):
		page.Other = true
		return s.render(w, m, http.StatusOK, page)
	case errors.Is(err, desk.ErrOldLink):
		return errOldLink
	}
	return err
}

// toDesk sends a staff link that was opened at the public address on to the staff's
// own, where their cookies are; done tells that the request was answered.
//
// Errors: errOldLink where there are no staff pages to send to.
func (s *Server) toDesk(w http.ResponseWriter, r *http.Request) (done bool, err error) {
	elsewhere := s.config.DeskURL != "" && !sameHost(r.Host, s.deskHost)
	if elsewhere && r.Method != http.MethodPost {
		s.redirect(w, s.config.DeskURL+r.URL.Path, http.StatusSeeOther)
		return true, nil
	}
	if elsewhere || s.staff.Desk == nil {
		return true, errOldLink
	}
	return false, nil
}

// staffLink handles /l/{link} at an address that has staff pages only.
func (s *Server) staffLink(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	err = errOldLink
	switch l, _ := s.parseLink(r.PathValue("link")); l.kind {
	case undersigned.LinkSignIn:
		err = s.signInLink(w, r, l.number, l.token)
	case undersigned.LinkRelease:
		err = s.releaseLink(w, r, l.number, l.token)
	case undersigned.LinkHearing:
		err = s.hearingLink(w, r, l.number, l.token)
	}
	if errors.Is(err, errOldLink) {
		return s.oldLink(w, r, m)
	}
	return err
}
