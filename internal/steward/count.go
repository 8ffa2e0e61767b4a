package steward

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// Limits of one counting transaction, and of batches of protected petitions.
const (
	leavesPerCount  = 8192
	protectedLeaves = 20
	protectedWait   = 24 * time.Hour
)

// Count publishes what was confirmed since the last batch: leaves, counts and snapshot
// in one transaction, so that page, JSON and ledger can never differ. What fails keeps
// nothing else from being counted.
func (s *Steward) Count(ctx context.Context) error {
	if err := s.beginLedger(ctx); err != nil {
		return fmt.Errorf("count: begin the ledger: %w", err)
	}
	var failed error
	for _, part := range []func(context.Context) error{s.countLeaves, s.CountVotes, s.Record, s.mergeMailLimits, s.reportWeather} {
		err := part(ctx)
		failed = errors.Join(failed, err)
		if mustStop(ctx, err) {
			break
		}
	}
	if failed != nil {
		return fmt.Errorf("count: %w", failed)
	}
	return nil
}

// countLeaves publishes the leaves that are due.
func (s *Steward) countLeaves(ctx context.Context) error {
	day, err := s.store.Cursor(ctx, store.CursorDay)
	if err != nil {
		return err
	}
	today := vault.Day(s.store.Now())
	// Past what it read, not only past what it took: leaves of protected petitions may
	// wait for a day, and nobody else's must wait behind them.
	for after, read := int64(0), leavesPerCount; read == leavesPerCount && ctx.Err() == nil; {
		out, err := s.bringOut(ctx, func(tx *store.StewardTx, out *publication) error {
			leaves, err := tx.WaitingLeaves(after, leavesPerCount)
			read = len(leaves)
			if err != nil || read == 0 {
				return err
			}
			if read == leavesPerCount && leaves[read-1].Type == LeafCorrection {
				leaves = leaves[:read-1] // it goes out with the leaf that takes its place, which comes next
			}
			after = leaves[len(leaves)-1].Number
			out.small = day < today
			if out.Number, out.At, err = tx.NextBatch(); err != nil {
				return err
			}
			return s.gatherLeaves(tx, out, leaves)
		})
		if err != nil {
			return err
		}
		if out == nil {
			break // witnesses are silent; what waits goes on waiting
		}
	}
	if day < today {
		return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorDay, today) })
	}
	return nil
}

// unmergedMailLimits is how many changes of mail limits may stay unmerged: some 50 pages,
// which each batch of letters may change all over again.
const unmergedMailLimits = 8192

// mergeMailLimits brings unanswered mails to the table of all. A few at a time: letters
// must not wait for long.
func (s *Steward) mergeMailLimits(ctx context.Context) error {
	n, err := s.store.MailLimitsToMerge(ctx)
	if err != nil || n <= unmergedMailLimits {
		return err
	}
	for ; n > 0 && ctx.Err() == nil; n -= largeBatch {
		if err := s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.MergeMailLimits(largeBatch) }); err != nil {
			return err
		}
	}
	return nil
}

// gatherLeaves adds leaves to what goes out, as far as they are due. Leaves that cannot go
// out, because a row is damaged, are passed over: nobody else waits for them.
func (s *Steward) gatherLeaves(tx *store.StewardTx, out *publication, leaves []store.WaitingLeaf) error {
	byPetition := map[int64][]store.WaitingLeaf{}
	for i, leaf := range leaves {
		// A correction and the leaf that takes its place go out together or not at all.
		if leaf.Damaged || leaf.Type == LeafCorrection && i+1 < len(leaves) && leaves[i+1].Damaged ||
			i > 0 && leaves[i-1].Damaged && leaves[i-1].Type == LeafCorrection {
			s.passOver(leaf.Petition, fmt.Errorf("waiting leaf %d: it is damaged, or belongs to one that is", leaf.Number))
			continue
		}
		byPetition[leaf.Petition] = append(byPetition[leaf.Petition], leaf)
	}
	for petition, group := range byPetition {
		entries := len(out.entries)
		due, err := s.gatherGroup(tx, out, petition, group)
		if errors.Is(err, undersigned.ErrNotFound) || errors.Is(err, ledger.ErrDamaged) {
			s.passOver(petition, err)
			out.entries = out.entries[:entries]
			continue
		}
		if err != nil {
			return fmt.Errorf("petition %d: %w", petition, err)
		}
		if !due {
			continue
		}
		for _, leaf := range group {
			out.Taken = append(out.Taken, leaf.Number)
		}
	}
	slices.Sort(out.Taken)
	return nil
}

// gatherGroup adds the leaves of one petition to what goes out, if they are due.
func (s *Steward) gatherGroup(tx *store.StewardTx, out *publication, petition int64, group []store.WaitingLeaf) (due bool, err error) {
	p, err := tx.Petition(petition)
	if err != nil || !batchDue(out, p, len(group)) {
		return false, err
	}
	return true, s.gatherPetition(tx, out, p, group)
}

// passOver says once which petition has leaves that cannot be counted.
func (s *Steward) passOver(petition int64, why error) {
	if s.passed[petition] {
		return
	}
	s.passed[petition] = true
	s.log.Error("leaves of a petition cannot be counted, and the others are; see: undersigned check", "petition", petition, "error", why)
}

// batchDue reports whether a petition's leaves may be published now: always for an
// ordinary one; for a protected one only in a crowd, or once a day. The day's turn comes
// for all at one moment: a lone signer after quiet days must not be published within
// seconds because the last batch is long ago.
func batchDue(out *publication, p store.Counted, leaves int) bool {
	if p.Kind != undersigned.Protected || leaves >= protectedLeaves {
		return true
	}
	last := p.Counts.At
	if last.IsZero() {
		last = p.CreatedAt
	}
	return out.small && out.At.Sub(last) >= protectedWait
}

func (s *Steward) gatherPetition(tx *store.StewardTx, out *publication, p store.Counted, group []store.WaitingLeaf) error {
	// The order within a batch tells nothing about the order of signing.
	source := newShuffle()
	source.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
	news := petitionNews{Petition: p.ID, Versions: map[int64]int64{}}
	batch, newest := store.Batch{Number: out.Number, Petition: p.ID, At: out.At}, int64(0)
	counts := &p.Counts
	for _, leaf := range group {
		news.Leaves, newest = append(news.Leaves, leaf.Hash[:]...), max(newest, leaf.TextNo)
		switch leaf.Type {
		case LeafSignature:
			counts.Confirmed++
			batch.Added++
			news.Versions[leaf.TextNo]++
		case LeafWithdrawal:
			counts.Withdrawn++
			batch.Taken++
		case LeafRemoval:
			counts.Removed++
			batch.Taken++
		case LeafCorrection: // the leaf that takes its place is in this batch, and counted above
			counts.Confirmed--
			batch.Taken++
			news.Versions[leaf.TextNo]--
		}
	}
	before := counts.Size
	counts.Size += int64(len(group))
	counts.Batch, counts.At, batch.Size = out.Number, out.At, counts.Size
	news.Counts, news.Batch = *counts, batch
	if !p.OpenedAt.IsZero() { // before that only who has its link knows of it
		if err := s.gatherHead(tx, out, &news, p, before, newest); err != nil {
			return err
		}
	}
	out.Petitions = append(out.Petitions, news)
	return nil
}

func newShuffle() *mathrand.Rand {
	var seed [32]byte
	rand.Read(seed[:])
	return mathrand.New(mathrand.NewChaCha8(seed))
}

// reportWeather publishes how busy the site is, for the page that asks people to look
// for their mail.
func (s *Steward) reportWeather(ctx context.Context) error {
	letters, jobs, err := s.store.Waiting(ctx)
	if err != nil {
		return fmt.Errorf("report how busy the site is: %w", err)
	}
	delay := time.Duration(s.delay.Load()) * time.Microsecond
	if oldest, err := s.store.OldestJob(ctx, urgent); err == nil && !oldest.IsZero() {
		delay = max(delay, s.store.Now().Sub(oldest))
	}
	full := false
	if s.limit.set() {
		ahead, err := s.store.JobsWaiting(ctx, urgent)
		if err != nil {
			return fmt.Errorf("report how busy the site is: %w", err)
		}
		var wait time.Duration
		wait, full = s.limit.wait(s.store.Now(), ahead)
		delay = max(delay, wait)
	}
	if delay > 0 { // 0 is for "not measured yet"
		delay = max(delay.Truncate(time.Second), time.Second)
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetWeather(letters+jobs, delay, full) })
}
