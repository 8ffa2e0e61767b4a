package verify

// For the tests, which hold them against the site's own.
var (
	SignedLine = signedLine
	SignedText = signedText
)
