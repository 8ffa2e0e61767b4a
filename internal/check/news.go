package check

import (
	"bytes"
	"context"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// news holds what creators wrote to signers against what the steward's key made of it.
func (c *checker) news(ctx context.Context) error {
	if err := c.hold(ctx, store.NewsRules); err != nil || c.config.Vault == nil {
		return err
	}
	return c.in.Bulletins(ctx, func(b undersigned.Bulletin) {
		if want, err := c.config.Vault.Assent(vault.AssentNews, b.AssentText()); err != nil || !bytes.Equal(want, b.Assent) {
			c.faultf("it is not what its creator wrote", "news %d", b.Number)
		}
	})
}

// newsPart opens the part that mails news to a signer, if there is one.
func (o *opener) newsPart(ctx context.Context, keys *vault.PetitionKeys, row store.SignatureRow, version undersigned.TextVersion, mailed string) error {
	sealed, err := o.in.NewsPart(ctx, row.Number)
	if err != nil || sealed == nil {
		return err
	}
	contact, err := keys.OpenNews(undersigned.ID(row.ID), version, sealed)
	if err != nil || contact.Address != mailed {
		o.faultf("its news part does not open under its petition's keys, or is another's", "signature %d", row.Number)
	}
	return nil
}
