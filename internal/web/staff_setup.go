package web

import (
	"errors"
	"net/http"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// setupPattern is where the one-time address of the first setup leads.
const setupPattern = view.PathSetup + "/{token}"

// setup handles GET and POST of a one-time address. GET shows a button; only POST uses
// the address up and signs the browser in.
func (s *Server) setup(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	page := &view.SetupPage{Base: m.fill(""), Action: r.URL.Path}
	bytes, err := cookieText.DecodeString(r.PathValue("token"))
	if err != nil || len(bytes) != len(desk.Session{}) {
		return s.noSetup(w, r, m, page)
	}
	secret := desk.Session(bytes)
	if r.Method != http.MethodPost {
		err = s.staff.CheckSetup(r.Context(), secret)
		if errors.Is(err, desk.ErrOldLink) {
			return s.noSetup(w, r, m, page)
		}
		if err != nil {
			return err
		}
		return s.render(w, m, http.StatusOK, page)
	}
	session, err := s.staff.UseSetup(r.Context(), secret)
	if errors.Is(err, desk.ErrOldLink) {
		return s.noSetup(w, r, m, page)
	}
	if err != nil {
		return err
	}
	return s.enterAt(w, r, session, view.PathSection(view.Section(desk.Sections[0])))
}

// noSetup says that a one-time address does not work, to whoever guesses ever slower.
func (s *Server) noSetup(w http.ResponseWriter, r *http.Request, m *moment, page *view.SetupPage) error {
	if err := s.slow(r); err != nil {
		return err
	}
	page.Old, page.Action = true, ""
	return s.render(w, m, http.StatusNotFound, page)
}

// readyPage handles GET /staff/ready: what is missing before the public may come.
func (s *Server) readyPage(w http.ResponseWriter, r *http.Request) error {
	return s.showReady(w, r, http.StatusOK)
}

func (s *Server) showReady(w http.ResponseWriter, r *http.Request, status int) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	// Not of the moment: whoever filled in the last field looks at once.
	form, err := s.staff.Settings(r.Context(), desk.Sections[0])
	if err != nil {
		return err
	}
	staff := staffIn(r.Context())
	page := &view.ReadyPage{StaffBase: base, Open: form.Body.Stage == undersigned.StageOpen, Backup: s.backedUp(), CanEdit: desk.May(staff, desk.ChangeSettings)}
	for _, gap := range form.Gaps {
		page.Gaps = append(page.Gaps, view.ReadyLine{Gap: view.Gap(gap), Section: view.Section(desk.SectionOf(gap))})
	}
	page.CanOpen = !page.Open && len(page.Gaps) == 0 && page.Backup && desk.May(staff, desk.OpenSite)
	return s.render(w, m, status, page)
}

// open handles POST /staff/ready: the site is opened to the public.
func (s *Server) open(w http.ResponseWriter, r *http.Request) error {
	err := s.staff.OpenSite(r.Context(), staffIn(r.Context()), s.backedUp())
	if errors.Is(err, desk.ErrGaps) {
		return s.showReady(w, r, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return deskError(err)
	}
	return s.said(w, view.PathReady, "opened")
}

func (s *Server) backedUp() bool { return s.config.BackedUp != nil && s.config.BackedUp() }

// whenReady serves public pages once somebody used the one-time address.
func whenReady(routes []route) []route {
	for i := range routes {
		do := routes[i].do
		if routes[i].caching == forever || routes[i].pattern == "/healthz" {
			continue
		}
		routes[i].do = func(s *Server, w http.ResponseWriter, r *http.Request) error {
			m, err := s.now(r.Context())
			if err != nil || m.body.Stage != undersigned.StageWaiting {
				return do(s, w, r)
			}
			w.Header().Set("Retry-After", "3600")
			if wantsJSON(r) {
				s.failJSON(w, http.StatusServiceUnavailable)
				return nil
			}
			return s.render(w, m, http.StatusServiceUnavailable, &view.NotReadyPage{Base: m.fill("")})
		}
	}
	return routes
}
