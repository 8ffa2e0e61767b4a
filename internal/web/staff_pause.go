package web

import (
	"errors"
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

var pauseWords = map[string]fieldWords{"signing": {long: "problem.why.long"}, "starting": {long: "problem.why.long"}}

// pauseForm handles GET /staff/pause. With ?undo= a version it shows what putting back the
// notices before it would change.
func (s *Server) pauseForm(w http.ResponseWriter, r *http.Request) error {
	notices, err := s.staff.Notices(r.Context())
	if err != nil {
		return err
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	undo := query.get("undo")
	if undo == "" {
		return s.showPause(w, r, notices, http.StatusOK, nil)
	}
	no, err := strconv.ParseInt(undo, 10, 64)
	if err != nil {
		return undersigned.ErrNotFound
	}
	before, err := s.staff.NoticesBefore(r.Context(), no)
	if err != nil {
		return err
	}
	before.Version = notices.Version
	return s.reviewPause(w, r, before, true)
}

func (s *Server) showPause(w http.ResponseWriter, r *http.Request, notices desk.Notices, status int, wrong problems) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathPause)
	if err != nil {
		return err
	}
	base.Problems = wrong
	return s.render(w, m, status, &view.PausePage{StaffBase: base, Version: notices.Version, Signing: notices.Signing, Starting: notices.Starting,
		ReadOnly: !desk.May(staffIn(r.Context()), desk.Pause)})
}

// pause handles POST /staff/pause: show what would change, go back to the form, or save.
func (s *Server) pause(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	notices := desk.Notices{Signing: line(f.get("signing")), Starting: line(f.get("starting"))}
	if notices.Version, err = strconv.ParseInt(f.get("version"), 10, 64); err != nil || notices.Version < 1 {
		return errBadForm
	}
	switch f.get("do") {
	case "preview":
		return s.reviewPause(w, r, notices, false)
	case "back":
		return s.showPause(w, r, notices, http.StatusOK, nil)
	case "save":
		if err := s.staff.Pause(r.Context(), staffIn(r.Context()), notices); err != nil {
			return s.refusePause(w, r, f, notices, err)
		}
		return s.said(w, view.PathPause, "paused")
	}
	return errBadForm
}

// reviewPause shows what would change, or what is wrong with it.
func (s *Server) reviewPause(w http.ResponseWriter, r *http.Request, notices desk.Notices, undo bool) error {
	changes, err := s.staff.TryPause(r.Context(), staffIn(r.Context()), notices)
	if err != nil {
		return s.refusePause(w, r, nil, notices, err)
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Said = ""
	return s.render(w, m, http.StatusOK, &view.SettingsReviewPage{
		StaffBase: base, Section: view.Section(desk.SectionPause), Action: view.PathPause, Changes: settingChanges(changes), Undo: undo,
		Typed: []view.Hidden{{Name: "version", Value: strconv.FormatInt(notices.Version, 10)}, {Name: "signing", Value: notices.Signing}, {Name: "starting", Value: notices.Starting}},
	})
}

// refusePause shows the form again. Where a colleague was faster, it is about the notices
// that are there now, and saving what was typed takes a second look.
func (s *Server) refusePause(w http.ResponseWriter, r *http.Request, f form, notices desk.Notices, err error) error {
	if errors.Is(err, undersigned.ErrChanged) {
		newest, err := s.staff.Notices(r.Context())
		if err != nil {
			return err
		}
		notices.Version = newest.Version
		return s.showPause(w, r, notices, http.StatusConflict, problems{{Field: "main", Word: "problem.pause.changed"}})
	}
	wrong, status, err := refused(err, pauseWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showPause(w, r, notices, status, wrong)
}
