package undersigned

import (
	"errors"
	"time"
)

// SourcePaper marks a petition whose signatures come on paper only. It takes none by mail
// and so never has keys: there is nothing to lock.
const SourcePaper = "paper"

// PaperOnly reports whether p takes signatures on paper only.
func (p *Petition) PaperOnly() bool { return p.Source == SourcePaper }

// Signable reports whether p takes signatures by mail at now.
func (p *Petition) Signable(now time.Time) bool { return p.Accepts(now) && !p.PaperOnly() }

// A PaperHow says how signatures on paper were counted.
type PaperHow string

// The ways, as they are stored.
const (
	PaperCounted PaperHow = "counted" // every line, by hand
	PaperSampled PaperHow = "sampled" // some lines looked at closely, the rest counted as sheets
)

// Known reports whether h is a way at all.
func (h PaperHow) Known() bool { return h == PaperCounted || h == PaperSampled }

// A PaperCount is one entry or correction of how many signed a petition on paper. Entries
// are never changed: what was wrong in one is put right by another. All of it is public,
// but for who typed it in; From and Checked name organisations and offices, not people.
type PaperCount struct {
	Number     int64 // given by the store
	PetitionID int64
	Change     int64    // signatures; of a correction it may be negative
	Received   string   // the day the paper came, as "2006-01-02" in the body's zone
	From       string   // the organisation that brought it
	Checked    string   // the office that counted or checked it
	How        PaperHow // how
	Why        string   // why the number is put right; "" where it only grows
	Staff      int64    // who typed it in
	At         time.Time
}

// MostPaper is how many signatures on paper a petition may have: more than any was ever
// handed in with, so that a slip of the finger is caught.
const MostPaper = 100_000_000

// What is wrong with an entry.
var (
	ErrPaperNone = errors.New("an entry of nobody changes nothing")
	ErrPaperLess = errors.New("there are fewer signatures on paper than this takes away")
	ErrPaperMost = errors.New("these are more signatures on paper than can be")
	ErrPaperWhy  = errors.New("an entry that takes signatures away needs a reason")
)

// WithPaper is p with an entry added to its number on paper.
//
// Errors: ErrPaperNone, ErrPaperMost, ErrPaperLess where the number would fall below
// zero, ErrPaperWhy.
func (p *Petition) WithPaper(entry PaperCount) (Petition, error) {
	switch {
	case entry.Change == 0:
		return *p, ErrPaperNone
	case entry.Change > MostPaper || p.PaperCount+entry.Change > MostPaper:
		return *p, ErrPaperMost
	case entry.Change < -p.PaperCount:
		return *p, ErrPaperLess
	case entry.Change < 0 && entry.Why == "":
		return *p, ErrPaperWhy
	}
	counted := *p
	counted.PaperCount += entry.Change
	return counted, nil
}

// PaperHows gives the ways in which the entries that added signatures were counted, each
// once, PaperCounted first.
func PaperHows(entries []PaperCount) []PaperHow {
	var counted, sampled bool
	for _, entry := range entries {
		counted = counted || entry.Change > 0 && entry.How == PaperCounted
		sampled = sampled || entry.Change > 0 && entry.How == PaperSampled
	}
	var hows []PaperHow
	if counted {
		hows = append(hows, PaperCounted)
	}
	if sampled {
		hows = append(hows, PaperSampled)
	}
	return hows
}

// An Outcome is what became of a hand-over.
type Outcome string

// The outcomes, as they are stored.
const (
	OutcomeAccepted Outcome = "accepted"
	OutcomeRefused  Outcome = "refused"
	OutcomeNoReply  Outcome = "no-reply" // nobody has answered, up to the day named
)

// Known reports whether o is an outcome at all.
func (o Outcome) Known() bool {
	return o == OutcomeAccepted || o == OutcomeRefused || o == OutcomeNoReply
}

// A HandOver is a public event: a petition's number was handed to somebody, never names.
// The numbers are those that were published at that moment.
type HandOver struct {
	Number     int64 // given by the store
	PetitionID int64
	To         string // the office it was handed to
	Behalf     string // the organisation or group on whose behalf
	Day        string // as "2006-01-02" in the body's zone
	Version    TextVersion

	Batch     int64 // the batch the number came from; 0: none was published yet
	Public    int64 // the public number
	Imported  int64
	Paper     int64
	Staff     int64 // who typed it in
	At        time.Time
	Outcome   Outcome // the newest; "" while none is known
	OutcomeOn string  // the day of it
}

// Confirmed is the part of the number that was signed by mail.
func (h HandOver) Confirmed() int64 { return h.Public - h.Imported - h.Paper }

// HandOverOf is a hand-over of the number that p shows with these counts.
func HandOverOf(p Petition, c Counts) HandOver {
	return HandOver{PetitionID: p.ID, Version: p.Version, Batch: c.Batch, Public: p.Number(c), Imported: p.ImportedCount, Paper: p.PaperCount}
}
