package vault

import (
	"crypto/ed25519"
	"fmt"

	"undersigned/internal/seal"
)

// PrepareSiteKey makes the site key that is to follow, or gives the one that was made, so
// that every public part can pin it before anything is signed with it.
func (v *Vault) PrepareSiteKey() (next ed25519.PublicKey, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.siteAnew()
	if err != nil {
		return nil, err
	}
	if len(keys.Next) == 0 {
		changed := *keys
		changed.Next = random(ed25519.SeedSize)
		if err := v.save(siteFile, changed); err != nil {
			return nil, fmt.Errorf("make the next site key: %w", err)
		}
		v.siteKeys = &changed
		keys = &changed
	}
	return ed25519.NewKeyFromSeed(keys.Next).Public().(ed25519.PublicKey), nil
}

// NextSiteKey is the public half of the site key that is to follow; nil: none was made.
func (v *Vault) NextSiteKey() (ed25519.PublicKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.siteAnew()
	if err != nil || len(keys.Next) == 0 {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(keys.Next).Public().(ed25519.PublicKey), nil
}

// Resign signs a letterbox key's statement with the site key that is to follow, if the
// site's own key signed it before.
//
// Errors: ErrNoKey where no next key was made; seal.ErrStatement.
func (v *Vault) Resign(site [16]byte, signed []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.siteAnew()
	if err != nil {
		return nil, err
	}
	if len(keys.Next) == 0 {
		return nil, fmt.Errorf("sign with the next site key: %w", ErrNoKey)
	}
	now, next := ed25519.NewKeyFromSeed(keys.Site), ed25519.NewKeyFromSeed(keys.Next)
	statement, err := seal.VerifyStatement([]ed25519.PublicKey{now.Public().(ed25519.PublicKey), next.Public().(ed25519.PublicKey)}, site, signed)
	if err != nil {
		return nil, err
	}
	return seal.SignStatement(next, statement), nil
}

// RotateSiteKey lets the next site key sign from now on. The one before is gone.
//
// Errors: ErrNoKey where none was made.
func (v *Vault) RotateSiteKey() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, err := v.siteAnew()
	if err != nil {
		return err
	}
	if len(keys.Next) == 0 {
		return fmt.Errorf("rotate the site key: %w", ErrNoKey)
	}
	changed := *keys
	changed.Site, changed.Next = keys.Next, nil
	if err := v.save(siteFile, changed); err != nil {
		return fmt.Errorf("rotate the site key: %w", err)
	}
	v.siteKeys = &changed
	return nil
}

// siteAnew reads the site's keys from the file: another process may have rotated one.
func (v *Vault) siteAnew() (*siteKeys, error) {
	var keys siteKeys
	if err := v.load(siteFile, &keys); err != nil {
		return nil, err
	}
	v.siteKeys = &keys
	return &keys, nil
}
