// Package doctor looks at a site's machine and says line by line what is well and what
// to do. It changes nothing but a file of its own, with which it measures the disk.
package doctor

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"undersigned/internal/store"
)

// Config is what the doctor looks at. What is nil or empty is not looked at.
type Config struct {
	Dir, Settings string   // the site's folder, and its configuration's file
	Keys          []string // the key folders
	Secrets       []string // other files that only their user may read
	URL, DeskURL  string
	From          string // the sender's address
	EnvelopeFrom  string // where bounces go
	Returns       bool   // mails that come back are taken in
	RelayHost     string
	RelayClear    bool             // mails may go to the relay in clear over a network
	DKIM          []Record         // what should be in the DNS; empty: the relay signs
	Relay         func() error     // asks the relay, as far as signing in
	Test          func() error     // sends a test mail; nil: none is asked for
	DB            *store.DB        // nil: it could not be opened
	Zone          string           // the body's time zone
	Backups       Backups          // when they were made
	Witnesses     int              // who confirm the ledger
	Demand        int              // how many of them must
	Resolver      Resolver         // nil: the system's
	Dial          Dialer           // nil: TCP
	Now           func() time.Time // nil: time.Now
}

// A Record is a DNS TXT record that should be there.
type Record struct {
	Name, Text string
	Quoted     string // Text as a zone file takes it
}

// Backups says when backups were made; zero: never.
type Backups struct {
	Sealed                   bool // somebody's key can open them
	Data, Keys, KeysReadBack time.Time
	KeyPlaces                int           // folders that the last key backup is in; 0: not known
	Trail                    time.Time     // up to when the trail holds everything
	TrailEach                time.Duration // how often it is written; 0: it is not
}

// A Resolver asks the DNS, as *net.Resolver does.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// A Dialer opens connections.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// A Verdict is how a line ends.
type Verdict int

// The verdicts.
const (
	Well    Verdict = iota // nothing to do
	Act                    // somebody must do something
	Unknown                // it could not be looked at from here
)

func (v Verdict) String() string { return [...]string{"ok", "DO", "??"}[v] }

// A Line is one thing that was looked at.
type Line struct {
	Verdict Verdict
	What    string // "disk speed"
	Found   string // what is the case
	Do      string // what to do; where it could not be looked at, what to look at
}

// A Report is everything that was found.
type Report struct{ Lines []Line }

func (r *Report) well(what, found string, args ...any) {
	r.Lines = append(r.Lines, Line{Well, what, fmt.Sprintf(found, args...), ""})
}

func (r *Report) act(what, do, found string, args ...any) {
	r.Lines = append(r.Lines, Line{Act, what, fmt.Sprintf(found, args...), do})
}

func (r *Report) unknown(what, do, found string, args ...any) {
	r.Lines = append(r.Lines, Line{Unknown, what, fmt.Sprintf(found, args...), do})
}

// ToDo counts the lines where somebody must do something.
func (r *Report) ToDo() (lines int) {
	for _, line := range r.Lines {
		if line.Verdict == Act {
			lines++
		}
	}
	return lines
}

// Write writes the lines, with what to do below each.
func (r *Report) Write(to io.Writer) {
	for _, line := range r.Lines {
		fmt.Fprintf(to, "%s  %s: %s\n", line.Verdict, line.What, line.Found)
		if line.Do != "" {
			fmt.Fprintf(to, "      %s\n", line.Do)
		}
	}
}

// lookFor is how long one question to the network may take.
const lookFor = 10 * time.Second

// Look looks at everything.
func Look(ctx context.Context, c Config) *Report {
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r := new(Report)
	c.files(r)
	c.addresses(r)
	c.database(ctx, r)
	c.clock(ctx, r)
	c.zone(r)
	c.disk(r)
	c.names(ctx, r)
	c.relay(r)
	c.returns(ctx, r)
	c.certificates(ctx, r)
	c.backups(r)
	c.witnesses(r)
	return r
}

// witnesses looks who confirms the ledger from outside. Without any there is nothing to say.
func (c Config) witnesses(r *Report) {
	switch {
	case c.Witnesses == 1:
		r.act("witnesses", "name three, each of other people, and demand two: docs/operate/witnesses.md", "one alone confirms the ledger: it could stop the number, and nobody would see it err")
	case c.Witnesses > 1:
		r.well("witnesses", "%d confirm the ledger, and %d must before the number moves", c.Witnesses, c.Demand)
	}
}
