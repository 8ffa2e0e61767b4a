package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// settings handles GET /staff/settings: the pages there are.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathSettings)
	if err != nil {
		return err
	}
	page := &view.SettingsPage{StaffBase: base, CanEdit: desk.May(staffIn(r.Context()), desk.ChangeSettings), Preparing: m.body.Stage != undersigned.StageOpen}
	for _, section := range desk.Sections {
		line := view.SettingsLine{Section: view.Section(section)}
		for _, gap := range m.body.Gaps() {
			if desk.SectionOf(gap) == section {
				line.Missing++
			}
		}
		page.Sections = append(page.Sections, line)
	}
	return s.render(w, m, http.StatusOK, page)
}

// sectionForm handles GET /staff/settings/{section}. With ?undo= a version it shows what
// putting back the values before it would change.
func (s *Server) sectionForm(w http.ResponseWriter, r *http.Request) error {
	section := desk.Section(r.PathValue("section"))
	form, err := s.staff.Settings(r.Context(), section)
	if err != nil {
		return deskError(err)
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	if undo := query.get("undo"); undo != "" {
		no, err := strconv.ParseInt(undo, 10, 64)
		if err != nil {
			return undersigned.ErrNotFound
		}
		typed, err := s.staff.ValuesBefore(r.Context(), section, no)
		if err != nil {
			return err
		}
		typed["version"] = strconv.FormatInt(form.Version, 10)
		return s.reviewSection(w, r, section, typed, true)
	}
	return s.showSection(w, r, form, http.StatusOK, nil, nil)
}

// section handles POST /staff/settings/{section}: show what would change, go back to the
// form, or save it.
func (s *Server) section(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	section := desk.Section(r.PathValue("section"))
	typed := desk.Typed{}
	for _, one := range f {
		typed[one.name] = norm.NFC.String(one.value)
	}
	switch f.get("do") {
	case "preview":
		return s.reviewSection(w, r, section, typed, false)
	case "back":
		return s.backToSection(w, r, section, typed)
	case "save":
		return s.saveSection(w, r, section, typed)
	}
	if !slices.Contains(desk.Sections, section) {
		return undersigned.ErrNotFound
	}
	return errBadForm
}

func versionIn(typed desk.Typed) (int64, error) {
	version, err := strconv.ParseInt(typed["version"], 10, 64)
	if err != nil {
		return 0, errBadForm
	}
	return version, nil
}

// saveSection saves, and goes on to the next page while the site is being set up.
func (s *Server) saveSection(w http.ResponseWriter, r *http.Request, section desk.Section, typed desk.Typed) error {
	version, err := versionIn(typed)
	if err != nil {
		return err
	}
	err = s.staff.SaveSettings(r.Context(), staffIn(r.Context()), section, version, typed)
	if err != nil {
		return s.refuseSection(w, r, section, typed, err)
	}
	// The newest settings, not those of the last moment: the next page must know them.
	form, err := s.staff.Settings(r.Context(), section)
	if err != nil {
		return err
	}
	said := "settings"
	if form.Version == version {
		said = "same"
	}
	if form.Body.Stage == undersigned.StageOpen {
		return s.said(w, view.PathSettings, said)
	}
	if next := desk.NextSection(section); next != "" {
		return s.said(w, view.PathSection(view.Section(next)), said)
	}
	return s.said(w, view.PathReady, said)
}

// refuseSection shows the form again with what was typed, and what is wrong with it.
func (s *Server) refuseSection(w http.ResponseWriter, r *http.Request, section desk.Section, typed desk.Typed, err error) error {
	var wrong desk.Problems
	changed := errors.Is(err, undersigned.ErrChanged)
	if !changed && !errors.As(err, &wrong) {
		return deskError(err)
	}
	form, _, tryErr := s.staff.TrySettings(r.Context(), staffIn(r.Context()), section, typed)
	if tryErr != nil && !errors.As(tryErr, &wrong) {
		return deskError(tryErr)
	}
	all := settingProblems(wrong)
	if !changed {
		// Saved over nobody: it is about the version that was shown.
		if version, err := versionIn(typed); err == nil {
			form.Version = version
		}
		return s.showSection(w, r, form, http.StatusUnprocessableEntity, all, nil)
	}
	version, err := versionIn(typed)
	if err != nil {
		return err
	}
	newer, err := s.staff.ChangesSince(r.Context(), section, version)
	if err != nil {
		return err
	}
	var first problems
	first.add("main", "problem.set.changed")
	return s.showSection(w, r, form, http.StatusConflict, append(first, all...), newer)
}

func (s *Server) backToSection(w http.ResponseWriter, r *http.Request, section desk.Section, typed desk.Typed) error {
	form, _, err := s.staff.TrySettings(r.Context(), staffIn(r.Context()), section, typed)
	var wrong desk.Problems
	if err != nil && !errors.As(err, &wrong) {
		return deskError(err)
	}
	if form.Version, err = versionIn(typed); err != nil {
		return err
	}
	return s.showSection(w, r, form, http.StatusOK, nil, nil)
}

// reviewSection shows what saving would change, or what is wrong with it.
func (s *Server) reviewSection(w http.ResponseWriter, r *http.Request, section desk.Section, typed desk.Typed, undo bool) error {
	form, changes, err := s.staff.TrySettings(r.Context(), staffIn(r.Context()), section, typed)
	if err != nil {
		return s.refuseSection(w, r, section, typed, err)
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
	page := &view.SettingsReviewPage{StaffBase: base, Section: view.Section(section), Action: view.PathSection(view.Section(section)),
		Changes: settingChanges(changes), Undo: undo}
	page.Typed = []view.Hidden{{Name: "version", Value: typed["version"]}, {Name: "rows", Value: strconv.Itoa(form.Rows)}}
	for _, f := range form.Fields {
		page.Typed = append(page.Typed, view.Hidden{Name: f.Name, Value: f.Value})
	}
	switch section {
	case desk.SectionLook:
		page.Logo = logoPath(form.Body.Brand.Logo)
		if form.Body.Brand.Colour != "" {
			page.Look = &view.LookSample{Colour: view.Code(form.Body.Brand.Colour), Name: form.Body.SiteName}
		}
	case desk.SectionWords:
		page.Words = &view.WordsSample{Intro: form.Body.Intro, Banner: form.Body.Banner}
	case desk.SectionSigning:
		page.Ask = form.Body.Eligibility
	}
	return s.render(w, m, http.StatusOK, page)
}

func (s *Server) showSection(w http.ResponseWriter, r *http.Request, form desk.SettingsForm, status int, wrong problems, newer []desk.SettingsChange) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.SettingsFormPage{StaffBase: base, Section: view.Section(form.Section), Action: view.PathSection(view.Section(form.Section)),
		Version: form.Version, Rows: form.Rows, Groups: settingGroups(form.Fields), CanEdit: desk.May(staffIn(r.Context()), desk.ChangeSettings), Newer: settingsEvents(staffIn(r.Context()), newer)}
	if form.Body.Stage != undersigned.StageOpen {
		page.Step, page.Steps = slices.Index(desk.Sections, form.Section)+1, len(desk.Sections)
	}
	if form.Section == desk.SectionLook {
		page.LogoAction, page.LogoBytes, page.Logo = view.PathSettingsLogo, desk.MostLogoBytes>>10, logoPath(form.Body.Brand.Logo)
	}
	return s.render(w, m, status, page)
}

func settingGroups(fields []desk.Field) []view.SettingGroup {
	var groups []view.SettingGroup
	for _, f := range fields {
		if n := len(groups); n == 0 || groups[n-1].Row != f.Row {
			groups = append(groups, view.SettingGroup{Row: f.Row, Word: rowWord(f)})
		}
		one := view.SettingField{Name: view.FieldName(f.Name), Word: view.FieldWord(f.Word), Kind: view.FieldKind(f.Kind), Value: f.Value, Code: view.FieldWord(f.Value), Least: f.Least, Most: f.Most}
		for _, choice := range f.Choices {
			one.Choices = append(one.Choices, view.FieldWord(choice))
		}
		last := &groups[len(groups)-1]
		last.Fields = append(last.Fields, one)
	}
	return groups
}

func rowWord(f desk.Field) view.FieldWord { return view.FieldWord(desk.RowWord(f)) }

func settingChanges(all []desk.Difference) []view.SettingChange {
	var changes []view.SettingChange
	for _, one := range all {
		changes = append(changes, view.SettingChange{Word: view.FieldWord(one.Word), Kind: view.FieldKind(one.Kind), Row: one.Row, RowWord: rowWord(one.Field), Old: one.Old, New: one.New,
			OldCode: view.FieldWord(one.Old), NewCode: view.FieldWord(one.New)})
	}
	return changes
}

// settingsEvents tells of changes, with a way back where staff may take it.
func settingsEvents(staff undersigned.Staff, all []desk.SettingsChange) []view.SettingsEvent {
	var events []view.SettingsEvent
	for _, one := range all {
		e := view.SettingsEvent{No: one.No, At: one.At, Who: one.Name, Section: view.Section(one.Section), Changes: settingChanges(one.Differences)}
		path, deed := view.PathSection(e.Section), desk.ChangeSettings
		if one.Section == string(desk.SectionPause) {
			path, deed = view.PathPause, desk.Pause
		}
		if one.CanUndo && desk.May(staff, deed) {
			e.Undo = path + "?undo=" + strconv.FormatInt(one.No, 10)
		}
		events = append(events, e)
	}
	return events
}

// settingProblems says what is wrong with settings.
func settingProblems(wrong desk.Problems) problems {
	var all problems
	for _, one := range wrong {
		word, known := settingWords[one.Err]
		switch {
		case one.Err == desk.ErrUnknown && one.Field == "zone":
			word = "problem.set.zone"
		case errors.Is(one.Err, undersigned.ErrTextTooLong):
			all.add(one.Field, "problem.why.long", "Count", one.Most)
			continue
		case one.Err == desk.ErrNumber:
			all = append(all, view.Problem{Field: one.Field, Word: "problem.set.number", Args: map[string]any{"Least": one.Least, "Most": one.Most}})
			continue
		case errors.Is(one.Err, undersigned.ErrTextFormula):
			word = "problem.formula"
		case !known:
			word = "problem.text"
		}
		all.add(one.Field, word)
	}
	return all
}

var settingWords = map[error]view.Key{
	desk.ErrMissing: "problem.set.missing", desk.ErrColour: "problem.set.colour", desk.ErrContrast: "problem.set.contrast",
	desk.ErrLine: "problem.set.line", desk.ErrOrder: "problem.set.order", desk.ErrTwice: "problem.set.twice",
	desk.ErrMail: "problem.set.mail", desk.ErrURL: "problem.set.url", desk.ErrRaised: "problem.set.raised", desk.ErrUnknown: "problem.set.unknown",
	desk.ErrDate: "problem.set.day", desk.ErrPicture: "problem.set.picture", desk.ErrPictureBig: "problem.set.picture.big",
}

// settingsHistory handles GET /staff/settings/history.
func (s *Server) settingsHistory(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	var from int64
	if typed := query.get("before"); typed != "" {
		if from, err = strconv.ParseInt(typed, 10, 64); err != nil || from < 1 {
			return undersigned.ErrNotFound
		}
	}
	changes, more, err := s.staff.SettingsHistory(r.Context(), from)
	if err != nil {
		return err
	}
	page := &view.SettingsHistoryPage{StaffBase: base, Events: settingsEvents(staffIn(r.Context()), changes)}
	if more {
		page.Older = changes[len(changes)-1].No
	}
	return s.render(w, m, http.StatusOK, page)
}
