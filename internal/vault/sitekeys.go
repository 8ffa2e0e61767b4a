package vault

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/seal"
)

// siteKeys are made once with the key store.
type siteKeys struct {
	Site   []byte `json:"site_ed25519_seed"`   // signs letterbox key statements
	Ledger []byte `json:"ledger_ed25519_seed"` // signs checkpoints, nothing else
	// LedgerBefore is the ledger key before that one, which signs beside it for a time.
	LedgerBefore []byte `json:"ledger_before_ed25519_seed,omitempty"`
	Stop         []byte `json:"stop_list"` // tags of blocked and dead addresses
	Staff        []byte `json:"staff"`     // tags and sealed contacts of staff
	// Next is the site key that is to follow.
	Next []byte `json:"next_site_ed25519_seed,omitempty"`
}

const siteFile = "site.age"

func (v *Vault) makeSiteKeys() error {
	return v.save(siteFile, siteKeys{Site: random(32), Ledger: random(32), Stop: random(32), Staff: random(32)})
}

// SiteKeysOpen says in which folders the site's own keys are whole: reading them takes the
// second folder's where the first one's do not open.
func (v *Vault) SiteKeysOpen() In {
	v.mu.Lock()
	defer v.mu.Unlock()
	opens := func(dir string) bool {
		text, err := v.openIn(dir, siteFile)
		clear(text)
		return err == nil
	}
	return In{First: opens(v.first), Second: opens(v.second)}
}

func (v *Vault) site() (*siteKeys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.siteKeys == nil {
		var keys siteKeys
		if err := v.load(siteFile, &keys); err != nil {
			return nil, err
		}
		v.siteKeys = &keys
	}
	return v.siteKeys, nil
}

// SitePublic is the public half of the site key: what every public part pins.
func (v *Vault) SitePublic() (ed25519.PublicKey, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(keys.Site).Public().(ed25519.PublicKey), nil
}

// StopTag is an address's tag on the site's stop list.
func (v *Vault) StopTag(canonical string) ([16]byte, error) {
	keys, err := v.site()
	if err != nil {
		return [16]byte{}, err
	}
	return tag(keys.Stop, "stop", canonical), nil
}

// StaffTag is the tag that finds a staff member by address.
func (v *Vault) StaffTag(canonical string) ([16]byte, error) {
	keys, err := v.site()
	if err != nil {
		return [16]byte{}, err
	}
	return tag(keys.Staff, "staff", canonical), nil
}

var noKeyID = make([]byte, 4)

// A Colleague is the row that a staff member's contact is sealed to. Whoever changes the
// number or the role of a row, or exchanges two, makes nobody's mail another's and
// nobody an administrator: the contact does not open.
type Colleague struct {
	Number int64
	Role   undersigned.Role
	Row    undersigned.ID
}

// roleKinds are sealed: never reuse one.
var roleKinds = map[undersigned.Role]byte{
	undersigned.Moderator: 1, undersigned.Administrator: 2, undersigned.Reviewer: 3, undersigned.Responder: 4, undersigned.Auditor: 5,
}

// SealStaff seals how to reach a staff member; who names the place it is kept in.
func (v *Vault) SealStaff(site [16]byte, who Colleague, contact seal.Contact) ([]byte, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	aead, err := seal.NewAEAD(derive(keys.Staff, "contact"))
	if err != nil {
		return nil, err
	}
	return seal.Seal(aead, seal.FormatStaff, noKeyID, staffContext(site, who), contact.Encode())
}

// OpenStaff is the inverse of SealStaff.
func (v *Vault) OpenStaff(site [16]byte, who Colleague, sealed []byte) (seal.Contact, error) {
	keys, err := v.site()
	if err != nil {
		return seal.Contact{}, err
	}
	aead, err := seal.NewAEAD(derive(keys.Staff, "contact"))
	if err != nil {
		return seal.Contact{}, err
	}
	return openContact("a staff contact", aead, seal.FormatStaff, staffContext(site, who), sealed)
}

func staffContext(site [16]byte, who Colleague) seal.Context {
	return seal.Context{Site: site, Kind: roleKinds[who.Role], Petition: who.Number, ID: who.Row, Purpose: seal.PurposeStaff}
}

// SealRequest seals the full text of an act that waits for a second person.
func (v *Vault) SealRequest(site [16]byte, id undersigned.ID, content []byte) ([]byte, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	aead, err := seal.NewAEAD(derive(keys.Staff, "release"))
	if err != nil {
		return nil, err
	}
	return seal.Seal(aead, seal.FormatRequest, noKeyID, seal.Context{Site: site, ID: id, Purpose: seal.PurposeRelease}, content)
}

// OpenRequest is the inverse of SealRequest.
func (v *Vault) OpenRequest(site [16]byte, id undersigned.ID, sealed []byte) ([]byte, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	aead, err := seal.NewAEAD(derive(keys.Staff, "release"))
	if err != nil {
		return nil, err
	}
	return seal.Open(aead, seal.FormatRequest, seal.Context{Site: site, ID: id, Purpose: seal.PurposeRelease}, sealed)
}

// ReleaseToken makes the token of a release link, bound to the hash of the full text
// that the second person was mailed.
func (v *Vault) ReleaseToken(id undersigned.ID, textHash [32]byte) (undersigned.Token, error) {
	keys, err := v.site()
	if err != nil {
		return undersigned.Token{}, err
	}
	mac := hmac.New(sha256.New, derive(keys.Staff, "release link"))
	mac.Write([]byte{byte(undersigned.LinkRelease)})
	mac.Write(id[:])
	mac.Write(textHash[:])
	return undersigned.Token(mac.Sum(nil)[:undersigned.TokenSize]), nil
}

// What an assent can be to.
const (
	AssentMailing = "mailing"        // a mailing, as it was reserved
	AssentAnswer  = "answer to mail" // an answer that a second person agreed to have mailed
	AssentNews    = "news"           // news, as its creator's letter brought it
	AssentExtend  = "keys longer"    // keys that two people agreed to keep longer
	// a disclosure, by one of the two people who must agree to it
	AssentDisclosure = "disclosure"
	// what the public reads of a disclosure
	AssentDisclosed = "disclosed"
)

// Assent is what this key alone makes of a text: it stands in a row about something that
// reaches signers, so that a row somebody else wrote moves nothing.
func (v *Vault) Assent(what string, text []byte) ([]byte, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, derive(keys.Staff, "assent "+what))
	mac.Write(text)
	return mac.Sum(nil), nil
}

// LimitTag is an address's tag in the mail limits of one day. The key is made when the
// day is first asked for and destroyed with its rows.
func (v *Vault) LimitTag(day int64, canonical string) ([16]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, ok := v.dayKeys[day]
	if !ok {
		var file struct {
			Key []byte `json:"mail_limit"`
		}
		name := limitFile(day)
		if !v.has(name) {
			file.Key = random(32)
			if err := v.save(name, file); err != nil {
				return [16]byte{}, err
			}
		} else if err := v.load(name, &file); err != nil {
			return [16]byte{}, err
		}
		key = file.Key
		v.dayKeys[day] = key
	}
	return tag(key, "limit", canonical), nil
}

// DestroyLimitKey ends the mail-limit key of a day.
func (v *Vault) DestroyLimitKey(day int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.dayKeys, day)
	return v.destroy(limitFile(day))
}

// Day numbers days since 1970, UTC: mail-limit and letterbox keys are made by the day.
func Day(t time.Time) int64 { return t.Unix() / 86400 }

func limitFile(day int64) string { return fmt.Sprintf("limits/%d.age", day) }

// tag is a keyed tag of an address: equal addresses give equal tags to who has the key,
// and nothing to who has not.
func tag(key []byte, purpose, canonical string) [16]byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(canonical))
	var sum [32]byte
	mac.Sum(sum[:0])
	return [16]byte(sum[:16])
}

// derive makes a 32-byte key for one use from a key that has several.
func derive(key []byte, use string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("undersigned derive v1\x00" + use))
	return mac.Sum(nil)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// HasLimitKey reports whether the mail-limit key of a day is still there.
func (v *Vault) HasLimitKey(day int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dayKeys[day] != nil || v.has(limitFile(day))
}
