// Package cosign asks witnesses to confirm heads of the site's ledger
// (c2sp.org/tlog-witness). It calls out and listens to nothing; what it sends, everybody
// may read.
package cosign

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"undersigned/internal/ledger"
)

// A Witness is one that may be asked.
type Witness struct {
	Name string // for people: "Evening News"
	Key  ledger.WitnessKey
	URL  string // its submission prefix, without a slash at the end
}

// A Head is what is to be confirmed.
type Head struct {
	Checkpoint string // signed by us
	Size       int64
	// Prove proves that the tree grew from what it was when it had before entries.
	Prove func(ctx context.Context, before int64) ([]ledger.Hash, error)
}

// An AheadError says that a witness has confirmed a later head of this log.
type AheadError struct{ Size int64 }

func (e *AheadError) Error() string {
	return fmt.Sprintf("it has confirmed a head of %d entries", e.Size)
}

// ErrOtherHistory means that a witness has confirmed a head that ours did not grow from.
var ErrOtherHistory = errors.New("it has confirmed another history of this ledger")

// mostAnswer bounds what a witness may answer.
const mostAnswer = 64 << 10

// NewClient makes a client for witnesses, each of whose answers may take as long as
// patience. It goes where it is sent and nowhere else.
func NewClient(patience time.Duration) *http.Client {
	return &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Ask asks a witness to confirm a head, known being the size of the last one that it is
// thought to have confirmed, and returns the line of its cosignature, which was looked at.
//
// Errors: *AheadError, ErrOtherHistory; others where it did not answer as it should.
func Ask(ctx context.Context, client *http.Client, w Witness, head Head, known int64) (line string, err error) {
	if known > head.Size {
		known = 0
	}
	for range 3 { // it may be asked by two at once, and know more by the time
		code, body, err := post(ctx, client, w, head, known)
		if err != nil {
			return "", err
		}
		switch code {
		case http.StatusOK:
			if line, _ = w.Key.Cosignature(head.Checkpoint, body); line == "" {
				return "", errors.New("it answers with a cosignature that is not of its key, or not of this head")
			}
			return line, nil
		case http.StatusConflict:
			size, err := strconv.ParseInt(strings.TrimSpace(body), 10, 64)
			switch {
			case err != nil || size < 0:
				return "", errors.New("it does not say which head it has confirmed")
			case size > head.Size:
				return "", &AheadError{size}
			case size == known:
				return "", ErrOtherHistory
			}
			known = size
		case http.StatusUnprocessableEntity:
			return "", ErrOtherHistory
		case http.StatusNotFound:
			return "", errors.New("it does not follow this ledger")
		case http.StatusForbidden:
			return "", errors.New("it does not know the key of this ledger")
		default:
			return "", fmt.Errorf("it answers %d", code)
		}
	}
	return "", errors.New("it says each time that it knows another head")
}

func post(ctx context.Context, client *http.Client, w Witness, head Head, known int64) (code int, body string, err error) {
	proof, err := head.Prove(ctx, known)
	if err != nil {
		return 0, "", fmt.Errorf("prove that the ledger grew: %w", err)
	}
	text := fmt.Appendf(nil, "old %d\n", known)
	for _, hash := range proof {
		text = append(base64.StdEncoding.AppendEncode(text, hash[:]), '\n')
	}
	text = append(append(text, '\n'), head.Checkpoint...)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/add-checkpoint", strings.NewReader(string(text)))
	if err != nil {
		return 0, "", err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	return answer.StatusCode, string(said), err
}
