package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// mostUpload is how many bytes the form with a logo may have.
const mostUpload = desk.MostLogoBytes + 8<<10

// logo handles POST /staff/settings/look/logo: a picture makes it the logo, none takes
// the logo away.
func (s *Server) logo(w http.ResponseWriter, r *http.Request) error {
	typed, picture, err := readUpload(r)
	if err != nil {
		return err
	}
	version, err := versionIn(typed)
	if err != nil {
		return err
	}
	err = s.staff.SaveLogo(r.Context(), staffIn(r.Context()), version, picture)
	if err == nil {
		return s.said(w, view.PathSection(view.Section(desk.SectionLook)), "settings")
	}
	var wrong desk.Problems
	if !errors.As(err, &wrong) && !errors.Is(err, undersigned.ErrChanged) {
		return deskError(err)
	}
	form, formErr := s.staff.Settings(r.Context(), desk.SectionLook)
	if formErr != nil {
		return formErr
	}
	if wrong != nil {
		return s.showSection(w, r, form, http.StatusUnprocessableEntity, settingProblems(wrong), nil)
	}
	newer, err := s.staff.ChangesSince(r.Context(), desk.SectionLook, version)
	if err != nil {
		return err
	}
	var all problems
	all.add("main", "problem.set.changed")
	return s.showSection(w, r, form, http.StatusConflict, all, newer)
}

// readUpload reads the form with a logo. Where a picture was to be chosen and none was,
// its one byte is no picture, and so it is refused.
//
// Errors: errType, errBadForm, *http.MaxBytesError.
func readUpload(r *http.Request) (desk.Typed, []byte, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != partsType {
		return nil, nil, errType
	}
	parts := multipart.NewReader(r.Body, parameters["boundary"])
	typed, picture := desk.Typed{}, []byte(nil)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return typed, picture, nil
		}
		var value []byte
		if err == nil {
			value, err = io.ReadAll(part)
		}
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			return nil, nil, err
		}
		if err != nil || len(typed) > 8 {
			return nil, nil, fmt.Errorf("%w: its parts", errBadForm)
		}
		if part.FormName() != "file" {
			typed[part.FormName()] = string(value)
			continue
		}
		if picture = value; len(picture) == 0 {
			picture = []byte{0}
		}
	}
}
