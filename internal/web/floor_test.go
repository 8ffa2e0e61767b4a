package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// A crowd comes from networks behind a proxy of ours.
type crowd struct {
	*visitor
	petition undersigned.Petition
	n        int
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{visitor: visit(t)}
	server, err := web.New(web.Config{Public: c.DB.Public(), Box: c.Box, URL: testkit.URL, From: "no-reply@petitions.example.org", SnapshotEvery: -1, ClientHeader: "X-Forwarded-For",
		Log: slog.New(slog.NewTextHandler(c.log, nil))})
	c.Check(err)
	c.server, c.handler = server, server.Handler()
	c.petition = c.OpenPetition("Keep the library open")
	return c
}

var stampField = regexp.MustCompile(`name="stamp" value="([^"]{16})"`)

// stamp is what a form page carries now.
func (c *crowd) stamp() string {
	c.T.Helper()
	found := stampField.FindStringSubmatch(c.get(view.PathSign(c.petition.ID)).want(c.T, 200).body)
	if found == nil {
		c.T.Fatal("the form has no stamp")
	}
	return found[1]
}

// form sends one and gives the address it used.
func (c *crowd) form(from, stamp string) (string, answer) {
	c.T.Helper()
	c.n++
	address := fmt.Sprintf("signer%03d@example.org", c.n)
	f := signing(c.petition, "Ana Torres", address, "yes")
	if stamp != "" {
		f.Set("stamp", stamp)
	}
	return address, c.post(view.PathPetition(c.petition.ID)+"/signatures", f, "X-Forwarded-For", from).want(c.T, 200, "Check your email")
}

// confirmed presses every button and says how many are held, and why.
func (c *crowd) confirmed(addresses ...string) map[undersigned.Suspicion]int64 {
	c.T.Helper()
	c.Work()
	for _, address := range addresses {
		c.Post(testkit.Press(undersigned.LetterConfirm, c.Link(address, undersigned.LinkConfirm), c.petition.Version))
	}
	c.Work()
	held := map[undersigned.Suspicion]int64{}
	for _, line := range c.held() {
		held[line.Suspicion] += line.Size
	}
	return held
}

func (c *crowd) held() []store.HeldLine {
	c.T.Helper()
	lines, err := c.DB.Desk().HeldLines(context.Background(), c.petition.ID, 100)
	c.Check(err)
	return lines
}

// read waits as long as somebody who reads and types.
func (c *crowd) read() { c.Clock.Move(20 * time.Second) }

func TestFormsAreJudgedByTheirStamp(t *testing.T) {
	c := newCrowd(t)
	other := c.OpenPetition("Plant more trees")
	now := c.stamp()
	found := stampField.FindStringSubmatch(c.get(view.PathSign(other.ID)).body)
	fast, _ := c.form("198.51.100.1", now)
	bare, _ := c.form("198.51.101.1", "")
	forged, _ := c.form("198.51.102.1", strings.Repeat("A", 16))
	foreign, _ := c.form("198.51.103.1", found[1])
	c.read()
	good, _ := c.form("198.51.104.1", now)
	c.Clock.Move(6 * 24 * time.Hour)
	open, _ := c.form("198.51.105.1", now)
	c.Clock.Move(2 * 24 * time.Hour)
	c.Check(c.Steward.Chores(context.Background())) // letterbox keys for today
	old, _ := c.form("198.51.106.1", now)
	held := c.confirmed(fast, bare, forged, foreign, good, open, old)
	if held[undersigned.SuspectFast] != 1 || held[undersigned.SuspectStamp] != 4 || c.Number(c.petition.ID) != 2 {
		t.Fatalf("held %v, counted %d", held, c.Number(c.petition.ID))
	}
}

// U26, U56: who comes after many others from one network is held, sees the same page and
// gets the same mail; another network is not touched.
func TestU56ManyFormsOfOnePlaceAreHeld(t *testing.T) {
	c := newCrowd(t)
	c.Body.Floor = undersigned.Floor{FormsHour: 3, FormsDay: 5}
	c.Check(c.DB.Desk().SaveBody(context.Background(), &c.Body))
	var all []string
	send := func(from string) {
		stamp := c.stamp()
		c.read()
		address, _ := c.form(from, stamp)
		all = append(all, address)
	}
	for i := range 4 {
		send(fmt.Sprintf("198.51.100.%d", i))
	}
	send("203.0.113.1")
	c.Clock.Move(time.Hour)
	for i := range 3 { // the hour is new, the day is not
		send(fmt.Sprintf("198.51.100.%d", 10+i))
	}
	held := c.confirmed(all...)
	if held[undersigned.SuspectMany] != 3 || c.Number(c.petition.ID) != 5 {
		t.Fatalf("held %v, counted %d", held, c.Number(c.petition.ID))
	}
	if n := len(c.held()); n != 1 {
		t.Fatalf("one network is %d clusters", n)
	}
}

// solved does the work that a place is given, as our worker does.
func (c *crowd) solved(from string) string {
	c.T.Helper()
	var p seal.Puzzle
	c.Check(json.Unmarshal([]byte(c.get(view.PathPuzzle, "X-Forwarded-For", from).want(c.T, 200).body), &p))
	number := 0
	for !p.Solves(number) {
		number++
	}
	text, err := json.Marshal(map[string]any{"algorithm": p.Algorithm, "challenge": p.Challenge, "number": number, "salt": p.Salt, "signature": p.Signature})
	c.Check(err)
	return base64.StdEncoding.EncodeToString(text)
}

// U26, U56: work or waiting lets twice as many of one place count, and no more. Everybody
// sees the same page, and nobody is asked to work where there is no need.
func TestU56WorkOrWaitingLetsMoreOfOnePlaceCount(t *testing.T) {
	const office, home = "198.51.100.9", "203.0.113.9"
	c := newCrowd(t)
	c.Body.Floor = undersigned.Floor{FormsHour: 4}
	c.Check(c.DB.Desk().SaveBody(context.Background(), &c.Body))
	var all []string
	send := func(from string, age time.Duration, work string) {
		t.Helper()
		stamp := c.stamp()
		c.Clock.Move(age)
		f := signing(c.petition, "Ana Torres", "", "yes")
		f.Set("stamp", stamp)
		f.Set("altcha", work)
		c.n++
		all = append(all, fmt.Sprintf("signer%03d@example.org", c.n))
		f.Set("email", all[len(all)-1])
		c.post(view.PathPetition(c.petition.ID)+"/signatures", f, "X-Forwarded-For", from).want(t, 200, "Check your email")
	}
	idle := func(from string) {
		t.Helper()
		if a := c.get(view.PathPuzzle, "X-Forwarded-For", from).want(t, 200); a.body != "{}" {
			t.Errorf("%s is given work: %s", from, a.body)
		}
	}
	const typing = 20 * time.Second
	for range 4 {
		idle(office)
		send(office, typing, "")
	}
	work, quick := c.solved(office), c.solved(office)
	idle(home)
	idle("10.0.0.1")
	send(home, time.Second, quick) // too fast, and worth it
	send(home, time.Second, "")    // held: too fast
	send(office, typing, work)
	send(office, time.Minute, "")
	send(office, typing, work)    // held: it counts once
	send(office, typing, "")      // held
	idle(office)                  // no work helps any more
	send(office, time.Minute, "") // held: more than twice as many
	held := c.confirmed(all...)
	if held[undersigned.SuspectMany] != 3 || held[undersigned.SuspectFast] != 1 || c.Number(c.petition.ID) != 7 {
		t.Fatalf("held %v, counted %d", held, c.Number(c.petition.ID))
	}
}

// G64: what a visitor writes into the header changes nothing, one /64 is one client, and
// where the place is not known, or the memory of places is full, forms count as declared.
func TestG64WhereAFormComesFrom(t *testing.T) {
	tests := []struct {
		name string
		from func(i int) string
		held int64
	}{
		{"forged entries before ours", func(i int) string { return fmt.Sprintf("192.0.2.%d, 198.51.100.7", i) }, 4},
		{"one /64", func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", 1+i) }, 4},
		{"one /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", 1+i) }, 4},
		{"one /24 written as IPv6", func(i int) string { return fmt.Sprintf("::ffff:198.51.100.%d", i) }, 4},
		{"several networks", func(i int) string { return fmt.Sprintf("198.51.%d.1", i) }, 0},
		{"no place at all", func(int) string { return "unknown" }, 0},
		{"our own house", func(i int) string { return fmt.Sprintf("10.0.0.%d", i) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCrowd(t)
			c.Body.Floor = undersigned.Floor{FormsHour: 4}
			c.Check(c.DB.Desk().SaveBody(context.Background(), &c.Body))
			var all []string
			stamp := c.stamp()
			c.read()
			for i := range 8 {
				address, _ := c.form(tt.from(i), stamp)
				all = append(all, address)
			}
			if held := c.confirmed(all...); held[undersigned.SuspectMany] != tt.held || c.Number(c.petition.ID) != 8-tt.held {
				t.Fatalf("held %v, counted %d", held, c.Number(c.petition.ID))
			}
		})
	}
}

// A full memory frees nobody that it knows and holds nobody that it does not.
func TestG64AFullMemoryOfPlacesBehavesAsDeclared(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	count := web.CountForms(func() time.Time { return now }, 3)
	place := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(i), 1}) }
	floor := undersigned.Floor{FormsHour: 2}
	for i := range 3 {
		for range 2 {
			if _, many := count(place(i), floor); many {
				t.Fatal("two forms are too many")
			}
		}
	}
	for range 100 {
		if _, many := count(place(9), floor); many {
			t.Fatal("a place that has no room is held")
		}
	}
	first, many := count(place(0), floor)
	if !many {
		t.Fatal("a place that is known is free because others filled the memory")
	}
	now = now.Add(24 * time.Hour)
	if next, many := count(place(0), floor); many || next == first {
		t.Fatal("a day later the place is still known")
	}
	if _, many := count(place(9), floor); many {
		t.Fatal("a day later there is no room")
	}
}

// A stamp that was sent often from one place is replayed there, and nowhere else.
func TestReplayedFormsAreHeld(t *testing.T) {
	c := newCrowd(t)
	var all []string
	stamp := c.stamp()
	c.read()
	for range 12 {
		address, _ := c.form("198.51.100.1", stamp)
		all = append(all, address)
	}
	address, _ := c.form("203.0.113.1", stamp)
	if held := c.confirmed(append(all, address)...); held[undersigned.SuspectReplayed] != 2 || c.Number(c.petition.ID) != 11 {
		t.Fatalf("held %v, counted %d", held, c.Number(c.petition.ID))
	}
}

// Whoever corrects a form keeps its stamp, and pages from a cache are no younger than they say.
func TestAStampStaysWithItsForm(t *testing.T) {
	c := newCrowd(t)
	stamp := c.stamp()
	if again := c.stamp(); again != stamp {
		t.Fatal("a page within ten seconds is another")
	}
	c.Clock.Move(11 * time.Second)
	if again := c.stamp(); again == stamp {
		t.Fatal("a page is stamped for ever")
	}
	f := signing(c.petition, "", "signer@example.org", "yes")
	f.Set("stamp", stamp)
	c.post(view.PathPetition(c.petition.ID)+"/signatures", f).want(t, 422, `name="stamp" value="`+stamp+`"`)
	f.Set("name", "Ana Torres")
	c.post(view.PathPetition(c.petition.ID)+"/signatures", f).want(t, 200, `name="stamp" value="`+stamp+`"`)
	c.get(view.PathStart).want(t, 200, `name="stamp" value="`)
}

// The answers to a form that will be held and to one that will count are the same.
func TestTheAnswerDoesNotTellWhatIsHeld(t *testing.T) {
	c := newCrowd(t)
	stamp := c.stamp()
	c.read()
	_, counted := c.form("198.51.100.1", stamp)
	c.n = 0 // the same address, so that the pages can be compared
	f := signing(c.petition, "Ana Torres", "signer001@example.org", "yes")
	f.Set("stamp", strings.Repeat("B", 16))
	held := c.post(view.PathPetition(c.petition.ID)+"/signatures", f, "X-Forwarded-For", "198.51.101.1").want(t, 200)
	if got := strings.ReplaceAll(held.body, strings.Repeat("B", 16), stamp); got != counted.body {
		t.Fatal("the pages differ")
	}
	for name := range counted.header {
		if name != "Content-Length" && strings.Join(counted.header[name], ",") != strings.Join(held.header[name], ",") {
			t.Errorf("the header %s differs", name)
		}
	}
	if len(counted.header) != len(held.header) {
		t.Fatal("one has more headers")
	}
}

func TestThrowAwayAddressesAreRefusedWhereABodySaysSo(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	form := signing(p, "Ana Torres", "ana@sub.mailinator.com", "yes")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
	v.saveBody(func(b *undersigned.Body) { b.Floor.ThrowAway = undersigned.ThrowAwayRefused })
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, http.StatusUnprocessableEntity, "last only minutes")
	v.get(view.PathTerms).want(t, 200, "We take no email addresses that last only minutes")
}

// Where a form came from is in no file and no log line, and neither is the mark by which the
// public part tells places apart: what is stored of it is under the petition's keys.
func TestWhereAFormCameFromIsNowhere(t *testing.T) {
	c := newCrowd(t)
	const from = "198.51.100.7"
	held, _ := c.form(from, "")
	c.confirmed(held)
	if len(c.held()) != 1 {
		t.Fatal("nothing is held")
	}
	c.Close()
	place := netip.MustParseAddr("198.51.100.0").As16()
	read := 0
	c.Check(filepath.WalkDir(c.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if read++; bytes.Contains(content, []byte("198.51.100")) || bytes.Contains(content, place[:15]) {
			t.Errorf("%s holds where a form came from", entry.Name())
		}
		return err
	}))
	if read < 5 {
		t.Fatalf("only %d files were read", read)
	}
	if strings.Contains(c.log.String(), "198.51") {
		t.Error("the log says where a form came from")
	}
}
