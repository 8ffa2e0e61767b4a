package view_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"undersigned/internal/web/view"
)

func TestWrittenTextIsSafe(t *testing.T) {
	link := func(target, text string) string {
		return `<a href="` + target + `" rel="nofollow noopener ugc">` + text + `</a>`
	}
	tests := []struct {
		name, text, want string
	}{
		{"plain", "Mend it.", "<p>Mend it.</p>"},
		{"nothing", " \n\n ", ""},
		{"paragraphs and line breaks", "a\r\nb\r\n\r\nc\rd", "<p>a<br>b</p><p>c<br>d</p>"},
		{"markup", `<b onclick="x">&amp;`, "<p>&lt;b onclick=&#34;x&#34;&gt;&amp;amp;</p>"},
		{"a web address that ends a sentence", "See https://a.example/x?y=1&z=2.", "<p>See " + link("https://a.example/x?y=1&amp;z=2", "https://a.example/x?y=1&amp;z=2") + ".</p>"},
		{"in brackets", "(http://a.example/)", "<p>(" + link("http://a.example/", "http://a.example/") + ")</p>"},
		{"with brackets of its own", "http://a.example/b_(c)", "<p>" + link("http://a.example/b_(c)", "http://a.example/b_(c)") + "</p>"},
		{"a mail address", "Write to Anna@example.org, please", "<p>Write to " + link("mailto:Anna@example.org", "Anna@example.org") + ", please</p>"},
		{"another scheme", "javascript:alert(1) data:text/html,x", "<p>javascript:alert(1) data:text/html,x</p>"},
		{"a quote that would end the attribute", `http://a.example/"onmouseover="x`, "<p>" + link("http://a.example/", "http://a.example/") + "&#34;onmouseover=&#34;x</p>"},
		{"a domain alone", "www.example.org", "<p>www.example.org</p>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(view.Written(tt.text)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Whatever people write, only paragraphs, line breaks and web or mail links come
// out, and no letter of the text is lost.
func FuzzWritten(f *testing.F) {
	for _, s := range []string{"a\n\nb", "<script>", "http://x.example/<b>", "a@b.example", "http://[::1]/", "\x00", "&lt;", "http://x\u202e.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?") // what forms take is valid already
		nodes, err := html.ParseFragment(strings.NewReader(string(view.Written(text))), nil)
		if err != nil {
			t.Fatal(err)
		}
		var read strings.Builder
		var walk func(n *html.Node)
		walk = func(n *html.Node) {
			switch {
			case n.Type == html.TextNode:
				read.WriteString(n.Data)
			case n.Type == html.ElementNode && n.Data == "a":
				target := strings.ToLower(attr(n, "href"))
				if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") && !strings.HasPrefix(target, "mailto:") {
					t.Errorf("a link to %q", target)
				}
			case n.Type == html.ElementNode && !strings.Contains(" html head body p br ", " "+n.Data+" "):
				t.Errorf("an element %q", n.Data)
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		for _, n := range nodes {
			walk(n)
		}
		bare := strings.NewReplacer(" ", "", "\n", "", "\r", "", "\x00", "", "\uFFFD", "")
		if got, want := bare.Replace(read.String()), bare.Replace(text); got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	})
}

func TestCompare(t *testing.T) {
	got := view.Compare("Build a crossing on Mill Lane", "Build a safe crossing on Mill Road")
	want := []view.Piece{{Kind: view.Same, Text: "Build a "}, {Kind: view.Added, Text: "safe "}, {Kind: view.Same, Text: "crossing on Mill "}, {Kind: view.Dropped, Text: "Lane"}, {Kind: view.Added, Text: "Road"}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("piece %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

// The pieces give both texts back.
func FuzzCompare(f *testing.F) {
	f.Add("a b c", "a c d")
	f.Add("", "x")
	f.Add("a\n b  ", " a b")
	f.Fuzz(func(t *testing.T, before, after string) {
		var was, is strings.Builder
		for _, p := range view.Compare(before, after) {
			if p.Kind != view.Added {
				was.WriteString(p.Text)
			}
			if p.Kind != view.Dropped {
				is.WriteString(p.Text)
			}
		}
		if was.String() != before || is.String() != after {
			t.Errorf("the pieces give %q and %q, want %q and %q", was.String(), is.String(), before, after)
		}
	})
}
