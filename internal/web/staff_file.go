package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// How the forms of a petition's file speak of their fields.
var fileWords = map[string]fieldWords{
	"note": {long: "problem.note.long"}, "tags": {long: "problem.tag.long"}, "assign": {missing: "problem.assign"},
	"park-why": {"problem.park.why", "problem.park.long"}, "park-until": {missing: "problem.park.until"},
}

// keepFile handles POST /staff/petitions/{id}/file: what staff keep beside a petition.
func (s *Server) keepFile(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := readForm(r)
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	var said string
	switch f.get("do") {
	case "note":
		return s.keepNote(w, r, id, f)
	case "tags":
		said, err = "tagged", s.staff.Tag(ctx, staff, id, line(f.get("tags")))
	case "flag":
		said, err = "flagged", s.staff.Flag(ctx, staff, id, true)
	case "unflag":
		said, err = "unflagged", s.staff.Flag(ctx, staff, id, false)
	case "park":
		said, err = "parked", s.staff.Park(ctx, staff, id, paragraphs(f.get("park-why")), line(f.get("park-until")))
	case "unpark":
		said, err = "unparked", s.staff.Unpark(ctx, staff, id)
	case "assign":
		to, parseErr := strconv.ParseInt(f.get("assign"), 10, 64)
		if parseErr != nil {
			to = -1 // nobody has it: the form is shown again
		}
		said, err = "assigned", s.staff.Assign(ctx, staff, id, to)
	default:
		// Whether the petition is there comes first: nobody learns about forms of none.
		if _, err := s.staff.Case(ctx, staff, id); err != nil {
			return err
		}
		return errBadForm
	}
	return s.afterDeed(w, r, f, err, fileWords, view.PathAdmin(id), said)
}

// keepNote keeps a note. A script that keeps it while it is written asks for JSON and
// gets the note's number; a button gets a page.
func (s *Server) keepNote(w http.ResponseWriter, r *http.Request, id int64, f form) error {
	no, err := strconv.ParseInt(f.get("no"), 10, 64)
	if err != nil {
		return errBadForm
	}
	err = s.staff.Note(r.Context(), staffIn(r.Context()), id, no, paragraphs(f.get("note")))
	if r.Header.Get("Accept") == "application/json" {
		return s.saidNote(w, no, err)
	}
	if errors.Is(err, undersigned.ErrChanged) {
		return s.showCase(w, r, f, http.StatusConflict, problems{{Field: "note", Word: "problem.note.newer"}})
	}
	return s.afterDeed(w, r, f, err, fileWords, view.PathAdmin(id), "noted")
}

// saidNote tells a script what became of the note after number no.
func (s *Server) saidNote(w http.ResponseWriter, no int64, err error) error {
	_, status, unexpected := refused(err, fileWords)
	if err != nil && unexpected != nil {
		return unexpected
	}
	answer := struct {
		No int64 `json:"no"`
	}{no}
	if err == nil {
		status, answer.No = http.StatusOK, no+1
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("say which note is kept: %w", err)
	}
	w.Header()["Content-Type"] = jsonText
	w.Header()["X-Robots-Tag"] = noIndex
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever left does not hear it
	return nil
}

// activeColleagues are the staff whom petitions can be given to.
func (s *Server) activeColleagues(r *http.Request) (all []view.Colleague, err error) {
	colleagues, _, err := s.staff.Colleagues(r.Context())
	for _, one := range colleagues {
		if one.Active {
			all = append(all, view.Colleague{ID: one.ID, Name: one.Name})
		}
	}
	return all, err
}

// fileBox shows what staff keep beside a petition, with what was typed; nil once its keys
// are gone.
func (s *Server) fileBox(r *http.Request, c desk.Case, f form) (*view.FileBox, error) {
	staff := staffIn(r.Context())
	if !desk.May(staff, desk.Read) || !c.KeysGoneAt.IsZero() {
		return nil, nil
	}
	colleagues, err := s.activeColleagues(r)
	if err != nil {
		return nil, err
	}
	kept := c.File
	box := &view.FileBox{
		Action: view.PathFile(c.ID), Note: kept.Note, NoteNo: kept.NoteNo, NoteBy: kept.NoteBy, NoteAt: kept.NoteAt,
		ReadOnly: !c.Can(staff, desk.Keep),
		Tags:     strings.Join(kept.Tags, ", "), Flagged: !kept.FlaggedAt.IsZero(), CanPark: c.State == undersigned.Queued, Assigned: kept.Assigned, Colleagues: colleagues,
	}
	if kept.Parked(s.staff.Now()) {
		box.ParkedWhy, box.ParkedTo = kept.ParkedWhy, kept.ParkedUntil
	}
	switch f.get("do") {
	case "note":
		box.Note = f.get("note")
		if f.get("no") != strconv.FormatInt(kept.NoteNo, 10) {
			box.Newer = kept.Note
		}
	case "tags":
		box.Tags = f.get("tags")
	case "park":
		box.Park = view.ParkForm{Why: f.get("park-why"), Until: f.get("park-until")}
	}
	return box, nil
}
