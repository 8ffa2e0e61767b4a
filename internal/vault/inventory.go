package vault

import (
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"

	"undersigned/internal/seal"
)

// An Inventory lists what key files the key store holds, and where. It opens none.
type Inventory struct {
	Petitions map[int64]In
	Terms     map[int64]In // of petitions
	Letterbox map[seal.KeyID]In
	Limits    map[int64]In // by day
	Site      In
	DKIM      In // neither, where the relay signs
}

// Inventory lists the key store's files.
func (v *Vault) Inventory() (Inventory, error) {
	all := Inventory{Petitions: map[int64]In{}, Terms: map[int64]In{}, Letterbox: map[seal.KeyID]In{}, Limits: map[int64]In{}}
	names, err := v.names()
	if err != nil {
		return all, err
	}
	for name, in := range names {
		folder, file := path.Split(strings.TrimSuffix(name, ".age"))
		known := true
		switch folder {
		case "":
			switch name {
			case siteFile:
				all.Site = in
			case dkimFile:
				all.DKIM = in
			default:
				known = false
			}
		case "petitions/", "terms/", "limits/":
			number, err := strconv.ParseInt(file, 10, 64)
			known = err == nil
			map[string]map[int64]In{"petitions/": all.Petitions, "terms/": all.Terms, "limits/": all.Limits}[folder][number] = in
		case "letterbox/":
			id, err := hex.DecodeString(file)
			if known = err == nil && len(id) == len(seal.KeyID{}); known {
				all.Letterbox[seal.KeyID(id)] = in
			}
		default:
			known = false
		}
		if !known {
			return all, fmt.Errorf("list the key store: %s is no key file of this version", name)
		}
	}
	return all, nil
}

// LetterboxPublic gives the public half that belongs to a private letterbox key in the
// store, to hold a published statement against.
//
// Errors: ErrNoKey.
func (v *Vault) LetterboxPublic(id seal.KeyID) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, err := v.letterboxKeyLocked(id)
	if err != nil {
		return nil, err
	}
	return key.private.PublicKey().Bytes(), nil
}
