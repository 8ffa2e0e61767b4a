package bench

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
)

// MailingOptions say which mailing to measure.
type MailingOptions struct {
	Dir      string  // a new site, made for this
	Server   *Server // not started
	Inbox    *Inbox  // what the sink saw
	Petition int64   // an open petition of that site
	Version  undersigned.TextVersion
	People   int // who signed it and wants the answer
	Log      io.Writer
}

// An Inbox remembers who was mailed, by the number in their address. One byte and a hash a
// person: the measurement's own memory must not be what bounds it.
type Inbox struct {
	seed maphash.Seed

	mu      sync.Mutex // guards what follows
	began   time.Time
	taken   int
	times   []uint8
	ids     []uint32 // of the Message-IDs
	differ  int      // mails to one person with another Message-ID
	strange int      // mails to somebody who did not sign
}

// NewInbox is ready for mails to that many people.
func NewInbox(people int) *Inbox {
	return &Inbox{seed: maphash.MakeSeed(), times: make([]uint8, people), ids: make([]uint32, people)}
}

// Take is for sink.Options.Each.
func (i *Inbox) Take(m sink.Message) {
	text, _, _ := strings.Cut(strings.TrimPrefix(m.To, "filled"), "@")
	number, err := strconv.Atoi(text)
	id := uint32(maphash.String(i.seed, m.MessageID))
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.taken++; i.taken == 1 {
		i.began = time.Now()
	}
	switch {
	case err != nil || number < 1 || number > len(i.times):
		i.strange++
		return
	case i.times[number-1] > 0 && i.ids[number-1] != id:
		i.differ++
	}
	i.times[number-1]++
	i.ids[number-1] = id
}

// Count says how many mails were taken, and how many people got none.
func (i *Inbox) Count() (taken, without int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, times := range i.times {
		if times == 0 {
			without++
		}
	}
	return i.taken, without
}

func (i *Inbox) so() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.taken
}

// clear makes the inbox empty, for another mailing.
func (i *Inbox) clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.times)
	i.taken, i.differ, i.strange = 0, 0, 0
}

// Wrong says what must never be seen.
func (i *Inbox) Wrong() error {
	_, without := i.Count()
	i.mu.Lock()
	defer i.mu.Unlock()
	if without+i.differ+i.strange > 0 {
		return fmt.Errorf("%d people were not mailed, %d got mails of several Message-IDs, %d mails went to somebody else", without, i.differ, i.strange)
	}
	return nil
}

// Mailing measures a mailing of an answer to everybody who signed a petition, with each
// recipient's final state on the disk, and then another that is killed when it has reached
// 40 % of them.
func Mailing(ctx context.Context, o MailingOptions) ([]Row, error) {
	defer o.Server.Stop()
	p := undersigned.Petition{ID: o.Petition, Version: o.Version}
	if err := o.prepare(ctx, p, true); err != nil {
		return nil, err
	}
	rows, err := o.measured(ctx)
	if err != nil {
		return rows, err
	}
	if err := o.prepare(ctx, p, false); err != nil {
		return rows, err
	}
	row, err := o.killed(ctx)
	return append(rows, row), err
}

// prepare reserves a mailing in the stopped site; first of all it writes the signatures.
func (o MailingOptions) prepare(ctx context.Context, p undersigned.Petition, first bool) error {
	if first {
		o.say("writing %d signatures", o.People)
		if err := FillWanting(ctx, o.Dir, o.Server.Host, p, o.People); err != nil {
			return err
		}
	}
	o.Inbox.clear()
	return Reserve(ctx, o.Dir, o.Server.Host, p, undersigned.MailingAnswer, answerWords)
}

// FillWanting gives a petition of a stopped site n signatures, all of people who want the
// answer, and has them counted. The site is in dir and is served at host; nobody may have
// written a letter to it yet.
func FillWanting(ctx context.Context, dir, host string, p undersigned.Petition, n int) error {
	site, err := openSite(ctx, dir, host)
	if err != nil {
		return err
	}
	defer site.db.Close()
	if err := site.steward.Chores(ctx); err != nil { // makes the petition's keys
		return err
	}
	if err := site.fill(ctx, p, n, 1); err != nil {
		return err
	}
	return site.db.Checkpoint(ctx)
}

// Reserve reserves a mailing of a stopped site, which begins when the site is served.
func Reserve(ctx context.Context, dir, host string, p undersigned.Petition, kind undersigned.MailingKind, words string) error {
	site, err := openSite(ctx, dir, host)
	if err != nil {
		return err
	}
	defer site.db.Close()
	return site.db.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		_, err := site.steward.ReserveMailing(tx, p.ID, 2, kind, words)
		return err
	})
}

// answerWords are about as long as an answer's summary and its details are.
const answerWords = "The library stays open on Saturdays for two more years.\n\n" +
	"The council looked at the figures that the petition names. On Saturdays more people come than on any other day, and a third of them come on no other. " +
	"We found the money by moving the stocktaking to the evenings. In two years we shall look again, and we shall ask you before we decide.\n\n" +
	"Thank you to everybody who signed. The figures, and the minutes of the meeting, are on the petition's page."

func (o MailingOptions) say(format string, args ...any) { Options{Log: o.Log}.say(format, args...) }

// measured lets a whole mailing go out.
func (o MailingOptions) measured(ctx context.Context) ([]Row, error) {
	o.say("mailing %d people", o.People)
	if err := o.Server.Start(ctx, "all"); err != nil {
		return nil, err
	}
	if err := o.reached(ctx, o.People/10); err != nil {
		return nil, err
	}
	early, err := o.Server.Memory()
	if err != nil {
		return nil, err
	}
	ended, err := o.done(ctx)
	if err != nil {
		return nil, err
	}
	most, err := o.Server.MostMemory()
	if err != nil {
		return nil, err
	}
	busy, err := o.Server.Processor()
	if err != nil {
		return nil, err
	}
	if taken, _ := o.Inbox.Count(); taken != o.People {
		return nil, fmt.Errorf("%d mails were taken for %d people", taken, o.People)
	}
	rate := backlogRow("mailing, each state durable", int64(o.People), ended.Sub(o.Inbox.began), 25_000)
	rate.Comment += fmt.Sprintf("; the server used %.0f µs of a processor for each", float64(busy.Microseconds())/float64(o.People))
	return []Row{
		rate,
		{Work: "memory at most", Value: float64(most) / 1e6, Unit: "MB", Target: 150, Comment: fmt.Sprintf("resident; %.0f MB when a tenth was mailed", float64(early)/1e6)},
	}, errors.Join(o.Inbox.Wrong(), o.Server.Stop())
}

// killed kills the server when two in five were mailed, and lets the next one finish.
func (o MailingOptions) killed(ctx context.Context) (Row, error) {
	o.say("mailing %d people again, with a kill -9 after %d", o.People, o.People*2/5)
	if err := o.Server.Start(ctx, "all"); err != nil {
		return Row{}, err
	}
	if err := o.reached(ctx, o.People*2/5); err != nil {
		return Row{}, err
	}
	if err := o.Server.Kill(); err != nil {
		return Row{}, err
	}
	if err := o.Server.Start(ctx, "all"); err != nil {
		return Row{}, err
	}
	if _, err := o.done(ctx); err != nil {
		return Row{}, err
	}
	taken, without := o.Inbox.Count()
	row := Row{Work: "mails repeated after kill -9 at 40 %", Value: float64(taken - (o.People - without)), Unit: "", Target: 2048, Comment: fmt.Sprintf("%d lost; each repeat had the same Message-ID", without)}
	return row, o.Inbox.Wrong()
}

// reached waits until the sink has taken that many mails.
func (o MailingOptions) reached(ctx context.Context, taken int) error {
	for end := time.Now().Add(patience); o.Inbox.so() < taken; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d mails came within %v", o.Inbox.so(), taken, patience)
		}
	}
	return nil
}

// patience is how long a measurement waits for a mailing: a million at a few hundred a second.
const patience = time.Hour

// done waits until the newest mailing has ended in the database, and says when.
func (o MailingOptions) done(ctx context.Context) (at time.Time, err error) {
	if err := o.reached(ctx, o.People); err != nil {
		return at, err
	}
	db, err := store.Open(ctx, o.Dir, store.Options{Readers: 1})
	if err != nil {
		return at, err
	}
	defer db.Close()
	var m undersigned.Mailing
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		all, err := db.Public().Mailings(ctx, o.Petition)
		if err != nil {
			return at, err
		}
		if m = all[len(all)-1]; m.State.Over() {
			break
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return at, fmt.Errorf("the mailing is %s a minute after the last mail: %w", m.State, ctx.Err())
		}
	}
	if m.State != undersigned.MailingDone || m.Sent != int64(o.People) {
		return at, fmt.Errorf("the mailing is %s: %d sent, %d failed, %d passed over", m.State, m.Sent, m.Failed, m.Skipped)
	}
	return m.EndedAt, nil
}
