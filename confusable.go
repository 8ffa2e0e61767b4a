package undersigned

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// lookalikes lists, for a Latin letter or digit in lower case, what people take
// for it at a glance: the letter with accents and strokes, raised, small or
// ornamental forms, and letters of other scripts. Capitals stand here only where
// their small letter looks like something else; "i", "l", "1" and "|" are one,
// and so are "o" and "0". The last rows make composed letters of other scripts
// equal to their parts.
//
// Source: what Unicode TS 39 (confusables) says of the scripts that have been used
// to imitate Latin, and what readers take for small capitals (в, н, т) besides.
var lookalikes = []struct{ letter, looks string }{
	{"2", "²Ƨ₂Ꝛ"},
	{"3", "³ƷȜ₃ꝪꞫ зҘӟӠ Ⳍ"},
	{"4", "⁴₄ Ꮞ"},
	{"5", "⁵₅"},
	{"6", "⁶₆ Ꮾ Ⳓ"},
	{"7", "⁷₇"},
	{"8", "ȣ⁸₈"},
	{"9", "⁹₉Ꝯ Ⳋ"},
	{"a", "ªàáâãäåāăąǎǟǡǻȁȃȧɑᴀᴬᵃḁẚạảấầẩẫậắằẳẵặₐ Λάαἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ аӑӓ Ꭺ ᗅ ꓮ"},
	{"b", "ƀƃƄɓʙᴮᵇḃḅḇℬꞴ β бвьѣҍ ᏏᏴ ᑲᑳᖯᗷ ꓐ"},
	{"c", "çćĉċčȼᴄᶜḉℂℭⅽ ςϲ сҫ Ꮯꮯ ⲥ ꓚ"},
	{"d", "ðďđƌɖɗᴅᴰᵈḋḍḏḑḓⅅⅆⅾ ԁ ᎠᏧ ᑯᗞᗪ ꓒꓓ"},
	{"e", "èéêëēĕėęěȅȇȩɇᴇᴱᵉḕḗḙḛḝẹẻẽếềểễệₑℯℰⅇꬲ Έέεἐἑἒἓἔἕὲέ еѐёєҽҿӗ Ꭼ ꓰ ⴹ"},
	{"f", "ƒᵮᶠḟẝℱꜰꞙꬵ Ϝ ք ᖴ ꓝ"},
	{"g", "ĝğġģƍǥǧǵɠɡɢᴳᵍᶃḡℊ ԍ ց ᏀᏳ ꓖ"},
	{"h", "ĥħȟɦʜʰᴴḣḥḧḩḫẖₕℋℌℍℎ ΉΗ нћҢһӇӉꚕ հ ᎻᏂᏲ ᕼ Ⲏ ꓧ"},
	{"j", "ĵǰɉʲᴊᴶⅉⱼꞲ ϳ ј Ꭻ ᒍ ꓙ"},
	{"k", "ķĸƙǩᴋᴷᵏḱḳḵₖꝀ κ кќҚҞ Ꮶ Ⲕ ꓗ"},
	{"l", "i|¹ìíîïĩīĭįİıĺļľłƚǀǐȉȋɨɩɪɫɭʟˡᴵᴸᵢᵻᵼḭḯḷḹḻḽỉịⁱ₁ₗℐℑℒℓℹⅈⅰⅼ ΐίιϊἰἱἲἳἴἵἶἷὶίιῐῑῒΐῖῗ іїӏ ᎥᏞꭵ ᒪ ⲒⳐ" +
		"ꓡꓲ ⵏ 1١۱"},
	{"m", "ɱᴍᴹᵐᵯḿṁṃₘℳⅿ ΜϺ мӍ Ꮇ ᗰ Ⲙ ꓟ"},
	{"n", "ñńņňŋƝƞǹɳɴᴺᵰṅṇṉṋⁿₙℕ ΝΠήηπἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ п ոռ Ⲛ ꓠ"},
	{"o", "ºòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱɵᴏᴑᴼᵒṍṏṑṓọỏốồổỗộớờởỡợ⁰₀ₒℴꝋꬽꬾ θοσόϑὀὁὂὃὄὅὸό оѳӧөӫ օ ჿ ᎾᏫꭴꮎꮻ ⲟ ꓳ ⴱⵁⵔ" +
		"0٠۰०০੦૦୦௦౦೦൦๐໐၀០"},
	{"p", "ƥᴘᴾᵖᵽṕṗₚℙ ρϱῤῥ р Ꮲ ᑭ ⲣ ꓑ"},
	{"q", "ʠℚ ԛ գզ ⵕ"},
	{"r", "ŕŗřȑȓɍɼɽʀʳᴿᵣᵲṙṛṝṟℛℜℝꭇꭈ ᴦ гяѓғ ᎡᏒꮁ ᖇ ⲅ ꓣ"},
	{"s", "śŝşšſșʂˢᵴṡṣṥṧṩẛₛꜱ ѕ Տ ᏕᏚꮪ ꓢ"},
	{"t", "ţťŧƭƮțȾᴛᵀᵗᵵṫṭṯṱẗₜ τ тҬ Ꭲ Ⲧ ꓔ"},
	{"u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗɄʋᴜᵁᵘᵤᵾṳṵṷṹṻụủứừửữựꞟꭎꭒ ΰυϋύὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ цџ ս Ꮜꮜ ᑌ ꓴ"},
	{"v", "ᴠᵛᵥṽṿⅴⱽ ν ѵѷ Ꮩꮩ ᐯ ꓦ ⴸ"},
	{"w", "ŵɯʷᴡᵂẁẃẅẇẉẘꝡ ωώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ шѡѽԝ ա ᎳᏔꮃ ꓪ"},
	{"x", "ˣẋẍₓⅹꞳ χ хҲ ᕁᕽ Ⲭ ꓫ ⵝ"},
	{"y", "ýÿŷƴȳɏɣʏʸᶌẏẙỳỵỷỹỿꭚ ΎΥΫγϒϓϔ уўүұӯӱӳ ყ ᎩᎽ Ⲩ ꓬ"},
	{"z", "źżžƶȥʐᴢᵶᶻẑẓẕℤℨ ζ Ꮓꮓ ꓜ"},
	{"ж", "ӂӝ"},
	{"и", "йѝӣӥ"},
	{"ч", "ӵ"},
	{"ы", "ӹ"},
	{"э", "ӭ"},
	{"ә", "ӛ"},
	{"ae", "æǣǽ ӕ"},
	{"dz", "ǆǳ"},
	{"ff", "ﬀ"},
	{"ffl", "ﬃﬄ"},
	{"fl", "ﬁﬂ"},
	{"ll", "ⅱ"},
	{"lll", "ⅲ"},
	{"lj", "ĳǉ"},
	{"lv", "ⅳ"},
	{"lx", "ⅸ"},
	{"nj", "ǌ"},
	{"oe", "œ"},
	{"ss", "ß"},
	{"st", "ﬅﬆ"},
	{"vl", "ⅵ"},
	{"vll", "ⅶ"},
	{"vlll", "ⅷ"},
	{"xl", "ⅺ"},
	{"xll", "ⅻ"},
}

// looksLike is lookalikes turned round.
var looksLike = sync.OnceValue(func() map[rune]string {
	shapes := make(map[rune]string)
	for _, row := range lookalikes {
		for _, r := range row.looks {
			if r != ' ' {
				shapes[r] = row.letter
			}
		}
	}
	return shapes
})

// sameShapes are pairs of letters that read as one in most typefaces.
var sameShapes = strings.NewReplacer("rn", "m", "vv", "w")

// Skeleton reduces a text to what a quick reader sees of it: two texts with one
// skeleton are easily taken for each other. Case, accents, punctuation, symbols,
// hidden characters and the script of look-alike letters are gone. It is for
// comparing, never for showing; the skeleton of a skeleton is itself.
func Skeleton(s string) string {
	shapes := looksLike()
	var skeleton strings.Builder
	skeleton.Grow(len(s))
	gap := false
	for _, r := range s {
		r = undress(r)
		shape, alike := shapes[r]
		if !alike {
			r = unicode.ToLower(r)
			shape, alike = shapes[r]
		}
		switch {
		case unicode.IsSpace(r):
			gap = skeleton.Len() > 0
			continue
		case !alike && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Sc, unicode.Sm):
			continue
		case unicode.IsMark(r) && unicode.Is(unicode.Inherited, r): // an accent; vowel signs stay
			continue
		}
		if gap {
			skeleton.WriteByte(' ')
			gap = false
		}
		if alike {
			skeleton.WriteString(shape)
		} else {
			skeleton.WriteRune(r)
		}
	}
	return sameShapes.Replace(skeleton.String())
}

// Confusable reports whether two texts are easily taken for each other. Equal
// texts are. Both are compared in small letters too, for capitals of one script
// may look like another's where its small letters do not.
func Confusable(a, b string) bool {
	return Skeleton(a) == Skeleton(b) || Skeleton(strings.ToLower(a)) == Skeleton(strings.ToLower(b))
}

// undress returns the plain letter or digit of an ornamental one: mathematical,
// wide or enclosed. Other characters are returned as they are.
func undress(r rune) rune {
	switch {
	case r < 0x2460:
	case 0xFF01 <= r && r <= 0xFF5E: // wide ASCII
		return r - 0xFF01 + '!'
	case 0x1D400 <= r && r <= 0x1D6A3: // mathematical letters, 13 alphabets
		return latinOf(int(r-0x1D400) % 52)
	case 0x1D6A8 <= r && r <= 0x1D7C9: // mathematical Greek, 5 alphabets
		return greekOf(r, int(r-0x1D6A8)%58)
	case 0x1D7CE <= r && r <= 0x1D7FF: // mathematical digits, 5 rows
		return '0' + (r-0x1D7CE)%10
	case 0x2460 <= r && r <= 0x2468: // ① to ⑨
		return r - 0x2460 + '1'
	case 0x249C <= r && r <= 0x24B5: // ⒜ to ⒵
		return r - 0x249C + 'a'
	case 0x24B6 <= r && r <= 0x24E9: // Ⓐ to ⓩ
		return latinOf(int(r - 0x24B6))
	case 0x1F130 <= r && r <= 0x1F149: // squared
		return r - 0x1F130 + 'a'
	case 0x1F150 <= r && r <= 0x1F169: // on a black circle
		return r - 0x1F150 + 'a'
	case 0x1F170 <= r && r <= 0x1F189: // on a black square
		return r - 0x1F170 + 'a'
	}
	return r
}

// latinOf returns the letter at a place in A to Z, a to z.
func latinOf(place int) rune {
	if place < 26 {
		return 'A' + rune(place)
	}
	return 'a' + rune(place-26)
}

// greekOf returns the letter at a place in Α to Ω, nabla, α to ω and six symbols;
// the symbols and the second theta stay as they are.
func greekOf(r rune, place int) rune {
	switch {
	case place < 25 && place != 17:
		return 'Α' + rune(place)
	case 26 <= place && place < 51:
		return 'α' + rune(place-26)
	}
	return r
}

// isCostume reports whether r is a letter or digit in a costume of mathematics or
// ornament, which screen readers spell out and search does not find.
func isCostume(r rune) bool {
	const wideFirst, wideLast = 0xFF01, 0xFF5E
	return undress(r) != r && (r < wideFirst || r > wideLast)
}

// imitators are scripts outside Europe's three whose letters serve to imitate Latin.
var imitators = []*unicode.RangeTable{
	unicode.Armenian, unicode.Canadian_Aboriginal, unicode.Cherokee, unicode.Coptic, unicode.Georgian, unicode.Lisu,
	unicode.Tifinagh,
}

// smallCapitals and letters of phonetics pass for ordinary ones in the middle of a word.
const smallCapitals = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩ"

// isOddLatin reports whether r is a Latin letter in a form that stands among
// others of its kind: wide, small capital, letterlike symbol.
func isOddLatin(r rune) bool {
	const information, kelvin, angstrom = 'ℹ', '\u212A', '\u212B' // a picture, and two letters that only look so
	switch {
	case 0xFF21 <= r && r <= 0xFF5A:
		return unicode.IsLetter(r)
	case 0x2100 <= r && r <= 0x214F:
		return unicode.IsLetter(r) && r != information && r != kelvin && r != angstrom
	}
	return strings.ContainsRune(smallCapitals, r)
}

// alphabets counts the letters of a word or a text by what they are written in.
type alphabets struct {
	latin, oddLatin, costume int
	cyrillic, greek, other   foreign
	longestGreek             int // letters of the longest Greek word
}

// foreign counts letters of another script than Latin, and those that look Latin.
type foreign struct{ letters, alike int }

func (f *foreign) count(r rune) {
	f.letters++
	if looksLatin(r) {
		f.alike++
	}
}

func (f *foreign) add(more foreign) {
	f.letters += more.letters
	f.alike += more.alike
}

func (f foreign) allAlike() bool { return f.letters > 0 && f.alike == f.letters }

func (n *alphabets) count(r rune) {
	switch {
	case isCostume(r):
		if unicode.IsLetter(undress(r)) {
			n.costume++
		}
	case isOddLatin(r):
		n.oddLatin++
	case unicode.Is(unicode.Latin, r):
		n.latin++
	case unicode.Is(unicode.Cyrillic, r):
		n.cyrillic.count(r)
	case unicode.Is(unicode.Greek, r):
		n.greek.count(r)
	case unicode.In(r, imitators...):
		n.other.count(r)
	}
}

func (n *alphabets) add(word alphabets) {
	n.latin += word.latin
	n.cyrillic.add(word.cyrillic)
	n.greek.add(word.greek)
	n.other.add(word.other)
	n.longestGreek = max(n.longestGreek, word.greek.letters)
}

func looksLatin(r rune) bool {
	const omega, ohm = 'Ω', '\u2126' // kΩ is a unit; only the small letter looks like a w
	if r == omega || r == ohm {
		return false
	}
	shape, alike := looksLike()[r]
	if !alike {
		shape, alike = looksLike()[unicode.ToLower(r)]
	}
	return alike && shape[0] < utf8.RuneSelf
}

// mixed reports whether one word is put together from letters that do not belong
// together and that a reader would not tell apart.
func (n alphabets) mixed() bool {
	cyrillic, greek := n.cyrillic.letters, n.greek.letters
	return n.latin > 0 && cyrillic > 0 ||
		n.latin+cyrillic > 0 && n.greek.alike > 0 ||
		n.latin+cyrillic+greek > 0 && (n.other.alike > 0 || n.costume > 0) ||
		n.latin > 0 && n.oddLatin > 0 ||
		n.costume > 1
}

// imitates reports whether a text with Latin words has words of another script
// that could all be read as Latin, and no letter that shows the script is meant.
// A Greek letter on its own is science: α rays.
func (n alphabets) imitates() bool {
	return n.latin > 0 &&
		(n.cyrillic.allAlike() || n.longestGreek > 1 && n.greek.allAlike() || n.other.allAlike())
}

// Mixed reports whether a text looks like something it is not written as: a word
// with a letter of another alphabet in it, a whole word in letters that pass for
// Latin, or letters in costume. It is a hint for moderators, not a verdict.
func Mixed(s string) bool {
	var text, word alphabets
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || isCostume(r):
			word.count(r)
		case unicode.In(r, unicode.M, unicode.Nd, unicode.Cf): // inside a word
		default:
			if word.mixed() {
				return true
			}
			text.add(word)
			word = alphabets{}
		}
	}
	text.add(word)
	return word.mixed() || text.imitates()
}
