package undersigned

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanLine(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"nothing", " \t\r\n", ""},
		{"white space of all kinds", "\u00a0Save \t the\r\n  trees\u3000now\u2028 ", "Save the trees now"},
		{"what CheckText shall see stays", "Save\u200b the\x00 trees\u202e", "Save\u200b the\x00 trees\u202e"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := CleanLine(tt.typed); got != tt.want {
				t.Errorf("CleanLine(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestCleanText(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"nothing", " \r\n \n", ""},
		{"line ends of all kinds", "a\r\nb\rc\u0085d\u2028e\vf\ng", "a\nb\nc\nd\ne\nf\ng"},
		{"a paragraph sign is an empty line", "a\u2029b", "a\n\nb"},
		{"blanks at line ends", "a  \t\n b\u00a0\n", "a\n b"},
		{"two empty lines stay, more do not", "a\n\n\nb\n \n\t\n\n\n\nc", "a\n\n\nb\n\n\nc"},
		{"spaces inside stay as typed", "a  b\tc\u202f!", "a  b\tc\u202f!"},
		{"what CheckText shall see stays", "a\u200b\n\x00b", "a\u200b\n\x00b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := CleanText(tt.typed); got != tt.want {
				t.Errorf("CleanText(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestU4FormulaBeginningsAreRefused(t *testing.T) {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\n-"} {
		for _, rest := range []string{"", "SUM(A1)", "Ana", " Ana Torres"} {
			if err := CheckText(start+rest, 80); !errors.Is(err, ErrTextFormula) {
				t.Errorf("CheckText(%q) = %v, want ErrTextFormula", start+rest, err)
			}
			if err := CheckName(start + "Ana" + rest); !errors.Is(err, ErrTextFormula) {
				t.Errorf("CheckName(%q) = %v, want ErrTextFormula", start+"Ana"+rest, err)
			}
		}
	}
	for _, fine := range []string{"A = B", "Ban -1 prices", "– a dash", "• a bullet", "'=x", "1+1"} {
		if err := CheckText(fine, 80); err != nil {
			t.Errorf("CheckText(%q) = %v", fine, err)
		}
	}
}

func TestCheckTextTakesWhatPeopleWrite(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                           "",
		"lines and tabs":                    "First:\n•\tsecond\n\nthird",
		"quotes, money, units, fractions":   "“It’s £40m – or €12”, 26˚C, ¾ of 10µg/m³… NO²",
		"emoji with presentation":           "⚠️ Save our 🐝 ✨",
		"a family and skin colours":         "👨\u200d👩\u200d👧 and 👩🏽\u200d⚕️",
		"flags of countries":                "🇵🇰 🏳️\u200d🌈",
		"flags of England, Scotland, Wales": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
		"Persian with non-joiner":           "می\u200cخواهم که درخت\u200cها بمانند",
		"Sinhala with joiner":               "ශ්\u200dරී ලංකාව",
		"Malayalam ending in a joiner":      "അനില്\u200d വന്നു",
		"Khmer with invisible spaces":       "សូម\u200bជួយ\u200bយើង",
		"Hebrew with direction marks":       "שלום \u200fABC\u200e 123",
		"Burmese piles":                     "မျှော်လင့် လျှော့",
		"Hebrew with vowels and accents":    "בְּרֵאשִׁ֖ית",
		"Vietnamese in parts":               "Vie\u0323\u0302t Nam",
		"Japanese name variants":            "葛\U000e0100城市",
		"Mongolian with separator":          "ᠰᠠᠷ\u180eᠠ",
		"Arabic phrase sign":                "Muhammad ﷺ",
	} {
		if err := CheckText(text, 80); err != nil {
			t.Errorf("%s: CheckText(%q) = %v", name, text, err)
		}
	}
}

func TestCheckTextCountsCodePoints(t *testing.T) {
	for _, letter := range []string{"a", "é", "ক", "𠮷"} {
		if err := CheckText(strings.Repeat(letter, 80), 80); err != nil {
			t.Errorf("80 of %q: %v", letter, err)
		}
		if err := CheckText(strings.Repeat(letter, 81), 80); !errors.Is(err, ErrTextTooLong) {
			t.Errorf("81 of %q: %v, want ErrTextTooLong", letter, err)
		}
	}
}

// badTexts returns texts no page should show, each with the error it must give:
// every kind of bad stuff before, inside and after every kind of good text.
func badTexts() map[string]error {
	good := []string{"Save the trees", "Спасите деревья", "拯救树木", "Ministry of Health"}
	var bad = map[string]error{}
	put := func(stuff string, want error) {
		for _, text := range good {
			_, first := utf8.DecodeRuneInString(text)
			inside := text[:first] + stuff + text[first:]
			bad["x "+stuff+text] = want
			bad[inside] = want
			bad[text+stuff] = want
		}
	}
	for _, hiddenRunes := range []string{
		"\x00", "\x01", "\x07", "\x08", "\x1b[31m", "\x7f", "\u0080", "\u009f", // controls
		"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", // direction
		"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u200e", "\u200f", "\u061c", "\u180e", // zero width
		"\u2061", "\u2062", "\u2063", "\u2064", "\u206a", "\u206f", "\u034f", "\u2800", // invisible operators, blanks
		"\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\ufff9", "\ufffb", "\ufffc", // fillers, notes
		"\U000e0001", "\U000e0041", "\U000e007f", "\U0001f3f4\U000e0061\U000e007f", // tags
		"\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", "\ufdd0", "\ufffe", "\uffff", "\U0001ffff", // private, none
		"x\ufe0f\ufe0f", "x\U000e0100\U000e0101", " \ufe0f", "\U000e01f0", // variation selectors that hide data
	} {
		put(hiddenRunes, ErrTextControl)
	}
	for _, mark := range []string{"\u0301", "\u0489", "\u20dd", "\u0e34", "\u064b"} {
		put(strings.Repeat(mark, 5), ErrTextPile)
	}
	put(strings.Repeat("\u0300\u0334", 35), ErrTextPile)
	put(strings.Repeat("\u093e", 9), ErrTextPile)
	for _, broken := range []string{"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\ufffd"} {
		put(broken, ErrTextInvalid)
	}
	for _, long := range []string{strings.Repeat(" long", 40), strings.Repeat("𠮷", 101), strings.Repeat("e\u0301", 500)} {
		put(long, ErrTextTooLong)
	}
	return bad
}

func TestG60BadTextsAreRefused(t *testing.T) {
	bad := badTexts()
	if len(bad) < 500 {
		t.Fatalf("only %d bad texts, want at least 500", len(bad))
	}
	for text, want := range bad {
		if err := CheckText(text, MaxNameRunes); !errors.Is(err, want) {
			t.Errorf("CheckText(%+q) = %v, want %v", text, err, want)
		}
		if err := CheckName(text); err == nil {
			t.Errorf("CheckName(%+q) passed", text)
		}
	}
}

func TestS28FiveHundredMarksAreRefused(t *testing.T) {
	zalgo := "Z" + strings.Repeat("\u0300\u0335\u0489\u0361", 125)
	if err := CheckText(zalgo, 800); !errors.Is(err, ErrTextPile) {
		t.Errorf("500 combining marks: %v, want ErrTextPile", err)
	}
	if err := CheckName(zalgo); err == nil {
		t.Error("500 combining marks pass as a name")
	}
}

// A script's line of testdata/names.txt.
type scriptNames struct {
	script string
	names  []string
}

func readNames(t *testing.T) []scriptNames {
	t.Helper()
	file, err := os.ReadFile("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []scriptNames
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSpace(line), " | ")
		if len(fields) != 4 {
			t.Fatalf("line %q has %d fields, want 4", line, len(fields))
		}
		joiner := map[string]string{"space": " ", "none": ""}[fields[1]]
		if joiner == "" && fields[1] != "none" {
			joiner = fields[1]
		}
		s := scriptNames{script: fields[0]}
		for _, first := range strings.Split(fields[2], ", ") {
			for _, second := range strings.Split(fields[3], ", ") {
				s.names = append(s.names, first+joiner+second)
			}
		}
		all = append(all, s)
	}
	return all
}

func TestG60NamesInThirtyScripts(t *testing.T) {
	scripts, total, passed := map[string]bool{}, 0, 0
	for _, s := range readNames(t) {
		table, known := unicode.Scripts[s.script]
		if !known {
			t.Fatalf("%q is no script", s.script)
		}
		scripts[s.script] = true
		for _, name := range s.names {
			if !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(table, r) }) {
				t.Errorf("%q is not in %s", name, s.script)
			}
			total++
			if err := CheckName(CleanLine(name)); err != nil {
				t.Logf("%s: CheckName(%q) = %v", s.script, name, err)
				continue
			}
			passed++
		}
	}
	if len(scripts) < 30 || total < 1000 {
		t.Fatalf("%d names in %d scripts, want 1,000 in 30", total, len(scripts))
	}
	if 100*passed < 99*total {
		t.Errorf("%d of %d names pass, want 99 in 100", passed, total)
	}
	t.Logf("%d of %d names in %d scripts pass", passed, total, len(scripts))
}

func TestCheckName(t *testing.T) {
	tests := []struct {
		name, typed string
		want        error
	}{
		{"one letter", "O", nil},
		{"suffix with comma and dots", "Martin Luther King, Jr.", nil},
		{"initials without spaces", "J.R.R. Tolkien", nil},
		{"a number in it", "Henry Ford 2nd", nil},
		{"apostrophe first", "’t Hooft", nil},
		{"middle dot", "Gal·la Puig", nil},
		{"missing space after a short word", "Maria.de Souza", nil},
		{"two scripts", "Ana 李", nil},
		{"100 code points", strings.Repeat("é", 100), nil},

		{"nothing", "", ErrNameEmpty},
		{"a space", " ", ErrNameEmpty},
		{"101 code points", strings.Repeat("é", 101), ErrTextTooLong},
		{"digits only", "1234", ErrNameLetters},
		{"punctuation only", "...", ErrNameLetters},
		{"a telephone number", "Ana 01632 960123", ErrNameChars},
		{"a mail address", "ana@example.org", ErrNameLink},
		{"an address of a page", "https://example.org/ana", ErrNameLink},
		{"www", "Visit www.example now", ErrNameLink},
		{"a domain", "Cheap Tickets.com", ErrNameLink},
		{"a domain with a full stop", "buy at tickets.CO.UK.", ErrNameLink},
		{"angle brackets", "<b>Ana</b>", ErrNameChars},
		{"an emoji", "Ana 🌳", ErrNameChars},
		{"two lines", "Ana\nTorres", ErrNameChars},
		{"mathematical letters", "𝐀𝐧𝐚", ErrNameChars},
		{"a mark before any letter", "\u0301Ana", ErrNameChars},
		{"a slash", "Ana/Bo", ErrNameChars},
		{"underscore", "ana_torres", ErrNameChars},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := CheckName(tt.typed); !errors.Is(err, tt.want) {
				t.Errorf("CheckName(%q) = %v, want %v", tt.typed, err, tt.want)
			}
		})
	}
}

func TestErrorsOfTextsHoldNothingTyped(t *testing.T) {
	for _, typed := range []string{"torres@example.org", "=torres", "torres\x00", "torres<", strings.Repeat("torres", 50)} {
		if err := CheckName(typed); err == nil || strings.Contains(err.Error(), "torres") {
			t.Errorf("CheckName(%q) = %v", typed, err)
		}
	}
}

func TestInitials(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"two parts", "Ana Torres", "A. T."},
		{"first and last of many", "Ana María de la Torre", "A. T."},
		{"one part", "Ana", "A."},
		{"no letters", " .- ", ""},
		{"nothing", "", ""},
		{"small letters", "ana torres", "A. T."},
		{"apostrophe and hyphen", "’t Jean-Luc O'Brien", "T. O."},
		{"accents, whole and in parts", "Zoë E\u0301tienne-Noe\u0308l", "Z. E\u0301."},
		{"a part without letters", "Ana - 3", "A."},
		{"comma", "Torres,Ana", "T. A."},
		{"double letter", "ǆorđe ilić", "ǅ. I."},
		{"Georgian has no capitals of this kind", "ნინო ბერიძე", "ნ. ბ."},
		{"Hindi: the syllable", "श्रीकांत कुमार", "श्री. कु."},
		{"Sinhala with a joiner", "ශ්\u200dරියානි පෙරේරා", "ශ්\u200dරි. පෙ."},
		{"Thai: the consonant, not the vowel written first", "เอกชัย ใจดี", "อ. จ."},
		{"Han", "李小龙", "李."},
		{"Katakana with middle dot", "ジョン・スミス", "ジ. ス."},
		{"Arabic", "محمد بن علي", "م. ع."},
		{"a pile of marks is cut", "A" + strings.Repeat("\u0301", 50), "A" + strings.Repeat("\u0301", 7) + "."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Initials(tt.typed); got != tt.want {
				t.Errorf("Initials(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

func TestInitialsOfEveryScript(t *testing.T) {
	for _, s := range readNames(t) {
		for _, name := range s.names {
			initials := Initials(name)
			parts := strings.Fields(initials)
			if len(parts) < 1 || len(parts) > 2 || !strings.HasSuffix(initials, ".") || strings.Contains(initials, name) {
				t.Errorf("%s: Initials(%q) = %q", s.script, name, initials)
			}
		}
	}
}

// Cleaning is done once and for ever: what is clean stays as it is, and nothing but
// white space is lost.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", " a \r\n\n\n\n b", "a\u2029\u2028b\x00", "\xff \xff", "می\u200cخواهم", "\t=1"} {
		f.Add(seed)
	}
	ink := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		line, text := CleanLine(typed), CleanText(typed)
		if CleanLine(line) != line || CleanText(text) != text {
			t.Fatalf("cleaning %q again changes it: %q, %q", typed, CleanLine(line), CleanText(text))
		}
		if ink(line) != ink(typed) || ink(text) != ink(typed) {
			t.Fatalf("cleaning %q lost something: %q, %q", typed, line, text)
		}
		if strings.Contains(text, "\n\n\n\n") || strings.ContainsAny(line, "\r\n\t") || strings.Contains(text, "\r") {
			t.Fatalf("cleaning %q left %q, %q", typed, line, text)
		}
		if CheckName(line) == nil {
			if Initials(line) == "" {
				t.Fatalf("the name %q has no initials", line)
			}
		}
	})
}

func BenchmarkCheckName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckName("Ana María de la Torre"); err != nil {
			b.Fatal(err)
		}
	}
}
