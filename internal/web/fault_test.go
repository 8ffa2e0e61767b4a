package web_test

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// withBox serves the site with another letterbox.
func (v *visitor) withBox(box *letterbox.Letterbox) {
	v.T.Helper()
	server, err := web.New(web.Config{Public: v.DB.Public(), Box: box, URL: testkit.URL, From: "no-reply@petitions.example.org",
		Log: slog.New(slog.NewTextHandler(v.log, nil)), SnapshotEvery: -1})
	v.Check(err)
	v.handler = server.Handler()
}

// shut is a letterbox that takes nothing any more.
func (v *visitor) shut() *letterbox.Letterbox {
	v.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	box, err := letterbox.Open(ctx, letterbox.Config{Public: v.DB.Public(), Pins: v.Pins})
	v.Check(err)
	cancel()
	<-box.Done()
	return box
}

// keeps fails the test unless a page that says "busy" holds a whole form again.
func (a answer) keeps(t *testing.T, action string, f url.Values) {
	t.Helper()
	a.want(t, http.StatusServiceUnavailable, "Nothing you typed is lost", `action="`+action+`"`, "Send again")
	if a.header.Get("Retry-After") == "" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the headers are %v", a.header)
	}
	held := url.Values{}
	for _, match := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		held.Add(html.UnescapeString(match[1]), html.UnescapeString(match[2]))
	}
	for name, values := range f {
		if !slices.Equal(held[name], values) {
			t.Fatalf("of %s it keeps %q instead of %q", name, held[name], values)
		}
	}
}

func TestABusyLetterboxKeepsWhatWasTyped(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	creator, sponsors := v.started()
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	v.withBox(v.shut())
	before := v.letters()
	form := signing(p, `Bo "B" <Lind>`, "bo@example.org", "yes")
	form.Set("name", "Bo Lind")
	form["purpose"] = []string{"news/1", "news/2"}
	for path, f := range map[string]url.Values{
		view.PathPetition(p.ID) + "/signatures": form,
		view.PathStart: {"step": {"check"}, "go": {"next"}, "title": {"Plant \"more\" trees"}, "background": {"They are few.\r\nAnd old."}, "details": {""}, "days": {"90"},
			"name": {"Charlie Green"}, "email": {"charlie@example.org"}},
		view.PathSponsor(sponsors.Number): {"link": {sponsors.Text}, "name": {"Laura Smith"}, "email": {"laura@example.org"}, "answer": {"no"},
			"version": {versionFieldIn(v.get("/l/" + sponsors.Text))}},
		"/l/" + creator.Text: {"do": {"message"}, "text": {"Is it too long?"}},
		"/l/" + link.Text:    {"do": {"confirm"}, "version": {p.Version.String()}},
	} {
		v.post(path, f).keeps(t, path, f)
	}
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
	// The same form, sent again, is taken.
	v.withBox(v.Box)
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
}

func TestWithoutALetterboxKeyNothingIsTaken(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.Clock.Move(30 * 24 * time.Hour) // and the steward made no new keys
	form := signing(p, "Ana Torres", "ana@example.org", "yes")
	v.post(view.PathPetition(p.ID)+"/signatures", form).keeps(t, view.PathPetition(p.ID)+"/signatures", form)
}

func TestABrokenStoreLeavesWhatWasThere(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	other := v.OpenPetition("Plant more trees")
	v.get(view.PathPetition(p.ID)).want(t, 200)
	v.get(view.PathSign(p.ID)).want(t, 200)
	v.DB.Close()
	// What was ready still goes out; what was not says that it is our fault.
	v.get(view.PathPetition(p.ID)).want(t, 200, "Keep the library open")
	v.get(view.PathSign(p.ID)).want(t, 200)
	for _, path := range []string{view.PathPetition(other.ID), view.PathJSON(other.ID), view.PathList, view.PathList + ".json", "/", view.PathNumber(p.ID), view.PathPrivacy} {
		if a := v.get(path); path == view.PathPrivacy {
			a.want(t, 200) // made from the settings alone
		} else {
			a.want(t, 500).lacks(t, "sql", "database")
		}
	}
	link := v.Mask.Link(undersigned.LinkConfirm, 1, undersigned.Token{1})
	v.get("/l/"+link).want(t, 500).lacks(t, "sql", link)
	form := signing(p, "Ana Torres", "ana@example.org", "yes")
	v.post(view.PathPetition(p.ID)+"/signatures", form).keeps(t, view.PathPetition(p.ID)+"/signatures", form)
}

func TestASiteWithoutABodyIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := store.Create(t.Context(), dir, store.Site{CreatedAt: testkit.Start}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, address := range []string{testkit.URL, "", "petitions.example.org", "ftp://petitions.example.org", "https://petitions.example.org/"} {
		if _, err := web.New(web.Config{Public: db.Public(), URL: address}); err == nil {
			t.Errorf("a site without a body is served at %q", address)
		}
	}
}

// Many readers at the instant of a new number: everybody gets a whole page, and none an
// older number than the one before.
func TestManyReadersWhileTheNumberMoves(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, path := range []string{view.PathPetition(p.ID), view.PathCount(p.ID), view.PathList + ".json"} {
					if a := v.get(path); a.status != 200 || a.body == "" {
						t.Errorf("%s answers %d with %d bytes", path, a.status, len(a.body))
						return
					}
				}
			}
		})
	}
	for _, name := range []string{"ana", "bo", "cy", "di"} {
		v.Sign(p, name, name+"@example.org", undersigned.ReplyNo)
	}
	close(stop)
	readers.Wait()
	v.get(view.PathCount(p.ID)).want(t, 200, `"signature_count":4`)
}

// A page that is ready at the public address is not one of the staff's address.
func TestTheDesksAddressServesNoPublicPages(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.get(view.PathPetition(p.ID)).want(t, 200)
	v.get("/").want(t, 200)
	v.handler = v.server.DeskHandler()
	v.get(view.PathPetition(p.ID)).want(t, 303)
	if a := v.get("/"); a.status == 200 {
		t.Fatal("the public home page is served to staff")
	}
}
