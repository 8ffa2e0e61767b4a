package undersigned

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// A MailOrderState is where the wish to mail an answer to its signers stands.
type MailOrderState int

// The states, as they are stored.
const (
	MailOrderWaiting MailOrderState = 0 // for the steward
	MailOrderSecond  MailOrderState = 1 // for a second person
	MailOrderAgreed  MailOrderState = 2 // it begins when StopTime is over
	MailOrderMailed  MailOrderState = 3 // the mailing is reserved
	MailOrderVoid    MailOrderState = 4 // it came to nothing
	MailOrderStopped MailOrderState = 5 // somebody stopped it before it began
)

// Over reports whether an order in this state moves no more.
func (s MailOrderState) Over() bool { return s >= MailOrderMailed }

// StopTime is how long after the second person agreed one press still stops a mailing
// before its first mail.
const StopTime = 10 * time.Minute

// A Wish is what staff want of a mailing that is ordered or under way.
type Wish string

// The wishes. Only stopping makes sense before a mailing is reserved.
const (
	WishStop   Wish = "stop"
	WishPause  Wish = "pause"
	WishResume Wish = "resume"
)

// Known reports whether w is a wish.
func (w Wish) Known() bool { return w == WishStop || w == WishPause || w == WishResume }

// A VoidWhy says why an order came to nothing, as it is stored.
type VoidWhy string

// The causes.
const (
	VoidChanged  VoidWhy = "changed"  // the answer is not the one that was ordered or agreed to
	VoidQuota    VoidWhy = "quota"    // the petition has had all its mailings
	VoidElection VoidWhy = "election" // the body holds back before an election
	VoidAlone    VoidWhy = "alone"    // there is no second person
	VoidNobody   VoidWhy = "nobody"   // nobody asked for mail
	VoidGone     VoidWhy = "gone"     // the petition is not public, or its keys are gone
	VoidTime     VoidWhy = "time"     // nobody agreed in time
)

// What a text may not hold that is mailed to signers.
var (
	ErrMailHTML    = errors.New("HTML is written out in a mail: use plain text")
	ErrMailLink    = errors.New("an address must stand as it is, not behind words")
	ErrMailScheme  = errors.New("only addresses that begin with https:// or http:// may be mailed")
	ErrMailTracked = errors.New("an address holds something that tells who opened it")
)

var (
	htmlTag    = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9]*[^<>]*>`)
	hiddenLink = regexp.MustCompile(`!?\[[^\]\n]*\]\([^)\n]*\)`)
	anyScheme  = regexp.MustCompile(`(?i)\b(javascript|data|vbscript|file|ftp|tel|sms):[^\s]`)
	webAddress = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+`)
	tracking   = regexp.MustCompile(`(?i)^(utm_.*|mc_eid|mc_cid|fbclid|gclid|mkt_tok|_hsenc|_hsmi)$`)
)

// CheckMailText reports the first thing that a text to signers may not hold. What it says
// is for people to judge.
//
// Errors: ErrMailHTML, ErrMailLink, ErrMailScheme, ErrMailTracked.
func CheckMailText(text string) error {
	switch {
	case htmlTag.MatchString(text):
		return ErrMailHTML
	case hiddenLink.MatchString(text):
		return ErrMailLink
	case anyScheme.MatchString(text):
		return ErrMailScheme
	}
	for _, address := range webAddress.FindAllString(text, -1) {
		u, err := url.Parse(strings.TrimRight(address, ".,;:!?)'"))
		if err != nil || u.User != nil || u.Hostname() == "" {
			return ErrMailScheme
		}
		for name := range u.Query() {
			if tracking.MatchString(name) {
				return ErrMailTracked
			}
		}
	}
	return nil
}
