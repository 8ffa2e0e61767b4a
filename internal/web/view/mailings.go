package view

import "time"

// A Mailing is one email to everybody who signed a petition and asked for emails.
type Mailing struct {
	Number      int64
	Unit, Quota int // email 1 of at most 2
	Why         MailingWhy
	On          time.Time // when it became public, before the first was sent
	Entry       int64     // of the record, that made it so; 0: not asked
	State       MailingState
	Paused      bool
	Until       time.Time // it waits for the end of an election; zero: it does not
	Override    string    // why it could not; "" where nobody had to say
	// People so far; rounded down to tens where the petition is protected.
	Sent    int
	Failed  int // who could not be reached
	Skipped int // who left or stopped emails before their turn; of a mailing that was stopped, others too
}

// MailingWhy is why people were mailed.
type MailingWhy string

// Why people were mailed.
const (
	MailingWithdrawn MailingWhy = "withdrawn" // its creator took the petition back
	MailingAnswer    MailingWhy = "answer"    // the body answered
	MailingLast      MailingWhy = "last"      // nobody did, and soon nobody can be mailed
	MailingNews      MailingWhy = "news"      // its creator wrote to who agreed to that
)

// MailingState is where a mailing stands.
type MailingState string

// The states of a mailing.
const (
	MailingReserved MailingState = "reserved"
	MailingSending  MailingState = "sending"
	MailingDone     MailingState = "done"
	MailingStopped  MailingState = "stopped"
)
