package view

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The paths of the public record for people; /ledger/ is the one for programs.
const (
	PathRecord     = "/transparency"
	PathRecordJSON = PathRecord + ".json"
	PathRecordAtom = PathRecord + ".atom"
	PathKeyDates   = PathRecord + "/retention"
	PathCheckpoint = "/ledger/checkpoint"
	PathPromise    = "/promise"
)

// PathRecordMail is the page of one email that went to signers.
func PathRecordMail(mailing int64) string {
	return PathRecord + "/mailings/" + strconv.FormatInt(mailing, 10)
}

// PathRecordProof is the proof of a line of the record.
func PathRecordProof(entry int64) string {
	return PathRecord + "/entries/" + strconv.FormatInt(entry, 10) + "/proof.txt"
}

// PathWhoGets is where a petition's page says what others would get.
func PathWhoGets(number int64) string { return PathPetition(number) + "/who-gets-what" }

// PathNumberHistory is how a petition's number grew; with ".csv" and ".json" for programs.
func PathNumberHistory(number int64) string { return PathNumber(number) + "/history" }

// PathNumberThen is a petition's number as a line of the record told it.
func PathNumberThen(number, entry int64) string {
	return PathNumber(number) + "/at/" + strconv.FormatInt(entry, 10)
}

// NumberHistoryPage is "/petitions/N/number/history".
type NumberHistoryPage struct {
	Base
	Number    int64
	Title     string
	TitleLang string
	Protected bool
	Days      []NumberDay // the oldest first
	Chart     []DayCount  // the same
}

// A NumberDay is the number at the end of a day, by the last line of the record on it.
type NumberDay struct {
	At         time.Time
	Signatures int
	Entry      int64
}

// NumberThenPage is "/petitions/N/number/at/ENTRY".
type NumberThenPage struct {
	Base
	Number                                 int64
	Title                                  string
	TitleLang                              string
	At                                     time.Time
	Signatures, Confirmed, Imported, Paper int
	Entry, Leaves                          int64
	Root                                   string
	Protected                              bool
}

// Then is the path of a day's number.
func (p *NumberHistoryPage) Then(d NumberDay) string { return PathNumberThen(p.Number, d.Entry) }

// Newest gives the days, the newest first.
func (p *NumberHistoryPage) Newest() []NumberDay {
	days := slices.Clone(p.Days)
	slices.Reverse(days)
	return days
}

// A Saying is a sentence of the catalogue with what it needs.
type Saying struct {
	Word Key
	Args map[string]any
}

// RecordPage is "/transparency": what this site did with what it holds, as its public
// record tells.
type RecordPage struct {
	Base
	At         time.Time // when the record was last signed; zero: it has not begun
	Entries    int64
	Root       string // hash that stands for the whole record
	Witnesses  []RecordWitness
	Demand     int // so many of them must confirm the record before we show it; 0: none
	Sums       RecordSums
	Filter     RecordFilter
	Filters    []RecordFilter
	Told       []RecordLine // newest first
	Older      int64        // entries before this one are on the next page; 0: there is none
	CountEvery int          // seconds between two heads
}

// A RecordWitness is somebody else who confirms that the record only grew.
type RecordWitness struct {
	Name string
	At   time.Time // when they confirmed the whole of it; zero: they have not yet
}

// RecordSums are what the record comes to.
type RecordSums struct {
	Mailings, Mailed, KeysGone, Openings int
	Removals                             []Removals
}

// Removals are how many signatures no longer count for one reason.
type Removals struct {
	Reason     RemovalReason
	Suspicion  Suspicion // where Reason is RemovalHeld
	Signatures int
}

// A RemovalReason says by which leaf of a petition's log signatures went, a key of the
// catalogue below "record.removals.".
type RemovalReason string

// The reasons. What was held never counted, and has no leaf.
const (
	RemovalWithdrawn RemovalReason = "withdrawn"
	RemovalRemoved   RemovalReason = "removed"
	RemovalCorrected RemovalReason = "corrected"
	RemovalHeld      RemovalReason = "held"
)

// RecordFilter names a part of the record.
type RecordFilter string

// The parts. RecordDeeds is all but the wordings, and the totals of paper and imports.
const (
	RecordDeeds    RecordFilter = "deeds"
	RecordMails    RecordFilter = "mails"
	RecordOpenings RecordFilter = "openings"
	RecordRemovals RecordFilter = "removals"
	RecordKeys     RecordFilter = "keys"
	RecordTotals   RecordFilter = "totals"
	RecordTexts    RecordFilter = "texts"
)

// A RecordLine is an entry of the record.
type RecordLine struct {
	Entry    int64
	At       time.Time
	Says     Saying
	Petition int64  // 0: it is about the whole site
	Title    string // "" where the petition is not public
	Lang     string
	Hash     string // "" for none
	Mailing  int64  // 0: there is no page of it
	Override string // why an email could not wait for the end of an election; "" for none
}

// Link is the record's path with another part of it, or further back in it.
func (p *RecordPage) Link(filter RecordFilter, before int64) string {
	query := url.Values{}
	if filter != RecordDeeds {
		query.Set("what", string(filter))
	}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	if len(query) == 0 {
		return PathRecord
	}
	return PathRecord + "?" + query.Encode()
}

// RecordMailPage is "/transparency/mailings/N": an email that went to signers, whole.
type RecordMailPage struct {
	Base
	Number  int64 // the petition's
	Title   string
	Lang    string
	Mailing Mailing
	Failed  int
	Skipped int
	Words   string // SHA-256 of what was written for it alone, as the record says it
	Subject string
	Text    string
	Kept    bool // Text is what was kept when it was sent; else it is made of the names of today
}

// KeyDatesPage is "/transparency/retention": when the keys of each petition die.
type KeyDatesPage struct {
	Base
	Gone        bool // those that died
	Dates       []KeyDate
	Page, Pages int
	Total       int
	BackupDays  int // how long copies live; 0: unknown here
}

// Link is another page of the list.
func (p *KeyDatesPage) Link(part string, value any) string {
	query := url.Values{}
	if p.Gone {
		query.Set("gone", "1")
	}
	if n, ok := value.(int); ok && part == "page" && n > 1 {
		query.Set("page", strconv.Itoa(n))
	}
	if len(query) == 0 {
		return PathKeyDates
	}
	return PathKeyDates + "?" + query.Encode()
}

// A KeyDate says when the keys of a petition die, or died.
type KeyDate struct {
	Number int64
	Title  string // "" where the petition is not public any more
	Lang   string
	State  State
	On     time.Time
	Copies time.Time // when the last copy of them is gone; zero: nothing is said
}

// WhoGetsPage is "/petitions/N/who-gets-what".
type WhoGetsPage struct {
	Base
	Number   int64
	Title    string
	Lang     string
	KeysOn   time.Time // zero: the keys are gone, or there never were any
	GoneOn   time.Time // zero: they are not
	Copies   int       // days that copies live; 0: unknown here
	Apart    bool      // the public part runs without keys, as a process of its own
	Postcode bool
	Mail     bool // some signers may ask for the answer by email
	Quota    int
	News     int  // emails with news of who started a petition at most; 0: there are none
	Openings bool // a list of what was opened is published
	Hearing  bool // who starts a petition is asked how to reach them for a hearing
}

// PromisePage is "/promise": what is promised and what holds it.
type PromisePage struct {
	Base
	Promises []Promise
}

// A Promise is one line of the page; its words are in the catalogue below "promise.ID.".
type Promise struct {
	ID    PromiseID
	Proof string // path of the page that shows it; "" for none
	Quota int    // emails about one petition that people get at most
}

// A PromiseID names a promise.
type PromiseID string

// Says is a part of a promise: "what" is promised, "how" it is held, "proof" and "limit".
func (p Promise) Says(part string) Saying {
	return Saying{Key("promise." + string(p.ID) + "." + part), map[string]any{"Quota": p.Quota}}
}

// Promises are what every site promises.
func Promises(quota int) []Promise {
	all := []Promise{
		{ID: "list", Proof: PathDisclosures}, {ID: "number", Proof: PathRecord}, {ID: "taken"}, {ID: "date", Proof: PathKeyDates}, {ID: "forget"}, {ID: "mails", Proof: PathRecord + "?what=" + string(RecordMails)},
		{ID: "said"}, {ID: "open", Proof: PathRecord + "?what=" + string(RecordRemovals)}, {ID: "address"}, {ID: "visits"}, {ID: "leave"}, {ID: "check", Proof: PathRecord},
	}
	for i := range all {
		all[i].Quota = quota
	}
	return all
}
