package browsertest

import (
	"fmt"
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
		switch sample.Name {
		case "home", "petition", "sign-problems", "desk-review":
			b.media("prefers-color-scheme", "dark", "prefers-reduced-motion", "reduce")
			b.picture(filepath.Join(*shots, sample.Name+"-dark.png"))
			b.media("forced-colors", "active")
			b.picture(filepath.Join(*shots, sample.Name+"-forced.png"))
			b.media()
		}
	}
	b.visit(site(t) + "/demo/mail")
	b.shoot("demo-mail")
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

// TestReadmePicture takes the picture of a petition's page that README shows. It needs
// -shots; the picture is petition.png there, and docs/petition.png in the repository.
func TestReadmePicture(t *testing.T) {
	if *shots == "" {
		return
	}
	var list struct {
		Data []struct {
			petition
			Attributes struct {
				Response any `json:"government_response"`
			} `json:"attributes"`
		} `json:"data"`
	}
	fetchJSON(t, "/petitions.json?state=open&sort=signatures", &list)
	for list.Data[0].Attributes.Response != nil { // the petition itself shall be seen
		list.Data = list.Data[1:]
	}
	b := newTab(t)
	b.width(1000)
	b.visit(fmt.Sprintf("%s/petitions/%d", site(t), list.Data[0].ID))
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, "petition.png"), do(b, chromedp.CaptureScreenshot()), 0o644); err != nil {
		t.Fatal(err)
	}
}
