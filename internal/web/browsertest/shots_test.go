package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
)

// Pictures are for people to look at: a picture proves nothing by itself. They are taken
// on the way of the tests, if -shots names a folder for them.

// shoot takes two pictures of the page that is open: NAME-390.png and NAME-1280.png.
func (b *tab) shoot(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	b.width(390)
	b.picture(name + "-390.png")
	b.width(wide)
	b.picture(name + "-1280.png")
}

// shootAs takes one picture of a page in other colours, of the pages that have most kinds
// of things on them.
func (b *tab) shootAs(name, colours string) {
	b.Helper()
	if *shots != "" && slices.Contains([]string{"home", "petition", "sign-problems", "desk-review"}, name) {
		b.picture(name + "-" + colours + ".png")
	}
}

// shootForReadme takes the picture of a petition's page that README shows. It is
// petition.png in the folder, and docs/petition.png in the repository.
func (b *tab) shootForReadme() {
	b.Helper()
	if *shots == "" {
		return
	}
	b.width(1000)
	b.visit(fmt.Sprintf("%s/petitions/%d", site(b), unanswered(b)[0].ID))
	b.save("petition.png", do(b, chromedp.CaptureScreenshot()))
	b.width(wide)
}

// picture takes the whole page that is open.
func (b *tab) picture(name string) {
	b.Helper()
	b.save(name, do(b, chromedp.FullScreenshot(100)))
}

func (b *tab) save(name string, png []byte) {
	b.Helper()
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name), png, 0o644); err != nil {
		b.Fatal(err)
	}
}
