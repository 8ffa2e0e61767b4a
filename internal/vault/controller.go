package vault

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// The controller's identity opens safety copies and nothing else. It lives away from the
// site; the site knows its public half alone, so that whoever has the machine can make
// copies and read none.

// ErrRecipient means that a text is no age recipient, or not one that may stand beside
// the others.
var ErrRecipient = errors.New("this is no age recipient")

// ErrIdentity means that something was sealed to somebody else.
var ErrIdentity = errors.New("it was sealed to somebody else")

// NewController makes an identity for the controller and its recipient, both in the form
// that the plain age tool reads.
func NewController() (identity, recipient string, err error) {
	made, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", "", fmt.Errorf("make the controller's identity: %w", err)
	}
	return made.String(), made.Recipient().String(), nil
}

// SealTo seals what is written to it to the recipients, as one age file. Nothing of the
// content is kept; the caller closes it.
//
// Errors: ErrRecipient.
func SealTo(w io.Writer, recipients []string) (io.WriteCloser, error) {
	all, err := parseRecipients(recipients)
	if err != nil {
		return nil, err
	}
	sealed, err := age.Encrypt(w, all...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecipient, err)
	}
	return sealed, nil
}

// CheckRecipients says whether something can be sealed to the recipients.
//
// Errors: ErrRecipient.
func CheckRecipients(recipients []string) error {
	w, err := SealTo(io.Discard, recipients)
	if err != nil {
		return err
	}
	return w.Close()
}

func parseRecipients(texts []string) ([]age.Recipient, error) {
	if len(texts) == 0 {
		return nil, fmt.Errorf("%w: none was given", ErrRecipient)
	}
	// What was given is not repeated: somebody may have put an identity there.
	for _, text := range texts {
		if strings.Contains(strings.ToUpper(text), "SECRET-KEY") {
			return nil, fmt.Errorf("%w: it is an identity, the secret half", ErrRecipient)
		}
	}
	all, err := age.ParseRecipients(strings.NewReader(strings.Join(texts, "\n")))
	if err != nil {
		return nil, ErrRecipient
	}
	return all, nil
}

// An Opener opens what was sealed to the controller.
type Opener struct{ identities []age.Identity }

// NewOpener reads an identity file as age-keygen and NewController write it.
func NewOpener(file io.Reader) (*Opener, error) {
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, fmt.Errorf("read the controller's identity: %w", err)
	}
	return &Opener{identities}, nil
}

// Open reads an age file. What comes is whole and unchanged as far as it was read
// without an error.
//
// Errors: ErrIdentity.
func (o *Opener) Open(sealed io.Reader) (io.Reader, error) {
	r, err := age.Decrypt(sealed, o.identities...)
	var foreign *age.NoIdentityMatchError
	if errors.As(err, &foreign) {
		return nil, ErrIdentity
	}
	if err != nil {
		return nil, fmt.Errorf("open what was sealed to the controller: %w", err)
	}
	return r, nil
}
