package browsertest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"undersigned/internal/mail/catcher"
)

// A freshSite is a site that nobody has set up, run by the program as people run it.
type freshSite struct {
	testing.TB
	dir, binary, url string
	mail             *catcher.Catcher
}

// run runs a command of the program and gives what it says.
func (s *freshSite) run(args ...string) string {
	s.Helper()
	command := exec.Command(s.binary, args...)
	command.Dir = s.dir
	out, err := command.CombinedOutput()
	if err != nil {
		s.Fatalf("undersigned %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func newFreshSite(t *testing.T) *freshSite {
	t.Helper()
	s := &freshSite{TB: t, dir: t.TempDir()}
	if s.binary = os.Getenv("UNDERSIGNED_BINARY"); s.binary == "" {
		s.binary = filepath.Join(s.dir, "undersigned")
		build := exec.Command("go", "build", "-o", s.binary, "undersigned/cmd/undersigned")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the program: %v\n%s", err, out)
		}
	}
	var err error
	if s.mail, err = catcher.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.mail.Close() })
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + addr
	s.run("init", "--data", "site", "--url", s.url, "--smtp", s.mail.URL())
	server := exec.Command(s.binary, "serve", "--data", "site", "--addr", addr, "--count-every", "1s")
	server.Dir, server.Stderr = s.dir, os.Stderr
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it must not outlive the tests
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Signal(os.Interrupt); server.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "listening on ") {
			go func() {
				for lines.Scan() {
				}
			}()
			return s
		}
	}
	t.Fatal("the site did not start")
	return nil
}

var anyLink = regexp.MustCompile(`http://[^\s]+/l/[A-Za-z0-9_.-]+`)

// linkTo waits for a mail to an address with these words in its subject, and gives the
// first link in it.
func (s *freshSite) linkTo(address, subject string) string {
	s.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	caught, err := s.mail.Wait(ctx, func(c catcher.Caught) bool { return c.To == address && strings.Contains(c.Subject, subject) })
	if err != nil {
		s.Fatalf("no mail %q came: %v", subject, err)
	}
	return anyLink.FindString(caught.Text)
}

// TestSetup sets a new site up from the one-time address on, opens it, and publishes a
// petition that somebody started there: a clerk's first day.
func TestSetup(t *testing.T) {
	t.Parallel()
	s := newFreshSite(t)
	b := newTab(t)
	b.visit(s.url)
	b.reads("We are still getting this site ready.")
	said := s.run("setup", "--data", "site", "--name", "Josh Patel", "josh@council.example")
	b.visit(s.url + "/petitions")
	b.at("This site is not ready yet")
	b.clean("not ready")

	address := regexp.MustCompile(`http://\S+/staff/setup/\S+`).FindString(said)
	b.visit(address)
	b.at("Set up this site")
	b.clean("setup")
	b.press("Start")
	for step, page := range []struct{ heading, fields string }{
		{"Who runs this site", `Whom petitions are for=Example Council|The same in a sentence=the council|Who runs this site and answers for the data=Example Council|` +
			`Postal address=Town Hall, Exampleton|Email address for questions=help@council.example`},
		{"The law and complaints", `Why the law lets you count names=You ask us to.|Why it lets you, though signing tells what people think=You say it openly.|` +
			`Why the law lets you email the answer=You say yes.|Why it lets you, though the list tells what people think=You say yes to it.|` +
			`Who else may see data=Our host.|How old people must be=You can sign from the age of 13.|Where people can complain=The authority`},
		{"Colour and logo", "Colour=#1d4f91"},
		{"Words on the home page", "Banner on the home page and on petitions=The library is closed on Monday."},
		{"Who can sign", "What people must say yes to=I live, work or study in Exampleton."},
		{"Starting a petition", "How many people must back a petition before you review it=0"},
		{"What numbers lead to", ""},
		{"Reasons to reject a petition", ""},
		{"Topics and departments", "Topics, one a line=Roads"},
		{"Working days and elections", "Days off, one a line=2026-12-25 Christmas Day"},
		{"Programs that sign", ""},
		{"Emails and keys", ""},
	} {
		b.at(page.heading)
		b.reads(fmt.Sprintf("Step %d of 12", step+1))
		for pair := range strings.SplitSeq(page.fields, "|") {
			if label, value, ok := strings.Cut(pair, "="); ok {
				b.fill(label, value)
			}
		}
		b.clean(page.heading)
		b.shoot(fmt.Sprintf("setup-%02d", step+1))
		b.press("Save and go on")
	}
	b.at("Is the site ready?")
	b.reads("A safety copy of the keys that was read back")
	b.shoot("setup-ready")

	// Whoever looks after the machine makes a backup of the keys, and reads it back.
	s.run("keys", "controller", "--out", "controller.txt")
	identity, err := os.ReadFile(filepath.Join(s.dir, "controller.txt"))
	if err != nil {
		t.Fatal(err)
	}
	recipient := regexp.MustCompile(`age1\w+`).FindString(string(identity))
	if err := os.Mkdir(filepath.Join(s.dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.run("keys", "backup", "--data", "site", "--to", "keys", "--recipient", recipient)
	s.run("keys", "backup", "--verify", "--data", "site", "--to", "keys", "--identity", "controller.txt")
	b.visit(s.url + "/staff/ready")
	b.reads("Nothing is missing.")
	b.press("Open the site")
	b.reads("The site is open to everybody.")
	b.clean("ready")

	person := newTab(t)
	person.visit(s.url)
	person.reads("The library is closed on Monday.")
	if person.says("We are still getting this site ready.") {
		t.Error("the banner is still there")
	}
	person.shoot("setup-home")
	person.visit(s.url + "/petitions/start")
	if person.says("people who back it") {
		t.Error("people are told to find nobody who backs it")
	}
	person.fill("What should Example Council do?", "Build a safe crossing on Mill Lane")
	person.press("Continue")
	person.fill("Why do you ask for this?", "Two hundred children cross Mill Lane each day.")
	person.press("Continue")
	person.choose("90 days")
	person.press("Continue")
	person.at("About you")
	person.choose("Yes")
	person.fill("Your name", "Ana Torres")
	person.fill("Your email address", "ana@people.example")
	person.press("Continue")
	person.press("Send")
	person.at("Check your email")
	person.visit(s.linkTo("ana@people.example", confirmSubject))
	person.press("Start the petition")

	await(t, "the petition in the queue", func() bool {
		b.visit(s.url + "/staff/queue")
		return b.says("Build a safe crossing on Mill Lane")
	})
	b.press("Build a safe crossing on Mill Lane")
	b.choose("Publish it")
	b.press("Save the decision")
	await(t, "the petition's page", func() bool {
		person.visit(s.url + "/petitions/1")
		return person.heading() == "Build a safe crossing on Mill Lane"
	})
	person.reads("Build a safe crossing on Mill Lane", "The library is closed on Monday.")
	person.press("Sign this petition")
}
