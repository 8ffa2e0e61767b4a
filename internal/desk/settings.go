package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"undersigned"
	"undersigned/internal/store"
)

// Typed is what somebody typed into a settings page, by field.
type Typed map[string]string

// A SettingsForm is one page of the settings.
type SettingsForm struct {
	Section Section
	Version int64 // of the settings that it shows
	Rows    int   // of what repeats
	Fields  []Field
	Body    undersigned.Body // as it is, or as it would be
	Gaps    []undersigned.Gap
}

// A Difference is what one change did to one setting.
type Difference struct {
	Field
	Old, New string
}

// newest reads the settings as they are stored, with their version.
func (d *Desk) newest(ctx context.Context) (store.Version, error) {
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return store.Version{}, err
	}
	versions, err := d.store.SettingsHistory(ctx, first.ID, 0, 1)
	if err != nil {
		return store.Version{}, err
	}
	if len(versions) == 0 {
		return store.Version{}, fmt.Errorf("read the settings: no version is kept")
	}
	return versions[0], nil
}

// Settings reads a section as it is.
//
// Errors: undersigned.ErrNotFound for no section of Sections.
func (d *Desk) Settings(ctx context.Context, section Section) (SettingsForm, error) {
	if !slices.Contains(Sections, section) {
		return SettingsForm{}, undersigned.ErrNotFound
	}
	newest, err := d.newest(ctx)
	if err != nil {
		return SettingsForm{}, err
	}
	return formOf(section, newest.No, newest.Body), nil
}

func formOf(section Section, version int64, b undersigned.Body) SettingsForm {
	s := sheets[section]
	form := SettingsForm{Section: section, Version: version, Body: b, Gaps: b.Gaps()}
	form.Rows = min(s.rowsOf(b)+s.spare, s.rows)
	if s.useful > 0 {
		form.Rows = max(s.rowsOf(b), min(form.Rows, s.useful))
	}
	form.Fields = s.all(form.Rows)
	grown := copyOf(b)
	if s.grow != nil {
		s.grow(&grown, form.Rows)
	}
	for i := range form.Fields {
		form.Fields[i].Value = form.Fields[i].get(&grown)
	}
	return form
}

// ValuesBefore are the values that a section had before a version, to put them back. What
// was added since is empty in them, but for reasons: petitions may have been refused for
// one, so that it keeps its words and is no longer given.
//
// Errors: undersigned.ErrNotFound where there is no such version of that section, or
// nothing before it.
func (d *Desk) ValuesBefore(ctx context.Context, section Section, no int64) (Typed, error) {
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := d.store.SettingsHistory(ctx, first.ID, no+1, 1)
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 || versions[0].No != no || versions[0].Before == nil || versions[0].Section != string(section) {
		return nil, undersigned.ErrNotFound
	}
	newest, err := d.newest(ctx)
	if err != nil {
		return nil, err
	}
	s, before := sheets[section], copyOf(*versions[0].Before)
	before.Reasons = reasonsBefore(before, newest.Body)
	rows := max(formOf(section, no, before).Rows, s.rowsOf(newest.Body))
	if s.grow != nil {
		s.grow(&before, rows)
	}
	typed := Typed{"rows": strconv.Itoa(rows)}
	for _, f := range s.all(rows) {
		typed[f.Name] = f.get(&before)
	}
	return typed, nil
}

// reasonsBefore are the reasons there are now, as they were before.
func reasonsBefore(before, now undersigned.Body) []undersigned.Reason {
	all := slices.Clone(now.Reasons)
	for i, reason := range all {
		if was, there := before.Reason(reason.Code); there {
			all[i] = was
		} else {
			all[i].Ended = true
		}
	}
	return all
}

// TrySettings says what saving a section would change, and changes nothing. The form
// comes back as it was typed, with problems as well.
//
// Errors: ErrForbidden, undersigned.ErrNotFound, Problems.
func (d *Desk) TrySettings(ctx context.Context, staff undersigned.Staff, section Section, typed Typed) (SettingsForm, []Difference, error) {
	if !May(staff, ChangeSettings) {
		return SettingsForm{}, nil, fmt.Errorf("%s: %w", ChangeSettings, ErrForbidden)
	}
	form, err := d.Settings(ctx, section)
	if err != nil {
		return form, nil, err
	}
	now := form.Body
	changed, fields, problems := apply(section, now, typed)
	form.Fields, form.Rows = fields, rowsTyped(section, typed)
	if problems == nil {
		err = d.store.InTx(ctx, func(tx *store.DeskTx) error { return allowed(tx, now, changed) })
	} else {
		err = problems
	}
	if err != nil {
		return form, nil, err
	}
	form.Body = changed
	return form, Differences(section, now, changed), nil
}

// SaveSettings saves a section. What others changed in other sections meanwhile stays.
// The same settings again change nothing.
//
// Errors: ErrForbidden, undersigned.ErrNotFound, Problems; undersigned.ErrChanged where
// somebody changed this section after version.
func (d *Desk) SaveSettings(ctx context.Context, staff undersigned.Staff, section Section, version int64, typed Typed) error {
	if !May(staff, ChangeSettings) {
		return fmt.Errorf("%s: %w", ChangeSettings, ErrForbidden)
	}
	if !slices.Contains(Sections, section) {
		return undersigned.ErrNotFound
	}
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return err
	}
	err = d.store.InTx(ctx, func(tx *store.DeskTx) error {
		later, err := tx.ChangedSince(first.ID, version, string(section))
		if err != nil {
			return err
		}
		if later {
			return undersigned.ErrChanged
		}
		now, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		changed, _, problems := apply(section, now, typed)
		if problems != nil {
			return problems
		}
		if err := allowed(tx, now, changed); err != nil {
			return err
		}
		if len(Differences(section, now, changed)) == 0 {
			return nil
		}
		return tx.SaveBody(changed, store.Change{Staff: staff.ID, Section: string(section)})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", ChangeSettings, err)
	}
	return nil
}

// rowsTyped is how many rows of what repeats a form sent.
func rowsTyped(section Section, typed Typed) int {
	rows, err := strconv.Atoi(typed["rows"])
	if err != nil || rows < 0 {
		return 0
	}
	return min(rows, sheets[section].rows)
}

// apply puts what was typed into a copy of the settings. The fields come back with what
// was typed.
func apply(section Section, b undersigned.Body, typed Typed) (undersigned.Body, []Field, error) {
	s := sheets[section]
	rows := rowsTyped(section, typed)
	changed := copyOf(b)
	if s.grow != nil {
		s.grow(&changed, rows)
	}
	fields := s.all(rows)
	var problems Problems
	for i := range fields {
		f := &fields[i]
		f.Value = typed[f.Name]
		err := f.set(&changed, f.Value)
		empty := f.Kind != FieldBox && f.get(&changed) == ""
		switch {
		case err != nil && f.Value == "" && f.required:
			err = ErrMissing
		case err == nil && empty && (f.required || f.gap != "" && b.Stage == undersigned.StageOpen && f.get(&b) != ""):
			err = ErrMissing
		}
		if err != nil {
			problems = append(problems, Problem{Field: f.Name, Err: err, Most: f.Most, Least: f.Least})
		}
	}
	if len(problems) == 0 {
		problems = together(section, changed)
	}
	if s.trim != nil {
		s.trim(&changed)
	}
	if len(problems) > 0 {
		return changed, fields, problems
	}
	return changed, fields, nil
}

// together checks what settings of a section must be to each other. Rows that were left
// empty are still there.
func together(section Section, b undersigned.Body) (problems Problems) {
	at := func(name string, row int, part string) string { return fmt.Sprintf("%s-%d-%s", name, row+1, part) }
	switch section {
	case SectionStarting:
		if b.Sponsors.Needed > b.Sponsors.Most {
			problems.add("most", ErrOrder)
		}
		if b.AskHearing && b.HearingWhy == "" {
			problems.add("hearing-why", ErrMissing)
		}
	case SectionFloor:
		if hour, day := b.Floor.Hour(), b.Floor.Day(); day > 0 && day < hour {
			problems.add("forms-day", ErrOrder)
		}
	case SectionThresholds:
		var last int64
		for i, t := range b.Thresholds {
			switch {
			case t.Number == 0 && t.Words == "":
			case t.Number == 0:
				problems.add(at("step", i, "number"), ErrMissing)
			case t.Words == "":
				problems.add(at("step", i, "words"), ErrMissing)
			case t.Number <= last:
				problems.add(at("step", i, "number"), ErrOrder)
			case slices.ContainsFunc(b.Thresholds[:i], func(o undersigned.Threshold) bool { return o.Then == t.Then && o.Number > 0 }):
				// A petition reaches a kind once: of a second one nobody could say when.
				problems.add(at("step", i, "then"), ErrTwice)
			}
			last = max(last, t.Number)
		}
	case SectionReasons:
		given := 0
		for i, r := range b.Reasons {
			if r.Code == "" && r.Title == "" && r.Words == "" {
				continue
			}
			if r.Title == "" {
				problems.add(at("reason", i, "title"), ErrMissing)
			}
			if r.Words == "" {
				problems.add(at("reason", i, "words"), ErrMissing)
			}
			if slices.ContainsFunc(b.Reasons[:i], func(o undersigned.Reason) bool { return o.Title == r.Title }) {
				problems.add(at("reason", i, "title"), ErrTwice)
			}
			if !r.Ended {
				given++
			}
		}
		if given == 0 {
			problems.add(at("reason", 0, "ended"), ErrMissing)
		}
	case SectionDays:
		if len(b.WorkDays) == 0 {
			problems.add("weekday-1", ErrMissing)
		}
		for i, e := range b.Elections {
			if e == (undersigned.Election{}) {
				continue
			}
			for _, one := range []struct{ part, value string }{{"from", e.From}, {"to", e.To}, {"words", e.Words}} {
				if one.value == "" {
					problems.add(at("election", i, one.part), ErrMissing)
				}
			}
			if e.From != "" && e.To != "" && e.To < e.From {
				problems.add(at("election", i, "to"), ErrOrder)
			}
		}
	}
	return problems
}

// allowed checks a change against what the database holds.
func allowed(tx *store.DeskTx, now, changed undersigned.Body) error {
	if changed.MailQuota > now.MailQuota {
		free, err := tx.RaisableQuota(now.ID)
		if err != nil {
			return err
		}
		if !free {
			return Problems{{Field: "quota", Err: ErrRaised}}
		}
	}
	if changed.NewsQuota > now.NewsQuota {
		agreed, err := tx.AnybodyWantsNews()
		if err != nil {
			return err
		}
		if agreed {
			return Problems{{Field: "news-quota", Err: ErrRaised}}
		}
	}
	if logo := changed.Brand.Logo; logo != "" && logo != now.Brand.Logo {
		hash, err := hex.DecodeString(logo)
		if err != nil {
			return Problems{{Field: "logo", Err: ErrUnknown}}
		}
		there, err := tx.HasLogo(hash)
		if err != nil {
			return err
		}
		if !there {
			return Problems{{Field: "logo", Err: ErrUnknown}}
		}
	}
	return nil
}

// Differences are what differs between two versions of a section, in the order of its
// page.
func Differences(section Section, old, new undersigned.Body) []Difference {
	s := sheets[section]
	rows := max(s.rowsOf(old), s.rowsOf(new))
	old, new = copyOf(old), copyOf(new)
	if s.grow != nil {
		s.grow(&old, rows)
		s.grow(&new, rows)
	}
	var all []Difference
	for _, f := range s.all(rows) {
		if a, b := f.get(&old), f.get(&new); a != b {
			all = append(all, Difference{f, a, b})
		}
	}
	return all
}

// A SettingsChange is one saved change, as the history shows it.
type SettingsChange struct {
	store.Version
	Differences []Difference
	CanUndo     bool // its section has a page, and there is something before it
}

// HistoryPage is how many changes a page of the history shows.
const HistoryPage = 20

// SettingsHistory reads the changes before version no, newest first, and whether there
// are more; no 0: from the newest on.
func (d *Desk) SettingsHistory(ctx context.Context, no int64) (changes []SettingsChange, more bool, err error) {
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return nil, false, err
	}
	versions, err := d.store.SettingsHistory(ctx, first.ID, no, HistoryPage+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(versions) > HistoryPage; more {
		versions = versions[:HistoryPage]
	}
	for _, v := range versions {
		changes = append(changes, changeOf(v))
	}
	return changes, more, nil
}

func changeOf(v store.Version) SettingsChange {
	c := SettingsChange{Version: v}
	if v.Before == nil {
		return c
	}
	sections := []Section{Section(v.Section)}
	if v.Section == "" { // from the machine: anything may have changed
		sections = append(slices.Clone(Sections), SectionPause, SectionOpening)
	}
	for _, section := range sections {
		c.Differences = append(c.Differences, Differences(section, *v.Before, v.Body)...)
	}
	c.CanUndo = (slices.Contains(Sections, Section(v.Section)) || v.Section == string(SectionPause)) && len(c.Differences) > 0
	return c
}

// ChangesSince are the changes that others made to a section after a version, newest
// first, for whoever typed meanwhile.
func (d *Desk) ChangesSince(ctx context.Context, section Section, version int64) ([]SettingsChange, error) {
	changes, _, err := d.SettingsHistory(ctx, 0)
	return slices.DeleteFunc(changes, func(c SettingsChange) bool {
		return c.No <= version || c.Section != string(section) && c.Section != ""
	}), err
}

// copyOf copies settings with all they point at, so that a try changes nothing.
func copyOf(b undersigned.Body) undersigned.Body {
	text, err := json.Marshal(b)
	if err != nil {
		panic(err) // it came out of JSON
	}
	var c undersigned.Body
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err)
	}
	c.ID = b.ID
	return c
}
