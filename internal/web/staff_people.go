package web

import (
	"net/http"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/desk"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// people handles GET /staff/people.
func (s *Server) people(w http.ResponseWriter, r *http.Request) error {
	return s.showPeople(w, r, view.PersonForm{}, http.StatusOK, nil)
}

func (s *Server) showPeople(w http.ResponseWriter, r *http.Request, typed view.PersonForm, status int, wrong problems) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathStaff)
	if err != nil {
		return err
	}
	base.Problems = wrong
	all, waiting, err := s.staff.Colleagues(r.Context())
	if err != nil {
		return err
	}
	staff := staffIn(r.Context())
	page := &view.StaffListPage{StaffBase: base, Form: typed, CanEdit: desk.May(staff, desk.AddStaff)}
	for _, one := range all {
		page.People = append(page.People, view.Person{
			ID: one.ID, Name: one.Name, Role: view.Role(one.Role), Since: one.Since, Seen: one.Seen,
			Ended: !one.Active, CanEnd: desk.MayEnd(staff, one.Staff),
		})
	}
	for _, one := range waiting {
		if one.Kind != store.ReleaseAddStaff {
			continue
		}
		page.Pending = append(page.Pending, view.PendingPerson{By: one.By, At: one.At})
	}
	return s.render(w, m, status, page)
}

// changePeople handles POST /staff/people: ask for a new colleague, or end one's
// access.
func (s *Server) changePeople(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	switch f.get("do") {
	case "add":
		return s.askForPerson(w, r, f)
	case "end":
		id, err := strconv.ParseInt(f.get("id"), 10, 64)
		if err != nil {
			return errBadForm
		}
		if err := s.staff.EndStaff(r.Context(), staffIn(r.Context()), id); err != nil {
			return deskError(err)
		}
		return s.said(w, view.PathStaff, "ended")
	}
	return errBadForm
}

// askForPerson puts the wish for a new colleague into the letterbox: it holds an
// address, and the steward asks a second administrator.
func (s *Server) askForPerson(w http.ResponseWriter, r *http.Request, f form) error {
	var wrong problems
	typed := view.PersonForm{Name: f.get("name"), Email: f.get("email"), Role: f.get("role")}
	name, role := line(typed.Name), undersigned.Role(typed.Role)
	checkName(name, &wrong)
	parsed, err := address.Parse(norm.NFC.String(typed.Email))
	if err != nil {
		wrong.add("email", addressWord(err))
	}
	if !role.Known() {
		wrong.add("role", "problem.role")
	}
	if len(wrong) > 0 {
		return s.showPeople(w, r, typed, http.StatusUnprocessableEntity, wrong)
	}
	staff := staffIn(r.Context())
	// First the history: a wish that is not in it must not be on its way.
	if err := s.staff.RecordAsk(r.Context(), staff, role); err != nil {
		return deskError(err)
	}
	if err := s.post(undersigned.Submission{
		Kind: undersigned.LetterAddStaff, Name: name, Address: parsed.String(), Role: role, Staff: staff.ID,
	}); err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.said(w, view.PathStaff, "staff")
}

// releaseLink handles the link that a second person was mailed. Whoever holds it was
// asked; the steward decides by the token in the letter, and by nothing else.
func (s *Server) releaseLink(w http.ResponseWriter, r *http.Request, number int64, token undersigned.Token) error {
	if away, err := s.toDesk(w, r); away {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	release, err := s.staff.Release(r.Context(), number, seal.HashToken(token))
	if err != nil {
		return gone(err)
	}
	if release.State == store.ReleaseTooOld {
		return s.render(w, m, http.StatusOK, &view.ReleasePage{Base: m.fill(""), TooOld: true, Days: int(undersigned.ReleaseLife / day)})
	}
	if r.Method != http.MethodPost {
		return s.render(w, m, http.StatusOK, &view.ReleasePage{Base: m.fill(""), Action: r.URL.Path, Held: release.Kind == store.ReleaseHeld, Answer: release.Kind == store.ReleaseAnswer, HandOver: release.Kind == store.ReleaseDisclose, Keys: release.Kind == store.ReleaseExtend, By: release.By, At: release.At})
	}
	if err := s.post(undersigned.Submission{
		Kind: undersigned.LetterRelease, Link: undersigned.LinkRelease, Number: number, Token: token,
	}); err != nil {
		return s.keepTyped(w, r, nil, err)
	}
	s.redirect(w, view.PathReleased, http.StatusSeeOther)
	return nil
}

// released handles GET /staff/released, where a release ends without its token.
func (s *Server) released(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	return s.render(w, m, http.StatusOK, &view.ReleasedPage{Base: m.fill("")})
}
