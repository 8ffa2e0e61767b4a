package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A PuzzleKey signs puzzles: work that a browser does and a program pays for. They are those
// of ALTCHA, version 1, with SHA-256. All public parts of a site have the same key, made
// from the site's link mask. It protects nobody: whoever has it need not do the work.
type PuzzleKey [32]byte

// NewPuzzleKey makes a site's key from its link mask.
func NewPuzzleKey(mask [16]byte) PuzzleKey {
	return sha256.Sum256(append([]byte("undersigned puzzle key v1\x00"), mask[:]...))
}

// Text is the key as ALTCHA's own library takes it.
func (k PuzzleKey) Text() string { return hex.EncodeToString(k[:]) }

// mostPuzzle is the largest number that a puzzle hides. Half as many hashes find it on
// average, which a telephone of ten years ago does in some two seconds.
const mostPuzzle = 50_000

// mostSolution is how long a solution may be, in bytes of base64; ours have 400.
const mostSolution = 1024

// A Puzzle is what a browser is asked, with ALTCHA's names.
type Puzzle struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"` // hex of SHA-256(salt ‖ the number in digits)
	Most      int    `json:"maxnumber"`
	Salt      string `json:"salt"` // with its end, and closed by "&": digits behind it are the number's
	Signature string `json:"signature"`
}

// Puzzle makes one that can be solved until an instant.
func (k PuzzleKey) Puzzle(until time.Time) Puzzle {
	var random [16]byte
	rand.Read(random[:])
	number := int(binary.BigEndian.Uint32(random[12:]) % (mostPuzzle + 1))
	salt := hex.EncodeToString(random[:12]) + "?expires=" + strconv.FormatInt(until.Unix(), 10) + "&"
	challenge := puzzleHash(salt, number)
	return Puzzle{"SHA-256", challenge, mostPuzzle, salt, k.sign(challenge)}
}

// Solves reports whether a number is the one that a puzzle hides.
func (p Puzzle) Solves(number int) bool { return puzzleHash(p.Salt, number) == p.Challenge }

func puzzleHash(salt string, number int) string {
	sum := sha256.Sum256([]byte(salt + strconv.Itoa(number)))
	return hex.EncodeToString(sum[:])
}

func (k PuzzleKey) sign(challenge string) string {
	mac := hmac.New(sha256.New, []byte(k.Text()))
	mac.Write([]byte(challenge))
	return hex.EncodeToString(mac.Sum(nil))
}

// A Solved names a puzzle that was solved, so that none counts twice.
type Solved [16]byte

// Solved checks a solution as ALTCHA's widget sends it: base64 of JSON. until is the instant
// from which the puzzle can no longer be solved.
func (k PuzzleKey) Solved(text string, now time.Time) (which Solved, until time.Time, ok bool) {
	if text == "" || len(text) > mostSolution {
		return which, until, false
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return which, until, false
	}
	var said struct {
		Puzzle
		Number *int `json:"number"`
	}
	if json.Unmarshal(packed, &said) != nil || said.Algorithm != "SHA-256" || said.Number == nil || *said.Number < 0 {
		return which, until, false
	}
	before, query, found := strings.Cut(said.Salt, "?")
	fields, err := url.ParseQuery(query)
	if !found || before == "" || err != nil || !strings.HasSuffix(said.Salt, "&") {
		return which, until, false
	}
	seconds, err := strconv.ParseInt(fields.Get("expires"), 10, 64)
	if err != nil {
		return which, until, false
	}
	challenge := puzzleHash(said.Salt, *said.Number)
	if until = time.Unix(seconds, 0); !now.Before(until) || challenge != said.Challenge ||
		subtle.ConstantTimeCompare([]byte(k.sign(challenge)), []byte(said.Signature)) != 1 {
		return which, until, false
	}
	sum := sha256.Sum256([]byte(challenge))
	return Solved(sum[:len(which)]), until, true
}
