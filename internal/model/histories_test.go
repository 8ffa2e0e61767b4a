package model

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/check"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var (
	histories  = flag.Int("histories", 50, "how many random histories are run")
	operations = flag.Int("operations", 40, "how many operations a history has")
	seed       = flag.Uint64("seed", 1, "of the first history")
)

// A site is used for several histories, which keeps the test quick and the site full.
const historiesOfASite = 20

// TestG7RandomHistories runs random histories of forms, buttons, clocks, crashes,
// decisions about held signatures and retirements, and holds the site against the reference after each step (I1, I2), the
// mails against the forms at the end (I1, I4), and everything stored against itself
// (I3, I4, I5) now and then.
func TestG7RandomHistories(t *testing.T) {
	for first := 0; first < *histories; first += historiesOfASite {
		from := *seed + uint64(first)
		t.Run(fmt.Sprintf("from seed %d", from), func(t *testing.T) {
			s := testkit.New(t)
			_, err := s.Steward.AddStaff(context.Background(), "Jo Reed", "jo@council.example", undersigned.Administrator) // who decides about held signatures
			s.Check(err)
			s.Work()
			s.Mail.Clear()
			for i := range uint64(min(historiesOfASite, *histories-first)) {
				h := newHistory(s, from+i)
				h.play()
				if t.Failed() {
					t.Fatalf("seed %d: %s", from+i, strings.Join(h.tale, "; "))
				}
			}
		})
	}
}

type history struct {
	*testkit.Site
	reference
	random *rand.Rand
	seed   uint64
	tale   []string
	people []string
	ids    []int64           // the petitions' numbers
	forms  map[string]int    // forms of a person that must bring a mail
	mails  map[string]string // Message-IDs of mails that answer a form: to whom
	known  []int64           // links that came
	tokens map[int64][2]testkit.Link
	broken map[string]bool // people whose forms are not accounted for
}

func newHistory(s *testkit.Site, seed uint64) *history {
	h := &history{
		Site: s, seed: seed, random: rand.New(rand.NewPCG(seed, 7)),
		reference: reference{petitions: map[int64]*petition{}, links: map[int64]*link{}, blocked: map[string]bool{}, stopped: map[int64]bool{}},
		forms:     map[string]int{}, mails: map[string]string{}, tokens: map[int64][2]testkit.Link{}, broken: map[string]bool{},
	}
	for _, name := range []string{"ana", "ben", "cleo", "dan"} {
		h.people = append(h.people, fmt.Sprintf("%s%d@example.org", name, seed))
	}
	for i := range 2 {
		open := s.OpenPetition
		if i == 1 && seed%3 == 0 {
			open = s.OpenProtected
		}
		p := open(fmt.Sprintf("Petition %d of history %d", i, seed))
		h.petitions[p.ID] = &petition{closesAt: p.ClosesAt, version: p.Version, signers: map[string]int64{}, held: map[string]*aside{}}
		h.ids = append(h.ids, p.ID)
	}
	return h
}

func (h *history) note(format string, args ...any) {
	h.tale = append(h.tale, fmt.Sprintf(format, args...))
}

func (h *history) play() {
	steps := []struct {
		weight int
		do     func()
	}{
		{24, h.form}, {24, h.confirm}, {5, h.foreign}, {6, h.withdraw}, {4, h.notMe}, {3, h.own},
		{8, h.drain}, {6, h.mail}, {5, h.count}, {14, h.work}, {6, h.later}, {2, h.muchLater},
		{3, h.restart}, {2, h.crashAfterMail}, {3, h.mailing}, {8, h.decide}, {1, h.closeEarly}, {1, h.retire}, {1, h.renew}, {2, h.look},
	}
	sum := 0
	for _, step := range steps {
		sum += step.weight
	}
	for range *operations {
		n := h.random.IntN(sum)
		for _, step := range steps {
			if n -= step.weight; n < 0 {
				step.do()
				break
			}
		}
		if h.T.Failed() {
			return
		}
	}
	h.finish()
}

// form posts a form; one in three is spelled in another way that counts as the same.
func (h *history) form() {
	id, person := h.ids[h.random.IntN(2)], h.people[h.random.IntN(len(h.people))]
	if h.forms[person] >= 9 { // five mails in two days, so that all come within the letters' life
		return
	}
	p := h.petitions[id]
	address := person
	if h.random.IntN(3) == 0 {
		address = strings.ToUpper(person)
	}
	letter := testkit.SignForm(undersigned.Petition{ID: id, Version: p.version, Language: "en-GB"}, "Ana Torres", address, replyOf(person))
	if h.random.IntN(3) == 0 { // it looks like one of two programs'
		letter.Suspicions, letter.Cluster = []undersigned.Suspicion{undersigned.SuspectMany}, undersigned.Cluster{byte(1 + h.random.IntN(2))}
	}
	h.Post(letter)
	h.queue = append(h.queue, deed{kind: undersigned.LetterSign, at: h.Clock.Now(), petition: id, person: person})
	if h.Clock.Now().Before(p.closesAt) && !p.retired {
		h.forms[person]++
	}
	h.note("form %d %s", id, person)
}

// replyOf is a person's answer to the question, always the same.
func replyOf(person string) undersigned.Reply {
	if person[0] == 'a' || person[0] == 'c' {
		return undersigned.ReplyYes
	}
	return undersigned.ReplyNo
}

// press posts a button behind a known link.
func (h *history) press(kind undersigned.LetterKind, own bool, change func(*undersigned.Submission, *deed)) {
	if len(h.known) == 0 {
		return
	}
	number := h.known[h.random.IntN(len(h.known))]
	which := 0
	if own {
		which = 1
	}
	p := h.petitions[h.links[number].petition]
	letter := testkit.Press(kind, h.tokens[number][which], p.version)
	d := deed{kind: kind, at: h.Clock.Now(), link: number, own: own, genuine: true, version: p.version}
	if change != nil {
		change(&letter, &d)
	}
	h.Post(letter)
	h.queue = append(h.queue, d)
	h.note("%s %d own=%v genuine=%v", kind, number, own, d.genuine)
}

func (h *history) confirm() { h.press(undersigned.LetterConfirm, false, nil) }

// foreign presses with something that is not right: another's token, another kind, a
// wording that was never on the page.
func (h *history) foreign() {
	how := h.random.IntN(4)
	h.press(undersigned.LetterConfirm, how == 2, func(letter *undersigned.Submission, d *deed) {
		switch how {
		case 0:
			letter.Token[h.random.IntN(16)] ^= 1
			d.genuine = false
		case 1:
			letter.Number++
			d.link++
			d.genuine = false
		case 3:
			letter.Version[0] ^= 1
			d.version[0] ^= 1
		}
	})
}

func (h *history) withdraw() { h.press(undersigned.LetterWithdraw, true, nil) }

func (h *history) notMe() {
	block := h.random.IntN(3) == 0
	h.press(undersigned.LetterNotMe, h.random.IntN(2) == 0, func(letter *undersigned.Submission, d *deed) {
		letter.Block, d.block = block, block
	})
}

func (h *history) own() {
	h.press([]undersigned.LetterKind{undersigned.LetterStopMail, undersigned.LetterCopy}[h.random.IntN(2)], true, nil)
}

func (h *history) drain() {
	h.Check(h.Steward.Drain(context.Background()))
	h.reference.drain()
	h.agree("drain")
}

func (h *history) mail() {
	h.Check(h.Steward.SendMail(context.Background()))
	h.read(h.Clock.Now())
	h.note("mail")
}

// read takes mails out of the catcher; mailed is when the site knows the relay took them.
func (h *history) read(mailed time.Time) {
	came := len(h.known)
	for _, m := range h.Mail.Messages() {
		person := strings.ToLower(m.To)
		id := ""
		for _, header := range m.Headers {
			if strings.EqualFold(header.Name, "Message-ID") {
				id = header.Value
			}
		}
		links := h.Links(m.Text)
		if len(links) == 0 {
			if strings.Contains(m.Text, "already signed") {
				h.mails[id] = person
			}
			continue
		}
		number := links[0].Number
		if _, again := h.links[number]; again {
			if _, seen := h.mails[id]; !seen {
				h.T.Errorf("two different mails with one link")
			}
			if !h.links[number].ended {
				h.links[number].mailed = mailed
			}
			continue
		}
		h.mails[id] = person
		pending, err := h.DB.Public().Pending(context.Background(), number)
		h.Check(err)
		h.links[number] = &link{petition: pending.Link.Petition, person: person, reply: replyOf(person), formAt: pending.Letter.At, mailed: mailed, suspect: h.suspected(pending)}
		h.tokens[number] = [2]testkit.Link{links[0], links[1]}
		h.known = append(h.known, number)
	}
	slices.Sort(h.known[came:]) // lines to the relay run side by side
	h.Mail.Clear()
}

func (h *history) count() {
	h.Check(h.Steward.Count(context.Background()))
	h.note("count")
}

func (h *history) work() {
	h.note("work:")
	h.drain()
	h.mail()
	h.drain()
	h.mail()
	h.count()
	for id, p := range h.petitions {
		c, err := h.DB.Public().Petition(context.Background(), id)
		h.Check(err)
		if c.Kind == undersigned.Ordinary && !p.retired && c.Number() != int64(len(p.signers)) {
			h.T.Errorf("petition %d: the number is %d, %d have signed", id, c.Number(), len(p.signers))
		}
	}
}

// agree holds the rows against the reference: each signer once, and nobody else.
func (h *history) agree(when string) {
	h.note("%s", when)
	for id, p := range h.petitions {
		n, err := h.DB.Steward().SignatureCount(context.Background(), id)
		h.Check(err)
		if want := int64(len(p.signers) + len(p.held)); n != want {
			h.T.Errorf("after %s: petition %d has %d signatures instead of %d: %s", when, id, n, want, h.who(id))
		}
		for person, number := range p.signers {
			if _, err := h.DB.Steward().Signature(context.Background(), number); err != nil {
				h.T.Errorf("after %s: petition %d: signature %d of %s: %v", when, id, number, person, err)
			}
		}
		h.agreeHeld(when, id)
	}
}

// who tells which links of a petition are signatures here and there.
func (h *history) who(id int64) string {
	var b strings.Builder
	for _, number := range h.known {
		if l := h.links[number]; l.petition == id {
			_, err := h.DB.Steward().Signature(context.Background(), number)
			fmt.Fprintf(&b, "%d %s site=%v reference=%v; ", number, l.person, err == nil, h.petitions[id].signers[l.person] == number)
		}
	}
	return b.String()
}

func (h *history) move(d time.Duration) {
	h.Clock.Move(d)
	h.note("move %s", d)
	h.Check(h.Steward.Chores(context.Background()))
	h.reference.chores(h.Clock.Now())
}

func (h *history) later() {
	h.move([]time.Duration{time.Minute, time.Hour, 5 * time.Hour, -10 * time.Minute, -time.Hour}[h.random.IntN(5)])
}

func (h *history) muchLater() { h.move(time.Duration(20+h.random.IntN(60)) * time.Hour) }

// restart ends every part with letters, leaves and mails waiting.
func (h *history) restart() {
	h.note("restart")
	h.Close()
	h.Open()
	h.reference.chores(h.Clock.Now())
}

// crashAfterMail loses what was written after the mails had left: they go out again, the
// same mails.
func (h *history) crashAfterMail() {
	h.note("crash after mail")
	h.Close()
	path := filepath.Join(h.Dir, store.FileName)
	h.Check(copyFile(path+".before", path))
	h.Open()
	h.Check(h.Steward.SendMail(context.Background()))
	h.read(time.Time{})
	h.Close()
	h.Check(os.Rename(path+".before", path))
	h.Open()
	h.reference.chores(h.Clock.Now())
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

// closeEarly closes a petition now, as the desk or its body may.
func (h *history) closeEarly() {
	id := h.ids[h.random.IntN(2)]
	p := h.petitions[id]
	if p.closed {
		return
	}
	h.Clock.Move(time.Second) // a form of the closing instant would be too late
	h.note("close %d", id)
	h.Check(h.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		row, err := h.DB.Public().Petition(context.Background(), id)
		if err != nil {
			return err
		}
		row.State, row.ClosesAt, row.ClosedAt = undersigned.Closed, h.Clock.Now(), h.Clock.Now()
		row.RetainTo = undersigned.RetentionFor(row.ClosesAt)
		return tx.SavePetition(&row.Petition, false)
	}))
	p.closed, p.closesAt = true, h.Clock.Now()
	for _, d := range h.queue {
		if d.kind == undersigned.LetterSign && d.petition == id && !d.at.Before(p.closesAt) {
			h.broken[d.person] = true // the clock was set back: by it, the form came too late
		}
	}
}

// retire brings a petition to its retention date by moving that date.
func (h *history) retire() {
	if h.random.IntN(4) > 0 {
		return
	}
	id := h.ids[h.random.IntN(2)]
	p := h.petitions[id]
	if p.retired {
		return
	}
	h.note("retire %d", id)
	h.Check(h.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error {
		row, err := h.DB.Public().Petition(context.Background(), id)
		if err != nil {
			return err
		}
		row.RetainTo = h.Clock.Now()
		return tx.SavePetition(&row.Petition, false)
	}))
	h.Check(h.Steward.Chores(context.Background()))
	h.reference.chores(h.Clock.Now())
	p.retired, p.signers, p.held = true, map[string]int64{}, map[string]*aside{}
	for _, person := range h.people {
		h.broken[person] = true // forms on their way went with it
	}
}

func (h *history) renew() {
	h.note("renew")
	h.Check(h.Vault.Renew())
}

// look asks whether everything stored fits together, at any moment.
func (h *history) look() {
	faults, _, err := check.Check(context.Background(), check.Config{DB: h.DB, Vault: h.Vault, Sample: 1000})
	h.Check(err)
	for _, fault := range faults {
		h.T.Error(fault)
	}
}

// finish lets time pass until the last held letter has had its mail, and settles accounts.
func (h *history) finish() {
	for range 7 {
		h.work()
		h.move(25 * time.Hour)
	}
	h.work()
	got := map[string]int{}
	for _, person := range h.mails {
		got[person]++
	}
	for _, person := range h.people {
		if !h.blocked[person] && !h.broken[person] && got[person] != h.forms[person] {
			h.T.Errorf("%s sent %d forms and got %d mails", person, h.forms[person], got[person])
		}
	}
	h.look()
}
