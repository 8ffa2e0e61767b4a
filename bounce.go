package undersigned

import "time"

// A ReturnToken stands in the address to which a mail is sent back that could not be
// delivered. It names the mail to the steward and nothing to anybody else; see
// docs/formats.md.
type ReturnToken [27]byte

// Day is the day in the token: days since 1970, UTC, of which the token holds the lower 16
// bits. near is any instant within some decades of the mail.
func (t ReturnToken) Day(near time.Time) int64 {
	now := near.Unix() / 86400
	return now + int64(int16(uint16(t[0])<<8|uint16(t[1])-uint16(now)))
}

// ReturnLife is for how many days after its own a mail's return address is taken at its
// word: as long as the letterbox key of its day is there.
const ReturnLife = int64(LetterboxLife / (24 * time.Hour))

// ReturnSeen is how often it is written down that mails which come back can be taken in,
// though nothing changed: staff see by it that somebody still looks. Each minute would be a
// write, and a step of the trail, on a site that nobody uses at night.
const ReturnSeen = time.Hour

// A BounceClass says what somebody's mail server, or provider, says of a mail.
type BounceClass uint8

// The classes. Numbers are sealed: never reuse one.
const (
	BounceHard      BounceClass = 1 // it could not be delivered, and trying again is no use
	BounceSoft      BounceClass = 2 // it could not be delivered this time
	BounceComplaint BounceClass = 3 // whoever got it called it unwanted
	BounceUnread    BounceClass = 4 // it came back, and why was not understood
)

// A Status is a code of RFC 3463: class, subject, detail, as in 5.1.1. Numbers above 255
// are not in use; whoever reads one writes 255.
type Status [3]uint8

// Dead reports whether a status says that there is no such address, and not that this mail
// was unwelcome, this server's rules forbid it, or a mailbox is full: only then is it of no
// use to write there again.
func (s Status) Dead() bool {
	if s[0] != 5 {
		return false
	}
	switch [2]uint8{s[1], s[2]} {
	case [2]uint8{1, 1}, // no such mailbox
		[2]uint8{1, 2},  // no such domain
		[2]uint8{1, 3},  // not an address there
		[2]uint8{1, 6},  // moved, and nobody knows where to
		[2]uint8{1, 10}, // the domain takes no mail (RFC 7505)
		[2]uint8{2, 1},  // the mailbox is out of use
		[2]uint8{4, 4}:  // no server for the domain
		return true
	}
	return false
}

// A Bounce is all that is kept of a mail that came back.
type Bounce struct {
	Token  ReturnToken
	Class  BounceClass
	Status Status // zero: none was given
}

// How long an address gets no mail that a server called dead. Servers err: a wrong answer
// must not silence anybody for long, and one that is given again is right.
const (
	DeadFirst = 7 * 24 * time.Hour   // the first time
	DeadAgain = 183 * 24 * time.Hour // when a mail after that came back as well
)
