package undersigned

import (
	"strings"
	"testing"
	"unicode"
)

// genuine are titles as people write them. None may be flagged, and no two of them
// may be taken for each other.
var genuine = []string{
	"Save the Children's Hospital", "Ministry of Health must publish its report", "Stop the new coal mine",
	"Make voting easier for blind people", "Ban plastic bottles in all parks", "Keep our public library open",
	"Protect ancient oaks from felling", "More buses for the northern villages", "Open the police records of 1984",
	"A pension for every carer", "Cap rents in the old town", "Clean water in Lake Corrib by 2030",
	"Let nurses park free of charge", "Repair the Market Street bridge", "Teach sign language in schools",
	"End fees for school meals", "Give the parliament a second chamber", "Recycle clothes at every bus stop",
	"Support the Home Office review", "Plant 10,000 trees on Common Hill",
}

// disguises are the tricks that make a second petition look like the first: what is
// put for which letter. They are written down apart from the table under test.
var disguises = []struct {
	name  string
	mixed bool // Mixed alone must flag it
	swap  []string
}{
	{"Cyrillic", true, []string{"a", "а", "c", "с", "e", "е", "o", "о", "p", "р", "x", "х", "y", "у", "i", "і", "s", "ѕ",
		"A", "А", "B", "В", "C", "С", "E", "Е", "H", "Н", "K", "К", "M", "М", "O", "О", "P", "Р", "S", "Ѕ", "T", "Т"}},
	{"one Cyrillic letter kind", true, []string{"e", "е"}},
	{"Cyrillic small capitals", true, []string{"t", "т", "k", "к", "m", "м", "h", "н", "r", "г", "n", "п"}},
	{"Greek", true, []string{"o", "ο", "v", "ν", "a", "α", "p", "ρ", "i", "ι", "A", "Α", "B", "Β", "E", "Ε", "M", "Μ"}},
	{"Armenian", true, []string{"o", "օ", "n", "ո", "u", "ս", "h", "հ"}},
	{"Lisu and Cherokee capitals", true, []string{"S", "ꓢ", "M", "Ꮇ", "B", "ꓐ", "K", "Ꮶ", "P", "Ꮲ", "A", "Ꭺ", "C", "Ꮯ",
		"L", "ꓡ", "R", "ꓣ", "T", "ꓔ", "E", "ꓰ", "G", "ꓖ", "O", "ꓳ"}},
	{"bold mathematics", true, []string{"a", "𝐚", "e", "𝐞", "o", "𝐨", "t", "𝐭"}},
	{"wide letters", true, []string{"e", "ｅ", "o", "ｏ"}},
	{"small capitals and phonetics", true, []string{"a", "ɑ", "e", "ᴇ", "g", "ɡ"}},
	{"digits and bars", false, []string{"l", "1", "o", "0", "i", "|", "O", "0"}},
	{"capital I for l", false, []string{"l", "I", "i", "l"}},
	{"rn for m, vv for w", false, []string{"m", "rn", "w", "vv", "e", "é"}},
	{"accents and dots below", false, []string{"a", "ạ", "e", "ẹ", "o", "ọ", "u", "ụ"}},
	{"accents in parts", false, []string{"a", "a\u0323", "e", "e\u0307"}},
	{"hidden characters", false, []string{"a", "a\u200b", "e", "\u00ade"}},
	{"capitals, spaces and full stops", false, []string{" ", "  ", "e", "E", "a", "A.", "'", "’"}},
}

func TestG60ConfusableTitlesAreFlagged(t *testing.T) {
	flagged, tried := 0, 0
	for _, d := range disguises {
		swap := strings.NewReplacer(d.swap...)
		for _, title := range genuine {
			fake := swap.Replace(title)
			if fake == title { // has none of the letters
				continue
			}
			tried++
			if !Confusable(title, fake) {
				t.Errorf("%s: %q is not confusable with %q: %q, %q", d.name, fake, title, Skeleton(fake), Skeleton(title))
				continue
			}
			if d.mixed && !Mixed(fake) {
				t.Errorf("%s: %q is not flagged by itself", d.name, fake)
				continue
			}
			flagged++
		}
	}
	if tried < 100 || flagged < tried {
		t.Errorf("%d of %d confusable titles flagged, want all of at least 100", flagged, tried)
	}
	t.Logf("%d of %d confusable titles flagged", flagged, tried)
}

func TestGenuineTitlesAreNotFlagged(t *testing.T) {
	for i, title := range genuine {
		if Mixed(title) {
			t.Errorf("%q is flagged", title)
		}
		for _, other := range genuine[:i] {
			if Confusable(title, other) {
				t.Errorf("%q is taken for %q", title, other)
			}
		}
	}
}

func TestGenuineNamesAreNotFlagged(t *testing.T) {
	for _, s := range readNames(t) {
		for _, name := range s.names {
			if Mixed(name) {
				t.Errorf("%s: %q is flagged", s.script, name)
			}
		}
	}
}

func TestS28MixedScriptsOfAMinistryAreFlagged(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"one Cyrillic letter", "Mіnistry of Health", true},
		{"one Greek letter", "Ministry οf Health", true},
		{"a whole word that passes for Latin", "Ban the ѕсор now", true},
		{"a lone Cyrillic letter among Latin words", "Give us а vote", true},
		{"a Latin letter in a Russian word", "Министерствo здоровья", true},
		{"Greek in a Russian word", "Министерствο здоровья", true},
		{"hidden in the middle of a word", "Mi\u200bnі\u200bstry", true},
		{"behind digits", "Covid19а", true},
		{"circled letters", "Ⓜⓘⓝⓘⓢⓣⓡⓨ", true},
		{"a letterlike symbol", "Miniﬆry of Heaℓth", true},

		{"English", "Ministry of Health", false},
		{"Russian with its own short words", "Кто за нас и Tesla", false},
		{"Russian beside English", "Переименовать BBC в ВВС", false},
		{"Russian and English joined by a hyphen", "Дайте нам Wi-Fi-модемы", false},
		{"Greek beside English", "Η Ελλάδα στο NATO", false},
		{"science", "α rays, 5 kΩ, 10 µg", false},
		{"Japanese in wide letters", "ＮＨＫの受信料", false},
		{"Japanese and Latin together", "Tシャツ", false},
		{"Hebrew prefix", "בBBC", false},
		{"Arabic article", "الـBBC", false},
		{"Armenian beside English", "Հայաստան and NATO", false},
		{"accents", "Élysée, Łódź, Ὀδυσσεύς", false},
		{"emoji and enclosed letters on their own", "ℹ️ Ⓐ ① ②", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Mixed(tt.text); got != tt.want {
				t.Errorf("Mixed(%q) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

func TestSkeleton(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Ban the Bomb", "ban the bomb"},
		{"i, l, 1 and bar", "Il1|i", "lllll"},
		{"punctuation and symbols go, money stays", "“Re-open!” – £5 ✅", "reopen £5"},
		{"spaces fold", "  a\n\u00a0 b ", "a b"},
		{"ligatures and double letters", "ﬁﬂ Æon ß", "flfl aeon ss"},
		{"decorated digits", "１𝟐③", "l23"},
		{"Greek mathematics", "𝚨𝛂", "aa"},
		{"vowel signs are letters", "कि", "कि"},
		{"Russian i with breve, whole or in parts", "й и\u0306", "и и"},
		{"not UTF-8", "a\xffb", "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Skeleton(tt.text); got != tt.want {
				t.Errorf("Skeleton(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestConfusableIgnoresCaseInEveryAlphabet(t *testing.T) {
	for _, title := range []string{"Save the trees", "Спасите деревья", "Σώστε τα δέντρα", "Փրկեք ծառերը"} {
		if !Confusable(title, strings.ToUpper(title)) {
			t.Errorf("%q and %q are not confusable", title, strings.ToUpper(title))
		}
	}
	for _, pair := range [][2]string{{"Ban cars", "Ban cats"}, {"Спасите леса", "Спасите лес"}, {"", "a"}, {"拯救树木", "拯救森林"}} {
		if Confusable(pair[0], pair[1]) {
			t.Errorf("%q and %q are taken for each other", pair[0], pair[1])
		}
	}
}

// A row twice would make the skeleton depend on the order of the table; a target
// that itself looks like something else would make two skeletons of one text.
func TestLookalikesAreOneStep(t *testing.T) {
	seen := map[rune]string{}
	for _, row := range lookalikes {
		for _, r := range row.looks {
			if r == ' ' {
				continue
			}
			if before, twice := seen[r]; twice {
				t.Errorf("%q stands for %q and for %q", r, before, row.letter)
			}
			seen[r] = row.letter
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := Skeleton(string(r))
		if again := Skeleton(once); again != once {
			t.Errorf("skeleton of %q is %q, and of that %q", r, once, again)
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, title := range genuine {
		f.Add(title)
	}
	f.Add("𝚨vv rrn\u200b vvv ①")
	f.Fuzz(func(t *testing.T, text string) {
		skeleton := Skeleton(text)
		if again := Skeleton(skeleton); again != skeleton {
			t.Fatalf("skeleton of %q is %q, and of that %q", text, skeleton, again)
		}
		if !Confusable(text, skeleton) || !Confusable(text, text) {
			t.Fatalf("%q is not confusable with its skeleton %q", text, skeleton)
		}
		Mixed(text)
	})
}

func BenchmarkSkeleton(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Skeleton("Ministry of Health must publish its report")
	}
}
