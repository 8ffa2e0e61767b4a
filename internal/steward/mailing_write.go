package steward

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	// The part opened with this version, so it is the one that was signed, whatever its row says.
	stencil, err := run.stencils.of(row.Version, func() (*mail.Stencil, error) { return s.cutStencil(ctx, run, row.Version) })
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

// Stencils are a mailing, composed once for each wording that somebody signed.
type stencils struct {
	mu  sync.Mutex // guards all
	all map[undersigned.TextVersion]stencil
}

type stencil struct {
	*mail.Stencil
	err error // of a wording that is not what was signed: nobody is to be mailed it
}

func (c *stencils) of(version undersigned.TextVersion, cut func() (*mail.Stencil, error)) (*mail.Stencil, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.all[version]; ok {
		return found.Stencil, found.err
	}
	made, err := cut()
	if err != nil && !errors.Is(err, errWording) {
		return nil, err
	}
	if c.all == nil {
		c.all = map[undersigned.TextVersion]stencil{}
	}
	c.all[version] = stencil{made, err}
	return made, err
}

// errWording means that the wording somebody signed is not in the database any more: what
// stands there is another, and goes into no mail.
var errWording = errors.New("the wording that was signed is not the one in the database")

// signedTitle is the title of a wording as it was signed. A signature's reply part opens
// with its version alone, and the version is a hash of the texts.
//
// Errors: errWording.
func (s *Steward) signedTitle(ctx context.Context, petition int64, version undersigned.TextVersion) (string, error) {
	w, err := s.store.Text(ctx, petition, version)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && undersigned.VersionOf(w.Title, w.Background, w.Details) != version {
		return "", errWording
	}
	return w.Title, err
}

// cutStencil composes the mail of a run for everybody who signed a wording: the text that was
// reserved, with the title of theirs. No row of today has a word in it.
func (s *Steward) cutStencil(ctx context.Context, run *mailingRun, version undersigned.TextVersion) (*mail.Stencil, error) {
	title, err := s.signedTitle(ctx, run.PetitionID, version)
	if errors.Is(err, errWording) {
		s.log.Error("nobody is mailed who signed a wording that was changed in the database", "mailing", run.Mailing.Number, "petition", run.PetitionID, "wording", version.String())
	}
	if err != nil {
		return nil, err
	}
	const nobody = 0 // no signature has this number, so no mail holds this link
	own := s.link(undersigned.LinkOwn, nobody, undersigned.Token{})
	stop := undersigned.StopQuery
	if run.Kind.News() {
		stop = undersigned.StopNewsQuery
	}
	text := run.Text.Read(title, own)
	return mail.NewStencil(mail.Message{
		From: s.config.From, ReplyTo: run.Text.ReplyTo, To: "nobody@" + s.host, EnvelopeFrom: s.config.EnvelopeFrom,
		Subject: run.Text.Subject, Text: text, HTML: texts.ToHTML(run.petition.Language, text), Date: run.ReservedAt,
		MessageID: s.mailingID(run.Mailing, nobody), ListUnsubscribe: own + "?" + stop, AutoSubmitted: true,
	}, own[strings.LastIndexByte(own, '/')+1:])
}

// mailingID is made from the mailing and the signature alone: a mail that is sent twice
// can be recognised. The instant tells a mailing from one whose number a restored
// database gives again. No job's id is the same, for jobs have one number.
func (s *Steward) mailingID(m undersigned.Mailing, signature int64) string {
	name := fmt.Sprintf("%d:%d:%d", m.Number, undersigned.Micros(m.ReservedAt), signature)
	sum := sha256.Sum256(append(s.site[:], name...))
	return hex.EncodeToString(sum[:16]) + "@" + s.host
}
