package steward

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

// A publication is what becomes public at once: a batch of leaves with their numbers, what
// the site's tree tells, and its signed head. It is gathered without writing anything, so
// that it can wait, whole and unchanged, until witnesses have confirmed its head: then page,
// data and ledger move together. What it names by number is still there then.
type publication struct {
	Number    int64 // of the batch; 0: it has none
	At        time.Time
	Petitions []petitionNews
	Taken     []int64 // waiting leaves that are in it, by their numbers, rising
	Lines     [][]byte
	Queued    int64      // the last entry that waited in line and is in it; 0: none
	Site      store.Tree // with its checkpoint; of no size: the site's tree does not grow
	Mailings  []toldMailing
	Orders    []int64
	Totals    []store.ToldTotals
	Dates     []int64 // petitions
	Epoch     int64   // the last one that it tells of; 0: none

	small   bool           // protected petitions may publish a few leaves: it is the day's first
	entries []ledger.Entry // what the site's tree must tell of it
}

// petitionNews is what a publication says of one petition.
type petitionNews struct {
	Petition int64
	Leaves   []byte // 32 bytes each; none: its counts stay
	Counts   undersigned.Counts
	Versions map[int64]int64 // signatures by wording
	Batch    store.Batch
	Tree     *store.Tree // nil: its head stays
}

// A toldMailing is one that a publication tells of, with its end if it is over.
type toldMailing struct {
	Mailing int64
	Over    bool
}

// empty reports whether a publication changes nothing that anybody sees.
func (p *publication) empty() bool { return len(p.Petitions) == 0 && len(p.Lines) == 0 }

// bringOut gathers a publication and makes it public: at once or, where witnesses must
// confirm its head, when they have. It gives what became public; nil: it waits, or another
// one does.
func (s *Steward) bringOut(ctx context.Context, gather func(*store.StewardTx, *publication) error) (*publication, error) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if _, waits, err := s.bringNext(ctx); err != nil || waits {
		return nil, err
	}
	out := &publication{}
	another := false
	err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
		*out = publication{At: tx.Now()}
		if _, err := tx.NextPublication(); !errors.Is(err, undersigned.ErrNotFound) {
			another = true // of a command that runs beside the server
			return err
		}
		if err := gather(tx, out); err != nil {
			return err
		}
		if err := s.sealHead(tx, out); err != nil || out.empty() {
			return err
		}
		if s.config.Demand == 0 || len(out.Lines) == 0 {
			return s.bring(tx, out)
		}
		plan, err := json.Marshal(out)
		if err != nil {
			return err
		}
		return tx.SetNextPublication(plan)
	})
	if err != nil {
		return nil, err
	}
	if another {
		return nil, nil
	}
	next, waits, err := s.bringNext(ctx)
	switch {
	case err != nil || waits:
		return nil, err
	case next != nil:
		out = next
	default:
		s.brought(out)
	}
	return out, errors.Join(s.closeUnits(ctx, out), s.noteHead(ctx))
}

// bringNext makes public what waits for witnesses, if enough of them have confirmed it by
// now or do so when they are asked. waits: they have not.
func (s *Steward) bringNext(ctx context.Context) (out *publication, waits bool, err error) {
	out, err = s.readNext(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		s.waiting.Store(0)
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	s.waiting.Store(out.At.UnixMicro())
	lines, enough, err := s.askFor(ctx, out)
	if err != nil {
		return nil, false, err
	}
	if !enough {
		return nil, true, nil
	}
	signed := out.Site.Checkpoint
	out.Site.Checkpoint += lines
	done := false
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		now, err := tx.NextPublication()
		if errors.Is(err, undersigned.ErrNotFound) || err == nil && !isOf(now, signed) {
			return nil // a command that runs beside the server was quicker
		}
		if err != nil {
			return err
		}
		done = true
		return errors.Join(s.bring(tx, out), tx.DropNextPublication())
	})
	if err != nil || !done {
		return nil, false, err
	}
	s.waiting.Store(0)
	s.brought(out)
	return out, false, nil
}

// isOf reports whether a kept publication is the one with a signed head.
func isOf(plan []byte, signed string) bool {
	var out publication
	return json.Unmarshal(plan, &out) == nil && out.Site.Checkpoint == signed
}

// readNext reads the publication that waits for witnesses.
//
// Errors: undersigned.ErrNotFound.
func (s *Steward) readNext(ctx context.Context) (*publication, error) {
	plan, err := s.store.NextPublication(ctx)
	if err != nil {
		return nil, err
	}
	out := &publication{}
	if err := json.Unmarshal(plan, out); err != nil {
		return nil, fmt.Errorf("read the publication that waits for witnesses: %w", err)
	}
	return out, nil
}

// brought counts what became public.
func (s *Steward) brought(out *publication) {
	if len(out.Taken) > 0 {
		s.meters.Batches.Inc()
		s.meters.Published.Add(len(out.Taken))
	}
}

// sealHead writes down the entries of a publication, after those that wait in line, and
// signs the head that the site's tree has with them. Without any it does nothing.
func (s *Steward) sealHead(tx *store.StewardTx, out *publication) error {
	queued, err := tx.QueuedEntries(entriesPerHead)
	if err != nil {
		return err
	}
	for _, q := range queued {
		out.Queued = q.Number
		if _, err := ledger.Decode(q.Entry); err != nil {
			// Nobody but us writes them; the ledger takes nothing else, and goes on.
			s.log.Error("what waited for the ledger is no entry; it was thrown away", "number", q.Number, "error", err)
			continue
		}
		out.Lines = append(out.Lines, q.Entry)
	}
	for _, entry := range out.entries {
		line, err := ledger.Encode(entry)
		if err != nil {
			return err
		}
		out.Lines = append(out.Lines, line)
	}
	if len(out.Lines) == 0 {
		return nil
	}
	origin, err := s.origin(tx)
	if err != nil {
		return err
	}
	edge, _, err := siteEdge(tx, out.Lines)
	if err != nil {
		return err
	}
	out.Site = store.Tree{Tree: store.SiteTree, Size: edge.Size()}
	out.Site.Checkpoint, err = s.vault.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: edge.Size(), Root: edge.Root()}.Text())
	return err
}

// siteEdge is the edge of the site's tree with lines added, and how many entries it had
// without them.
func siteEdge(tx *store.StewardTx, lines [][]byte) (edge *ledger.Edge, before int64, err error) {
	tree, err := tx.Tree(store.SiteTree)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return nil, 0, err
	}
	edge, err = ledger.NewEdge(tree.Size, func(level int, tile int64) ([]ledger.Hash, error) {
		b, err := tx.TreeTile(store.SiteTree, level, tile)
		if err != nil {
			return nil, err
		}
		return ledger.ParseHashes(b)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the site's tree: %w", err)
	}
	for _, line := range lines {
		edge.Append(ledger.LeafHash(line))
	}
	return edge, tree.Size, nil
}

// bring writes a publication: from now on it is what everybody sees.
func (s *Steward) bring(tx *store.StewardTx, out *publication) error {
	for _, news := range out.Petitions {
		if _, err := tx.Petition(news.Petition); errors.Is(err, undersigned.ErrNotFound) {
			continue // it never opened, and was dropped while this waited
		} else if err != nil {
			return err
		}
		if err := bringPetition(tx, out, news); err != nil {
			return fmt.Errorf("petition %d: %w", news.Petition, err)
		}
	}
	if err := tx.DeleteWaitingLeaves(out.Taken); err != nil {
		return err
	}
	if out.Queued > 0 {
		if err := tx.DropQueued(out.Queued); err != nil {
			return err
		}
	}
	for _, told := range out.Mailings {
		if err := tx.MailingTold(told.Mailing, told.Over); err != nil {
			return err
		}
	}
	for _, order := range out.Orders {
		if err := tx.OrderTold(order); err != nil {
			return err
		}
	}
	for _, petition := range out.Dates {
		if err := tx.SetDateTold(petition); err != nil {
			return err
		}
	}
	for _, totals := range out.Totals {
		if err := tx.SetTotalsTold(totals); err != nil {
			return err
		}
	}
	if out.Epoch > 0 {
		if err := tx.SetCursor(store.CursorLedgerEpochs, out.Epoch); err != nil {
			return err
		}
	}
	if len(out.Lines) > 0 {
		edge, before, err := siteEdge(tx, out.Lines)
		if err != nil {
			return err
		}
		if edge.Size() != out.Site.Size {
			return fmt.Errorf("the head that was signed is of %d entries, and there are %d: %w", out.Site.Size, edge.Size(), ledger.ErrDamaged)
		}
		if err := errors.Join(tx.AddEntries(before, out.Lines), keepTiles(tx, store.SiteTree, edge.Changed(), 0), tx.SetTree(out.Site)); err != nil {
			return err
		}
	}
	if len(out.Taken) == 0 {
		return nil
	}
	return tx.PublishSnapshot(out.Number, out.At)
}

// bringPetition writes what a publication says of a petition.
func bringPetition(tx *store.StewardTx, out *publication, news petitionNews) error {
	if len(news.Leaves) > 0 {
		leaves := make([][32]byte, len(news.Leaves)/ledger.HashSize)
		for i := range leaves {
			leaves[i] = [32]byte(news.Leaves[i*ledger.HashSize:])
		}
		before := news.Counts.Size - int64(len(leaves))
		edge, err := petitionEdge(tx, news.Petition, before)
		if err != nil {
			return err
		}
		if err := tx.AppendLeaves(news.Petition, before, leaves); err != nil {
			return err
		}
		for i := range leaves {
			edge.Append(ledger.LeafHash(leaves[i][:]))
		}
		if err := keepTiles(tx, news.Petition, edge.Changed(), 1); err != nil {
			return err
		}
		if err := errors.Join(tx.SetCounts(news.Petition, news.Counts), tx.ReachThresholds(news.Petition, out.At), tx.AddBatch(news.Batch)); err != nil {
			return err
		}
		for textNo, confirmed := range news.Versions {
			if err := tx.AddVersionCount(news.Petition, textNo, confirmed); err != nil {
				return err
			}
		}
	}
	if news.Tree == nil {
		return nil
	}
	return tx.SetTree(*news.Tree)
}
