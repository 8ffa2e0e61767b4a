package desk

import (
	"context"

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
// Errors: Problems of the fields title, background and details; those of a deed.
func (d *Desk) Edit(ctx context.Context, staff undersigned.Staff, target Target, texts Texts) error {
	return d.change(ctx, staff, Edit, target, func(c *change) error {
		texts = texts.clean()
		var problems Problems
		problems.texts(texts, c.body.Limits)
		if err := problems.err(); err != nil {
			return err
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
