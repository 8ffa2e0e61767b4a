package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// An extensionRequest is what a second person is asked about keys that are to live longer.
type extensionRequest struct {
	Petition int64  `json:"petition"`
	Before   int64  `json:"before"` // both in microseconds since 1970
	Until    int64  `json:"until"`
	Why      string `json:"why"`
}

func (r extensionRequest) of(e undersigned.Extension) bool {
	return r.Petition == e.Petition && r.Before == undersigned.Micros(e.Before) && r.Until == undersigned.Micros(e.Until) && r.Why == e.Why
}

// assentText is what the assent of two people is made of.
func (r extensionRequest) assentText() []byte {
	return fmt.Appendf(nil, "%d:%d:%d", r.Petition, r.Before, r.Until)
}

// followExtensions asks a second person about each petition whose keys are to live longer.
func (s *Steward) followExtensions(ctx context.Context) error {
	wishes, err := s.store.ExtensionsToFollow(ctx)
	if err != nil {
		return err
	}
	for _, wish := range wishes {
		err := s.store.InTx(ctx, func(tx *store.StewardTx) error { return s.askAboutKeys(ctx, tx, wish) })
		if err != nil {
			return fmt.Errorf("keep the keys of petition %d: %w", wish.Petition, err)
		}
	}
	if len(wishes) > 0 {
		wake(s.jobs)
	}
	return nil
}

// mayExtend reports whether a wish is one that may be granted as its petition stands now.
func mayExtend(p undersigned.Petition, e undersigned.Extension, now time.Time) bool {
	return p.MayKeepLonger(now) && e.Before.Equal(p.RetainTo) && e.Until.After(p.RetainTo) && !e.Until.After(p.ExtendedBy(undersigned.MostExtension))
}

func (s *Steward) askAboutKeys(ctx context.Context, tx *store.StewardTx, wish undersigned.Extension) error {
	p, err := tx.Petition(wish.Petition)
	if err != nil {
		return err
	}
	approver, err := s.approver(ctx, wish.Staff)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	if err != nil || approver.ID == wish.Staff || !mayExtend(p.Petition, wish, tx.Now()) {
		wish.State = undersigned.ExtensionVoid
		return tx.SaveExtension(wish)
	}
	release, err := s.newRelease(wish.Staff, approver.ID, staffRequest{Extension: &extensionRequest{
		Petition: wish.Petition, Before: undersigned.Micros(wish.Before), Until: undersigned.Micros(wish.Until), Why: wish.Why,
	}})
	if err != nil {
		return err
	}
	if err := tx.AddRelease(&release); err != nil {
		return err
	}
	wish.State, wish.Release = undersigned.ExtensionSecond, release.Number
	if err := tx.SaveExtension(wish); err != nil {
		return err
	}
	return addJob(tx, JobReleaseExtend, approver.ID, 0, fmt.Sprint(release.Number))
}

func (s *Steward) writeExtensionRequest(ctx context.Context, r extensionRequest, body undersigned.Body, w *written) error {
	petition, err := s.store.Petition(ctx, r.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	w.facts.Title, w.facts.Page, w.facts.Note = petition.Title, s.page(r.Petition), r.Why
	w.facts.On, w.facts.Until = dateInFull(undersigned.FromMicros(r.Before), body), dateInFull(undersigned.FromMicros(r.Until), body)
	return nil
}

// agreedToExtend keeps a petition's keys longer. The public record, the petition's history
// and its page say so from the same moment on.
func (s *Steward) agreedToExtend(tx *store.StewardTx, r extensionRequest) error {
	row, err := tx.Petition(r.Petition)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	wish, err := s.store.Extension(context.Background(), r.Petition)
	if err != nil {
		return err
	}
	if wish == nil || wish.State != undersigned.ExtensionSecond || !r.of(*wish) || !mayExtend(row.Petition, *wish, tx.Now()) {
		s.log.Error("keys that are to live longer are not those that were agreed to; nothing is done", "petition", r.Petition)
		return nil
	}
	if wish.Assent, err = s.vault.Assent(vault.AssentExtend, r.assentText()); err != nil {
		return err
	}
	p := row.Petition
	p.RetainTo, wish.State = wish.Until, undersigned.ExtensionDone
	return errors.Join(
		queue(tx, &ledger.Extension{At: tx.Now(), Petition: p.ID, Before: wish.Before.Unix(), Until: wish.Until.Unix()}),
		tx.SaveExtension(*wish),
		tx.SavePetition(&p, false),
		tx.AddAct(store.Act{Petition: p.ID, Act: undersigned.ActExtended, Note: wish.Why, At: tx.Now().UnixMicro()}),
	)
}

// retained is when a petition's keys die: on the date its row says, but never later than
// people were told at its opening, which stands beside the keys, unless two people agreed to
// that. Rows alone would let whoever writes to the database keep everything.
func (s *Steward) retained(ctx context.Context, p undersigned.Petition) (time.Time, error) {
	terms, err := s.vault.Terms(p.ID)
	if err != nil { // its rows say when, as if nothing stood there: a damaged file keeps no keys
		s.log.Error("what stands beside the keys does not open", "petition", p.ID, "error", err)
	}
	most := terms.Until
	if most.IsZero() { // not told yet, or from before it was kept
		if p.OpenedAt.IsZero() || p.ClosesAt.IsZero() {
			return p.RetainTo, nil
		}
		most = undersigned.RetentionFor(p.ClosesAt).Add(24 * time.Hour) // dates are of the body's zone
	}
	if !p.RetainTo.IsZero() && !p.RetainTo.After(most) {
		return p.RetainTo, nil
	}
	wish, err := s.store.Extension(ctx, p.ID)
	if err != nil {
		return p.RetainTo, err
	}
	if wish != nil && wish.State == undersigned.ExtensionDone && !p.RetainTo.After(wish.Until) {
		agreed := extensionRequest{Petition: p.ID, Before: undersigned.Micros(wish.Before), Until: undersigned.Micros(wish.Until)}
		want, err := s.vault.Assent(vault.AssentExtend, agreed.assentText())
		if err != nil {
			return p.RetainTo, err
		}
		if subtle.ConstantTimeCompare(want, wish.Assent) == 1 {
			return p.RetainTo, nil
		}
	}
	s.log.Error("keys are to live longer than people were told, and nobody agreed to that; they die now", "petition", p.ID)
	return most, nil
}
