package desk

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"undersigned"
)

// A Section is one page of the settings.
type Section string

// The sections, and SectionPause for what Pause changes.
const (
	SectionWho        Section = "who"
	SectionLaw        Section = "law"
	SectionLook       Section = "look"
	SectionWords      Section = "words"
	SectionSigning    Section = "signing"
	SectionStarting   Section = "starting"
	SectionThresholds Section = "thresholds"
	SectionReasons    Section = "reasons"
	SectionTopics     Section = "topics"
	SectionDays       Section = "days"
	SectionFloor      Section = "floor"
	SectionPromise    Section = "promise"
	SectionPause      Section = "pause"
	SectionOpening    Section = "opening" // the site was opened to the public
)

// Sections are the pages of the settings in the order of the first setup.
var Sections = []Section{SectionWho, SectionLaw, SectionLook, SectionWords, SectionSigning, SectionStarting,
	SectionThresholds, SectionReasons, SectionTopics, SectionDays, SectionFloor, SectionPromise}

// NextSection is the one after s; "" after the last.
func NextSection(s Section) Section {
	if i := slices.Index(Sections, s); i >= 0 && i+1 < len(Sections) {
		return Sections[i+1]
	}
	return ""
}

// SectionOf is the page on which a gap is filled; "" where none is.
func SectionOf(gap undersigned.Gap) Section {
	for _, section := range Sections {
		if slices.ContainsFunc(sheets[section].fields, func(f Field) bool { return f.gap == gap }) {
			return section
		}
	}
	return ""
}

// RowWord is what the catalogue calls the row that a field stands in: "step"; "" where it
// stands alone.
func RowWord(f Field) string {
	if f.Row == 0 {
		return ""
	}
	word, _, _ := strings.Cut(f.Word, "-")
	return word
}

// How many of what repeats there may be. A form has at most 100 fields.
const (
	mostThresholds = 6 // as older settings may hold; of each kind one can be saved
	mostReasons    = 22
	mostElections  = 4
	mostHolidays   = 100
	mostTopics     = 60
	mostDurations  = 8
)

// Bounds that the promise to signers sets, whatever a body wants: see the design of
// retention, mailings and the sponsors' link.
const (
	mostQuota    = 2
	mostSponsors = 20
)

// A sheet says what stands on a section's page.
type sheet struct {
	fields []Field
	// What repeats, a row at a time; nil where nothing does.
	row         func(i int) []Field
	rows, spare int // rows there are at most, and empty ones that a page offers
	useful      int // no empty row is offered beyond these; 0: rows
	count       func(undersigned.Body) int
	grow        func(*undersigned.Body, int)
	trim        func(*undersigned.Body) // takes out rows that were left empty
}

// all gives the fields of a page with n rows.
func (s sheet) all(n int) []Field {
	all := slices.Clone(s.fields)
	for i := range min(n, s.rows) {
		for _, f := range s.row(i) {
			f.Row = i + 1
			f.Word = f.Name
			first, rest, _ := strings.Cut(f.Name, "-")
			f.Name = fmt.Sprintf("%s-%d-%s", first, f.Row, rest)
			all = append(all, f)
		}
	}
	return all
}

func (s sheet) rowsOf(b undersigned.Body) int {
	if s.count == nil {
		return 0
	}
	return s.count(b)
}

// newsQuota is how many mails with news a signer gets who agreed to them. Settings from
// before there was any have none.
func newsQuota() Field {
	f := number("news-quota", 1, undersigned.MostNewsQuota, func(b *body) *int { return &b.NewsQuota })
	f.get = func(b *body) string { return strconv.Itoa(cmp.Or(b.NewsQuota, undersigned.UsualNewsQuota)) }
	return f
}

// body is short for what all getters take.
type body = undersigned.Body

var sheets = map[Section]sheet{
	SectionWho: {fields: []Field{
		before(undersigned.GapBody, must(line("name", 80, func(b *body) *string { return &b.Name }))),
		must(line("short", 80, func(b *body) *string { return &b.Short })),
		must(line("site", 60, func(b *body) *string { return &b.SiteName })),
		before(undersigned.GapController, line("controller", 80, func(b *body) *string { return &b.Controller.Name })),
		before(undersigned.GapAddress, text("address", 300, func(b *body) *string { return &b.Controller.Address })),
		before(undersigned.GapContact, but(line("email", 120, func(b *body) *string { return &b.Controller.Email }), isMail)),
		but(must(line("zone", 40, func(b *body) *string { return &b.TimeZone })), isZone),
	}},
	SectionLaw: {fields: []Field{
		before(undersigned.GapCounting, text("counting", 500, func(b *body) *string { return &b.Controller.Counting.Basis })),
		before(undersigned.GapCountingArt, text("counting-special", 500, func(b *body) *string { return &b.Controller.Counting.Special })),
		before(undersigned.GapAnswering, text("answering", 500, func(b *body) *string { return &b.Controller.Answering.Basis })),
		before(undersigned.GapAnswerArt, text("answering-special", 500, func(b *body) *string { return &b.Controller.Answering.Special })),
		before(undersigned.GapRecipients, text("recipients", 800, func(b *body) *string { return &b.Controller.Recipients })),
		before(undersigned.GapAge, line("age", 200, func(b *body) *string { return &b.Controller.AgeRule })),
		before(undersigned.GapAuthority, line("authority", 120, func(b *body) *string { return &b.Controller.Authority })),
		but(line("authority-url", 200, func(b *body) *string { return &b.Controller.AuthorityURL }), isWeb),
		but(line("officer", 120, func(b *body) *string { return &b.Controller.Officer }), isMail),
	}},
	SectionLook: {fields: []Field{
		but(line("colour", 7, func(b *body) *string { return &b.Brand.Colour }), isColour),
		kept("logo", func(b *body) *string { return &b.Brand.Logo }),
	}},
	SectionWords: {fields: []Field{
		text("intro", 600, func(b *body) *string { return &b.Intro }),
		line("banner", 300, func(b *body) *string { return &b.Banner }),
	}},
	SectionSigning: {fields: []Field{
		line("eligibility", 200, func(b *body) *string { return &b.Eligibility }),
		box("postcode", func(b *body) *bool { return &b.AskPostcode }),
		box("country", func(b *body) *bool { return &b.AskCountry }),
		box("households", func(b *body) *bool { return &b.Households }),
	}},
	SectionStarting: {fields: []Field{
		durations(),
		number("needed", 0, mostSponsors, func(b *body) *int { return &b.Sponsors.Needed }),
		number("most", 1, mostSponsors, func(b *body) *int { return &b.Sponsors.Most }),
		number("title-length", 20, 200, func(b *body) *int { return &b.Limits.Title }),
		number("background", 100, 1000, func(b *body) *int { return &b.Limits.Background }),
		number("details", 100, 3000, func(b *body) *int { return &b.Limits.Details }),
		box("hearing", func(b *body) *bool { return &b.AskHearing }),
		text("hearing-why", undersigned.MostHearingWhyRunes, func(b *body) *string { return &b.HearingWhy }),
	}},
	SectionThresholds: {
		fields: []Field{
			choice("debate", []string{"debate", "meeting"}, func(b *body) *string { return &b.DebateWord }),
			but(line("responder", 120, func(b *body) *string { return &b.Responder }), isMail),
		},
		row: func(i int) []Field {
			t := func(b *body) *undersigned.Threshold { return &b.Thresholds[i] }
			return []Field{
				count("step-number", 100_000_000, func(b *body) *int64 { return &t(b).Number }),
				choice("step-then", []string{undersigned.ThenAnswer, undersigned.ThenDebate}, func(b *body) *string { return &t(b).Then }),
				line("step-words", 120, func(b *body) *string { return &t(b).Words }),
				optional(number("step-days", 0, 730, func(b *body) *int { return &t(b).Days })),
				choice("step-count", []string{"public", "confirmed"}, func(b *body) *string { return &t(b).Count }),
			}
		},
		rows: mostThresholds, spare: 1, useful: 2, count: func(b body) int { return len(b.Thresholds) },
		grow: func(b *body, n int) {
			for len(b.Thresholds) < n {
				b.Thresholds = append(b.Thresholds, undersigned.Threshold{Then: undersigned.ThenAnswer, Count: "public"})
			}
		},
		trim: func(b *body) {
			b.Thresholds = slices.DeleteFunc(b.Thresholds, func(t undersigned.Threshold) bool { return t.Number == 0 && t.Words == "" })
		},
	},
	SectionReasons: {
		row: func(i int) []Field {
			r := func(b *body) *undersigned.Reason { return &b.Reasons[i] }
			return []Field{
				line("reason-title", 100, func(b *body) *string { return &r(b).Title }),
				text("reason-words", 600, func(b *body) *string { return &r(b).Words }),
				box("reason-hidden", func(b *body) *bool { return &r(b).Hidden }),
				box("reason-ended", func(b *body) *bool { return &r(b).Ended }),
			}
		},
		rows: mostReasons, spare: 1, count: func(b body) int { return len(b.Reasons) },
		grow: func(b *body, n int) {
			for len(b.Reasons) < n {
				b.Reasons = append(b.Reasons, undersigned.Reason{})
			}
		},
		trim: trimReasons,
	},
	SectionTopics: {fields: []Field{
		list("topics", 40, mostTopics, func(b *body) *[]string { return &b.Topics }),
		list("departments", 80, mostTopics, func(b *body) *[]string { return &b.Departments }),
	}},
	SectionDays: {
		fields: append(weekdays(), holidays()),
		row: func(i int) []Field {
			e := func(b *body) *undersigned.Election { return &b.Elections[i] }
			return []Field{
				but(line("election-from", 10, func(b *body) *string { return &e(b).From }), isDay),
				but(line("election-to", 10, func(b *body) *string { return &e(b).To }), isDay),
				line("election-words", 300, func(b *body) *string { return &e(b).Words }),
			}
		},
		rows: mostElections, spare: 1, count: func(b body) int { return len(b.Elections) },
		grow: func(b *body, n int) {
			for len(b.Elections) < n {
				b.Elections = append(b.Elections, undersigned.Election{})
			}
		},
		trim: func(b *body) {
			b.Elections = slices.DeleteFunc(b.Elections, func(e undersigned.Election) bool { return e == undersigned.Election{} })
		},
	},
	SectionFloor: {fields: floorFields()},
	SectionPromise: {fields: []Field{
		number("quota", 1, mostQuota, func(b *body) *int { return &b.MailQuota }),
		box("news", func(b *body) *bool { return &b.News }),
		newsQuota(),
		{Name: "retention", Word: "retention", Kind: FieldNumber, Least: 1, Most: undersigned.MostRetention, required: true,
			get: func(b *body) string { return strconv.Itoa(b.Retention()) },
			set: number("retention", 1, undersigned.MostRetention, func(b *body) *int { return &b.RetentionMonths }).set},
	}},
	SectionPause: {fields: []Field{
		line("paused", MostNotice, func(b *body) *string { return &b.Paused }),
		line("paused-starting", MostNotice, func(b *body) *string { return &b.PausedStarting }),
	}},
	SectionOpening: {fields: []Field{kept("stage", func(b *body) *string { return (*string)(&b.Stage) })}},
}

// kept is a setting that its page carries along and does not ask for.
func kept(name string, at func(*undersigned.Body) *string) Field {
	f := line(name, 64, at)
	f.Kind = FieldKept
	return f
}

func optional(f Field) Field {
	set := f.set
	f.required = false
	f.set = func(b *undersigned.Body, value string) error {
		if strings.TrimSpace(value) == "" {
			value = "0"
		}
		return set(b, value)
	}
	return f
}

// count is a number of signatures; empty stands for 0.
func count(name string, most int, at func(*undersigned.Body) *int64) Field {
	f := number(name, 1, most, nil)
	f.required = false
	f.get = func(b *undersigned.Body) string {
		if *at(b) == 0 {
			return ""
		}
		return strconv.FormatInt(*at(b), 10)
	}
	f.set = func(b *undersigned.Body, value string) error {
		if *at(b) = 0; strings.TrimSpace(value) == "" {
			return nil
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 1 || n > most {
			return ErrNumber
		}
		*at(b) = int64(n)
		return nil
	}
	return f
}

// durations are the days that a creator chooses from, on one line.
func durations() Field {
	return Field{Name: "durations", Word: "durations", Kind: FieldLine, Most: 60, required: true,
		get: func(b *undersigned.Body) string {
			var all []string
			for _, days := range b.Durations {
				all = append(all, strconv.Itoa(days))
			}
			return strings.Join(all, ", ")
		},
		set: func(b *undersigned.Body, value string) error {
			var all []int
			for one := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
				days, err := strconv.Atoi(one)
				if err != nil || days < 7 || days > 365 || slices.Contains(all, days) {
					return ErrLine
				}
				all = append(all, days)
			}
			if len(all) == 0 || len(all) > mostDurations {
				return ErrLine
			}
			slices.Sort(all)
			b.Durations = all
			return nil
		}}
}

// weekdays are a box for each day of the week.
func weekdays() []Field {
	var all []Field
	for day := 1; day <= 7; day++ {
		name := "weekday-" + strconv.Itoa(day)
		all = append(all, Field{Name: name, Word: name, Kind: FieldBox,
			get: func(b *undersigned.Body) string {
				if slices.Contains(b.WorkDays, day) || len(b.WorkDays) == 0 && day <= 5 {
					return "yes"
				}
				return ""
			},
			set: func(b *undersigned.Body, value string) error {
				days := slices.DeleteFunc(slices.Clone(b.WorkDays), func(d int) bool { return d == day })
				if value == "yes" {
					days = append(days, day)
				}
				slices.Sort(days)
				b.WorkDays = days
				return nil
			}})
	}
	return all
}

// holidays are a day and its name a line.
func holidays() Field {
	return Field{Name: "holidays", Word: "holidays", Kind: FieldList, Most: 80,
		get: func(b *undersigned.Body) string {
			var all []string
			for _, h := range b.Holidays {
				all = append(all, strings.TrimSpace(h.Day+" "+h.Name))
			}
			return strings.Join(all, "\n")
		},
		set: func(b *undersigned.Body, value string) error {
			all := []undersigned.Holiday{}
			for one := range linesOf(value) {
				day, name, _ := strings.Cut(one, " ")
				if isDay(day) != nil || undersigned.CheckText(name, 80) != nil {
					return ErrLine
				}
				if slices.ContainsFunc(all, func(h undersigned.Holiday) bool { return h.Day == day }) {
					return ErrTwice
				}
				all = append(all, undersigned.Holiday{Day: day, Name: name})
			}
			if len(all) > mostHolidays {
				return ErrLine
			}
			sort.Slice(all, func(i, j int) bool { return all[i].Day < all[j].Day })
			b.Holidays = all
			return nil
		}}
}

// trimReasons takes out rows that were left empty, and names new ones: petitions refer
// to a reason by its code, which never changes.
func trimReasons(b *undersigned.Body) {
	b.Reasons = slices.DeleteFunc(b.Reasons, func(r undersigned.Reason) bool { return r.Code == "" && r.Title == "" && r.Words == "" })
	for i := range b.Reasons {
		if b.Reasons[i].Code != "" {
			continue
		}
		for n := 1; b.Reasons[i].Code == ""; n++ {
			code := "own-" + strconv.Itoa(n)
			if _, taken := b.Reason(code); !taken {
				b.Reasons[i].Code = code
			}
		}
	}
}
