package steward

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
)

// signIn deals with a staff member who wants in. For any other address nothing happens,
// and the page said the same.
func (s *Steward) signIn(ctx context.Context, p *plan, l *opened) error {
	canonical, err := s.canonical(l.Address)
	if err != nil {
		p.finish(l.Letter.Number)
		return nil
	}
	tag, err := s.vault.StaffTag(canonical)
	if err != nil {
		return err
	}
	staff, err := s.store.StaffByTag(ctx, tag)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && !staff.Active {
		p.finish(l.Letter.Number)
		return nil
	}
	if err != nil {
		return err
	}
	token := l.OpenedLetter.Token(undersigned.LinkSignIn)
	in := store.SignIn{
		Number: l.Letter.Number, Staff: staff.ID, TokenHash: seal.HashToken(token),
		CodeHash: seal.HashCode(seal.SignInCode(token), l.Browser), Browser: l.Browser, Expires: l.At.Add(undersigned.SignInLife),
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error { return tx.AddSignIn(in) })
	p.job(JobSignIn, l.Letter.Number, 0, "")
	return nil
}

// A staffRequest is what a second person is asked to release when staff are added.
type staffRequest struct {
	Name    string           `json:"name"`
	Address string           `json:"address"`
	Role    undersigned.Role `json:"role"`
}

// askAddStaff deals with an administrator's wish to add a colleague: another
// administrator is mailed the full text and decides. The row of a staff member alone
// moves nothing.
func (s *Steward) askAddStaff(ctx context.Context, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	asker, err := s.store.Staff(ctx, l.Submission.Staff)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && (!asker.Active || asker.Role != undersigned.Administrator) {
		return nil
	}
	if err != nil {
		return err
	}
	request := staffRequest{l.Name, l.Address, l.Role}
	return s.askRelease(ctx, p, asker.ID, request)
}

func (s *Steward) askRelease(ctx context.Context, p *plan, asker int64, request staffRequest) error {
	if _, err := s.canonical(request.Address); err != nil || !request.Role.Known() {
		return nil
	}
	approver, err := s.store.Approver(ctx, asker)
	if err != nil {
		return err
	}
	release, err := s.newRelease(asker, request)
	if err != nil {
		return err
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		if err := tx.AddRelease(&release); err != nil {
			return err
		}
		return addJob(tx, JobRelease, approver.ID, 0, fmt.Sprint(release.Number))
	})
	return nil
}

func (s *Steward) newRelease(asker int64, request staffRequest) (store.Release, error) {
	id, err := undersigned.NewID(s.store.Now(), rand.Reader)
	if err != nil {
		return store.Release{}, err
	}
	content, err := json.Marshal(request)
	if err != nil {
		return store.Release{}, err
	}
	release := store.Release{ID: id, Kind: "add-staff", AskedBy: asker, TextHash: sha256.Sum256(content)}
	token, err := s.vault.ReleaseToken(id, release.TextHash)
	if err != nil {
		return release, err
	}
	release.TokenHash = seal.HashToken(token)
	release.Sealed, err = s.vault.SealRequest(s.site, id, content)
	return release, err
}

// release carries out an act that a second person released. The token is bound to the
// hash of the text they were mailed: a row changed since opens nothing.
func (s *Steward) release(ctx context.Context, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	sub := l.Submission
	if sub.Link != undersigned.LinkRelease {
		return nil
	}
	release, err := s.store.Release(ctx, sub.Number)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && release.State != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := s.vault.OpenRequest(s.site, release.ID, release.Sealed)
	if err != nil {
		return fmt.Errorf("open release %d: %w", release.Number, err)
	}
	want, err := s.vault.ReleaseToken(release.ID, sha256.Sum256(content))
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(want[:], sub.Token[:]) != 1 {
		return nil
	}
	var request staffRequest
	if err := json.Unmarshal(content, &request); err != nil {
		return fmt.Errorf("read release %d: %w", release.Number, err)
	}
	p.deeds = append(p.deeds, func(tx *store.StewardTx) error {
		err := tx.FinishRelease(release.Number)
		if errors.Is(err, undersigned.ErrChanged) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.addStaff(tx, request)
	})
	return nil
}

func (s *Steward) addStaff(tx *store.StewardTx, request staffRequest) error {
	canonical, err := s.canonical(request.Address)
	if err != nil {
		return err
	}
	row := store.StaffRow{Staff: undersigned.Staff{Name: request.Name, Role: request.Role}}
	if row.RowID, err = undersigned.NewID(tx.Now(), rand.Reader); err != nil {
		return err
	}
	if row.AddressTag, err = s.vault.StaffTag(canonical); err != nil {
		return err
	}
	if row.ContactSealed, err = s.vault.SealStaff(s.site, row.RowID, seal.Contact{Name: request.Name, Address: request.Address}); err != nil {
		return err
	}
	if err := tx.AddStaff(&row); err != nil {
		if errors.Is(err, undersigned.ErrChanged) {
			return nil // already a colleague
		}
		return err
	}
	return addJob(tx, JobStaffWelcome, row.ID, 0, "")
}

// AddStaff adds a staff member for the operator, who sits at the key store. The first
// one is added at once; later ones need an administrator's release, as from the desk.
// It reports whether the staff member was added now.
func (s *Steward) AddStaff(ctx context.Context, name, mailAddress string, role undersigned.Role) (now bool, err error) {
	if _, err := s.canonical(mailAddress); err != nil {
		return false, fmt.Errorf("add a staff member: %w", err)
	}
	request := staffRequest{name, mailAddress, role}
	approver, err := s.store.Approver(ctx, 0)
	if errors.Is(err, undersigned.ErrNotFound) {
		return true, s.store.InTx(ctx, func(tx *store.StewardTx) error { return s.addStaff(tx, request) })
	}
	if err != nil {
		return false, fmt.Errorf("add a staff member: %w", err)
	}
	release, err := s.newRelease(0, request)
	if err != nil {
		return false, fmt.Errorf("add a staff member: %w", err)
	}
	return false, s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if err := tx.AddRelease(&release); err != nil {
			return err
		}
		return addJob(tx, JobRelease, approver.ID, 0, fmt.Sprint(release.Number))
	})
}
