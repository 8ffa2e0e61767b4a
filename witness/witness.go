// Package witness keeps watch over logs for somebody who does not run them: it confirms
// (cosigns) each head of a log that only grew since the last one it confirmed, and
// nothing else (c2sp.org/tlog-witness). A log that shows one history to some and another
// to others finds no witness for both.
//
// It shares no code with what writes ledgers: it imports the standard library,
// golang.org/x/mod and the package verify.
package witness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"undersigned/verify"
)

// Why a checkpoint is not confirmed. Each is an answer of its own to who asked.
var (
	ErrUnknownLog = errors.New("this witness does not follow that log")
	ErrUnsigned   = errors.New("no key of the log that this witness knows has signed it")
	ErrSizes      = errors.New("the old size is above the new one")
	ErrProof      = errors.New("the log did not grow from what this witness has confirmed: the proof does not hold")
)

// A ConflictError says that the asker thinks of another checkpoint as the last one that
// was confirmed, or that there are two trees of one size.
type ConflictError struct{ Size int64 } // of the last one that was confirmed

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the last head that this witness has confirmed is of %d entries", e.Size)
}

// A Witness confirms checkpoints. It is safe for concurrent use; of one folder there is
// one at a time.
type Witness struct {
	folder *folder
	name   string
	key    ed25519.PrivateKey
	now    func() time.Time
	// Fork is told of a head that a log signed and that was not shown to follow from the one
	// that was confirmed. Both are kept in a file: two of one size prove that the log told
	// two histories. It may be nil.
	Fork func(origin, file string)

	mu   sync.Mutex // guards locks
	logs map[string]*sync.Mutex
}

// Open takes the folder of a witness, as Create made it, until Close.
//
// Errors: ErrNoWitness, ErrBusy.
func Open(dir string, now func() time.Time) (*Witness, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	w := &Witness{folder: f, now: now, logs: map[string]*sync.Mutex{}}
	if w.name, w.key, err = f.key(); err != nil {
		f.close()
		return nil, err
	}
	return w, nil
}

// Close gives the folder back.
func (w *Witness) Close() error { return w.folder.close() }

// Key is the public half of the witness's key, as sites and readers take it.
func (w *Witness) Key() string {
	return verify.WitnessKey(w.name, w.key.Public().(ed25519.PublicKey))
}

// lock holds a log, so that what was confirmed last is read and written by one at a time.
func (w *Witness) lock(origin string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.logs[origin] == nil {
		w.logs[origin] = new(sync.Mutex)
	}
	w.logs[origin].Lock()
	return w.logs[origin]
}

// Add confirms a checkpoint, given the body of a request, and returns the line of the
// cosignature. The checkpoint is on the disk when it returns: whatever happens then, no
// other history of that log is ever confirmed.
//
// Errors: ErrUnknownLog, ErrUnsigned, ErrSizes, ErrProof, *ConflictError; errRequest; those
// of the disk.
func (w *Witness) Add(body []byte) (line string, err error) {
	r, err := parseRequest(body)
	if err != nil {
		return "", err
	}
	text, _, ok := bytes.Cut(r.checkpoint, []byte("\n\n"))
	if !ok {
		return "", errRequest
	}
	text = append(bytes.Clone(text), '\n')
	origin, size, root, err := verify.ReadCheckpoint(string(text))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errRequest, err)
	}
	keys, err := w.folder.keysOf(origin)
	if err != nil {
		return "", err
	}
	opened, err := note.Open(r.checkpoint, note.VerifierList(keys...))
	if err != nil || opened.Text != string(text) {
		return "", ErrUnsigned
	}
	if r.old > size {
		return "", ErrSizes
	}
	defer w.lock(origin).Unlock()
	last, err := w.folder.last(origin)
	if err != nil {
		return "", err
	}
	if r.old != last.size {
		return "", &ConflictError{last.size}
	}
	if err := grown(last, r.proof, size, root); err != nil {
		return "", w.fork(origin, last, r.checkpoint, err)
	}
	line = w.cosign(text)
	if err := w.folder.keep(origin, append(bytes.Clone(r.checkpoint), line...)); err != nil {
		return "", fmt.Errorf("keep what was confirmed: %w", err)
	}
	return line, nil
}

// grown reports whether a tree has the one that was confirmed last as its beginning.
//
// Errors: *ConflictError where there are two trees of one size; ErrProof.
func grown(last head, proof tlog.TreeProof, size int64, root tlog.Hash) error {
	switch {
	case size == 0 && root != sha256.Sum256(nil):
		return ErrProof
	case size == last.size && last.size > 0 && root != last.root:
		return &ConflictError{last.size}
	case last.size == 0 || size == last.size:
		if len(proof) > 0 {
			return ErrProof
		}
		return nil
	}
	if tlog.CheckTree(proof, size, root, last.size, last.root) != nil {
		return ErrProof
	}
	return nil
}

// fork keeps two heads that do not go together, both signed by the log.
func (w *Witness) fork(origin string, last head, other []byte, why error) error {
	if last.size == 0 {
		return why
	}
	file, err := w.folder.keepFork(origin, last.signed, other)
	if err != nil {
		return fmt.Errorf("keep two heads that do not go together: %w", err)
	}
	if w.Fork != nil {
		w.Fork(origin, file)
	}
	return why
}

// cosign makes the line of a cosignature, as of now.
func (w *Witness) cosign(text []byte) string {
	at := max(w.now().Unix(), 0)
	public := w.key.Public().(ed25519.PublicKey)
	b := binary.BigEndian.AppendUint32(nil, verifierID(w.name, public))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = append(b, ed25519.Sign(w.key, verify.CosignedText(at, text))...)
	return "— " + w.name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}

func verifierID(name string, public ed25519.PublicKey) uint32 {
	v, err := verify.NewWitnessVerifier(verify.WitnessKey(name, public))
	if err != nil {
		panic("witness: its own key does not read") // the name was looked at when it was opened
	}
	return v.KeyHash()
}
