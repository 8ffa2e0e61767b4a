package view

import "time"

// A SettingsLine is one page of the settings in their list.
type SettingsLine struct {
	Section Section
	Missing int // fields that the public must not come without
}

// Section names a page of the settings, as the catalogue does: "who".
type Section string

// SettingsPage lists the pages of the settings.
type SettingsPage struct {
	StaffBase
	CanEdit   bool
	Preparing bool // the site is not open to the public yet
	Sections  []SettingsLine
}

// A FieldName is the form's name of a setting, FieldWord what the catalogue calls it.
type (
	FieldName string
	FieldWord string
)

// FieldKind says how a setting is typed: "line", "text", "list", "number", "box", "choice"
// or "kept".
type FieldKind string

// A SettingField is one setting on its page.
type SettingField struct {
	Name    FieldName
	Word    FieldWord
	Kind    FieldKind
	Value   string
	Code    FieldWord // the value again, where it is one of a fixed set
	Least   int       // the lowest number
	Most    int       // the highest number, or characters
	Choices []FieldWord
}

// Label and Hint name its sentences.
func (f SettingField) Label() Key { return Key("set." + f.Word) }
func (f SettingField) Hint() Key  { return Key("set." + f.Word + ".hint") }

// A SettingGroup is a row of what repeats, or, with Row 0, what stands alone.
type SettingGroup struct {
	Row    int
	Word   FieldWord // "step"
	Fields []SettingField
}

// SettingsFormPage changes one section. It posts "do" ("preview" or "save"), "version",
// "rows" and the fields to Action.
type SettingsFormPage struct {
	StaffBase
	Section Section
	Action  string
	Version int64
	Rows    int
	Groups  []SettingGroup
	CanEdit bool
	Step    int // of the first setup, from 1; 0: the site is open
	Steps   int
	Newer   []SettingsEvent // what others changed while somebody typed, newest first

	Logo       string // where its picture is; "" for none
	LogoAction string // "" where the section has none
	LogoBytes  int    // most kilobytes
	Pause      bool   // words about pausing belong here
}

// SettingsReviewPage shows what saving would change, and how people see it.
type SettingsReviewPage struct {
	StaffBase
	Section Section
	Action  string
	Changes []SettingChange
	Typed   []Hidden // the form, to save it or to go back to it
	Undo    bool     // it puts back what was there before
	Look    *LookSample
	Logo    string // where the picture is that would be the logo; "" for none
	Words   *WordsSample
	Ask     string // the question that people must say yes to; "" for none
}

// A LookSample is a page's head in a colour.
type LookSample struct {
	Colour Code
	Name   string
}

// A Code is text that is no words, such as a colour.
type Code string

// A WordsSample is what the home page will say.
type WordsSample struct{ Intro, Banner string }

// A SettingChange is what one change did to one setting.
type SettingChange struct {
	Word     FieldWord
	Kind     FieldKind
	Row      int
	RowWord  FieldWord
	Old, New string
	// The values again, where they are of a fixed set.
	OldCode, NewCode FieldWord
}

// Label names its sentence.
func (c SettingChange) Label() Key { return Key("set." + c.Word) }

// A SettingsEvent is one saved change of a section.
type SettingsEvent struct {
	No      int64
	At      time.Time
	Who     string // "" for the machine itself
	Section Section
	Changes []SettingChange
	Undo    string // where it can be put back; "" where it cannot
}

// SettingsHistoryPage is what was changed, newest first.
type SettingsHistoryPage struct {
	StaffBase
	Events []SettingsEvent
	Older  int64 // the version from which older ones go on; 0: there are none
}

// ReadyPage is what is missing before the public may come; posts to "/staff/ready".
type ReadyPage struct {
	StaffBase
	Open    bool
	Gaps    []ReadyLine
	Backup  bool // a backup of the keys was made and read back
	CanOpen bool // the reader may, and nothing is missing
	CanEdit bool
}

// A ReadyLine is something that is missing, and the page to fill it in.
type ReadyLine struct {
	Gap     Gap
	Section Section
}

// Gap names what is missing, as the catalogue does: "ready.gap.authority".
type Gap string

// SetupPage is what a one-time address shows; posts to Action.
type SetupPage struct {
	Base
	Action string
	Old    bool // it was used, or is too old
}

// NotReadyPage is what people see before anybody used the one-time address.
type NotReadyPage struct{ Base }
