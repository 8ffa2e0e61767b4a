package steward

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// A batch is what several letters of one pass ask about, read once.
type batch struct {
	now       time.Time
	number    int64 // of the batch that will publish these signatures
	petitions map[int64]*petition
	missing   map[int64]error // petitions that have no row or no keys, and why

	stopped    map[[16]byte]bool
	unanswered map[store.DayTag]int
	taken      map[store.Claim]int
	domains    map[store.Claim]int // signatures from domains that are not a provider's
	pending    map[int64]*store.Pending
	opened     map[int64]*vault.OpenedLetter // the letters of pending, opened
	shut       map[int64]error               // those that should open and do not
}

// A petition as the steward sees it: its row, its body, and its keys.
type petition struct {
	store.Counted
	body   undersigned.Body
	keys   *vault.PetitionKeys
	textNo int64 // of its newest wording
}

func (s *Steward) newBatch(ctx context.Context) (*batch, error) {
	number, err := s.store.NextBatch(ctx)
	if err != nil {
		return nil, fmt.Errorf("start a batch: %w", err)
	}
	return &batch{
		now: s.store.Now(), number: number, petitions: map[int64]*petition{}, missing: map[int64]error{},
		opened: map[int64]*vault.OpenedLetter{}, shut: map[int64]error{},
	}, nil
}

// petition reads a petition and its keys once a batch.
//
// Errors: undersigned.ErrNotFound where there is no such petition or its keys were
// destroyed: whatever asks for it has no effect any more. vault.ErrNoKey where they
// should be there: whatever asks for it must wait until somebody has looked.
func (s *Steward) petition(ctx context.Context, b *batch, id int64) (*petition, error) {
	if p, ok := b.petitions[id]; ok {
		return p, nil
	}
	if err, ok := b.missing[id]; ok {
		return nil, err
	}
	p, err := s.readPetition(ctx, id)
	switch {
	case err == nil:
		b.petitions[id] = p
	case unopenable(err):
		b.missing[id] = err
	}
	return p, err
}

func (s *Steward) readPetition(ctx context.Context, id int64) (*petition, error) {
	counted, err := s.store.Petition(ctx, id)
	if err != nil {
		return nil, err
	}
	if counted.KeysMadeAt.IsZero() || !counted.KeysGoneAt.IsZero() {
		return nil, undersigned.ErrNotFound
	}
	p := &petition{Counted: counted}
	if p.keys, err = s.vault.Petition(s.site, id); err != nil {
		return nil, fmt.Errorf("petition %d: %w", id, err)
	}
	if p.body, err = s.store.Body(ctx, counted.BodyID); err != nil {
		return nil, err
	}
	if p.textNo, err = s.store.TextNo(ctx, id, counted.Version); err != nil {
		return nil, fmt.Errorf("petition %d: its wording: %w", id, err)
	}
	return p, nil
}

// prefetch reads what the letters of a batch will ask, in a few statements: links behind
// confirmations, then for every address whether it is blocked, has too many unanswered
// mails, or has signed already.
func (s *Steward) prefetch(ctx context.Context, b *batch, all []opened) error {
	if err := s.prefetchLinks(ctx, b, all); err != nil {
		return err
	}
	var stops [][16]byte
	var days []store.DayTag
	var claims, domains []store.Claim
	for i := range all {
		l := &all[i]
		switch l.Letter.Kind {
		case undersigned.LetterSign, undersigned.LetterSponsor, undersigned.LetterStart, undersigned.LetterFind:
			if err := s.tagAddress(b, l); err != nil {
				return err
			}
			if l.canonical == "" {
				continue
			}
			stops = append(stops, l.stopTag)
			days = append(days, l.limits[:]...)
			if claim, ok, err := s.claimOf(ctx, b, l.Letter.Petition, l.canonical); err != nil {
				return err
			} else if ok {
				claims = append(claims, claim)
			}
		case undersigned.LetterConfirm:
			first := b.opened[l.Submission.Number]
			if first == nil {
				continue
			}
			canonical, err := s.canonical(first.Address)
			if err != nil {
				continue
			}
			if claim, ok, err := s.claimOf(ctx, b, first.Petition, canonical); err != nil {
				return err
			} else if ok {
				claims = append(claims, claim)
				if pet := b.petitions[first.Petition]; pet != nil {
					if house, ok := houseOf(pet, canonical); ok {
						domains = append(domains, house)
					}
				}
			}
		}
	}
	var err error
	if b.domains, err = s.store.DomainsAmong(ctx, domains); err != nil {
		return err
	}
	if b.stopped, err = s.store.StoppedAmong(ctx, stops); err != nil {
		return err
	}
	if b.unanswered, err = s.store.UnansweredAmong(ctx, days); err != nil {
		return err
	}
	b.taken, err = s.store.TakenAmong(ctx, claims)
	return err
}

// prefetchLinks reads and opens the letters that confirmations are about.
func (s *Steward) prefetchLinks(ctx context.Context, b *batch, all []opened) error {
	var numbers []int64
	for i := range all {
		if l := &all[i]; l.Letter.Kind == undersigned.LetterConfirm && l.Submission.Link == undersigned.LinkConfirm {
			numbers = append(numbers, l.Submission.Number)
		}
	}
	var err error
	if b.pending, err = s.store.PendingAmong(ctx, numbers); err != nil {
		return err
	}
	for number, pending := range b.pending {
		if pending.Letter.Sealed == nil {
			continue
		}
		first, err := s.open(ctx, pending.Letter)
		if err != nil {
			if errors.Is(err, undersigned.ErrNotFound) {
				continue // its letterbox key has reached its end
			}
			if unopenable(err) {
				b.shut[number] = err
				continue
			}
			return err
		}
		b.opened[number] = &first
	}
	return nil
}

// tagAddress computes the tags of a form's address.
func (s *Steward) tagAddress(b *batch, l *opened) error {
	canonical, err := s.canonical(l.Address)
	if err != nil {
		return nil // the form checks addresses; this one did not come from it
	}
	l.canonical = canonical
	if l.stopTag, err = s.vault.StopTag(canonical); err != nil {
		return err
	}
	today := vault.Day(b.now)
	for i, day := range [2]int64{today - 1, today} {
		tag, err := s.vault.LimitTag(day, canonical)
		if err != nil {
			return err
		}
		l.limits[i] = store.DayTag{Day: day, Tag: tag}
	}
	return nil
}

func (s *Steward) claimOf(ctx context.Context, b *batch, petition int64, canonical string) (store.Claim, bool, error) {
	if petition == 0 {
		return store.Claim{}, false, nil
	}
	pet, err := s.petition(ctx, b, petition)
	if err != nil {
		if unopenable(err) {
			err = nil // the letter's deed meets it again, and says what follows
		}
		return store.Claim{}, false, err
	}
	return store.Claim{Petition: petition, Tag: pet.keys.AddressTag(canonical)}, true, nil
}
