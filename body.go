package undersigned

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A Body is whom petitions of a site are for (a council, a parliament, a union), and
// the rules it lives by. It is one row: the settings are stored together as JSON.
type Body struct {
	ID       int64  `json:"-"`
	Name     string `json:"name"`      // "Calderdale Council"
	Short    string `json:"short"`     // "the council", as in "When the council answers"
	TimeZone string `json:"time_zone"` // IANA name
	Language string `json:"language"`  // BCP 47
	SiteName string `json:"site_name"`
	Brand    Brand  `json:"brand"`

	Controller Controller  `json:"controller"`
	Limits     Limits      `json:"limits"`
	Sponsors   Sponsors    `json:"sponsors"`
	Durations  []int       `json:"durations_days"` // what a creator may choose from
	Thresholds []Threshold `json:"thresholds"`
	Reasons    []Reason    `json:"reasons"`
	Purposes   []Purpose   `json:"purposes"`
	Topics     []string    `json:"topics"`
	// Departments are the parts of the body that petitions are passed to.
	Departments []string `json:"departments"`
	// Eligibility is the statement a signer must agree to; empty: everybody may sign.
	Eligibility string `json:"eligibility"`
	AskPostcode bool   `json:"ask_postcode"`
	AskCountry  bool   `json:"ask_country"`
	Households  bool   `json:"households"` // a second person of one address may sign
	// AskHearing: who starts a petition is asked for a phone number and a postal address.
	// HearingWhy says to them, and to everybody, what for.
	AskHearing bool   `json:"ask_hearing,omitempty"`
	HearingWhy string `json:"hearing_why,omitempty"`
	MailQuota  int    `json:"mail_quota"` // mailings of answers a petition
	// News: who starts a petition may send news to signers who agree, NewsQuota times at most.
	News      bool   `json:"news,omitempty"`
	NewsQuota int    `json:"news_quota,omitempty"`
	Floor     Floor  `json:"floor"`  // what is done against programs that sign
	Paused    string `json:"paused"` // notice while signing is paused; empty: it is not
	// PausedStarting is the notice while nobody can start a petition; empty: it runs.
	PausedStarting string `json:"paused_starting"`
	DebateWord     string `json:"debate_word"` // "debate" or "meeting"
	// Responder is the mail address of the office that answers; it hears of thresholds.
	// Empty: nobody does.
	Responder string `json:"responder"`

	Stage     Stage      `json:"stage"`
	Intro     string     `json:"intro"`     // what the home page says first; empty: our own words
	Banner    string     `json:"banner"`    // on the home page and petitions' pages; empty: none
	WorkDays  []int      `json:"work_days"` // of the week, 1 is Monday; empty: Monday to Friday
	Holidays  []Holiday  `json:"holidays"`
	Elections []Election `json:"elections"`
	// RetentionMonths is how long after its closing date the keys of a petition live that
	// is published now; 0: the longest, MostRetention.
	RetentionMonths int `json:"retention_months"`
}

// A Brand is how a body's site looks: a few custom properties and a logo.
type Brand struct {
	Colour string `json:"colour"` // CSS colour of header and buttons
	Logo   string `json:"logo"`   // SHA-256 of an image, in hex; empty: the configured one, or our own mark
}

// A Controller is the data controller: who runs the site and answers for the data.
type Controller struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Email   string `json:"email"`
	Officer string `json:"officer"` // mail address of the data protection officer; empty: there is none

	Authority    string `json:"authority"` // whom people complain to
	AuthorityURL string `json:"authority_url"`
	Recipients   string `json:"recipients"` // who else may see data: hosts, mail relays, courts
	AgeRule      string `json:"age_rule"`   // who is old enough to sign
	Counting     Ground `json:"counting"`   // of checking and counting a signature
	Answering    Ground `json:"answering"`  // of mailing the answer
}

// A Ground is why the law allows a purpose, in words that people read.
type Ground struct {
	Basis   string `json:"basis"`   // Article 6 of the GDPR
	Special string `json:"special"` // Article 9: a signature tells what somebody thinks
}

// Limits of a petition's texts, in characters.
type Limits struct {
	Title      int `json:"title"`
	Background int `json:"background"`
	Details    int `json:"details"`
}

// Sponsors says how many people must back a petition before it is reviewed.
type Sponsors struct {
	Needed int `json:"needed"`
	Most   int `json:"most"` // uses of the sponsors' link
}

// A Threshold is a number of signatures at which something happens.
type Threshold struct {
	Number int64  `json:"number"`
	Then   string `json:"then"`  // "answer" or "debate"
	Words  string `json:"words"` // what people read: "{body} will answer"
	Days   int    `json:"days"`  // to do it in; 0: no promise
	Count  string `json:"count"` // which count: "public" or "confirmed"
}

// A Reason a petition may be rejected for.
type Reason struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Words  string `json:"words"`
	Hidden bool   `json:"hidden"` // the text itself is the problem: publish the reason only
	// Ended says that staff no longer give this reason. It stays for petitions that were
	// refused for it.
	Ended bool `json:"ended,omitempty"`
}

// A Purpose is something a signer may agree to beside the answer; it names its sender.
type Purpose struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
	Sender  string `json:"sender"`
	Words   string `json:"words"`
}

// WithName gives the settings as people read them: where the words of reasons and
// thresholds say {body}, the body's name stands. Who publishes them is another: the
// controller.
func (b Body) WithName() Body {
	named := func(words string) string { return strings.ReplaceAll(words, "{body}", b.Name) }
	b.Reasons, b.Thresholds = slices.Clone(b.Reasons), slices.Clone(b.Thresholds)
	for i := range b.Reasons {
		b.Reasons[i].Title, b.Reasons[i].Words = named(b.Reasons[i].Title), named(b.Reasons[i].Words)
	}
	for i := range b.Thresholds {
		b.Thresholds[i].Words = named(b.Thresholds[i].Words)
	}
	return b
}

// zones keeps what was loaded: every mail asks for its body's zone, which
// time.LoadLocation reads from a file each time.
var zones sync.Map // name to *time.Location

// Location loads the body's time zone; an unknown one falls back to UTC, because a
// page with a plain UTC date is better than no page.
func (b Body) Location() *time.Location {
	if known, ok := zones.Load(b.TimeZone); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(b.TimeZone)
	if err != nil {
		return time.UTC
	}
	zones.Store(b.TimeZone, loc)
	return loc
}

// Reason finds a reason by its code.
func (b Body) Reason(code string) (Reason, bool) {
	for _, reason := range b.Reasons {
		if reason.Code == code {
			return reason, true
		}
	}
	return Reason{}, false
}

// Reached are the thresholds that a petition with these counts has reached.
func (b Body) Reached(p Petition, c Counts) []Threshold {
	var reached []Threshold
	for _, threshold := range b.Thresholds {
		number := p.Number(c)
		if threshold.Count == "confirmed" {
			number -= p.ImportedCount + p.PaperCount
		}
		if number >= threshold.Number {
			reached = append(reached, threshold)
		}
	}
	return reached
}

// Promise is the threshold that leads to something: the first, where older settings hold
// two of a kind, because a petition reaches each kind once. False when there is none.
func (b Body) Promise(then string) (Threshold, bool) {
	i := slices.IndexFunc(b.Thresholds, func(t Threshold) bool { return t.Then == then })
	if i < 0 {
		return Threshold{}, false
	}
	return b.Thresholds[i], true
}

// NextThreshold is the first threshold above number; false when all are passed.
func (b Body) NextThreshold(number int64) (Threshold, bool) {
	for _, threshold := range b.Thresholds {
		if number < threshold.Number {
			return threshold, true
		}
	}
	return Threshold{}, false
}
