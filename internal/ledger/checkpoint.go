package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint says how large a log is and what its root is (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin string // names the log: a URL without its scheme
	Size   int64
	Root   Hash
}

// ErrCheckpoint means that a text is no checkpoint, or not one of the log that is meant.
var ErrCheckpoint = errors.New("this is no checkpoint of the log")

// Text is what is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseCheckpoint reads the text of a checkpoint. Further lines are allowed by the format
// and not written by us, so they are refused.
//
// Errors: ErrCheckpoint.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{Origin: lines[0]}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, ErrCheckpoint
	}
	c.Root = Hash(root)
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || c.Text() != text {
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}

// ReadCheckpoint reads a signed checkpoint whose signatures were not looked at: our own,
// out of a row.
func ReadCheckpoint(signed string) (Checkpoint, error) {
	text, _, ok := strings.Cut(signed, "\n\n")
	if !ok {
		return Checkpoint{}, ErrCheckpoint
	}
	return ParseCheckpoint(text + "\n")
}

// OpenCheckpoint reads a checkpoint that one of the keys must have signed. keys are in
// the form of VerifierKey, for the same origin.
//
// Errors: ErrCheckpoint.
func OpenCheckpoint(signed string, keys ...string) (Checkpoint, error) {
	var known []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("read a ledger key: %w", err)
		}
		known = append(known, verifier)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := ParseCheckpoint(opened.Text)
	if err == nil && opened.Sigs[0].Name != c.Origin {
		err = ErrCheckpoint
	}
	return c, err
}

// VerifierKey writes the public half of a ledger key as readers of notes take it:
// name+hash+key (c2sp.org/signed-note).
func VerifierKey(origin string, public []byte) (string, error) {
	return note.NewEd25519VerifierKey(origin, public)
}

// SiteOrigin names the site's log, host being that of its pages; PetitionOrigin names the
// log of one of its petitions.
func SiteOrigin(host string) string { return host + "/ledger" }

// PetitionOrigin names the log of a petition; site is the origin of the site's.
func PetitionOrigin(site string, petition int64) string {
	return site + "/petitions/" + strconv.FormatInt(petition, 10)
}
