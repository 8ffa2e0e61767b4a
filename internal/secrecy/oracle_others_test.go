package secrecy

import (
	"context"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// G33: the other forms that take an address tell nothing of it either: the one that finds
// what an address has signed, and the one that staff sign in with.
func TestG33NoOtherFormTellsOfTheAddress(t *testing.T) {
	random := draws(t)
	times := *tries / 5 // these forms are rarer
	s := testkit.NewWithReturns(t)
	s.Mail.Keep(20 * times)
	s.Mail.Refuse(func(to string) bool { return strings.HasSuffix(to, "@ghost.example") })
	p := s.OpenPetition("Keep the library open")
	known := max(times/4, 1)
	address := func(class string, i int) string {
		if class != "fresh" {
			i %= known
		}
		domain := "alive.example"
		if class == "deadd" {
			domain = "ghost.example"
		}
		return fmt.Sprintf("%s%05d@%s", class, i, domain)
	}
	knowAddresses(s, p, known, address)
	const colleagues = 20
	for i := range colleagues {
		_, err := s.Steward.AddStaff(t.Context(), "Jo Reed", address("staff", i), undersigned.Moderator)
		s.Check(err)
	}
	s.Work()
	pages, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, Desk: desk.New(s.DB.Desk()), URL: testkit.URL, From: "no-reply@petitions.example.org", ClientHeader: clientHeader})
	s.Check(err)
	server := httptest.NewServer(pages.Handler())
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	running := make(chan error, 1)
	go func() { running <- s.Steward.Run(ctx) }()
	defer func() { stop(); <-running }()

	// Of few tries chance makes more than 0.55: four times its spread is allowed.
	most := max(0.55, 0.5+4*math.Sqrt(float64(2*times+1)/float64(12*times*times)))
	for _, form := range []struct {
		path    string
		classes []string
		asked   int // how many addresses of a known class are used
	}{
		{view.PathMine, []string{"fresh", "signd", "heldd", "block", "waits", "limit"}, known},
		{view.PathSignIn, []string{"fresh", "staff"}, colleagues},
	} {
		var first *answer
		took := map[string][]float64{}
		for i := range times {
			for _, c := range random.Perm(len(form.classes)) {
				class, who := form.classes[c], i
				if class != "fresh" {
					who %= form.asked
				}
				got := postForm(t, server, form.path, url.Values{"email": {address(class, who)}}, fmt.Sprintf("%d.%d.%d.9", 60+c, i>>8&255, i&255))
				took[class] = append(took[class], float64(got.took))
				if first == nil {
					first = got
				}
				if got.status != first.status || got.size != first.size || got.headers != first.headers {
					t.Fatalf("%s, class %s: status %d, %d bytes, headers %q; the first had %d, %d, %q",
						form.path, class, got.status, got.size, got.headers, first.status, first.size, first.headers)
				}
			}
		}
		if first.status >= 400 {
			t.Fatalf("%s answers %d", form.path, first.status)
		}
		for _, class := range form.classes[1:] {
			got := auc(took["fresh"], took[class])
			t.Logf("%s, %s against fresh: AUC %.3f of %d tries", form.path, class, got, times)
			if got > most {
				t.Errorf("%s: class %s can be told from a fresh address by time: AUC %.3f", form.path, class, got)
			}
		}
	}
}
