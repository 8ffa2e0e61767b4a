package undersigned

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is wrong with a text, so that a form can say what to do.
var (
	ErrTextTooLong = errors.New("the text is too long")
	ErrTextInvalid = errors.New("the text is broken: it is not UTF-8, or characters of it were lost on the way")
	ErrTextControl = errors.New("the text holds hidden characters")
	ErrTextPile    = errors.New("the text piles accents upon accents")
	ErrTextFormula = errors.New("the text begins like a spreadsheet formula")

	ErrNameEmpty   = errors.New("the name is empty")
	ErrNameChars   = errors.New("the name holds characters that names do not have")
	ErrNameLetters = errors.New("the name has no letters")
	ErrNameLink    = errors.New("the name holds a link or a mail address")
)

// MaxNameRunes is the longest name in Unicode code points.
const MaxNameRunes = 100

// Written languages stack at most three or four marks that take no room of their
// own on one letter (pointed Hebrew, Burmese). Marks that do take room stand in
// line like letters; Burmese has words with six marks of both sorts together.
const (
	maxPiledMarks = 4
	maxMarks      = 8
)

// maxNameDigits allows for "the 3rd" and a year of birth, not for a telephone number.
const maxNameDigits = 4

// CleanLine puts a text on one line: white space of every kind is trimmed at both
// ends and folded into single spaces inside. Nothing else changes; what may not
// stand in a text is left for CheckText to refuse.
func CleanLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n",
	"\u2028", "\n", "\u2029", "\n\n")

// CleanText puts a text of several lines in order: line ends of every kind become
// "\n", blanks at the ends of lines go, at most two empty lines follow each other,
// and white space around the whole is trimmed. Nothing else changes; what may not
// stand in a text is left for CheckText to refuse.
func CleanText(s string) string {
	var clean strings.Builder
	clean.Grow(len(s))
	blank := 0
	for line := range strings.SplitSeq(strings.TrimSpace(lineEnds.Replace(s)), "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" {
			blank++
			continue
		}
		if clean.Len() > 0 {
			clean.WriteString("\n\n\n"[:1+min(blank, 2)])
		}
		clean.WriteString(line)
		blank = 0
	}
	return clean.String()
}

// CheckText reports why a text of at most maxRunes code points cannot be shown
// safely. It is meant for the result of CleanLine or CleanText; the empty text is
// fine.
//
// Errors: ErrTextTooLong, ErrTextInvalid, ErrTextControl, ErrTextPile,
// ErrTextFormula.
func CheckText(s string, maxRunes int) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return ErrTextInvalid
	}
	if utf8.RuneCountInString(s) > maxRunes {
		return ErrTextTooLong
	}
	if beginsLikeFormula(s) {
		return ErrTextFormula
	}
	return checkVisible(s)
}

// beginsLikeFormula reports whether a spreadsheet that opens a list with this text
// in a cell might compute it. Wide forms count: Excel takes them for the same.
// Source: OWASP, CSV Injection.
func beginsLikeFormula(s string) bool {
	if strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") {
		return true
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(s))
	return strings.ContainsRune("=+-@＝＋－＠", first)
}

// The flags of England, Scotland and Wales are the only texts in which tag
// characters are drawn; everywhere else they hide words from the reader.
// Source: Unicode TS 51, emoji sequences recommended for interchange.
var tagFlags = []string{
	"\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
	"\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F",
	"\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F",
}

func tagFlag(s string) int {
	for _, flag := range tagFlags {
		if strings.HasPrefix(s, flag) {
			return len(flag)
		}
	}
	return 0
}

// checkVisible walks through a text and refuses what the reader would not see.
func checkVisible(s string) error {
	var previous rune
	piled, marks := 0, 0
	for i := 0; i < len(s); {
		if n := tagFlag(s[i:]); n > 0 {
			previous, piled, marks, i = 0, 0, 0, i+n
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r >= utf8.RuneSelf && strings.ContainsRune(directionMarks, r) {
			if !strings.ContainsFunc(s, writtenRightToLeft) {
				return ErrTextControl
			}
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[i:])
		if !visible(previous, r, next) {
			return ErrTextControl
		}
		switch {
		case !unicode.IsMark(r):
			piled, marks = 0, 0
		case unicode.Is(unicode.Mc, r):
			marks++
		default:
			piled, marks = piled+1, marks+1
		}
		if piled > maxPiledMarks || marks > maxMarks {
			return ErrTextPile
		}
		previous = r
	}
	return nil
}

const (
	zeroWidthSpace     = '\u200B'
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
	mongolianSeparator = '\u180E'
	emojiPresentation  = '\uFE0F'

	// directionMarks are harmless, and usual where numbers and names of another
	// script stand in Hebrew or Arabic text; elsewhere they only make two equal
	// texts differ.
	directionMarks = "\u200E\u200F\u061C"
)

// visible reports whether r between its neighbours shows itself, or shapes what
// does. A neighbour that is missing is 0 before, and utf8.RuneError after.
func visible(previous, r, next rune) bool {
	switch {
	case r < unicode.MaxASCII: // the usual case; what is left out is DEL
		return r >= ' ' || r == '\n' || r == '\t'
	case r == zeroWidthJoiner && isEmoji(previous):
		return unicode.Is(unicode.So, next)
	case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		return unicode.In(previous, joining...) && !unicode.Is(unicode.Cf, next)
	case r == zeroWidthSpace:
		return unicode.In(previous, unspaced...) && next != zeroWidthSpace
	case r == mongolianSeparator:
		return unicode.Is(unicode.Mongolian, previous) && unicode.Is(unicode.Mongolian, next)
	case unicode.Is(unicode.Variation_Selector, r):
		return previous > ' ' && !unicode.IsSpace(previous) && !unicode.Is(unicode.Variation_Selector, previous)
	case r&0xFFFE == 0xFFFE: // the last two of each plane are no characters
		return false
	}
	return !unicode.Is(hiddenRunes, r)
}

func isEmoji(r rune) bool {
	const lightestSkin, darkestSkin = '\U0001F3FB', '\U0001F3FF'
	return unicode.Is(unicode.So, r) || r == emojiPresentation || lightestSkin <= r && r <= darkestSkin
}

// joining are the scripts in which a joiner between letters changes their shape.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mandaic, unicode.Mongolian, unicode.Nko, unicode.Adlam,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil,
	unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar,
	unicode.Tibetan, unicode.Balinese, unicode.Javanese,
}

// unspaced are the scripts that write no spaces between words, where a zero-width
// one says where a line may break.
var unspaced = []*unicode.RangeTable{unicode.Khmer, unicode.Lao, unicode.Myanmar, unicode.Thai}

func writtenRightToLeft(r rune) bool {
	return unicode.IsLetter(r) &&
		unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}

// hiddenRunes holds characters that show nothing of themselves, turn the order of
// others, or have no agreed look: controls, bidirectional overrides and isolates,
// invisible operators, fillers, tags, private use.
var hiddenRunes = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0000, Hi: 0x001F, Stride: 1}, {Lo: 0x007F, Hi: 0x009F, Stride: 1},
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, {Lo: 0x115F, Hi: 0x1160, Stride: 1},
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, {Lo: 0x2028, Hi: 0x202E, Stride: 1},
		{Lo: 0x2060, Hi: 0x206F, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xE000, Hi: 0xF8FF, Stride: 1},
		{Lo: 0xFDD0, Hi: 0xFDEF, Stride: 1}, {Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1},
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, {Lo: 0xFFF9, Hi: 0xFFFC, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1BCA0, Hi: 0x1BCA3, Stride: 1}, {Lo: 0x1D173, Hi: 0x1D17A, Stride: 1},
		{Lo: 0xE0000, Hi: 0xE00FF, Stride: 1}, {Lo: 0xE01F0, Hi: 0xE0FFF, Stride: 1},
		{Lo: 0xF0000, Hi: 0x10FFFF, Stride: 1},
	},
	LatinOffset: 2,
}

// nameSigns are what names hold beside letters and marks: spaces, apostrophes,
// hyphens, dots, middle dots and commas, with their cousins in other scripts.
const nameSigns = " '’‘`´՚׳״" + "-‐‑–־" + ".．" + "·‧・･་༌፡" + ",،、ฯ"

// CheckName reports why a text cannot be a person's name. Names of every script
// pass; it asks for a letter and no more, for nobody's name is wrong.
//
// Shape: 1 to MaxNameRunes code points, as CleanLine leaves them.
// Errors: those of CheckText, ErrNameEmpty, ErrNameChars, ErrNameLetters,
// ErrNameLink.
func CheckName(s string) error {
	if strings.TrimSpace(s) == "" {
		return ErrNameEmpty
	}
	if err := CheckText(s, MaxNameRunes); err != nil {
		return err
	}
	if holdsLink(s) {
		return ErrNameLink
	}
	letters, digits, previous := 0, 0, rune(' ')
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) && !isCostume(r):
			letters++
		case unicode.IsMark(r) && previous != ' ':
		case unicode.Is(unicode.Nd, r) && !isCostume(r) && digits < maxNameDigits:
			digits++
		case r == zeroWidthJoiner || r == zeroWidthNonJoiner || r == mongolianSeparator || strings.ContainsRune(nameSigns, r):
		default:
			return ErrNameChars
		}
		previous = r
	}
	if letters == 0 {
		return ErrNameLetters
	}
	return nil
}

// linkEndings are the ends of domains that advertising uses and no name has. Short
// ones such as ".de" are not among them: "Maria.de Souza" forgot a space.
var linkEndings = []string{".com", ".net", ".org", ".info", ".biz", ".xyz", ".site", ".online", ".shop", ".club", ".co.uk"}

func holdsLink(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, "://") {
		return true
	}
	if !strings.Contains(s, ".") {
		return false
	}
	for word := range strings.FieldsSeq(strings.ToLower(s)) {
		word = strings.TrimRight(word, ".,")
		if strings.HasPrefix(word, "www.") {
			return true
		}
		for _, ending := range linkEndings {
			if strings.HasSuffix(word, ending) && len(word) > len(ending) {
				return true
			}
		}
	}
	return false
}

// Initials shortens a name to what its owner knows again and nobody else learns
// much from: "A. T." for Ana Torres or Ana María Torres, "A." for Ana, "" where
// there is no letter. Scripts without case give the first character as it is read.
func Initials(name string) string {
	var first, last string
	for part := range strings.FieldsFuncSeq(name, separatesNames) {
		initial := initialOf(part)
		if initial == "" {
			continue
		}
		if first == "" {
			first = initial
		} else {
			last = initial
		}
	}
	if last != "" {
		return first + ". " + last + "."
	}
	if first != "" {
		return first + "."
	}
	return ""
}

func separatesNames(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",،、・･፡", r)
}

const (
	// writtenBefore are vowels that Thai and Lao write before the consonant they
	// follow: the initial of เอก is อ.
	writtenBefore = "เแโใไເແໂໃໄ"
	// viramas tie the next letter to the one before: श्री begins with श्री, not with श्.
	viramas = "\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0C4D\u0CCD\u0D4D\u0DCA\u17D2\u1039"
	// maxInitialRunes is ample for any first character that a person writes.
	maxInitialRunes = 8
)

// initialOf returns the first letter of a word with its marks, or "".
func initialOf(word string) string {
	start := strings.IndexFunc(word, unicode.IsLetter)
	if start < 0 {
		return ""
	}
	letters := []rune(word[start:])
	if len(letters) > 1 && strings.ContainsRune(writtenBefore, letters[0]) && unicode.IsLetter(letters[1]) {
		letters = letters[1:]
	}
	end := 1
	for end < len(letters) && end < maxInitialRunes {
		tied := unicode.IsLetter(letters[end]) && (strings.ContainsRune(viramas, letters[end-1]) || letters[end-1] == zeroWidthJoiner)
		if !unicode.IsMark(letters[end]) && letters[end] != zeroWidthJoiner && !tied {
			break
		}
		end++
	}
	return string(unicode.ToTitle(letters[0])) + string(letters[1:end])
}
