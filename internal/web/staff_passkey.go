package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/passkey"
	"undersigned/internal/web/view"
)

// passkeySite is where passkeys of staff are for: the address of their pages.
func (s *Server) passkeySite() passkey.Site {
	address := s.config.DeskURL
	if address == "" {
		address = s.config.URL
	}
	u, err := url.Parse(address)
	if err != nil {
		return passkey.Site{} // New has read it before; nothing matches this
	}
	return passkey.Site{Origin: address, Host: u.Hostname()}
}

// A passkeyAsk is what a page's script asks a passkey, in JSON.
type passkeyAsk struct {
	Challenge string   `json:"challenge"`
	Host      string   `json:"host"`
	Site      string   `json:"site,omitempty"`
	User      string   `json:"user,omitempty"` // the handle
	Name      string   `json:"name,omitempty"` // work name
	Known     []string `json:"known,omitempty"`
}

// askPasskey handles POST /staff/sign-in/passkey/ask: a question for whoever signs in.
func (s *Server) askPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := s.slow(r); err != nil {
		return err
	}
	return s.sayAsk(w, r, 0, passkeyAsk{})
}

// askNewPasskey handles POST /staff/account/passkey: a question for a new passkey.
func (s *Server) askNewPasskey(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	staff := staffIn(r.Context())
	user, err := s.staff.PasskeyUser(r.Context(), staff.ID)
	if err != nil {
		return err
	}
	known, err := s.staff.Passkeys(r.Context(), staff)
	if err != nil {
		return err
	}
	ask := passkeyAsk{Site: m.site.Name, User: cookieText.EncodeToString(user[:]), Name: staff.Name}
	for _, one := range known {
		ask.Known = append(ask.Known, cookieText.EncodeToString(one.Credential))
	}
	return s.sayAsk(w, r, staff.ID, ask)
}

// sayAsk makes a question that this browser's passkey can answer once.
func (s *Server) sayAsk(w http.ResponseWriter, r *http.Request, staff int64, ask passkeyAsk) error {
	secret, ok := s.secretIn(r, browserCookie)
	if !ok {
		rand.Read(secret[:])
		s.putCookie(w, browserCookie, cookieText.EncodeToString(secret[:]), int(desk.PasskeyAskLife.Seconds()))
	}
	challenge, err := s.staff.AskPasskey(sha256.Sum256(secret[:]), staff)
	if errors.Is(err, desk.ErrPasskey) {
		return errSlowDown
	}
	if err != nil {
		return err
	}
	ask.Challenge, ask.Host = cookieText.EncodeToString(challenge[:]), s.passkeySite().Host
	body, err := json.Marshal(ask)
	if err != nil {
		return fmt.Errorf("ask a passkey: %w", err)
	}
	w.Header()["Content-Type"] = jsonText
	w.Header()["X-Robots-Tag"] = noIndex
	_, _ = w.Write(body) // whoever left does not hear it
	return nil
}

// bytesIn reads a field that a script filled with bytes; nil where it holds none.
func bytesIn(f form, name string) []byte {
	bytes, err := cookieText.DecodeString(f.get(name))
	if err != nil {
		return nil
	}
	return bytes
}

// browserIn is the hash of a browser's secret; of none, where it holds none.
func (s *Server) browserIn(r *http.Request) [32]byte {
	secret, ok := s.secretIn(r, browserCookie)
	if !ok {
		rand.Read(secret[:])
	}
	return sha256.Sum256(secret[:])
}

// signInByPasskey handles POST /staff/sign-in/passkey.
func (s *Server) signInByPasskey(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	session, err := s.staff.SignInByPasskey(r.Context(), s.passkeySite(), s.browserIn(r), passkey.Assertion{
		ID: bytesIn(f, "credential"), ClientData: bytesIn(f, "client"), AuthData: bytesIn(f, "data"), Signature: bytesIn(f, "signature"), User: bytesIn(f, "user"),
	})
	if errors.Is(err, desk.ErrPasskey) {
		if err := s.slow(r); err != nil {
			return err
		}
		page := &view.SignInPage{Base: m.fill(""), Work: s.workName()}
		page.Problems = []view.Problem{{Field: "email", Word: "problem.passkey"}}
		return s.render(w, m, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return s.enter(w, r, session)
}

// account handles GET /staff/account.
func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	return s.showAccount(w, r, "", http.StatusOK, nil)
}

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, typed string, status int, wrong problems) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathAccount)
	if err != nil {
		return err
	}
	base.Problems = wrong
	kept, err := s.staff.Passkeys(r.Context(), staffIn(r.Context()))
	if err != nil {
		return err
	}
	page := &view.AccountPage{StaffBase: base, Name: typed, Most: desk.MostPasskeys}
	for _, one := range kept {
		page.Passkeys = append(page.Passkeys, view.Passkey{ID: one.ID, Name: one.Name, Since: one.MadeAt, Used: one.UsedAt})
	}
	if page.Work = s.workName(); page.Work != "" {
		switch linked, err := s.staff.WorkAccount(r.Context(), staffIn(r.Context())); {
		case err == nil:
			page.Linked = &view.WorkAccount{Since: linked.LinkedAt, Used: linked.UsedAt}
		case !errors.Is(err, undersigned.ErrNotFound):
			return err
		}
	}
	return s.render(w, m, status, page)
}

var passkeyWords = map[string]fieldWords{"name": {"problem.passkey.name", "problem.passkey.long"}}

// changeAccount handles POST /staff/account: add a passkey, or remove one; link a work
// account, or unlink it.
func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	staff := staffIn(r.Context())
	switch f.get("do") {
	case "add":
		err = s.staff.AddPasskey(r.Context(), staff, s.passkeySite(), s.browserIn(r), line(f.get("name")), passkey.Registration{
			ClientData: bytesIn(f, "client"), AuthData: bytesIn(f, "data"), Key: bytesIn(f, "key"),
		})
		if err == nil {
			s.putCookie(w, browserCookie, "", 0)
			return s.said(w, view.PathAccount, "passkey")
		}
		if errors.Is(err, desk.ErrPasskey) {
			return s.showAccount(w, r, f.get("name"), http.StatusUnprocessableEntity, problems{{Field: "name", Word: "problem.passkey.new"}})
		}
		wrong, status, err := refused(err, passkeyWords)
		if err != nil {
			return err
		}
		return s.showAccount(w, r, f.get("name"), status, wrong)
	case "remove":
		id, err := strconv.ParseInt(f.get("id"), 10, 64)
		if err != nil {
			return errBadForm
		}
		if err := s.staff.RemovePasskey(r.Context(), staff, id); err != nil {
			return deskError(err)
		}
		return s.said(w, view.PathAccount, "nopasskey")
	case "work":
		return s.toIssuer(w, r, staff.ID)
	case "nowork":
		if err := s.staff.UnlinkWork(r.Context(), staff); err != nil {
			return deskError(err)
		}
		return s.said(w, view.PathAccount, "nowork")
	}
	return errBadForm
}
