package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// wantsNews reports whether somebody who wants the answer ticked the box for news, and is to
// get any: it may have been switched off since the form was sent.
func wantsNews(pet *petition, purposes []string) bool {
	return pet.body.News && pet.Source == "" && slices.ContainsFunc(purposes, func(id string) bool {
		code, _, _ := strings.Cut(id, "/")
		return code == undersigned.PurposeNews
	})
}

// keepBulletin keeps what a creator wrote to the signers who asked for news, for staff to
// read. The assent says that their letter brought it. Of more than the quota has room for,
// and of what no page of ours sends, nothing is kept.
func (s *Steward) keepBulletin(tx *store.StewardTx, p undersigned.Petition, body undersigned.Body, l *opened) error {
	b := undersigned.Bulletin{PetitionID: p.ID, Title: l.Title, Text: l.Text}
	if !body.News || !p.TakesNews() || b.Check() != nil {
		return nil
	}
	had, err := tx.Mailings(p.ID)
	if err != nil {
		return err
	}
	waiting, err := tx.BulletinsWaiting(p.ID)
	if err != nil {
		return err
	}
	if waiting >= undersigned.NewsLeft(body, had) {
		return nil
	}
	if err := tx.AddBulletin(&b); err != nil {
		return err
	}
	assent, err := s.vault.Assent(vault.AssentNews, b.AssentText())
	if err != nil {
		return err
	}
	return errors.Join(tx.SetBulletinAssent(b.Number, assent),
		tx.AddAct(store.Act{Petition: p.ID, Act: undersigned.ActNewsWritten, At: b.At.UnixMicro()}))
}

// bulletinWords are the words of news that waits, as its creator's letter brought them.
//
// Errors: undersigned.ErrNotFound for any other.
func (s *Steward) bulletinWords(ctx context.Context, petition, number int64) (string, error) {
	b, err := s.store.Bulletin(ctx, number)
	if err != nil {
		return "", err
	}
	want, err := s.vault.Assent(vault.AssentNews, b.AssentText())
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare(want, b.Assent) != 1 {
		s.log.Error("news is not what a creator wrote; nothing is sent", "bulletin", number)
		return "", undersigned.ErrNotFound
	}
	if b.PetitionID != petition || b.State != undersigned.BulletinWaiting || b.Check() != nil {
		return "", undersigned.ErrNotFound
	}
	return b.Words(), nil
}

// peopleToMail counts whom an order would reach.
func (s *Steward) peopleToMail(ctx context.Context, order store.AnswerOrder) (int64, error) {
	if order.Bulletin != 0 {
		return s.store.NewsWanted(ctx, order.Petition)
	}
	return s.store.PeopleToMail(ctx, order.Petition)
}

// secondPerson is who must agree to an order: of an answer another than who wants it mailed;
// of news, which its creator wrote, whoever of staff wants that.
//
// Errors: undersigned.ErrNotFound where there is nobody.
func (s *Steward) secondPerson(ctx context.Context, order store.AnswerOrder) (store.StaffRow, error) {
	if order.Bulletin == 0 {
		approver, err := s.approver(ctx, order.Staff)
		if err == nil && approver.ID == order.Staff {
			err = undersigned.ErrNotFound
		}
		return approver, err
	}
	staff, err := s.store.Staff(ctx, order.Staff)
	if err != nil {
		return staff, err
	}
	// A role that was only written into a row is none.
	if _, err := s.vault.OpenStaff(s.site, colleague(staff), staff.ContactSealed); err != nil || !staff.Active || !slices.Contains(undersigned.NewsRoles, staff.Role) {
		return staff, undersigned.ErrNotFound
	}
	return staff, nil
}
