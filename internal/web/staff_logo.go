package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// mostUpload is how many bytes the form with a logo may have.
const mostUpload = desk.MostLogoBytes + 8<<10

// logo handles POST /staff/settings/look/logo: shows what it changes to make a picture the
// logo or, with none, to take the logo away. Saving is the section's own.
func (s *Server) logo(w http.ResponseWriter, r *http.Request) error {
	sent, picture, err := readUpload(r)
	if err != nil {
		return err
	}
	if _, err := versionIn(sent); err != nil {
		return err
	}
	form, err := s.staff.Settings(r.Context(), desk.SectionLook)
	if err != nil {
		return err
	}
	name := ""
	if picture != nil {
		name, err = s.staff.KeepLogo(r.Context(), staffIn(r.Context()), picture)
		if wrong := (desk.Problems)(nil); errors.As(err, &wrong) {
			return s.showSection(w, r, form, http.StatusUnprocessableEntity, settingProblems(wrong), nil)
		}
		if err != nil {
			return deskError(err)
		}
	}
	typed := desk.Typed{"version": sent["version"]}
	for _, f := range form.Fields {
		typed[f.Name] = f.Value
	}
	typed["logo"] = name
	return s.reviewSection(w, r, desk.SectionLook, typed, false)
}

// logoPicture handles GET /staff/settings/look/logo/{name}.
func (s *Server) logoPicture(w http.ResponseWriter, r *http.Request) error {
	logo, err := s.staff.Logo(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", logo.Type)
	_, err = w.Write(logo.Bytes)
	return err
}

// logoPath is where the picture of a logo is; "" for none.
func logoPath(name string) string {
	if name == "" {
		return ""
	}
	return view.PathSettingsLogo + "/" + name
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
