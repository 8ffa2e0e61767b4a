package mail_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"undersigned/internal/mail"
	"undersigned/internal/mail/sink"
	"undersigned/internal/mail/texts"
)

// A signing is a pair of keys and the records that receivers would ask the DNS for.
type signing struct {
	keys    []mail.DKIMKey
	records map[string]string
}

func newSigning(t testing.TB, algorithms ...string) signing {
	t.Helper()
	s := signing{records: map[string]string{}}
	for _, algorithm := range algorithms {
		var signer crypto.Signer
		var public []byte
		if algorithm == "rsa" {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				t.Fatal(err)
			}
			if public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
				t.Fatal(err)
			}
			signer = key
		} else {
			key, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			signer, public = private, key
		}
		selector := "u20261122" + algorithm[:1]
		s.keys = append(s.keys, mail.DKIMKey{Domain: "calder.example", Selector: selector, Algorithm: algorithm, Signer: signer})
		s.records[selector+"._domainkey.calder.example"] = "v=DKIM1; k=" + algorithm + "; p=" + base64.StdEncoding.EncodeToString(public)
	}
	return s
}

func (s signing) at(time.Time) []mail.DKIMKey { return s.keys }

// verify asks another implementation, and returns what it has against the message.
func (s signing) verify(raw []byte) error {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if record, ok := s.records[name]; ok {
			return []string{record}, nil
		}
		return nil, fmt.Errorf("no record %s", name)
	}})
	if err != nil {
		return err
	}
	if len(found) != len(s.keys) {
		return fmt.Errorf("%d signatures, want %d", len(found), len(s.keys))
	}
	for _, one := range found {
		if one.Err != nil {
			return one.Err
		}
		if one.Domain != "calder.example" {
			return fmt.Errorf("signed for %s", one.Domain)
		}
	}
	return nil
}

// through sends messages by a pool that signs, and returns them as a relay got them.
func through(t testing.TB, s signing, messages []mail.Message) [][]byte {
	t.Helper()
	var mu sync.Mutex // guards got
	var got [][]byte
	relay := newSink(t, sink.Options{Raw: func(raw []byte) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, bytes.Clone(raw))
	}})
	p := newPool(t, mail.Config{URL: relay.URL(), DKIM: s.at})
	var batch []mail.Envelope
	for _, m := range messages {
		batch = append(batch, mail.Envelope{Build: func(dst []byte) (string, string, []byte, error) {
			msg, err := m.AppendTo(dst)
			return m.EnvelopeFrom, m.To, msg, err
		}})
	}
	for _, r := range p.Send(t.Context(), batch) {
		if r.Status != mail.Delivered {
			t.Fatalf("%+v", r)
		}
	}
	return got
}

// facts fills every field that a mail may show; hers are what no subject may tell.
var facts = texts.Facts{
	Site: "Petitions for Calder", Body: "Calder Council", Controller: "The petitions trust", URL: "https://petitions.calder.example",
	Link: "https://petitions.calder.example/l/AAECAwQFBgcICQoLDA0ODw", OwnLink: "https://petitions.calder.example/l/EBESExQVFhcYGRobHB0eHw",
	SponsorLink: "https://petitions.calder.example/l/ICEiIyQlJicoKSorLC0uLw", Page: "https://petitions.calder.example/petitions/7",
	Title: "Keep Fenwick library open", DeleteBy: "25 November 2026", Code: "BCDF-GHJK", Needed: 3, Reason: "It is about a person",
	Note: "Please take the name out.\nFrom here on a line begins oddly:\n.\n--=_\n", Name: "Anna Thwaite", Role: "moderator", Receipt: "undersigned receipt v1", Copy: texts.Copy{Name: "Anna Thwaite", Email: "anna@example.org"},
	Readings: map[string]texts.Reading{
		"disk": {Value: 83}, "backup": {Value: 5}, "trail": {Value: -1, Look: true}, "keys": {Value: 1}, "read_back": {Value: 900, Look: true},
		"letters": {}, "unopened": {}, "mails": {Value: 3}, "refused": {},
	},
}

// everyMail composes count mails, of every kind in turn, plain and with HTML.
func everyMail(t testing.TB, count int) []mail.Message {
	t.Helper()
	files, err := os.ReadDir("texts/en-GB")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d kinds of mail: %v", len(files), err)
	}
	var all []mail.Message
	for i := range count {
		name := strings.TrimSuffix(files[i%len(files)].Name(), ".txt")
		subject, text, err := texts.Render("en-GB", name, facts)
		if err != nil {
			t.Fatal(err)
		}
		m := sample()
		m.To, m.MessageID = fmt.Sprintf("signer%d@example.org", i), fmt.Sprintf("%d.c1@calder.example", i)
		m.Subject, m.Text, m.HTML = subject, text, texts.ToHTML("en-GB", text)
		m.AutoSubmitted, m.Date = true, time.Now().Add(-time.Duration(i)*time.Second)
		if i%3 == 0 {
			m.ReplyTo = "Die Bürgerin <team@calder.example>"
		}
		if i%4 == 0 {
			m.ListUnsubscribe = facts.OwnLink
		}
		if i%50 == 0 {
			m.HTML = ""
		}
		all = append(all, m)
	}
	return all
}

// G21: ten thousand mails of all kinds, as the relay gets them.
func TestG21TenThousandMailsAreSignedAndNeutral(t *testing.T) {
	count := 10000
	if testing.Short() {
		count = 1000 // the race detector slows composing ten times
	}
	s := newSigning(t, "rsa", "ed25519")
	got := through(t, s, everyMail(t, count))
	if len(got) != count {
		t.Fatalf("%d of %d arrived", len(got), count)
	}
	for _, raw := range got {
		if err := s.verify(raw); err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if faults := lint(t, raw); len(faults) > 0 {
			t.Fatalf("%s\n%s", strings.Join(faults, "; "), raw)
		}
	}
}

// mustSign are the fields that a signature covers, once more than they occur.
var mustSign = []string{"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"}

var (
	// asksForMore finds what makes a reader fetch something, or tell somebody that it was read.
	asksForMore = regexp.MustCompile(`(?i)<(img|link|script|iframe|object|embed|video|audio|source|form|input|base|svg|meta http-equiv)|\b(src|srcset|background|poster|action|ping)\s*=|url\(|@import|@font-face|cid:`)
	anyLink     = regexp.MustCompile(`https?://[^\s"<>]+`)
	// fixedPage is a page that is the same for everybody.
	fixedPage = regexp.MustCompile(`^https://petitions\.calder\.example(/[a-z/-]*)?$`)
)

// lint says what is wrong with a message on its way to people.
func lint(t testing.TB, raw []byte) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	header, text, html := read(t.(*testing.T), raw)
	for fields := header.FieldsByKey("DKIM-Signature"); fields.Next(); {
		value, err := fields.Text()
		if err != nil {
			fault("a signature that does not read: %v", err)
		}
		tags := map[string]string{}
		for _, tag := range strings.Split(value, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(tag), "=")
			tags[name] = strings.Map(func(r rune) rune {
				if r == ' ' {
					return -1
				}
				return r
			}, value)
		}
		covered := strings.Split(strings.ToLower(tags["h"]), ":")
		for _, name := range mustSign {
			occurs := len(header.Values(name))
			if n := len(slices.DeleteFunc(slices.Clone(covered), func(c string) bool { return c != strings.ToLower(name) })); n != occurs+1 {
				fault("%s is covered %d times and occurs %d times", name, n, occurs)
			}
		}
		if _, limited := tags["l"]; limited {
			fault("l= lets others add to the body")
		}
		made, _ := strconv.ParseInt(tags["t"], 10, 64)
		ends, _ := strconv.ParseInt(tags["x"], 10, 64)
		if life := time.Duration(ends-made) * time.Second; made == 0 || life <= 0 || life > 7*24*time.Hour {
			fault("signed for %v", life)
		}
	}
	subject, err := header.Subject()
	if err != nil || subject == "" {
		fault("subject %q: %v", subject, err)
	}
	for _, telling := range []string{facts.Title, facts.Name, facts.Note, facts.Reason, facts.Code, "Fenwick", "@", "http"} {
		if strings.Contains(subject, telling) {
			fault("the subject tells %q", telling)
		}
	}
	if found := asksForMore.FindString(html); found != "" {
		fault("the HTML form holds %q", found)
	}
	for _, link := range anyLink.FindAllString(text+" "+html, -1) {
		if link = strings.TrimRight(link, ".,"); !fixedPage.MatchString(link) && !slices.Contains([]string{facts.Link, facts.OwnLink, facts.SponsorLink, facts.Page, facts.Page + "/number"}, link) {
			fault("a link that nobody gave: %s", link)
		}
	}
	return faults
}

// The linter must find what it looks for, and a signature must break when a message is
// changed on its way.
func TestWhatTheLinterAndSignaturesFind(t *testing.T) {
	s := newSigning(t, "rsa", "ed25519")
	m := everyMail(t, 1)[0]
	m.Text, m.HTML, m.ListUnsubscribe = sampleText, "", ""
	good := string(through(t, s, []mail.Message{m})[0])
	if err := s.verify([]byte(good)); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(good, "\r\nFrom: ")
	for name, changed := range map[string]string{
		"another From":             "From: Somebody <else@calder.example>\r\n" + good,
		"another Subject":          "Subject: Free money\r\n" + good,
		"another Reply-To":         "Reply-To: else@example.org\r\n" + good,
		"a way to unsubscribe":     "List-Unsubscribe: <https://else.example/>\r\n" + good,
		"one click to unsubscribe": "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" + good,
		"another date":             strings.Replace(good, "\r\nDate: ", "\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\nX-Date: ", 1),
		"another type":             "Content-Type: text/html\r\n" + good,
		"words added":              good + "Send money.\r\n",
		"words changed":            strings.Replace(good, "open this link", "open that link", 1),
		"a longer life":            regexp.MustCompile(`x=\d`).ReplaceAllString(good, "x=9"),
		"a signature taken away":   "From: " + rest,
	} {
		if err := s.verify([]byte(changed)); err == nil {
			t.Errorf("%s: still verifies", name)
		}
	}
	// What relays do on the way changes nothing.
	for name, changed := range map[string]string{
		"traces added":       "Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\r\n" + good,
		"lines folded anew":  strings.Replace(good, "\r\nMIME-Version: 1.0", "\r\nMIME-Version:\r\n  1.0", 1),
		"blanks drawn out":   strings.Replace(good, "\r\nTo: ", "\r\nto:   ", 1),
		"empty lines at end": good + "\r\n\r\n",
	} {
		if err := s.verify([]byte(changed)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	unsigned := through(t, signing{}, []mail.Message{m})[0]
	if bytes.Contains(unsigned, []byte("DKIM-Signature")) || len(unsigned) == 0 {
		t.Errorf("signed without keys:\n%s", unsigned)
	}
	for name, change := range map[string]func(*mail.Message){
		"an image":       func(m *mail.Message) { m.HTML = `<p>Read this.<img src="https://petitions.calder.example/1.gif"></p>` },
		"a style sheet":  func(m *mail.Message) { m.HTML = `<p style="background:url(//x)">Read this.</p>` },
		"a counted link": func(m *mail.Message) { m.Text = "Open https://petitions.calder.example/r?to=1 now\n" },
		"the title":      func(m *mail.Message) { m.Subject = "Confirm: " + facts.Title },
		"the name":       func(m *mail.Message) { m.Subject = "Hello " + facts.Name },
	} {
		worse := m
		change(&worse)
		if len(lint(t, through(t, s, []mail.Message{worse})[0])) == 0 {
			t.Errorf("the linter does not see %s", name)
		}
	}
	for name, worse := range map[string]string{
		"a limit":          strings.ReplaceAll(good, "; c=relaxed", "; l=10; c=relaxed"),
		"a long life":      regexp.MustCompile(`x=\d`).ReplaceAllString(good, "x=9"),
		"no life":          strings.ReplaceAll(good, " x=", " y="),
		"an open Reply-To": strings.ReplaceAll(good, "reply-to:", "x-reply-to:"),
	} {
		if len(lint(t, []byte(worse))) == 0 {
			t.Errorf("the linter does not see %s", name)
		}
	}
}

// A message whose key fails does not go out unsigned.
func TestNothingGoesUnsigned(t *testing.T) {
	s := newSigning(t, "ed25519")
	s.keys = append(s.keys, mail.DKIMKey{Domain: "calder.example", Selector: "broken", Algorithm: "rsa", Signer: s.keys[0].Signer})
	relay := newSink(t, sink.Options{})
	p := newPool(t, mail.Config{URL: relay.URL(), DKIM: s.at})
	for _, r := range p.Send(t.Context(), envelopes(10)) {
		if r.Status != mail.Withheld || r.Err == nil || strings.Contains(r.Err.Error(), "example.org") {
			t.Errorf("%+v", r)
		}
	}
	if relay.Taken() != 0 {
		t.Errorf("%d taken", relay.Taken())
	}
}

func BenchmarkSigning(b *testing.B) {
	for _, algorithms := range [][]string{nil, {"ed25519"}, {"rsa"}, {"rsa", "ed25519"}} {
		name := strings.Join(algorithms, "+")
		if name == "" {
			name = "unsigned"
		}
		b.Run(name, func(b *testing.B) {
			s := newSigning(b, algorithms...)
			relay := newSink(b, sink.Options{})
			p := newPool(b, mail.Config{URL: relay.URL(), Connections: 4, DKIM: s.at})
			var next int64
			before := processorTime(b)
			b.ResetTimer()
			err := p.Deliver(b.Context(), mail.Feed{
				Window: 256,
				Next: func() (mail.Envelope, bool) {
					next++
					return envelope(next), next <= int64(b.N)
				},
				Done: func([]mail.Result) {},
			})
			if err != nil || relay.Taken() != int64(b.N) {
				b.Fatalf("%d of %d: %v", relay.Taken(), b.N, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/message") // the sink's included
		})
	}
}

// processorTime is what this process has used: on a busy machine it says more than the clock.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
