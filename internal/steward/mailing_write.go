package steward

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
	"undersigned/internal/seal"
	"undersigned/internal/store"
)

// How rows are read for a mailing. Read together, a row costs a fifth of what it costs
// alone; but what was read is used for a moment only, because whoever leaves or stops
// mails before their turn is to get none. A relay that is slower than that makes each row
// be read when a line is free.
const (
	readTogether = 256
	readFew      = 16 // fewer are read singly
	readFreshFor = time.Second
)

// A turn is somebody whose turn in a mailing comes. No address is kept in it.
type turn struct {
	number  int64
	row     store.Recipient
	stopped bool      // their address is on the stop list
	readAt  time.Time // zero: not read
}

// turnOf is the turn of a place in the run's range. It reads the rows of the next places
// together.
func (s *Steward) turnOf(ctx context.Context, run *mailingRun, place int) (*turn, error) {
	if place >= run.readFrom+len(run.read) {
		if err := s.readTurns(ctx, run, place); err != nil {
			return nil, err
		}
	}
	return &run.read[place-run.readFrom], nil
}

func (s *Steward) readTurns(ctx context.Context, run *mailingRun, from int) error {
	end := min(from+readTogether, len(run.States))
	run.readFrom, run.read = from, make([]turn, end-from) // turns that are under way are of earlier ones
	waiting := 0
	for i := range run.read {
		run.read[i].number = run.Signatures[from+i]
		if run.States[from+i] == store.RecipientWaiting {
			waiting++
		}
	}
	if waiting < readFew {
		return nil
	}
	now := s.store.Now()
	rows, err := s.recipients(ctx, run, run.Signatures[from], run.Signatures[end-1])
	if err != nil {
		return err
	}
	var found []*turn
	var tags [][16]byte
	for i := range run.read {
		for len(rows) > 0 && rows[0].Number < run.read[i].number {
			rows = rows[1:]
		}
		if len(rows) == 0 {
			break
		}
		if rows[0].Number != run.read[i].number || run.States[from+i] != store.RecipientWaiting {
			continue
		}
		contact, err := run.open(rows[0])
		if err != nil {
			continue // whoever writes their mail says so
		}
		tag, err := s.stopTag(contact.Address)
		if err != nil {
			continue
		}
		run.read[i].row, run.read[i].readAt = rows[0], now
		found, tags = append(found, &run.read[i]), append(tags, tag)
	}
	stopped, err := s.store.StoppedAmong(ctx, tags)
	if err != nil {
		return err
	}
	for i, turn := range found {
		turn.stopped = stopped[tags[i]]
	}
	return nil
}

// writeToSigner writes a mailing to one signer. It runs when a line to the relay is free:
// only then is the address opened to be written to, and the row is as it stood a moment
// before or is read now, so that whoever left or stopped mails before their turn gets none.
func (s *Steward) writeToSigner(ctx context.Context, run *mailingRun, turn *turn, dst []byte) (from, to string, msg []byte, err error) {
	fresh := !turn.readAt.IsZero() && s.store.Now().Sub(turn.readAt).Abs() <= readFreshFor
	row := turn.row
	if !fresh {
		if row, err = s.readRecipient(ctx, run, turn.number); err != nil {
			return "", "", nil, err
		}
	}
	contact, err := run.open(row)
	if err != nil {
		return "", "", nil, err
	}
	stopped := turn.stopped
	if !fresh {
		if stopped, err = s.stopped(ctx, contact.Address); err != nil {
			return "", "", nil, err
		}
	}
	if stopped {
		return "", "", nil, ErrNobody
	}
	if !s.limit.takeTo(s.store.Now(), contact.Address, false) {
		return "", "", nil, errProviderFull
	}
	from, err = s.returnPath(ctx, seal.Holder{Kind: seal.HolderSignature, Number: row.Number, ID: row.ID})
	if err != nil {
		return "", "", nil, err
	}
	language := contact.Language
	if language == "" {
		language = run.petition.Language
	}
	stencil, err := run.stencils.in(language, s.cutter(run))
	if err != nil {
		return "", "", nil, err
	}
	code := s.mask.Link(undersigned.LinkOwn, row.Number, run.keys.Token(undersigned.LinkOwn, row.ID))
	msg, err = stencil.AppendTo(dst, contact.Address, s.mailingID(run.Mailing, row.Number), code)
	return from, contact.Address, msg, err
}

// readRecipient reads the row of one signer as it is now.
//
// Errors: ErrNobody where they are not to be mailed any more.
func (s *Steward) readRecipient(ctx context.Context, run *mailingRun, number int64) (r store.Recipient, err error) {
	if run.Kind.News() {
		rows, err := s.recipients(ctx, run, number, number)
		if err != nil || len(rows) == 1 {
			return append(rows, r)[0], err
		}
		return r, ErrNobody
	}
	signature, err := s.store.Signature(ctx, number)
	if err != nil {
		return r, nobodyWithout(err)
	}
	if signature.ReplySealed == nil || signature.PetitionID != run.PetitionID {
		return r, ErrNobody
	}
	return store.Recipient{Number: number, ID: signature.ID, Version: signature.Version, Sealed: signature.ReplySealed}, nil
}

// Stencils are a mailing's words, composed once for each language.
type stencils struct {
	mu  sync.Mutex // guards all
	all map[string]*mail.Stencil
}

func (c *stencils) in(language string, cut func(language string) (*mail.Stencil, error)) (*mail.Stencil, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.all[language]; found != nil {
		return found, nil
	}
	made, err := cut(language)
	if err != nil {
		return nil, err
	}
	if c.all == nil {
		c.all = map[string]*mail.Stencil{}
	}
	c.all[language] = made
	return made, nil
}

// cutter composes the mail of a run in a language, for everybody.
func (s *Steward) cutter(run *mailingRun) func(language string) (*mail.Stencil, error) {
	return func(language string) (*mail.Stencil, error) {
		const nobody = 0 // no signature has this number, so no mail holds this link
		own := s.link(undersigned.LinkOwn, nobody, undersigned.Token{})
		stop := undersigned.StopQuery
		if run.Kind.News() {
			stop = undersigned.StopNewsQuery
		}
		subject, text, err := texts.Render(language, mailingTexts[run.Kind], texts.Facts{
			Site: run.body.SiteName, Body: run.body.Name, Controller: run.body.Controller.Name, URL: s.config.URL,
			Title: run.petition.Title, Page: s.page(run.PetitionID), OwnLink: own, VoteLink: own + "?" + undersigned.VoteQuery, Note: run.Words,
			On: dateInFull(run.ReservedAt, run.body), Unit: run.Unit, Quota: run.Quota, DeleteBy: dateInFull(run.petition.RetainTo, run.body),
		})
		if err != nil {
			return nil, err
		}
		return mail.NewStencil(mail.Message{
			From: s.config.From, ReplyTo: s.config.ReplyTo, To: "nobody@" + s.host, EnvelopeFrom: s.config.EnvelopeFrom,
			Subject: subject, Text: text, HTML: mail.TextToHTML(language, text), Date: run.ReservedAt,
			MessageID: s.mailingID(run.Mailing, nobody), ListUnsubscribe: own + "?" + stop, AutoSubmitted: true,
		}, own[strings.LastIndexByte(own, '/')+1:])
	}
}

// mailingID is made from the mailing and the signature alone: a mail that is sent twice
// can be recognised. The instant tells a mailing from one whose number a restored
// database gives again. No job's id is the same, for jobs have one number.
func (s *Steward) mailingID(m undersigned.Mailing, signature int64) string {
	name := fmt.Sprintf("%d:%d:%d", m.Number, undersigned.Micros(m.ReservedAt), signature)
	sum := sha256.Sum256(append(s.site[:], name...))
	return hex.EncodeToString(sum[:16]) + "@" + s.host
}
