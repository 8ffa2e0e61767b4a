package steward

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Drain deals with everything that waits in the letterbox, batch by batch.
func (s *Steward) Drain(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.drainOnce(ctx)
		if err != nil {
			return err
		}
		if n < s.batchSize {
			s.batchSize = smallBatch
			break
		}
		s.batchSize = min(2*s.batchSize, largeBatch)
	}
	return s.retryHeld(ctx)
}

// drainOnce deals with one batch and returns how many letters it held.
func (s *Steward) drainOnce(ctx context.Context) (int, error) {
	after, err := s.store.Cursor(ctx, store.CursorLetters)
	if err != nil {
		return 0, fmt.Errorf("drain the letterbox: %w", err)
	}
	letters, err := s.store.WaitingLetters(ctx, after, s.batchSize)
	if err != nil || len(letters) == 0 {
		return 0, err
	}
	for rest := letters; len(rest) > 0; {
		n := together(rest)
		last := rest[n-1].Number
		err := s.deal(ctx, rest[:n], func(tx *store.StewardTx) error {
			return tx.SetCursor(store.CursorLetters, last)
		})
		if err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(letters), nil
}

// together says how many letters at the front may share a transaction. Forms and
// confirmations are many, and so are votes after an answer was mailed; they ask nothing of each other but who has an address's slot,
// and the plan knows that. Every other letter is dealt with alone: a name is taken off
// after it was put on, and signing again finds the slot free. What came back may share with
// its like: anybody can send us many.
func together(letters []store.Letter) int {
	bounces := letters[0].Kind == undersigned.LetterBounce
	for i, letter := range letters {
		if bounces != (letter.Kind == undersigned.LetterBounce) {
			return i
		}
		if bounces {
			continue
		}
		switch letter.Kind {
		case undersigned.LetterSign, undersigned.LetterSponsor, undersigned.LetterStart, undersigned.LetterConfirm, undersigned.LetterSignIn, undersigned.LetterVote:
		default:
			return max(i, 1)
		}
	}
	return len(letters)
}

// retryHeld tries the letters again whose time has come.
func (s *Steward) retryHeld(ctx context.Context) error {
	letters, err := s.store.HeldLetters(ctx, s.store.Now(), smallBatch)
	if err != nil || len(letters) == 0 {
		return err
	}
	for len(letters) > 0 {
		n := together(letters)
		err := s.deal(ctx, letters[:n], func(tx *store.StewardTx) error {
			for _, letter := range letters[:n] {
				if err := tx.UnholdLetter(letter.Number); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		letters = letters[n:]
	}
	return nil
}

// An opened letter, as the deeds take it.
type opened struct {
	vault.OpenedLetter
	store.Letter

	// Of letters that bring an address; canonical is empty where it is none.
	canonical string
	stopTag   [16]byte
	limits    [2]store.DayTag // yesterday's and today's
}

// A plan is what one batch will write. Reading, opening and deciding happen before the
// transaction, so that the letterbox waits only for the writing.
type plan struct {
	links      []store.Link
	jobs       []store.Job
	jobLink    []int // for each job, the index of the link that waits for it, or -1
	limits     []store.DayTag
	answered   []store.DayTag
	alive      [][16]byte // stop tags of addresses at which somebody read a mail
	signatures []undersigned.Signature
	textNo     []int64
	leaves     []store.Leaf
	aside      []store.HeldSignature // confirmed, and not counted yet
	domains    map[store.Claim]int   // signatures this batch adds to a domain; nil: none
	erases     bool                  // somebody left or declined: see foldErased
	erasures   []store.Erasure
	used       []int64 // links that were pressed
	done       []int64 // letters that leave
	held       []heldLetter
	deeds      []func(*store.StewardTx) error // everything rarer, in order

	mails   map[store.DayTag]int // unanswered mails this batch adds
	tags    map[claim]bool       // address slots this batch claims
	pressed map[int64]bool       // links this batch has dealt with
}

type heldLetter struct {
	number int64
	why    string
	next   time.Time
}

type claim struct {
	petition int64
	tag      [16]byte
	slot     int
}

func (p *plan) job(kind JobKind, ref, petition int64, detail string) {
	p.jobs = append(p.jobs, store.Job{Kind: int(kind), Ref: ref, Petition: petition, Detail: detail})
	p.jobLink = append(p.jobLink, -1)
}

func (p *plan) finish(number int64) { p.done = append(p.done, number) }

// deal decides about letters and writes what was decided in one transaction. Before
// that, taken writes where they were taken from: a letter may be held again.
func (s *Steward) deal(ctx context.Context, letters []store.Letter, taken func(*store.StewardTx) error) error {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	p := &plan{mails: map[store.DayTag]int{}, tags: map[claim]bool{}, pressed: map[int64]bool{}}
	b, err := s.newBatch(ctx)
	if err != nil {
		return err
	}
	all := make([]opened, 0, len(letters))
	for _, letter := range letters {
		content, err := s.open(ctx, letter)
		if err != nil {
			if !unopenable(err) {
				return err
			}
			s.keep(p, letter, err)
			continue
		}
		all = append(all, opened{OpenedLetter: content, Letter: letter})
	}
	if err := s.prefetch(ctx, b, all); err != nil {
		return fmt.Errorf("deal with letters: %w", err)
	}
	for i := range all {
		before := *p
		err := s.decide(ctx, b, p, &all[i])
		if err != nil && !unopenable(err) {
			return fmt.Errorf("deal with letter %d (%s): %w", all[i].Letter.Number, all[i].Letter.Kind, err)
		}
		if err != nil {
			*p = before // nothing of it happens
			s.keep(p, all[i].Letter, err)
		}
	}
	if err := s.writeErasures(p.erasures); err != nil {
		return fmt.Errorf("deal with letters: %w", err)
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if err := taken(tx); err != nil {
			return err
		}
		return s.carryOut(tx, p)
	})
	if err != nil {
		return fmt.Errorf("deal with letters: %w", err)
	}
	if p.erases {
		s.erased.Store(true)
	}
	s.meters.Admitted.Add(len(p.links))
	s.meters.Confirmed.Add(len(p.signatures))
	s.meters.Kept.Add(len(p.held))
	if len(p.jobs) > 0 || len(p.deeds) > 0 {
		wake(s.jobs)
	}
	if len(p.deeds) > 0 {
		wake(s.mailing)
	}
	return nil
}

// keep holds a letter that nobody can act on now. It was acknowledged, so it stays; and
// those behind it must not wait for it.
func (s *Steward) keep(p *plan, letter store.Letter, why error) {
	s.log.Error("a letter cannot be dealt with; it is kept", "letter", letter.Number, "kind", letter.Kind.String(), "error", why)
	p.held = append(p.held, heldLetter{letter.Number, "unopened", s.store.Now().Add(time.Hour)})
}

// open opens a letter, fetching its data key when it is the first of its kind.
func (s *Steward) open(ctx context.Context, letter store.Letter) (vault.OpenedLetter, error) {
	id := seal.KeyIDOf(letter.Sealed)
	if len(id) != 8 {
		return vault.OpenedLetter{}, seal.ErrOpen
	}
	for tries := 0; ; tries++ {
		if !s.vault.HasDataKey(seal.KeyID(id)) {
			key, err := s.store.DataKey(ctx, [8]byte(id))
			if err != nil {
				return vault.OpenedLetter{}, err
			}
			if err := s.vault.AddDataKey(s.site, key.Letterbox, key.ID, key.Wrapped); err != nil {
				return vault.OpenedLetter{}, err
			}
		}
		l, err := s.vault.OpenLetter(s.site, letter.Kind, letter.Petition, letter.ID, letter.Sealed)
		if errors.Is(err, vault.ErrNoKey) && tries < 3 {
			continue // the vault made room for other keys meanwhile
		}
		return l, err
	}
}

// unopenable reports whether err is about the letter and not about this moment.
func unopenable(err error) bool {
	for _, cause := range []error{seal.ErrOpen, seal.ErrContent, seal.ErrTooLong, vault.ErrNoKey, undersigned.ErrNotFound, errAddress} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// decide hands a letter to its deed.
func (s *Steward) decide(ctx context.Context, b *batch, p *plan, l *opened) error {
	switch l.Letter.Kind {
	case undersigned.LetterSign, undersigned.LetterSponsor:
		return s.admit(ctx, b, p, l)
	case undersigned.LetterStart:
		return s.admitStart(b, p, l)
	case undersigned.LetterConfirm:
		return s.confirm(ctx, b, p, l)
	case undersigned.LetterNotMe, undersigned.LetterBlock:
		return s.notMe(ctx, b, p, l)
	case undersigned.LetterWithdraw, undersigned.LetterStopMail, undersigned.LetterCopy, undersigned.LetterReceipt, undersigned.LetterCorrect:
		return s.ownPage(ctx, b, p, l)
	case undersigned.LetterVote:
		return s.vote(ctx, b, p, l)
	case undersigned.LetterSignIn:
		return s.signIn(ctx, p, l)
	case undersigned.LetterMessage, undersigned.LetterResubmit, undersigned.LetterRetract, undersigned.LetterHearing, undersigned.LetterNews:
		return s.creatorDeed(ctx, b, p, l)
	case undersigned.LetterAddStaff:
		return s.askAddStaff(ctx, p, l)
	case undersigned.LetterRelease:
		return s.release(ctx, p, l)
	case undersigned.LetterContact:
		p.job(JobContact, l.Letter.Number, 0, "")
		return nil
	case undersigned.LetterBounce:
		return s.bounce(ctx, p, l)
	case undersigned.LetterFind:
		if s.mayMail(b, p, l) {
			p.job(JobFind, l.Letter.Number, 0, "")
		}
		return nil
	}
	s.log.Error("a letter is of a kind this version does not know", "letter", l.Number, "kind", int(l.Letter.Kind))
	p.held = append(p.held, heldLetter{l.Number, "unknown", s.store.Now().Add(time.Hour)})
	return nil
}

// carryOut writes a plan.
func (s *Steward) carryOut(tx *store.StewardTx, p *plan) error {
	if err := tx.AddJobs(p.jobs); err != nil {
		return err
	}
	for i, link := range p.jobLink {
		if link >= 0 {
			p.links[link].Job = p.jobs[i].Number
		}
	}
	if err := tx.AddLinks(p.links); err != nil {
		return err
	}
	if err := tx.CountMails(p.limits); err != nil {
		return err
	}
	if err := tx.AnswerMails(p.answered); err != nil {
		return err
	}
	if err := tx.Revive(p.alive); err != nil {
		return err
	}
	if err := s.addSignatures(tx, p); err != nil {
		return err
	}
	for _, h := range p.held {
		if err := tx.HoldLetter(h.number, h.why, h.next); err != nil {
			return err
		}
	}
	for _, deed := range p.deeds {
		if err := deed(tx); err != nil {
			return err
		}
	}
	slices.Sort(p.done)
	return tx.DeleteLetters(slices.Compact(p.done))
}

// addSignatures claims the addresses' slots and keeps the signatures that got theirs.
// The constraint alone decides; whoever comes second is dropped here.
func (s *Steward) addSignatures(tx *store.StewardTx, p *plan) error {
	if err := s.setAside(tx, p); err != nil {
		return err
	}
	got, err := tx.AddTags(p.signatures)
	if err != nil {
		return err
	}
	kept := 0
	for i := range p.signatures {
		if got[p.signatures[i].Number] {
			p.signatures[kept], p.textNo[kept], p.leaves[kept] = p.signatures[i], p.textNo[i], p.leaves[i]
			kept++
		}
	}
	if err := tx.AddSignatures(p.signatures[:kept], p.textNo[:kept]); err != nil {
		return err
	}
	if err := tx.AddLeaves(p.leaves[:kept]); err != nil {
		return err
	}
	slices.Sort(p.used)
	return tx.EndLinks(slices.Compact(p.used), store.LinkUsed)
}
