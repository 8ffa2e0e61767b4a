package secrecy_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
)

// G32 tries each class this often.
const g32Tries = 1000

// G32, G36: the answer to a sign form is the same whether its address is new, pending,
// signed, blocked, wanting no mail, over its limit or at a dead domain: status, headers,
// size, and time.
func TestG32TheAnswerTellsNothingOfTheAddress(t *testing.T) {
	s := testkit.New(t)
	p := s.OpenPetition("Keep the library open")
	classes := []string{"fresh", "waits", "signd", "block", "stopd", "limit", "deadd"}
	address := func(class string, i int) string {
		domain := "alive.example"
		if class == "deadd" {
			domain = "ghost.example" // as long as the other
		}
		return fmt.Sprintf("%s%04d@%s", class, i, domain)
	}
	// A few known addresses of each class stand for many: the form is sent to each often.
	const known = 20
	for i := range known {
		s.Post(testkit.SignForm(p, "Ana Torres", address("waits", i), undersigned.ReplyYes))
		s.Sign(p, "Ana Torres", address("signd", i), undersigned.ReplyYes)
		s.Sign(p, "Ana Torres", address("stopd", i), undersigned.ReplyYes)
		s.Post(testkit.Press(undersigned.LetterStopMail, s.Link(address("stopd", i), undersigned.LinkOwn), p.Version))
		s.Post(testkit.SignForm(p, "Ana Torres", address("block", i), undersigned.ReplyYes))
		for range undersigned.MostUnansweredMails + 1 {
			s.Post(testkit.SignForm(p, "Ana Torres", address("limit", i), undersigned.ReplyYes))
		}
		s.Work()
		block := testkit.Press(undersigned.LetterNotMe, s.Link(address("block", i), undersigned.LinkConfirm), p.Version)
		block.Block = true
		s.Post(block)
		s.Work()
	}

	pages, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, URL: testkit.URL, From: "no-reply@petitions.example.org"})
	s.Check(err)
	server := httptest.NewServer(pages.Handler())
	defer server.Close()
	// Mails go out in the background in all classes, as on a running site.
	ctx, stop := context.WithCancel(context.Background())
	running := make(chan error, 1)
	go func() { running <- s.Steward.Run(ctx) }()
	defer func() { stop(); <-running }()

	var first *answer
	times := map[string][]float64{}
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	for i := range g32Tries {
		order := random.Perm(len(classes))
		for _, c := range order {
			class, n := classes[c], i
			if class != "fresh" && class != "deadd" {
				n = i % known
			}
			got := sendForm(t, server, p, address(class, n))
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
	for _, class := range classes[1:] {
		got := auc(times["fresh"], times[class])
		t.Logf("%s against fresh: AUC %.3f", class, got)
		if got > 0.55 {
			t.Errorf("class %s can be told from a fresh address by time: AUC %.3f", class, got)
		}
	}
}

type answer struct {
	status  int
	size    int
	headers string
	took    time.Duration
}

func sendForm(t *testing.T, server *httptest.Server, p undersigned.Petition, address string) *answer {
	t.Helper()
	form := url.Values{"version": {p.Version.String()}, "name": {"Ana Torres"}, "email": {address}, "answer": {"yes"}}
	r, err := http.NewRequest("POST", fmt.Sprintf("%s/petitions/%d/signatures", server.URL, p.ID), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = strings.TrimPrefix(testkit.URL, "https://")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	start := time.Now()
	response, err := server.Client().Do(r)
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
		got.headers += name + ": " + strings.Join(response.Header[name], ", ") + "\n"
	}
	return got
}

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

// G24: one victim, 1,000 petitions, a day.
func TestG24AVictimGetsFiveMailsAndNoneAfterBlocking(t *testing.T) {
	const petitions = 1000
	s := testkit.New(t)
	var all []undersigned.Petition
	for i := range petitions {
		all = append(all, s.AddPetition(fmt.Sprintf("Petition %d", i)))
	}
	s.Check(s.Steward.Chores(context.Background()))
	const victim = "victim@example.org"
	for i, p := range all {
		s.Post(testkit.SignForm(p, "Not Me", victim, undersigned.ReplyYes))
		if i%20 == 19 {
			s.Clock.Move(24 * time.Hour * 20 / petitions)
			s.Work()
		}
	}
	if got := len(s.Mail.Messages()); got != undersigned.MostUnansweredMails {
		t.Fatalf("the victim got %d mails in a day", got)
	}
	block := testkit.Press(undersigned.LetterNotMe, s.Link(victim, undersigned.LinkOwn), all[0].Version)
	block.Block = true
	s.Post(block)
	s.Work()
	s.Mail.Clear()
	later := s.OpenPetition("A petition made later")
	s.Post(testkit.SignForm(later, "Not Me", victim, undersigned.ReplyYes))
	for range 72 { // what was held is tried again meanwhile
		s.Clock.Move(time.Hour)
		s.Work()
	}
	if got := len(s.Mail.Messages()); got != 0 {
		t.Fatalf("%d mails after the address was blocked", got)
	}
}
