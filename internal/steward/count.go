package steward

import (
	"context"
	"crypto/rand"
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

// A publication is one batch on its way out.
type publication struct {
	number int64
	at     time.Time
	small  bool // protected petitions may publish a few leaves: it is the day's first

	entries []ledger.Entry // what the site's tree must tell of it
}

// Count publishes what was confirmed since the last batch: leaves, counts and snapshot
// in one transaction, so that page, JSON and ledger can never differ.
func (s *Steward) Count(ctx context.Context) error {
	if err := s.beginLedger(ctx); err != nil {
		return fmt.Errorf("count: begin the ledger: %w", err)
	}
	day, err := s.store.Cursor(ctx, store.CursorDay)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	today := vault.Day(s.store.Now())
	// Past what it read, not only past what it took: leaves of protected petitions may
	// wait for a day, and nobody else's must wait behind them.
	for after, read := int64(0), leavesPerCount; read == leavesPerCount && ctx.Err() == nil; {
		published := 0
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
			leaves, err := tx.WaitingLeaves(after, leavesPerCount)
			read = len(leaves)
			if err != nil || read == 0 {
				return err
			}
			after = leaves[read-1].Number
			out := &publication{small: day < today}
			if out.number, out.at, err = tx.NextBatch(); err != nil {
				return err
			}
			published, err = s.publish(tx, out, leaves)
			return err
		})
		if err != nil {
			return fmt.Errorf("count: %w", err)
		}
		if published > 0 {
			s.meters.Batches.Inc()
			s.meters.Published.Add(published)
			if err := s.noteHead(ctx); err != nil {
				return fmt.Errorf("count: %w", err)
			}
		}
	}
	if day < today {
		if err := s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetCursor(store.CursorDay, today) }); err != nil {
			return fmt.Errorf("count: %w", err)
		}
	}
	if err := s.Record(ctx); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return s.reportWeather(ctx)
}

// publish puts leaves into their petitions' ledgers, as far as they are due, and says how
// many were.
func (s *Steward) publish(tx *store.StewardTx, out *publication, leaves []store.WaitingLeaf) (int, error) {
	byPetition := map[int64][]store.WaitingLeaf{}
	for _, leaf := range leaves {
		byPetition[leaf.Petition] = append(byPetition[leaf.Petition], leaf)
	}
	var done []int64
	for petition, group := range byPetition {
		p, err := tx.Petition(petition)
		if err != nil {
			return 0, err
		}
		if !batchDue(out, p, len(group)) {
			continue
		}
		if err := s.publishOne(tx, out, p, group); err != nil {
			return 0, fmt.Errorf("petition %d: %w", petition, err)
		}
		for _, leaf := range group {
			done = append(done, leaf.Number)
		}
	}
	if len(done) == 0 {
		return 0, nil
	}
	slices.Sort(done)
	if err := tx.DeleteWaitingLeaves(done); err != nil {
		return 0, err
	}
	if err := s.extendSite(tx, out.entries); err != nil {
		return 0, err
	}
	return len(done), tx.PublishSnapshot(out.number, out.at)
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
	return out.small && out.at.Sub(last) >= protectedWait
}

func (s *Steward) publishOne(tx *store.StewardTx, out *publication, p store.Counted, group []store.WaitingLeaf) error {
	// The order within a batch tells nothing about the order of signing.
	source := newShuffle()
	source.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
	hashes := make([][32]byte, len(group))
	versions, newest := map[int64]int64{}, int64(0)
	counts, batch := &p.Counts, store.Batch{Number: out.number, Petition: p.ID, At: out.at}
	for i, leaf := range group {
		hashes[i], newest = leaf.Hash, max(newest, leaf.TextNo)
		switch leaf.Type {
		case LeafSignature:
			counts.Confirmed++
			batch.Added++
			versions[leaf.TextNo]++
		case LeafWithdrawal:
			counts.Withdrawn++
			batch.Taken++
		case LeafRemoval:
			counts.Removed++
			batch.Taken++
		}
	}
	edge, err := growTree(tx, p.ID, counts.Size, hashes)
	if err != nil {
		return err
	}
	counts.Size += int64(len(group))
	counts.Batch, counts.At, batch.Size = out.number, out.at, counts.Size
	if err := tx.SetCounts(p.ID, *counts); err != nil {
		return err
	}
	if err := tx.ReachThresholds(p.ID, out.at); err != nil {
		return err
	}
	for textNo, confirmed := range versions {
		if err := tx.AddVersionCount(p.ID, textNo, confirmed); err != nil {
			return err
		}
	}
	if !p.OpenedAt.IsZero() { // before that only who has its link knows of it
		if err := s.publishHead(tx, out, p, edge, newest); err != nil {
			return err
		}
	}
	return tx.AddBatch(batch)
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
