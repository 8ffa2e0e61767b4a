package signon

import "encoding/base64"

var stateText = base64.RawURLEncoding.Strict()

// State writes a question as it travels to the issuer and back.
func State(question [32]byte) string { return stateText.EncodeToString(question[:]) }

// ReadState reads one that came back; false where it is none.
func ReadState(text string) (question [32]byte, ok bool) {
	bytes, err := stateText.DecodeString(text)
	if err != nil || len(bytes) != len(question) {
		return question, false
	}
	return [32]byte(bytes), true
}
