package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// G54: a disclosure as people type it, with two administrators who press the button in their
// mails, and the recipient who opens the file. Nothing is on the disk in clear.
func TestDiscloseAsPeopleTypeIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	type said struct {
		out, err string
		code     int
	}
	typed := func(in string, args ...string) said {
		var out, err bytes.Buffer
		code := run(args, streams{strings.NewReader(in), &out, &err})
		return said{out.String(), err.String(), code}
	}
	well := func(in string, args ...string) string {
		t.Helper()
		s := typed(in, args...)
		if s.code != 0 {
			t.Fatalf("%v: %s", args, s.err)
		}
		return s.out
	}
	refused := func(want, in string, args ...string) {
		t.Helper()
		if s := typed(in, args...); s.code == 0 || !strings.Contains(s.err, want) || !strings.Contains(s.err, "hint: ") {
			t.Errorf("%v: %s", args, s.err)
		}
	}
	well("", "init", "--data", dir, "--url", testkit.URL, "--smtp", "smtp://127.0.0.1:1")
	file := func(name, content string) string {
		path := filepath.Join(filepath.Dir(dir), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	identity, recipient, err := vault.NewController()
	if err != nil {
		t.Fatal(err)
	}
	key, paper, secret := file("key.txt", recipient+"\n"), file("order.pdf", "By order of the court"), file("secret.txt", identity)
	// The site lives: people sign, administrators are added.
	work := func(do func(*testkit.Site)) {
		s := testkit.At(t, dir)
		s.Work()
		do(s)
		s.Work()
		s.Close()
	}
	press := func(s *testkit.Site, address string) {
		s.Post(testkit.Press(undersigned.LetterRelease, s.Link(address, undersigned.LinkRelease), undersigned.TextVersion{}))
		s.Work()
	}
	well("", "staff", "add", "--data", dir, "--role", "administrator", "--name", "Ada", "ada@staff.example.org")
	order := []string{"disclose", "order", "--data", dir, "--petition", "1", "--purpose", "court", "--basis", "order", "--kind", "court",
		"--recipient", "Crown Court at Leeds", "--key", key, "--document", paper, "--field", "name", "--field", "email"}
	refused("not found", "", order...)
	work(func(s *testkit.Site) {
		p := s.OpenPetition("Keep the library open")
		form := testkit.SignForm(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
		form.Wordings = nil // another body's
		s.Post(form)
		s.Work()
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("ana@example.org", undersigned.LinkConfirm), p.Version))
	})
	refused("two administrators must agree", "", order...)
	well("", "staff", "add", "--data", dir, "--role", "administrator", "--name", "Grace", "grace@staff.example.org")
	work(func(s *testkit.Site) { press(s, "ada@staff.example.org") })

	refused("the purpose does not allow", "", append(order, "--field", "shoe-size")...)
	refused("an audit takes a sample", "", append(order, "--sample", "5")...)
	refused("this is no age recipient", "", append(order, "--key", secret)...)
	refused("read the recipient's key", "", append(order, "--key", "nowhere")...)
	refused("read the written order", "", append(order, "--document", "nowhere")...)
	refused("a question is about one address", "", append(order[:len(order)-4:len(order)-4], "--purpose", "question")...)
	if out := well("", order...); !strings.Contains(out, "nothing was changed") {
		t.Errorf("without --yes it says %q", out)
	}
	if out := well("", "disclose", "list", "--data", dir); !strings.Contains(out, "Nothing was ever ordered") {
		t.Errorf("a dry run left something behind: %s", out)
	}
	if out := well("", append(order, "--yes")...); !strings.Contains(out, "Disclosure 1 waits") {
		t.Errorf("it says %q", out)
	}
	out := filepath.Join(filepath.Dir(dir), "petition-1.csv.age")
	refused("two administrators did not agree", "", "disclose", "make", "1", "--data", dir, "--out", out, "--yes")
	work(func(s *testkit.Site) { press(s, "ada@staff.example.org"); press(s, "grace@staff.example.org") })
	if said := well("", "disclose", "make", "1", "--data", dir, "--out", out); !strings.Contains(said, "nothing was changed") {
		t.Errorf("without --yes it says %q", said)
	}
	refused("exist", "", "disclose", "make", "1", "--data", dir, "--out", key, "--yes")
	if _, err := os.Stat(out); err == nil {
		t.Fatal("there is a file before it was made")
	}
	if said := well("", "disclose", "make", "1", "--data", dir, "--out", out, "--yes"); !strings.Contains(said, "is sealed to Crown Court at Leeds") {
		t.Errorf("it says %q", said)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(out + ".*"); err != nil || left != nil {
		t.Errorf("beside it lies %q", left)
	}
	// As if the machine had stopped before the file had its name.
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	file("petition-1.csv.age.part", "another file")
	refused("it was made already", "", "disclose", "make", "1", "--data", dir, "--out", out, "--yes")
	file("petition-1.csv.age.part", string(content))
	well("", "disclose", "make", "1", "--data", dir, "--out", out, "--yes")
	if again, err := os.ReadFile(out); err != nil || !bytes.Equal(again, content) {
		t.Errorf("its file is another (%v)", err)
	}
	refused("it was made already", "", "disclose", "make", "1", "--data", dir, "--out", out+"2", "--yes")
	refused("it was made already", "", "disclose", "stop", "1", "--data", dir)
	if said := well("", "disclose", "list", "--data", dir); !strings.Contains(said, "for Crown Court at Leeds (court): name, email") || !strings.Contains(said, "with 1 records of 1 at most") {
		t.Errorf("the list says %q", said)
	}
	// What is on the disk says nothing in clear; the recipient reads all.
	whole := ""
	err = filepath.WalkDir(filepath.Dir(dir), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, personal := range []string{"Ana Torres", "ana@example.org"} {
			if bytes.Contains(content, []byte(personal)) {
				t.Errorf("%s holds %s in clear", path, personal)
			}
		}
		if strings.Contains(filepath.Base(path), ".undersigned-") {
			t.Errorf("%s was left behind", path)
		}
		if path == out {
			whole = string(content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	opener, err := vault.NewOpener(strings.NewReader(identity))
	if err != nil {
		t.Fatal(err)
	}
	r, err := opener.Open(strings.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	var opened bytes.Buffer
	opened.ReadFrom(r)
	if text := opened.String(); !strings.Contains(text, `"Ana Torres","ana@example.org","1/`) {
		t.Fatalf("the court reads %q", text)
	}
	if said := well(opened.String(), "disclose", "trace", "--data", dir); !strings.Contains(said, "From disclosure 1: the copy for Crown Court at Leeds") {
		t.Errorf("the leak is traced: %q", said)
	}
	if said := well("nothing of ours", "disclose", "trace", "--data", dir); !strings.Contains(said, "No line holds a mark") {
		t.Errorf("what is not ours is traced: %q", said)
	}
	if s := typed("", "check", "--data", dir); s.code != 0 {
		t.Error(s.out, s.err)
	}

	// The keys reach their date: the answer is the same for everybody, to the byte.
	work(func(s *testkit.Site) {
		row, err := s.DB.Public().Petition(context.Background(), 1)
		s.Check(err)
		s.Clock.Move(row.RetainTo.Sub(s.Clock.Now()) + 1)
		s.Check(s.Steward.Chores(context.Background()))
	})
	question := append(order, "--purpose", "question", "--yes")
	first, second := well("ana@example.org\n", question...), well("nobody@example.org\n", question...)
	if first != second || !strings.Contains(first, "The keys of petition 1 were destroyed") {
		t.Errorf("the answers are %q and %q", first, second)
	}
}
