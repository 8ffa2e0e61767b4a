package undersigned

// PurposeReply is the code of the question that every sign form asks: may the answer be
// mailed.
const PurposeReply = "reply"

// PurposeNews is the code of the box under it, where the body lets who starts a petition send
// news to signers who agree. No purpose of a body's own has either code.
const PurposeNews = "creator-news"

// A PurposeText is what somebody read when they were asked to agree to one purpose: the
// exact words on the form, in one language. It never changes; other words are another
// text. What a signer agreed to is kept as its Version.
type PurposeText struct {
	Code     string // PurposeReply, or Purpose.Code of the body's settings
	Language string // BCP 47
	Sender   string // who would write
	Words    string // question and answers, one a line, NFC
}

// Version is the hash by which letters and audit parts name the text.
//
// Encoding: that of a TextVersion, with the label "undersigned purpose v1" and the
// fields code, language, sender and words. docs/formats.md has a test vector.
func (p PurposeText) Version() TextVersion {
	return hashFields("undersigned purpose v1", [][2]string{
		{"code", p.Code}, {"language", p.Language}, {"sender", p.Sender}, {"words", p.Words},
	})
}
