package mail

import (
	"fmt"
	"slices"
)

// An Envelope is one message to one recipient, not yet opened.
type Envelope struct {
	ID int64 // the caller's; comes back in the Result

	// Build opens the address and appends the message to dst. It is called on one of
	// the pool's goroutines when a line is free for this message, so that an address is
	// in clear only at the socket; after a line was lost it may be called once more.
	// The message has CRLF line ends; dots are not stuffed; it must not be kept.
	// An error means nothing is sent: the Result is Withheld and carries the error.
	Build func(dst []byte) (from, to string, msg []byte, err error)
}

// A Status is what became of an envelope.
type Status uint8

const (
	// Delivered: the relay took the message and answers for it from now on.
	Delivered Status = iota + 1
	// Temporary: the relay does not have the message; try again later. Code 0: no line
	// could be had, or the delivery was called off (Err then says so).
	// A sender refused at MAIL is Temporary whatever its code: that is about our
	// settings and not about this recipient.
	Temporary
	// Permanent: the relay refuses the message for good (5xx).
	Permanent
	// Unknown: the line was lost between sending the content and its answer. The relay
	// may have the message; a repeat must carry the same Message-ID.
	Unknown
	// Withheld: Build failed, or gave what cannot go on the wire; Err says why.
	Withheld
)

func (s Status) String() string {
	switch s {
	case Delivered:
		return "delivered"
	case Temporary:
		return "temporary"
	case Permanent:
		return "permanent"
	case Unknown:
		return "unknown"
	case Withheld:
		return "withheld"
	}
	return "none"
}

// Steps of a delivery, as Result.Step names them.
const (
	StepMail    = "MAIL" // the sender
	StepRcpt    = "RCPT" // the recipient: a 5xx here speaks of this address
	StepData    = "DATA"
	StepContent = "content"
)

// A Result tells what became of one envelope; each gets exactly one. It holds codes only:
// the relay's words, which may quote the address, are dropped where they are read.
type Result struct {
	ID       int64
	Status   Status
	Step     string   // which step the answer is about; "" when nothing was answered
	Code     int      // the reply code, 200 to 599; 0: no answer
	Enhanced Enhanced // zero: none given
	Err      error    // for Withheld, and for a delivery that was called off
}

// NoLine reports whether r tells of the relay and not of this message: no line to it could
// be had, or those that were had ended before this message's turn.
func (r Result) NoLine() bool {
	if r.Status != Temporary || r.Err != nil || r.Step == "" {
		return false
	}
	// Content without an answer was another message's: this one would be Unknown.
	return r.Step == StepContent && r.Code == 0 || r.Step != StepContent && !slices.Contains(resetFirst, r.Step)
}

// Enhanced is a status code of RFC 3463, as in 4.2.2.
type Enhanced [3]uint16

func (e Enhanced) String() string { return fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2]) }

// A reply is an answer of the relay without its words.
type reply struct {
	code     int
	enhanced Enhanced
}

func (r reply) ok() bool { return r.code/100 == 2 }

// result says what r, the answer to step, makes of envelope id.
func (r reply) result(id int64, step string) Result {
	status := Unknown // an answer no standard provides for
	switch r.code / 100 {
	case 2:
		status = Delivered
	case 4:
		status = Temporary
	case 5:
		status = Permanent
		if step == StepMail {
			status = Temporary
		}
	}
	if step != StepContent && (status == Unknown || status == Delivered) {
		status = Temporary // the content never went out
	}
	return Result{ID: id, Status: status, Step: step, Code: r.code, Enhanced: r.enhanced}
}
