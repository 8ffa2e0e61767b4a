package desk

import (
	"context"
	"errors"
	"time"

	"undersigned"
)

// Texts are the three texts of a petition, in canonical Unicode form (NFC).
type Texts struct{ Title, Background, Details string }

func (t Texts) clean() Texts {
	return Texts{undersigned.CleanLine(t.Title), undersigned.CleanText(t.Background), undersigned.CleanText(t.Details)}
}

// texts checks the texts of a petition.
func (p *Problems) texts(t Texts, limits undersigned.Limits) {
	p.text("title", t.Title, limits.Title, true)
	p.text("background", t.Background, limits.Background, true)
	p.text("details", t.Details, limits.Details, false)
}

// Edit changes the wording of a petition in the queue: a mended comma needs no round by
// its creator. The new wording is a version of its own, and whoever signed before
// signed the one before. The same wording again changes nothing.
//
// Errors: ErrLocked; Problems of the fields title, background and details; those of a deed.
func (d *Desk) Edit(ctx context.Context, staff undersigned.Staff, target Target, texts Texts) error {
	return d.change(ctx, staff, Edit, target, func(c *change) error {
		by, at, err := c.tx.Lock(c.row.ID)
		if err != nil {
			return err
		}
		if locked(by, at, staff, c.now) {
			return ErrLocked
		}
		texts = texts.clean()
		var problems Problems
		problems.texts(texts, c.body.Limits)
		if err := problems.err(); err != nil {
			return err
		}
		if by != 0 {
			if err := c.tx.SetLock(c.row.ID, 0, time.Time{}); err != nil {
				return err
			}
		}
		version := undersigned.VersionOf(texts.Title, texts.Background, texts.Details)
		if version == c.row.Version {
			return nil
		}
		c.row.Title, c.row.Background, c.row.Details, c.row.Version = texts.Title, texts.Background, texts.Details, version
		c.newText = true
		c.record(undersigned.ActEdited, "", "")
		return nil
	})
}

// ErrLocked means that a colleague is changing this text.
var ErrLocked = errors.New("a colleague is changing this text")

// lockLife is how long somebody who began to change a text is waited for: longer than
// mending it takes, and shorter than a break. Then they may have left it.
const lockLife = 30 * time.Minute

// locked reports whether a lock keeps a member of staff from changing a text.
func locked(by int64, at time.Time, staff undersigned.Staff, now time.Time) bool {
	return by != 0 && by != staff.ID && now.Sub(at) < lockLife
}

// Locked reports whether a colleague is changing the petition's text.
func (c *Case) Locked(staff undersigned.Staff, now time.Time) bool {
	return locked(c.File.LockBy, c.File.LockAt, staff, now)
}

// BeginEdit says to colleagues that somebody is changing a petition's text. With take it
// does so in place of whoever began before: what they typed is not kept then, but shown to
// them again when they save.
//
// Errors: ErrForbidden, ErrLocked, undersigned.ErrMove, undersigned.ErrNotFound.
func (d *Desk) BeginEdit(ctx context.Context, staff undersigned.Staff, petition int64, take bool) error {
	if !May(staff, Edit) {
		return ErrForbidden
	}
	return d.file(ctx, staff, petition, func(f fileDeed) error {
		if !stands(f.row, Edit) {
			return undersigned.ErrMove
		}
		by, at, err := f.tx.Lock(petition)
		if err != nil {
			return err
		}
		if !take && locked(by, at, staff, f.now) {
			return ErrLocked
		}
		return f.tx.SetLock(petition, staff.ID, f.now)
	})
}
