package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"undersigned/internal/web/view/viewtest"
)

// TestShots writes pictures of every page with sample data, for people to look at:
// NAME-390.png and NAME-1280.png. It needs -shots.
func TestShots(t *testing.T) {
	if *shots == "" {
		return // a picture proves nothing by itself
	}
	server := sampleServer(t)
	b := newTab(t)
	for _, sample := range viewtest.Samples() {
		b.visit(server + "/-/" + sample.Name)
		b.shoot(sample.Name)
	}
}

// shoot writes two pictures of the page that is open, if -shots was given.
func (b *tab) shoot(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	b.width(390)
	b.picture(filepath.Join(*shots, name+"-390.png"))
	b.width(wide)
	b.picture(filepath.Join(*shots, name+"-1280.png"))
}

// picture writes a picture of the whole page that is open.
func (b *tab) picture(path string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, do(b, chromedp.FullScreenshot(100)), 0o644); err != nil {
		b.Fatal(err)
	}
}
