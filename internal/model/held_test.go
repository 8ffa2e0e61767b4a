package model

import (
	"context"

	"undersigned"
	"undersigned/internal/store"
)

// decide does something about a cluster of held signatures, as staff may: counts it, takes
// it off, or takes that back.
func (h *history) decide() {
	ctx := context.Background()
	id := h.ids[h.random.IntN(2)]
	p := h.petitions[id]
	lines, err := h.DB.Desk().HeldLines(ctx, id, 100)
	h.Check(err)
	if len(lines) == 0 {
		return
	}
	line := lines[h.random.IntN(len(lines))]
	removed := line.State == store.ClusterRemoved
	act := undersigned.HeldUndo
	if !removed {
		act = []undersigned.HeldAct{undersigned.HeldRelease, undersigned.HeldRemove}[h.random.IntN(2)]
	}
	members := map[int64]bool{}
	h.Check(h.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		rows, err := tx.HeldIn(line.Number, 0, 1000)
		for _, row := range rows {
			members[row.Number] = true
		}
		return err
	}))
	h.Check(h.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error {
		return tx.AddHeldOrder(store.HeldOrder{Petition: id, Cluster: line.Number, Last: line.LastNo, Act: act, Why: "We looked.", Staff: 1})
	}))
	h.Check(h.Steward.FollowActs(ctx))
	found := 0
	for person, one := range p.held {
		if !members[one.number] {
			continue
		}
		found++
		if one.removed != removed {
			h.T.Errorf("petition %d: signature %d is in a cluster that is removed: %v, and itself: %v", id, one.number, removed, one.removed)
		}
		switch act {
		case undersigned.HeldRelease:
			p.signers[person] = one.number
			delete(p.held, person)
		case undersigned.HeldRemove:
			one.removed, one.endsAt = true, h.Clock.Now().Add(undersigned.UndoLife)
		default:
			one.removed = false
		}
	}
	if found != len(members) {
		h.T.Errorf("petition %d: %d of the %d in a cluster are held", id, found, len(members))
	}
	h.agree(string(act))
}

// agreeHeld holds what is held against the reference: each once, and nobody else.
func (h *history) agreeHeld(when string, id int64) {
	lines, err := h.DB.Desk().HeldLines(context.Background(), id, 100)
	h.Check(err)
	var held int64
	for _, line := range lines {
		held += line.Size
	}
	p := h.petitions[id]
	if held != int64(len(p.held)) {
		h.T.Errorf("after %s: petition %d holds %d signatures instead of %d", when, id, held, len(p.held))
	}
	for person, one := range p.held {
		if p.signers[person] != 0 {
			h.T.Errorf("after %s: petition %d: %s counts and is held", when, id, person)
		}
		if _, err := h.DB.Steward().Signature(context.Background(), one.number); err != nil {
			h.T.Errorf("after %s: petition %d: held signature %d of %s: %v", when, id, one.number, person, err)
		}
	}
}

// suspected reports whether the form of a letter looked like a program's.
func (h *history) suspected(pending store.Pending) bool {
	site, err := h.DB.Site(context.Background())
	h.Check(err)
	l := pending.Letter
	opened, err := h.Vault.OpenLetter(site.ID, l.Kind, l.Petition, l.ID, l.Sealed)
	h.Check(err)
	return len(opened.Suspicions) > 0
}
