package model

import (
	"time"

	"undersigned"
)

// The reference: what a site should hold after a history, deed by deed. It knows times,
// links and people, and nothing of transactions, batches, keys or crashes.
type reference struct {
	petitions map[int64]*petition
	links     map[int64]*link // by the number of their letter
	blocked   map[string]bool // people
	stopped   map[int64]bool  // signatures whose signers want no mails
	queue     []deed          // acknowledged and not yet dealt with
	dead      time.Time       // letters before this instant can no longer be opened
}

type petition struct {
	closesAt time.Time
	closed   bool
	retired  bool
	version  undersigned.TextVersion
	signers  map[string]int64 // person: the number of their signature
	held     map[string]*aside
}

// An aside is a signature that is held: nobody counts it, and its address has signed.
type aside struct {
	number  int64
	removed bool
	endsAt  time.Time // of one that is removed
}

// owns reports whether a signature, counted or held, is a person's.
func (p *petition) owns(person string, number int64) bool {
	return p.signers[person] == number || p.held[person] != nil && p.held[person].number == number
}

// A link came in a mail to a person.
type link struct {
	petition int64
	person   string
	reply    undersigned.Reply
	formAt   time.Time
	mailed   time.Time // as the site knows it; zero: it does not
	ended    bool      // pressed or declined
	suspect  bool      // its form looked like a program's
}

// A deed is a letter as it was posted.
type deed struct {
	kind     undersigned.LetterKind
	at       time.Time
	petition int64  // of a form
	person   string // of a form
	link     int64
	own      bool // the second link of the mail
	genuine  bool // with the right token
	version  undersigned.TextVersion
	block    bool
}

// drain deals with every letter in line, one by one.
func (r *reference) drain() {
	for _, d := range r.queue {
		switch d.kind {
		case undersigned.LetterConfirm:
			r.confirm(d)
		case undersigned.LetterNotMe:
			r.notMe(d)
		case undersigned.LetterStopMail:
			if l := r.links[d.link]; l != nil && d.own && d.genuine && r.petitions[l.petition].owns(l.person, d.link) {
				r.stopped[d.link] = true
			}
		case undersigned.LetterWithdraw:
			if l := r.links[d.link]; l != nil && d.own && d.genuine && r.petitions[l.petition].owns(l.person, d.link) {
				delete(r.petitions[l.petition].signers, l.person)
				delete(r.petitions[l.petition].held, l.person)
			}
		}
	}
	r.queue = nil
}

// live finds a link that waits, whose letter can still be opened.
func (r *reference) live(d deed) *link {
	l := r.links[d.link]
	if l == nil || !d.genuine || l.ended || r.petitions[l.petition].retired || l.formAt.Before(r.dead) {
		return nil
	}
	return l
}

func (r *reference) confirm(d deed) {
	l := r.live(d)
	if l == nil || d.own {
		return
	}
	p := r.petitions[l.petition]
	inTime := l.mailed.IsZero() || d.at.Sub(l.mailed) <= 73*time.Hour
	if !inTime || d.version != p.version || !l.formAt.Before(p.closesAt) || !d.at.Before(p.closesAt.Add(24*time.Hour)) {
		return
	}
	l.ended = true
	switch {
	case p.signers[l.person] != 0 || p.held[l.person] != nil:
	case l.suspect:
		p.held[l.person] = &aside{number: d.link}
	default:
		p.signers[l.person] = d.link
	}
}

func (r *reference) notMe(d deed) {
	if l := r.live(d); l != nil {
		l.ended = true
		if d.block {
			r.blocked[l.person] = true
		}
		return
	}
	// Who has signed may block the address as well, where it is still held.
	l := r.links[d.link]
	if l != nil && d.own && d.genuine && d.block && l.reply == undersigned.ReplyYes && r.petitions[l.petition].owns(l.person, d.link) {
		r.blocked[l.person] = true
	}
}

// chores ends keys: ten days after its day a letterbox key is destroyed, unless a letter
// under it was never dealt with.
func (r *reference) chores(now time.Time) {
	for _, p := range r.petitions {
		if !now.Before(p.closesAt) {
			p.closed = true
		}
		for person, one := range p.held {
			if one.removed && !now.Before(one.endsAt) {
				delete(p.held, person)
			}
		}
	}
	day := now.Add(-11 * 24 * time.Hour).Truncate(24 * time.Hour).Add(24 * time.Hour)
	for _, d := range r.queue {
		if d.at.Before(day) {
			return // the histories never wait that long
		}
	}
	if day.After(r.dead) {
		r.dead = day
	}
}
