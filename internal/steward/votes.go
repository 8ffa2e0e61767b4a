package steward

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"undersigned"
	"undersigned/internal/store"
)

// vote takes what a signer said about the answer. It is not counted yet: the row that says
// who has voted and the sum would change together, and whoever reads the database before
// and after would know what they said. Its sealed letter waits for others.
func (s *Steward) vote(ctx context.Context, b *batch, p *plan, l *opened) error {
	signature, pet, err := s.owned(ctx, b, l.Submission)
	if err == nil && (signature == nil || pet.ID != l.Letter.Petition) {
		p.finish(l.Letter.Number)
		return nil
	}
	if err != nil {
		return err
	}
	voted, err := s.store.Voted(ctx, l.Submission.Answer, signature.Number)
	if err != nil {
		return err
	}
	if voted {
		p.finish(l.Letter.Number)
		return nil
	}
	last := l.Letter.At.Add(undersigned.VoteWait)
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return tx.HoldVote(l.Letter.Number, last) })
	return nil
}

// hasVoted reports whether it is kept that a signature has said something about the answer
// to its petition.
func (s *Steward) hasVoted(ctx context.Context, petition, signature int64) (bool, error) {
	facts, err := s.store.Facts(ctx, petition)
	if err != nil {
		return false, err
	}
	answer, ok := facts[petition].Latest(undersigned.AnswerResponse)
	if !ok {
		return false, nil
	}
	return s.store.Voted(ctx, answer.ID, signature)
}

// CountVotes counts the votes of which enough wait together, and those that have waited
// for as long as they may.
func (s *Steward) CountVotes(ctx context.Context) error {
	due, err := s.store.VotesDue(ctx, s.store.Now())
	if err != nil {
		return err
	}
	return goOn(ctx, len(due), func(i int) error {
		if err := s.countVotes(ctx, due[i], false); err != nil {
			return fmt.Errorf("count the votes on petition %d: %w", due[i], err)
		}
		return nil
	})
}

// countVotes counts the votes that wait on a petition; all of them where none can come any
// more.
func (s *Steward) countVotes(ctx context.Context, petition int64, all bool) error {
	s.deciding.Lock()
	defer s.deciding.Unlock()
	for {
		letters, err := s.store.HeldVotes(ctx, petition, largeBatch)
		if err != nil || len(letters) == 0 {
			return err
		}
		now := s.store.Now()
		last := slices.ContainsFunc(letters, func(v store.HeldVote) bool { return !now.Before(v.Last) })
		if err := s.countTogether(ctx, petition, letters, all || last); err != nil || len(letters) < largeBatch {
			return err
		}
	}
}

// countTogether counts votes in one transaction. Where they are too few without those that
// say nothing new, the others go on waiting.
func (s *Steward) countTogether(ctx context.Context, petition int64, letters []store.HeldVote, few bool) error {
	facts, err := s.store.Facts(ctx, petition)
	if err != nil {
		return err
	}
	answer, _ := facts[petition].Latest(undersigned.AnswerResponse)
	b, err := s.newBatch(ctx)
	if err != nil {
		return err
	}
	p := &plan{}
	var votes undersigned.Votes
	said := map[int64]bool{}
	var voters, wait []int64 // signatures, and their letters
	for _, letter := range letters {
		number, vote, err := s.readVote(ctx, b, letter.Letter, answer.ID)
		switch {
		case unopenable(err):
			s.keep(p, letter.Letter, err)
		case err != nil:
			return err
		case vote == 0 || said[number]:
			p.finish(letter.Number)
		default:
			said[number] = true
			votes.Add(vote)
			voters, wait = append(voters, number), append(wait, letter.Number)
		}
	}
	enough := len(voters) > 0 && (few || len(voters) >= undersigned.VoteStep)
	if enough {
		p.done = append(p.done, wait...)
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if enough {
			if err := tx.AddVotes(petition, answer.ID, voters, votes); err != nil {
				return err
			}
		}
		for _, number := range p.done {
			if err := tx.UnholdLetter(number); err != nil {
				return err
			}
		}
		return s.carryOut(tx, p)
	})
}

// readVote reads whose vote about an answer a letter holds; a vote of 0 counts nothing: its
// signature has left or is held, has voted, or means another answer.
func (s *Steward) readVote(ctx context.Context, b *batch, letter store.Letter, answer int64) (signature int64, vote undersigned.Vote, err error) {
	l, err := s.open(ctx, letter)
	if err != nil {
		return 0, 0, err
	}
	sub := l.Submission
	if answer == 0 || sub.Answer != answer {
		return 0, 0, nil
	}
	owned, _, err := s.owned(ctx, b, sub)
	if err != nil || owned == nil || owned.PetitionID != letter.Petition {
		return 0, 0, err
	}
	if _, err := s.store.CountedSignature(ctx, owned.Number); errors.Is(err, undersigned.ErrNotFound) {
		return 0, 0, nil
	} else if err != nil {
		return 0, 0, err
	}
	if voted, err := s.store.Voted(ctx, answer, owned.Number); err != nil || voted {
		return 0, 0, err
	}
	return owned.Number, sub.Vote, nil
}
