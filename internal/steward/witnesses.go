package steward

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"undersigned"
	"undersigned/internal/cosign"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
)

const (
	// witnessPatience is how long a witness may take to answer.
	witnessPatience = 3 * time.Second
	// witnessGrace is how much longer the others may take when enough have answered: a
	// witness that is a little slower is in the head all the same.
	witnessGrace = 200 * time.Millisecond
)

// ErrWitnesses means that too few witnesses are left to confirm what is published.
var ErrWitnesses = errors.New("more witnesses are demanded than there are")

// A watch is what the steward knows of its witnesses.
type watch struct {
	client *http.Client
	all    []cosign.Witness // that may be asked

	mu    sync.Mutex // guards what follows, by key
	state map[string]*WitnessState
	lines map[string]string // cosignatures of the head that waits
	of    string            // that head
}

// A WitnessState is how one witness fares.
type WitnessState struct {
	Name   string
	Silent time.Time // since when it confirms nothing that it is asked for; zero: it does
	Fault  error     // why not
	known  int64     // size of the last head that it is thought to have confirmed
}

// openWatch gets ready to ask witnesses, and names them to the public. Those over whose word
// an epoch was raised are left out.
func (s *Steward) openWatch(ctx context.Context) error {
	patience := s.config.Patience
	if patience == 0 {
		patience = witnessPatience
	}
	s.watch = &watch{client: cosign.NewClient(patience), state: map[string]*WitnessState{}}
	left, err := s.store.WitnessesLeft(ctx)
	if err != nil {
		return err
	}
	var named []store.Witness
	for _, w := range s.config.Witnesses {
		key := w.Key.String()
		if slices.ContainsFunc(left, func(one store.Witness) bool { return one.Key == key }) {
			s.log.Warn("a witness is not asked any more: the epoch was raised over what it had confirmed", "witness", w.Name)
			continue
		}
		s.watch.all = append(s.watch.all, w)
		s.watch.state[key] = &WitnessState{Name: w.Name}
		named = append(named, store.Witness{Key: key, Name: w.Name})
	}
	if s.config.Demand > len(s.watch.all) {
		return fmt.Errorf("%d must confirm a head, and %d may be asked: %w", s.config.Demand, len(s.watch.all), ErrWitnesses)
	}
	known, demand, err := s.store.Witnesses(ctx)
	if err != nil {
		return err
	}
	if demand == s.config.Demand && slices.EqualFunc(known, named, func(a, b store.Witness) bool { return a.Key == b.Key && a.Name == b.Name }) {
		return nil
	}
	return s.store.InTx(ctx, func(tx *store.StewardTx) error { return tx.SetWitnesses(named, s.config.Demand) })
}

// Now is the database's clock.
func (s *Steward) Now() time.Time { return s.store.Now() }

// Witnesses says how each witness fares, and since when a publication waits for them; the
// zero time: none does.
func (s *Steward) Witnesses() (all []WitnessState, waiting time.Time) {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	for _, w := range s.watch.all {
		all = append(all, *s.watch.state[w.Key.String()])
	}
	if at := s.waiting.Load(); at > 0 {
		waiting = undersigned.FromMicros(at)
	}
	return all, waiting
}

// askFor asks the witnesses that have not confirmed a publication's head yet, and gives the
// lines of those that have. enough: as many as are demanded.
func (s *Steward) askFor(ctx context.Context, out *publication) (lines string, enough bool, err error) {
	if s.config.Demand == 0 {
		return "", true, nil // it was demanded when this was gathered, and is no more
	}
	tiles, err := s.tilesWith(ctx, out)
	if err != nil {
		return "", false, err
	}
	w := s.watch
	w.mu.Lock()
	if w.of != out.Site.Checkpoint {
		w.of, w.lines = out.Site.Checkpoint, map[string]string{}
	}
	var missing []cosign.Witness
	for _, one := range w.all {
		if w.lines[one.Key.String()] == "" {
			missing = append(missing, one)
		}
	}
	need := s.config.Demand - len(w.lines)
	w.mu.Unlock()
	s.askAll(ctx, missing, s.headOf(out.Site, tiles), need, func(one cosign.Witness, line string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.of == out.Site.Checkpoint { // who was too slow is asked about another one by now
			w.lines[one.Key.String()] = line
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.all {
		lines += w.lines[one.Key.String()]
	}
	return lines, len(w.lines) >= s.config.Demand, nil
}

// askAll asks witnesses at once and hands over the line of each that confirms. It returns
// when all have answered, or soon after need of them have.
func (s *Steward) askAll(ctx context.Context, all []cosign.Witness, head cosign.Head, need int, take func(cosign.Witness, string)) {
	answers := make(chan bool, len(all))
	for _, one := range all {
		go func() {
			line, err := s.ask(ctx, one, head)
			if err == nil {
				take(one, line)
			}
			answers <- err == nil
		}()
	}
	var soon <-chan time.Time
	for range all {
		if need <= 0 && soon == nil {
			soon = time.After(witnessGrace)
		}
		select {
		case good := <-answers:
			if good {
				need--
			}
		case <-soon:
			return
		case <-ctx.Done():
			return
		}
	}
}

// ask asks one witness, and notes how it fares.
func (s *Steward) ask(ctx context.Context, one cosign.Witness, head cosign.Head) (string, error) {
	w := s.watch
	w.mu.Lock()
	state := w.state[one.Key.String()]
	known := state.known
	w.mu.Unlock()
	line, err := cosign.Ask(ctx, w.client, one, head, known)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		if state.Fault != nil {
			s.log.Info("a witness confirms the ledger again", "witness", one.Name)
		}
		state.Silent, state.Fault, state.known = time.Time{}, nil, max(state.known, head.Size)
		return line, nil
	}
	var ahead *cosign.AheadError
	if errors.As(err, &ahead) && ahead.Size <= state.known {
		return "", err // it confirmed a later head for us meanwhile
	}
	if state.Fault == nil || state.Fault.Error() != err.Error() {
		s.log.Warn("a witness does not confirm the head of the ledger", "witness", one.Name, "why", err, "demanded", s.config.Demand)
	}
	if state.Fault == nil {
		state.Silent = s.store.Now()
	}
	state.Fault = err
	return "", err
}

// headOf is a head as witnesses are asked about it; tiles are those of its tree.
func (s *Steward) headOf(tree store.Tree, tiles ledger.TileReader) cosign.Head {
	return cosign.Head{Checkpoint: tree.Checkpoint, Size: tree.Size, Prove: func(_ context.Context, before int64) ([]ledger.Hash, error) {
		return ledger.ProveGrowth(before, tree.Size, tiles)
	}}
}

// siteTiles reads the tiles of the site's tree.
func (s *Steward) siteTiles(ctx context.Context) ledger.TileReader {
	return func(level int, tile int64) ([]ledger.Hash, error) {
		b, err := s.store.TreeTile(ctx, store.SiteTree, level, tile)
		if err != nil {
			return nil, err
		}
		return ledger.ParseHashes(b)
	}
}

// tilesWith reads the tiles that the site's tree has with a publication that is not public
// yet.
func (s *Steward) tilesWith(ctx context.Context, out *publication) (ledger.TileReader, error) {
	type place struct {
		level int
		tile  int64
	}
	grown := map[place][]ledger.Hash{}
	err := s.store.InTx(ctx, func(tx *store.StewardTx) error {
		edge, _, err := siteEdge(tx, out.Lines)
		if err != nil {
			return err
		}
		for _, tile := range edge.Changed() {
			grown[place{tile.Level, tile.Number}] = tile.Hashes
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	stored := s.siteTiles(ctx)
	return func(level int, tile int64) ([]ledger.Hash, error) {
		if hashes, ok := grown[place{level, tile}]; ok {
			return hashes, nil
		}
		return stored(level, tile)
	}, nil
}

// AskWitnesses asks those whose cosignature the public head lacks, and adds what they
// answer. It keeps nobody waiting.
func (s *Steward) AskWitnesses(ctx context.Context) error {
	if len(s.watch.all) == 0 {
		return nil
	}
	if _, err := s.store.NextPublication(ctx); !errors.Is(err, undersigned.ErrNotFound) {
		return err // a later head is being asked about
	}
	tree, err := s.store.SiteTree(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var missing []cosign.Witness
	for _, one := range s.watch.all {
		if line, _ := one.Key.Cosignature(tree.Checkpoint, ""); line == "" {
			missing = append(missing, one)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var mu sync.Mutex // guards lines
	var lines []string
	s.askAll(ctx, missing, s.headOf(tree, s.siteTiles(ctx)), len(missing), func(_ cosign.Witness, line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, line)
	})
	mu.Lock()
	defer mu.Unlock()
	if len(lines) == 0 {
		return nil
	}
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		now, err := tx.Tree(store.SiteTree)
		if err != nil || now.Checkpoint != tree.Checkpoint {
			return err // it has grown; the next round asks about the new one
		}
		now.Checkpoint += strings.Join(lines, "")
		return tx.SetTree(now)
	})
	if err != nil {
		return fmt.Errorf("keep what witnesses have confirmed: %w", err)
	}
	return s.noteHead(ctx)
}

// A Behind is a witness that has confirmed what this database does not hold.
type Behind struct {
	Name, Key string
	Why       string
}

// BehindWitnesses asks all witnesses, before this site acts, whether they have confirmed a
// later head of its ledger than it has, or another history. Of one that does not answer
// nothing is known, and the site does not wait for it.
func (s *Steward) BehindWitnesses(ctx context.Context) (behind []Behind, err error) {
	if len(s.watch.all) == 0 {
		return nil, nil
	}
	head, err := s.newestHead(ctx)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.askAll(ctx, s.watch.all, head, len(s.watch.all), func(cosign.Witness, string) {})
	// Another process may have published meanwhile: what a witness is asked for, the database
	// holds before.
	if head, err = s.newestHead(ctx); err != nil {
		return nil, err
	}
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	for _, one := range s.watch.all {
		key := one.Key.String()
		var ahead *cosign.AheadError
		switch fault := s.watch.state[key].Fault; {
		case errors.As(fault, &ahead) && ahead.Size > head.Size:
			behind = append(behind, Behind{one.Name, key, fmt.Sprintf("its ledger has %d entries, and the witness %s has confirmed %d", head.Size, one.Name, ahead.Size)})
		case errors.Is(fault, cosign.ErrOtherHistory):
			behind = append(behind, Behind{one.Name, key, fmt.Sprintf("its ledger has another history than the one that the witness %s has confirmed", one.Name)})
		}
	}
	return behind, nil
}

// newestHead is the head that waits for witnesses, or the public one.
func (s *Steward) newestHead(ctx context.Context) (cosign.Head, error) {
	next, err := s.readNext(ctx)
	if err == nil {
		tiles, err := s.tilesWith(ctx, next)
		return s.headOf(next.Site, tiles), err
	}
	if !errors.Is(err, undersigned.ErrNotFound) {
		return cosign.Head{}, err
	}
	tree, err := s.store.SiteTree(ctx)
	return s.headOf(tree, s.siteTiles(ctx)), err
}
