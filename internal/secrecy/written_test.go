package secrecy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/letterbox"
	"undersigned/internal/testkit"
)

// A person with data that cannot be met by chance.
type person struct {
	name, address, postcode string
	reply                   undersigned.Reply
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
		}
	}
	return all
}

// TestG28NothingTypedIsWrittenInClear takes people through everything that can happen to
// a form, and scans whatever the site wrote meanwhile: database, log, free pages, key
// folders, program log, errors.
func TestG28NothingTypedIsWrittenInClear(t *testing.T) {
	var log bytes.Buffer
	s := testkit.New(t)
	s.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	s.Close()
	s.Open()
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	all := people(240, rand.New(rand.NewPCG(28, 1)))
	var look scanner
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
		return f
	}
	tokens := 0
	mailed := func(i int) []testkit.Link {
		for _, m := range s.Mail.Messages() {
			if m.To == all[i].address {
				links := s.Links(m.Text)
				for _, link := range links {
					tokens++
					look.add(fmt.Sprintf("token %d", i), link.Token[:])
					look.add(fmt.Sprintf("link %d", i), []byte(link.Text[23:]))
				}
				return links
			}
		}
		t.Fatalf("person %d got no mail", i)
		return nil
	}
	press := func(kind undersigned.LetterKind, link testkit.Link) { s.Post(testkit.Press(kind, link, p.Version)) }

	// 0 to 159 get a mail; of these, most press and some then leave, decline, block.
	for i := range 160 {
		s.Post(form(i))
	}
	s.Work()
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
	press(undersigned.LetterConfirm, mailed(172)[0])
	s.Work()
	// A start, whose words become public only when people have backed it.
	start := form(173)
	start.Kind, start.Petition, start.Title, start.Days = undersigned.LetterStart, 0, "Plant more trees", 90
	start.Version = undersigned.VersionOf(start.Title, "", "")
	s.Post(start)
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, mailed(173)[0], start.Version))
	s.Work()
	// Mails that cannot leave, keys that are not there, letters nobody has come to.
	s.Mail.Close()
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
	t.Logf("%d files, %d bytes of log, %d failures, %d tokens", files, log.Len(), len(failures), tokens)

	// The same scan finds everything in a mail, and a name once it may be read.
	var raw []byte
	for _, m := range s.Mail.Messages() {
		raw = append(raw, m.Raw...)
	}
	if got := look.scan("mail", raw); len(got) < 500 {
		t.Fatalf("in %d bytes of mail only %d things were found", len(raw), len(got))
	}
	s.Check(errors.Join(os.WriteFile(filepath.Join(s.Dir, "leak"), []byte("x"+all[7].name+"y"), 0o600)))
	if hits, _ := look.scanDir(t, s.Dir); len(hits) != 1 {
		t.Fatalf("one name was leaked, %d found", len(hits))
	}
}
