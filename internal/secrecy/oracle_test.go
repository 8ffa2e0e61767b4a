package secrecy

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// G32, G36: the answer to a sign form is the same whether its address is new, pending,
// signed, blocked, wanting no mail, over its limit, at a dead domain, called dead by its server, or held with a form
// that looks like a program's: status, headers, size, and time. So a blocked address gets the same page and no mail (U9), and no page
// of a harasser tells whether an address is known (S17, S24).
func TestG32TheAnswerTellsNothingOfTheAddress(t *testing.T) {
	random := draws(t)
	s := testkit.NewWithReturns(t)
	s.Mail.Keep(20 * *tries)
	s.Mail.Refuse(func(to string) bool { return strings.HasSuffix(to, "@ghost.example") })
	p := s.OpenPetition("Keep the library open")
	classes := []string{"fresh", "waits", "signd", "block", "stopd", "limit", "deadd", "bounc", "heldd"}
	// Each known address gets four forms: one more, and it is over its limit.
	known := max(*tries/4, 1)
	address := func(class string, i int) string {
		if class != "fresh" {
			i %= known
		}
		domain := "alive.example"
		if class == "deadd" {
			domain = "ghost.example" // as long as the other
		}
		return fmt.Sprintf("%s%05d@%s", class, i, domain)
	}
	knowAddresses(s, p, known, address)
	pages, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, URL: testkit.URL, From: "no-reply@petitions.example.org", ClientHeader: clientHeader})
	s.Check(err)
	server := httptest.NewServer(pages.Handler())
	defer server.Close()
	stamp := stampOf(t, server, p)
	s.Clock.Move(time.Minute) // somebody reads and types
	// Mails go out in the background in all classes, as on a running site.
	ctx, stop := context.WithCancel(context.Background())
	running := make(chan error, 1)
	go func() { running <- s.Steward.Run(ctx) }()
	defer func() { stop(); <-running }()

	var first *answer
	times := map[string][]float64{}
	for i := range *tries {
		order := random.Perm(len(classes))
		for _, c := range order {
			class := classes[c]
			sent := stamp
			if class == "heldd" {
				sent = strings.Repeat("A", len(stamp))
			}
			got := sendForm(t, s, server, p, address(class, i), fmt.Sprintf("%d.%d.%d.7", 20+c, i>>8&255, i&255), sent)
			times[class] = append(times[class], float64(got.took))
			if first == nil {
				first = got
			}
			if got.status != first.status || got.size != first.size || got.headers != first.headers {
				t.Fatalf("class %s: status %d, %d bytes, headers %q; the first had %d, %d, %q",
					class, got.status, got.size, got.headers, first.status, first.size, first.headers)
			}
		}
	}
	if first.status != http.StatusOK || first.size > 16<<10 {
		t.Fatalf("status %d with %d bytes", first.status, first.size)
	}
	t.Logf("%d forms to each of %d classes of %d known addresses: always status %d with %d bytes", *tries, len(classes), known, first.status, first.size)
	for _, class := range classes[1:] {
		got := auc(times["fresh"], times[class])
		t.Logf("%s against fresh: AUC %.3f", class, got)
		if got > 0.55 {
			t.Errorf("class %s can be told from a fresh address by time: AUC %.3f", class, got)
		}
	}
}

// knowAddresses makes each class of addresses what it is called, but for the fresh, and
// fails the test where one is not: what the mails say is the difference.
func knowAddresses(s *testkit.Site, p undersigned.Petition, known int, address func(class string, i int) string) {
	s.T.Helper()
	send := func(class string) {
		together(known, func(i int) { s.Post(testkit.SignForm(p, "Ana Torres", address(class, i), undersigned.ReplyYes)) })
	}
	together(known, func(i int) {
		letter := testkit.SignForm(p, "Ana Torres", address("heldd", i), undersigned.ReplyYes)
		letter.Suspicions = []undersigned.Suspicion{undersigned.SuspectStamp}
		s.Post(letter)
	})
	for _, class := range []string{"waits", "signd", "block", "stopd", "deadd", "bounc"} {
		send(class)
	}
	for range undersigned.MostUnansweredMails + 1 {
		send("limit")
	}
	s.Work()
	press := func(class string, letter undersigned.LetterKind, link int, block bool) {
		came := mails(s)
		together(known, func(i int) {
			l := testkit.Press(letter, s.Links(came[address(class, i)].Text)[link], p.Version)
			l.Block = block
			s.Post(l)
		})
	}
	press("signd", undersigned.LetterConfirm, 0, false)
	press("stopd", undersigned.LetterConfirm, 0, false)
	press("heldd", undersigned.LetterConfirm, 0, false)
	press("block", undersigned.LetterNotMe, 0, true)
	together(known, func(i int) {
		s.Post(testkit.CameBack(s.ReturnToken(address("bounc", i)), undersigned.BounceHard, undersigned.Status{5, 1, 1}))
	})
	s.Work()
	press("stopd", undersigned.LetterStopMail, 1, false)
	s.Work()
	if got := s.Number(p.ID); got != int64(2*known) {
		s.T.Fatalf("%d of %d addresses have signed", got, 2*known)
	}
	if got, want := len(s.Mail.Messages()), known*(6+undersigned.MostUnansweredMails); got != want {
		s.T.Fatalf("%d mails made the classes, not %d", got, want)
	}
}

type answer struct {
	status  int
	size    int
	headers string
	took    time.Duration
}

// signForm is the sign form as a browser sends it.
func signForm(s *testkit.Site, p undersigned.Petition, name, address string) url.Values {
	s.T.Helper()
	wording, err := view.FormWording(s.Body)
	s.Check(err)
	return url.Values{"version": {p.Version.String()}, "wording": {wording}, "name": {name}, "email": {address}, "answer": {"yes"}}
}

// clientHeader is where a proxy of these tests says who asks.
const clientHeader = "X-Client"

var stampField = regexp.MustCompile(`name="stamp" value="([^"]{16})"`)

// stampOf reads what the form page of a petition carries now.
func stampOf(t *testing.T, server *httptest.Server, p undersigned.Petition) string {
	t.Helper()
	r, err := http.NewRequest("GET", fmt.Sprintf("%s/petitions/%d/sign", server.URL, p.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = strings.TrimPrefix(testkit.URL, "https://")
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	found := stampField.FindSubmatch(body)
	if err != nil || found == nil {
		t.Fatalf("the form page has no stamp: status %d, %v", response.StatusCode, err)
	}
	return string(found[1])
}

func sendForm(t *testing.T, s *testkit.Site, server *httptest.Server, p undersigned.Petition, address, from, stamp string) *answer {
	t.Helper()
	form := signForm(s, p, "Ana Torres", address)
	form.Set("stamp", stamp)
	return postForm(t, server, fmt.Sprintf("/petitions/%d/signatures", p.ID), form, from)
}

// noRedirects shows what the site answers, and not what that leads to.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func postForm(t *testing.T, server *httptest.Server, path string, form url.Values, from string) *answer {
	t.Helper()
	r, err := http.NewRequest("POST", server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = strings.TrimPrefix(testkit.URL, "https://")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set(clientHeader, from)
	client := server.Client()
	client.CheckRedirect = noRedirects
	start := time.Now()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := &answer{status: response.StatusCode, size: len(body), took: time.Since(start)}
	response.Header.Del("Date")
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		got.headers += name + ": " + secretCookie.ReplaceAllString(strings.Join(response.Header[name], ", "), "=…;") + "\n"
	}
	return got
}

// secretCookie is what a cookie keeps, which is new for everybody.
var secretCookie = regexp.MustCompile(`=[A-Za-z0-9_-]{20,};`)

// auc is how well one number tells two samples apart, whichever is larger: 0.5 is not at
// all, 1 is always.
func auc(a, b []float64) float64 {
	type one struct {
		value float64
		isA   bool
	}
	var all []one
	for _, v := range a {
		all = append(all, one{v, true})
	}
	for _, v := range b {
		all = append(all, one{v, false})
	}
	slices.SortFunc(all, func(x, y one) int {
		switch {
		case x.value < y.value:
			return -1
		case x.value > y.value:
			return 1
		}
		return 0
	})
	var ranks float64
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].value == all[i].value {
			j++
		}
		for _, o := range all[i:j] {
			if o.isA {
				ranks += float64(i+j+1) / 2 // ties share their ranks
			}
		}
		i = j
	}
	n, m := float64(len(a)), float64(len(b))
	u := (ranks - n*(n+1)/2) / (n * m)
	return max(u, 1-u)
}

func TestAUCTellsApartWhatDiffers(t *testing.T) {
	same, later := make([]float64, 1000), make([]float64, 1000)
	for i := range same {
		same[i], later[i] = float64(i), float64(i+500)
	}
	if got := auc(same, same); got != 0.5 {
		t.Errorf("equal samples: %v", got)
	}
	if got := auc(same, later); got < 0.8 {
		t.Errorf("samples half apart: %v", got)
	}
}

// G24, S23: one victim, 1,000 petitions, 200 places, a day. The block works for petitions
// made later, and touches no neighbour at the same domain (U9, U55).
func TestG24AVictimGetsFiveMailsAndNoneAfterBlocking(t *testing.T) {
	const petitions, places = 1000, 200
	const header = "X-Client"
	s := testkit.New(t)
	var all []undersigned.Petition
	for i := range petitions {
		all = append(all, s.AddPetition(fmt.Sprintf("Petition %d", i)))
	}
	s.Check(s.Steward.Chores(context.Background()))
	pages, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, URL: testkit.URL, From: "no-reply@petitions.example.org", SnapshotEvery: -1, ClientHeader: header})
	s.Check(err)
	send := func(path string, from int, f url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(f.Encode()))
		r.Host = strings.TrimPrefix(testkit.URL, "https://")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set(header, fmt.Sprintf("10.7.%d.1", from))
		w := httptest.NewRecorder()
		pages.Handler().ServeHTTP(w, r)
		return w
	}
	form := func(p undersigned.Petition, name, address string, from int) {
		if w := send(fmt.Sprintf("/petitions/%d/signatures", p.ID), from, signForm(s, p, name, address)); w.Code != http.StatusOK {
			t.Fatalf("a form about petition %d from place %d is answered with %d", p.ID, from, w.Code)
		}
	}
	const victim = "victim@example.org"
	for i, p := range all {
		form(p, "Not Me", victim, i%places)
		if i%20 == 19 {
			s.Clock.Move(24 * time.Hour * 20 / petitions)
			s.Work()
		}
	}
	if got := len(s.Mail.Messages()); got != undersigned.MostUnansweredMails {
		t.Fatalf("the victim got %d mails in a day", got)
	}
	link := s.Link(victim, undersigned.LinkConfirm)
	if w := send("/l/"+link.Text, 0, url.Values{"do": {"not-me"}, "block": {"yes"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/not-me/blocked" {
		t.Fatalf("blocking is answered with %d to %q", w.Code, w.Header().Get("Location"))
	}
	s.Work()
	s.Mail.Clear()
	later := s.OpenPetition("A petition made later")
	form(later, "Not Me", victim, 1)
	form(later, "Not Me", "VICTIM@Example.org", 2)
	form(later, "Nia Bour", "neighbour@example.org", 3)
	for range 72 { // what was held is tried again meanwhile
		s.Clock.Move(time.Hour)
		s.Work()
	}
	caught := s.Mail.Messages()
	for _, m := range caught {
		if m.To != "neighbour@example.org" {
			t.Fatal("a mail after the address was blocked")
		}
	}
	if len(caught) != 1 {
		t.Fatalf("the neighbour got %d mails", len(caught))
	}
	t.Logf("%d forms about %d petitions from %d places: %d mails, none after the block; one to a neighbour", petitions, petitions, places, undersigned.MostUnansweredMails)
}
