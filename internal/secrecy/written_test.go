package secrecy

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/desk"
	"undersigned/internal/letterbox"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// staffMail is a colleague's.
const staffMail = "jo@staff.example.org"

// A person with data that cannot be met by chance.
type person struct {
	name, address, postcode string
	reply                   undersigned.Reply
	hearing                 undersigned.Hearing // of who starts a petition
}

func people(n int, random *rand.Rand) []person {
	word := func(letters string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	all := make([]person, n)
	for i := range all {
		first, last := word("aeioulmnrst", 6), word("bcdfghjkaeiou", 7)
		all[i] = person{
			name:     strings.ToUpper(first[:1]) + first[1:] + " Zö" + last,
			address:  fmt.Sprintf("%s.%s%d@example.org", first, last, i),
			postcode: "QX" + word("0123456789", 3) + " " + word("0123456789", 2) + word("ABDEFGHJLNP", 3),
			reply:    undersigned.Reply(1 + i%2),
			hearing:  undersigned.Hearing{Phone: "+44 " + word("0123456789", 10), Postal: fmt.Sprintf("%d %s Terrace", 100+i, word("bcdfghjkaeiou", 9))},
		}
	}
	return all
}

// TestG28NothingTypedIsWrittenInClear takes people through everything that can happen to
// a form, most of them through the pages, and scans whatever was written meanwhile:
// database, log, free pages, key folders, temporary files, a backup, the program's log,
// errors. No answer on the way tells another site or page of a link (G42, over thousands of
// flows).
func TestG28NothingTypedIsWrittenInClear(t *testing.T) {
	random := draws(t)
	var log bytes.Buffer
	s := testkit.New(t)
	t.Setenv("TMPDIR", filepath.Join(s.Dir, "temporary"))
	s.Check(os.Mkdir(os.TempDir(), 0o700))
	s.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	s.Mail.Keep(4 * *signups)
	s.Close()
	s.Open()
	ctx := context.Background()
	s.Body.AskHearing, s.Body.HearingWhy = true, "We call to set the day of a hearing."
	s.Body.News, s.Body.NewsQuota = true, 2
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	p := s.OpenPetition("Keep the library open")
	all := people(max(*signups, 500), random)
	var look, called scanner // called: what is in no mail, either
	for i := 173; i < 176; i++ {
		for _, where := range []*scanner{&look, &called} {
			where.add(fmt.Sprintf("phone %d", i), []byte(all[i].hearing.Phone[4:]))
			where.add(fmt.Sprintf("postal address %d", i), []byte(all[i].hearing.Postal))
		}
	}
	for i, one := range all {
		look.add(fmt.Sprintf("address %d", i), []byte(one.address))
		look.add(fmt.Sprintf("name %d", i), []byte(one.name))
		look.add(fmt.Sprintf("postcode %d", i), []byte(one.postcode))
	}
	var failures []string
	fail := func(err error) {
		if err != nil {
			failures = append(failures, err.Error())
			s.Log.Error("it failed", "error", err)
		}
	}
	form := func(i int) undersigned.Submission {
		f := testkit.SignForm(p, all[i].name, all[i].address, all[i].reply)
		f.Postcode = all[i].postcode
		if i%2 == 0 {
			f.Purposes = []string{view.NewsID}
		}
		return f
	}
	tokens := 0
	var came map[string]catcher.Caught
	mailed := func(i int) []testkit.Link {
		links := s.Links(came[all[i].address].Text)
		if len(links) == 0 {
			t.Fatalf("person %d got no mail with links", i)
		}
		for _, link := range links {
			tokens++
			look.add(fmt.Sprintf("token %d", i), link.Token[:])
			look.add(fmt.Sprintf("link %d", i), []byte(link.Text[23:]))
		}
		return links
	}
	press := func(kind undersigned.LetterKind, link testkit.Link) { s.Post(testkit.Press(kind, link, p.Version)) }

	// 0 to 159 get a mail; of these, most press and some then leave, decline, block.
	for i := range 160 {
		s.Post(form(i))
	}
	s.Work()
	came = mails(s)
	for i := range 160 {
		links := mailed(i)
		switch {
		case i < 100:
			press(undersigned.LetterConfirm, links[0])
		case i < 110:
			press(undersigned.LetterNotMe, links[0])
		case i < 120:
			block := testkit.Press(undersigned.LetterNotMe, links[1], p.Version)
			block.Block = true
			s.Post(block)
		case i < 130: // a wrong token
			links[0].Token[0] ^= 1
			press(undersigned.LetterConfirm, links[0])
		}
	}
	s.Work()
	for i := range 20 {
		press([]undersigned.LetterKind{undersigned.LetterWithdraw, undersigned.LetterStopMail, undersigned.LetterCopy}[i%3], mailed(i)[1])
	}
	for i := 20; i < 40; i++ {
		s.Post(form(i)) // again
	}
	s.Work()
	// Forms that fail, in every way that has an error: too long, no address, an address
	// only a program would send, a client that went away, a full letterbox.
	long := form(160)
	long.Details = strings.Repeat(all[160].address+" "+all[160].name+" ", 100)
	fail(s.Box.Post(ctx, long))
	for i, text := range []string{"two@@%s", "%s,%s", "\"%s", "%s@", "<%s>", "%s.", " "} {
		f := form(161 + i)
		f.Address = strings.ReplaceAll(text, "%s", f.Address)
		_, err := address.Parse(f.Address)
		fail(err)
		s.Post(f)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	fail(s.Box.Post(gone, form(170)))
	full, err := letterbox.Open(gone, letterbox.Config{Public: s.DB.Public(), Pins: s.Pins})
	s.Check(err)
	<-full.Done()
	fail(full.Post(ctx, form(171)))
	unfit := form(172)
	unfit.Name = strings.Repeat(all[172].name, 50) // fits a letter and no stored part
	s.Post(unfit)
	s.Work()
	came = mails(s)
	press(undersigned.LetterConfirm, mailed(172)[0])
	s.Work()
	// A start, whose words become public only when people have backed it.
	start := form(173)
	start.Kind, start.Petition, start.Title, start.Days = undersigned.LetterStart, 0, "Plant more trees", 90
	start.Version, start.Hearing = undersigned.VersionOf(start.Title, "", ""), all[173].hearing
	s.Post(start)
	s.Work()
	came = mails(s)
	s.Post(testkit.Press(undersigned.LetterConfirm, mailed(173)[0], start.Version))
	s.Work()
	// How to reach them for a hearing is seen by a colleague, changed, seen again, and copied to them.
	_, err = s.Steward.AddStaff(ctx, "Jo Reed", staffMail, undersigned.Administrator)
	s.Check(err)
	seeHearing := func() {
		creator := s.Link(all[173].address, undersigned.LinkCreator)
		now, err := s.DB.Public().Petition(ctx, creator.Number)
		s.Check(err)
		jo := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
		s.Check(desk.New(s.DB.Desk()).AskOpening(ctx, jo, desk.Target{Petition: now.ID, Revision: now.Revision}, "To set the day."))
		s.Work()
		link := s.Link(staffMail, undersigned.LinkHearing)
		look.add("token of a colleague", link.Token[:])
	}
	seeHearing()
	change := testkit.Press(undersigned.LetterHearing, s.Link(all[173].address, undersigned.LinkCreator), start.Version)
	change.Hearing = all[174].hearing
	s.Post(change)
	s.Work()
	seeHearing()
	s.Post(undersigned.Submission{Kind: undersigned.LetterFind, Address: all[173].address})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterCopy, s.Link(all[173].address, undersigned.LinkOwn), start.Version))
	s.Work()
	creatorPath := "/l/" + s.Link(all[173].address, undersigned.LinkCreator).Text
	// Everybody from 240 on comes by the pages: most press, some leave or decline, every
	// fifth sends a form or a link that fails first.
	browse := browser(s, full)
	for _, do := range []string{"hearing-show", "hearing"} {
		// The last is one that fails: what was typed comes back, and is written nowhere.
		if status := browse(creatorPath, url.Values{"do": {do}, "phone": {all[175].hearing.Phone + " ext. " + all[175].hearing.Phone + all[175].hearing.Phone}, "postal": {all[175].hearing.Postal}}, false); status != 200 && status != 422 {
			t.Fatalf("%s on the creator's page answers %d", do, status)
		}
	}
	path := fmt.Sprintf("/petitions/%d/signatures", p.ID)
	statuses := statusesOf(len(all)-240, func(i int) []int {
		f := signForm(s, p, all[240+i].name, all[240+i].address)
		f.Set("answer", []string{"yes", "no"}[i%2])
		got := []int{}
		if i%5 == 0 {
			bad := maps.Clone(f)
			bad.Set("email", all[240+i].address+"@")
			got = append(got, browse(path, bad, false), browse(path, f, true), browse("/l/"+all[240+i].address, f, false))
		}
		return append(got, browse(path, f, false))
	})
	s.Work()
	came = mails(s)
	links := make([][]testkit.Link, len(all))
	for i := 240; i < len(all); i++ {
		links[i] = mailed(i)
	}
	for status, n := range statusesOf(len(all)-240, func(i int) []int {
		l := links[240+i]
		switch i % 10 {
		case 0:
			return []int{browse("/l/"+l[0].Text, url.Values{"do": {"not-me"}}, false)}
		case 1:
			return nil
		case 2:
			return []int{browse("/l/"+l[0].Text, url.Values{"do": {"confirm"}, "version": {p.Version.String()}}, true)}
		}
		return []int{browse("/l/"+l[0].Text, url.Values{"do": {"confirm"}, "version": {p.Version.String()}}, false)}
	}) {
		statuses[status] += n
	}
	s.Work()
	for status, n := range statusesOf(len(all)-240, func(i int) []int {
		if i%10 != 3 {
			return nil
		}
		return []int{browse("/l/"+links[240+i][1].Text, url.Values{"do": {"withdraw"}, "sure": {"yes"}}, false)}
	}) {
		statuses[status] += n
	}
	s.Work()
	more := len(all) - 240
	if statuses[200] != more || statuses[422] != more/5 || statuses[503] < more/5 || statuses[404] != more/5 || statuses[303] < more*8/10 {
		t.Fatalf("of %d people by the pages: %v", more, statuses)
	}
	// Mailings to everybody who asked for one: one that goes, one that finds no relay.
	mailing := func(kind undersigned.MailingKind, words string) int64 {
		s.Check(s.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
			_, err := s.Steward.ReserveMailing(tx, p.ID, 2, kind, words)
			return err
		}))
		fail(s.Steward.SendMailings(ctx))
		all, err := s.DB.Public().Mailings(ctx, p.ID)
		s.Check(err)
		return all[len(all)-1].Sent
	}
	if sent := mailing(undersigned.MailingWithdrawn, ""); sent < 50 {
		t.Fatalf("only %d people got the mailing", sent)
	}
	if sent := mailing(undersigned.MailingNews, "A meeting\n\nIt is on 3 May."); sent < 20 {
		t.Fatalf("only %d people got news", sent)
	}
	// Mails that cannot leave, keys that are not there, letters nobody has come to.
	s.Mail.Close()
	if sent := mailing(undersigned.MailingWithdrawn, ""); sent != 0 {
		t.Fatalf("%d people got a mailing without a relay", sent)
	}
	for i := 180; i < 200; i++ {
		s.Post(form(i))
	}
	s.Check(s.Steward.Drain(ctx))
	fail(s.Steward.SendMail(ctx))
	s.Clock.Move(49 * time.Hour)
	fail(s.Steward.SendMail(ctx)) // given up
	s.Check(s.Steward.Chores(ctx))
	keys, err := filepath.Glob(filepath.Join(s.Dir, "keys*", "petitions", "00000001.age"))
	s.Check(err)
	kept := map[string][]byte{}
	for _, path := range keys {
		kept[path], err = os.ReadFile(path)
		s.Check(err)
		s.Check(os.Remove(path))
	}
	s.Close()
	s.Open()
	for i := 200; i < 220; i++ {
		s.Post(form(i))
	}
	fail(s.Steward.Drain(ctx))
	for path, content := range kept {
		s.Check(os.WriteFile(path, content, 0o600))
	}
	for i := 220; i < 240; i++ {
		s.Post(form(i))
	}
	s.Check(s.Steward.Count(ctx))
	backUp(s)

	if log.Len() == 0 || len(failures) < 8 || tokens < 300 {
		t.Fatalf("too little happened: %d bytes of log, %d failures, %d tokens", log.Len(), len(failures), tokens)
	}
	hits, files := look.scanDir(t, s.Dir)
	if wal, err := os.Stat(filepath.Join(s.Dir, "undersigned.db-wal")); err != nil || wal.Size() == 0 {
		t.Fatalf("there is no log to scan: %v", err)
	}
	hits = append(hits, look.scan("the program's log", log.Bytes())...)
	hits = append(hits, look.scan("errors", []byte(strings.Join(failures, "\n")))...)
	for _, hit := range hits {
		t.Error(hit)
	}
	t.Logf("%d people: %d files, %d bytes of log, %d failures, %d tokens, answers %v", len(all), files, log.Len(), len(failures), tokens, statuses)

	// The same scan finds everything in a mail, and a name once it may be read.
	var raw []byte
	caught := s.Mail.Messages()
	caught = caught[:min(len(caught), 1000)]
	for _, m := range caught {
		raw = append(raw, m.Raw...)
	}
	if got := look.scan("mail", raw); len(got) < 2*len(caught) {
		t.Fatalf("in %d mails only %d things were found", len(caught), len(got))
	}
	for _, m := range s.Mail.Messages() {
		for _, hit := range called.scan("a mail", append(m.Raw, m.Text...)) {
			t.Error(hit)
		}
	}
	if got := called.scan("what was typed", fmt.Appendf(nil, "%+v", all[173:176])); len(got) < 6 {
		t.Fatalf("of three phone numbers and postal addresses %d things were found where they are", len(got))
	}
	s.Check(errors.Join(os.WriteFile(filepath.Join(s.Dir, "leak"), []byte("x"+all[7].name+"y"), 0o600)))
	if hits, _ := look.scanDir(t, s.Dir); len(hits) != 1 {
		t.Fatalf("one name was leaked, %d found", len(hits))
	}
}

// browser sends forms to the site's pages and gives the status of each answer; or to
// pages in front of a letterbox that takes nothing.
func browser(s *testkit.Site, shut *letterbox.Letterbox) func(path string, f url.Values, busy bool) int {
	s.T.Helper()
	var handlers [2]http.Handler
	for i, box := range []*letterbox.Letterbox{s.Box, shut} {
		pages, err := web.New(web.Config{Public: s.DB.Public(), Box: box, URL: testkit.URL, From: "no-reply@petitions.example.org", SnapshotEvery: -1,
			Log: s.Log, Wait: func(context.Context, time.Duration) {}, ClientHeader: "X-Client"})
		s.Check(err)
		handlers[i] = pages.Handler()
	}
	var place atomic.Uint32
	return func(path string, f url.Values, busy bool) int {
		r := httptest.NewRequest("POST", (&url.URL{Path: path}).String(), strings.NewReader(f.Encode()))
		r.Host = strings.TrimPrefix(testkit.URL, "https://")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		n := place.Add(1)
		r.Header.Set("X-Client", fmt.Sprintf("10.%d.%d.1", n>>8&255, n&255))
		w := httptest.NewRecorder()
		handler := handlers[0]
		if busy {
			handler = handlers[1]
		}
		handler.ServeHTTP(w, r)
		if w.Header().Get("Referrer-Policy") != "no-referrer" || strings.Contains(w.Header().Get("Location"), "/l/") {
			s.T.Errorf("an answer of %d could tell another page of a link: %v", w.Code, w.Header())
		}
		// Where nothing was taken, the form comes back, and with it the link it is sent to; so it
		// is on a creator's own page.
		link, ok := strings.CutPrefix(path, "/l/")
		if kind, _, _, _ := s.Mask.Parse(link); ok && kind != undersigned.LinkCreator && w.Code != http.StatusServiceUnavailable && bytes.Contains(w.Body.Bytes(), []byte(link)) {
			s.T.Errorf("a page of status %d holds the link it was asked by", w.Code)
		}
		return w.Code
	}
}

// statusesOf does n deeds with some at once, and counts the statuses they give.
func statusesOf(n int, deed func(i int) []int) map[int]int {
	all := make([][]int, n)
	together(n, func(i int) { all[i] = deed(i) })
	counts := map[int]int{}
	for _, some := range all {
		for _, status := range some {
			counts[status]++
		}
	}
	return counts
}

// backUp copies the database as an operator does, beside a site that runs.
func backUp(s *testkit.Site) {
	s.T.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, "undersigned.db"))
	s.Check(err)
	defer db.Close()
	_, err = db.Exec(`VACUUM INTO ?`, filepath.Join(s.Dir, "backup.db"))
	s.Check(err)
}
