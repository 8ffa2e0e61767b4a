package vault

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrNoCheckpoint means that somebody wanted the ledger key to sign something else.
var ErrNoCheckpoint = errors.New("the ledger key signs checkpoints and nothing else")

// LedgerPublic is the public half of the ledger key.
func (v *Vault) LedgerPublic() (ed25519.PublicKey, error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(keys.Ledger).Public().(ed25519.PublicKey), nil
}

// ErrRotating means that the ledger key before the present one still signs.
var ErrRotating = errors.New("the ledger key before this one still signs beside it")

// RotateLedgerKey makes a new ledger key. The one before it signs beside it until
// EndLedgerKey. A vault that another process has opened goes on with the old one alone.
//
// Errors: ErrRotating.
func (v *Vault) RotateLedgerKey() (public ed25519.PublicKey, err error) {
	keys, err := v.site()
	if err != nil {
		return nil, err
	}
	if keys.LedgerBefore != nil {
		return nil, ErrRotating
	}
	next := *keys
	next.Ledger, next.LedgerBefore = random(ed25519.SeedSize), keys.Ledger
	if err := v.saveSite(&next); err != nil {
		return nil, err
	}
	return v.LedgerPublic()
}

// EndLedgerKey destroys the ledger key before the present one, if it is still there.
func (v *Vault) EndLedgerKey() error {
	keys, err := v.site()
	if err != nil || keys.LedgerBefore == nil {
		return err
	}
	next := *keys
	next.LedgerBefore = nil
	return v.saveSite(&next)
}

func (v *Vault) saveSite(keys *siteKeys) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.save(siteFile, keys); err != nil {
		return err
	}
	v.siteKeys = keys
	return nil
}

// LedgerBefore is the public half of the ledger key before the present one, while it still
// signs; nil: it does not.
func (v *Vault) LedgerBefore() (ed25519.PublicKey, error) {
	keys, err := v.site()
	if err != nil || keys.LedgerBefore == nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(keys.LedgerBefore).Public().(ed25519.PublicKey), nil
}

// SignCheckpoint signs the text of a checkpoint as a note (c2sp.org/signed-note), under
// the name that is its first line.
//
// Errors: ErrNoCheckpoint.
func (v *Vault) SignCheckpoint(text string) (string, error) {
	name, err := checkpointOrigin(text)
	if err != nil {
		return "", err
	}
	keys, err := v.site()
	if err != nil {
		return "", err
	}
	signers := []note.Signer{noteSigner{name, ed25519.NewKeyFromSeed(keys.Ledger)}}
	if keys.LedgerBefore != nil {
		signers = append(signers, noteSigner{name, ed25519.NewKeyFromSeed(keys.LedgerBefore)})
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return "", fmt.Errorf("sign a checkpoint: %w", err)
	}
	return string(signed), nil
}

// checkpointOrigin takes the name of the log out of a checkpoint's text.
func checkpointOrigin(text string) (string, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return "", ErrNoCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return "", ErrNoCheckpoint
	}
	if size, err := strconv.ParseUint(lines[1], 10, 63); err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return "", ErrNoCheckpoint
	}
	return lines[0], nil
}

// A noteSigner is what sumdb/note signs with. The key's number among notes depends on the
// name, so that one key is another one for each log.
type noteSigner struct {
	name string
	key  ed25519.PrivateKey
}

const noteEd25519 = 1 // the algorithm's number in notes

func (s noteSigner) Name() string { return s.name }

func (s noteSigner) KeyHash() uint32 {
	sum := sha256.Sum256([]byte(s.name + "\n" + string([]byte{noteEd25519}) + string(s.key.Public().(ed25519.PublicKey))))
	return binary.BigEndian.Uint32(sum[:])
}

func (s noteSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// fingerprintLabel keeps fingerprints of secret keys apart from any other hash of them.
const fingerprintLabel = "undersigned key fingerprint v1\x00"

// PublicFingerprint is a public key's fingerprint in the ledger: SHA-256 of it.
func PublicFingerprint(public []byte) [32]byte { return sha256.Sum256(public) }

// Fingerprint is of all four keys of a petition. It gives nothing away, for they are
// random; and whoever ever finds the keys after they were to be destroyed can show by it
// that they are those.
func (k *PetitionKeys) Fingerprint() [32]byte { return k.fingerprint }

func (f petitionFile) fingerprint() [32]byte {
	text := []byte(fingerprintLabel)
	text = binary.BigEndian.AppendUint64(text, uint64(f.Petition))
	for _, part := range [][]byte{f.KeyID, f.Address, f.Reply, f.Audit, f.Link} {
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	clear(text)
	return sum
}
