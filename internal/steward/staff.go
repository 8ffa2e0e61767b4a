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
	"undersigned/internal/vault"
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

// A staffRequest is what a second person is asked to release: that a colleague is added,
// or, where one of the others is there, something about held signatures, an answer or a
// disclosure.
type staffRequest struct {
	Name    string           `json:"name,omitempty"`
	Address string           `json:"address,omitempty"`
	Role    undersigned.Role `json:"role,omitempty"`
	Held    *heldRequest     `json:"held,omitempty"`
	Answer  *answerRequest   `json:"answer,omitempty"`

	Disclosure *disclosureRequest `json:"disclosure,omitempty"`
	Extension  *extensionRequest  `json:"extension,omitempty"`
}

// askAddStaff deals with an administrator's wish to add a colleague: another
// administrator is mailed the full text and decides. The row of a staff member alone
// moves nothing.
func (s *Steward) askAddStaff(ctx context.Context, p *plan, l *opened) error {
	p.finish(l.Letter.Number)
	asker, err := s.store.Staff(ctx, l.Submission.Staff)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && !s.mayApprove(asker) {
		return nil
	}
	if err != nil {
		return err
	}
	request := staffRequest{Name: l.Name, Address: l.Address, Role: l.Role}
	return s.askRelease(ctx, p, asker.ID, request)
}

func (s *Steward) askRelease(ctx context.Context, p *plan, asker int64, request staffRequest) error {
	if _, err := s.canonical(request.Address); err != nil || !request.Role.Known() {
		return nil
	}
	approver, err := s.approver(ctx, asker)
	if err != nil {
		return err
	}
	release, err := s.newRelease(asker, approver.ID, request)
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

// colleague is the row that a staff member's contact is sealed to.
func colleague(row store.StaffRow) vault.Colleague {
	return vault.Colleague{Number: row.ID, Role: row.Role, Row: row.RowID}
}

// mayApprove reports whether a row is an administrator's who works here. A role that was
// only written into a row is none: the contact is sealed to the role it was added with.
func (s *Steward) mayApprove(row store.StaffRow) bool {
	if !row.Active || row.Role != undersigned.Administrator {
		return false
	}
	_, err := s.vault.OpenStaff(s.site, colleague(row), row.ContactSealed)
	return err == nil
}

// approver finds an administrator other than the one who asks, and one who is not away
// where there is a choice; where there is nobody else, the one who asks.
//
// Errors: undersigned.ErrNotFound where there is no administrator at all.
func (s *Steward) approver(ctx context.Context, asker int64) (found store.StaffRow, err error) {
	all, err := s.store.StaffRows(ctx)
	if err != nil {
		return found, err
	}
	body, err := s.body(ctx)
	if err != nil {
		return found, err
	}
	choices, err := s.store.Choices(ctx)
	if err != nil {
		return found, err
	}
	now := s.store.Now()
	for _, row := range all {
		switch {
		case !s.mayApprove(row):
		case row.ID != asker && !choices[row.ID].Away(now, body.Location()):
			return row, nil
		case found.ID == 0 || found.ID == asker:
			found = row
		}
	}
	if found.ID == 0 {
		return found, fmt.Errorf("find an administrator: %w", undersigned.ErrNotFound)
	}
	return found, nil
}

// newRelease makes an act that waits for the yes of one person, who is mailed about it.
func (s *Steward) newRelease(asker, of int64, request staffRequest) (store.Release, error) {
	id, err := undersigned.NewID(s.store.Now(), rand.Reader)
	if err != nil {
		return store.Release{}, err
	}
	content, err := request.text()
	if err != nil {
		return store.Release{}, err
	}
	release := store.Release{ID: id, Kind: request.kind(), AskedBy: asker, AskedOf: of, TextHash: sha256.Sum256(content)}
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
	if errors.Is(err, undersigned.ErrNotFound) ||
		err == nil && (release.State != store.ReleaseWaiting || !l.At.Before(release.MadeAt.Add(undersigned.ReleaseLife))) {
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
		switch {
		case request.Held != nil:
			return s.agreed(tx, *request.Held)
		case request.Answer != nil:
			return s.agreedToMail(ctx, tx, *request.Answer)
		case request.Disclosure != nil:
			return s.agreedToDisclose(tx, *request.Disclosure)
		case request.Extension != nil:
			return s.agreedToExtend(tx, *request.Extension)
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
	contact := func() ([]byte, error) {
		return s.vault.SealStaff(s.site, colleague(row), seal.Contact{Name: request.Name, Address: request.Address})
	}
	err = tx.AddStaff(&row, contact)
	if errors.Is(err, undersigned.ErrChanged) {
		return s.changeStaff(tx, row)
	}
	if err != nil {
		return err
	}
	return addJob(tx, JobStaffWelcome, row.ID, 0, "")
}

// changeStaff lets somebody in again whose access ended, and gives a colleague another
// role. An administrator who works here stays one: whoever could end all others' rights
// would be the second person for their own wishes. The operator can end them.
func (s *Steward) changeStaff(tx *store.StewardTx, request store.StaffRow) error {
	row, err := s.store.StaffByTag(context.Background(), request.AddressTag)
	if err != nil || row.Active && (row.Role == undersigned.Administrator || row.Role == request.Role) {
		return err
	}
	old, err := s.vault.OpenStaff(s.site, colleague(row), row.ContactSealed)
	if err != nil {
		return err
	}
	row.Name, row.Role, old.Name = request.Name, request.Role, request.Name
	if row.ContactSealed, err = s.vault.SealStaff(s.site, colleague(row), old); err != nil {
		return err
	}
	if err := tx.ChangeStaff(row); err != nil {
		return err
	}
	return addJob(tx, JobStaffWelcome, row.ID, 0, "")
}

// ErrNoColleague means that nobody of that address works here.
var ErrNoColleague = errors.New("nobody of this address works here")

// EndStaff ends a staff member's access for the operator, sessions with it: also that of
// the last administrator, whom nobody at the desk can end. The history says that it was
// done on the machine.
//
// Errors: ErrNoColleague.
func (s *Steward) EndStaff(ctx context.Context, mailAddress string) (name string, err error) {
	canonical, err := s.canonical(mailAddress)
	if err != nil {
		return "", fmt.Errorf("end a staff member's access: %w", err)
	}
	tag, err := s.vault.StaffTag(canonical)
	if err != nil {
		return "", fmt.Errorf("end a staff member's access: %w", err)
	}
	row, err := s.store.StaffByTag(ctx, tag)
	if errors.Is(err, undersigned.ErrNotFound) || err == nil && !row.Active {
		return "", fmt.Errorf("end a staff member's access: %w", ErrNoColleague)
	}
	if err != nil {
		return "", err
	}
	return row.Name, s.store.InTx(ctx, func(tx *store.StewardTx) error {
		if err := tx.EndStaff(row.ID); err != nil {
			return err
		}
		return tx.AddAct(store.Act{Act: undersigned.ActEndedStaff, Reason: undersigned.ByOperator, Note: row.Name, At: tx.Now().UnixMicro()})
	})
}

// A Listed is a staff member as the operator sees them.
type Listed struct {
	undersigned.Staff
	Address string // opened for this; "" where it does not open
}

// StaffList reads all staff for the operator, who sits at the key store.
func (s *Steward) StaffList(ctx context.Context) ([]Listed, error) {
	rows, err := s.store.StaffRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	var all []Listed
	for _, row := range rows {
		contact, _ := s.vault.OpenStaff(s.site, colleague(row), row.ContactSealed)
		all = append(all, Listed{row.Staff, contact.Address})
	}
	return all, nil
}

// AddStaff adds a staff member for the operator, who sits at the key store. The first
// one is added at once; later ones need an administrator's release, as from the desk.
// It reports whether the staff member was added now.
func (s *Steward) AddStaff(ctx context.Context, name, mailAddress string, role undersigned.Role) (now bool, err error) {
	if _, err := s.canonical(mailAddress); err != nil {
		return false, fmt.Errorf("add a staff member: %w", err)
	}
	request := staffRequest{Name: name, Address: mailAddress, Role: role}
	approver, err := s.approver(ctx, 0)
	if errors.Is(err, undersigned.ErrNotFound) {
		return true, s.store.InTx(ctx, func(tx *store.StewardTx) error { return s.addStaff(tx, request) })
	}
	if err != nil {
		return false, fmt.Errorf("add a staff member: %w", err)
	}
	release, err := s.newRelease(0, approver.ID, request)
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
