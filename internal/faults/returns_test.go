package faults

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned/internal/store"
)

// returnForms is how many mails of the site come back. Half of them servers bring, half lie
// in a mailbox.
const returnForms = 24

// A bouncer brings the site mails that came back: those to addresses that people typed, and
// any number that nobody sent, of which each letter is counted.
type bouncer struct {
	host  string // where the site takes them
	inbox *inbox

	mu       sync.Mutex // guards what follows
	ours     []string   // return addresses that were not brought yet, or not answered
	sent     int        // mails that nobody sent, brought
	answered int        // of these, answered with 250
	acks     []ack      // of all
}

// bounceTo is a bounce as Postfix writes it.
func bounceTo(address string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@relay.example.net
To: %s
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net

Action: failed
Status: 5.1.1

--x--
`, address), "\n", "\r\n")
}

// madeUp changes the end of a return address: nobody made that token.
func madeUp(address string, r *rand.Rand) string {
	local, domain, _ := strings.Cut(address, "@")
	end := make([]byte, 8)
	for i := range end {
		end[i] = "abcdefgh"[r.IntN(8)]
	}
	// The last letter holds fewer bits than the others.
	return local[:len(local)-9] + string(end) + local[len(local)-1:] + "@" + domain
}

// bring brings mails until ctx ends, as a few servers would.
func (b *bouncer) bring(ctx context.Context, r *rand.Rand, like string) {
	for ctx.Err() == nil {
		b.mu.Lock()
		address, own := madeUp(like, r), false
		if n := len(b.ours); n > 0 && r.IntN(4) == 0 {
			address, own = b.ours[n-1], true
			b.ours = b.ours[:n-1]
		}
		if !own {
			b.sent++
		}
		b.mu.Unlock()
		a := ack{sent: time.Now()}
		err := smtp.SendMail(b.host, nil, "", []string{address}, []byte(bounceTo(address)))
		a.answered = time.Now()
		b.mu.Lock()
		switch {
		case err == nil:
			b.acks = append(b.acks, a)
			if !own {
				b.answered++
			}
		case own: // whether it was taken is not known: it comes again
			b.ours = append(b.ours, address)
		}
		b.mu.Unlock()
		time.Sleep(within(r, 5*time.Millisecond, 50*time.Millisecond))
	}
}

// left says how many of the site's own mails were not answered yet.
func (b *bouncer) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.ours)
}

// An inbox is a mailbox as a provider keeps it, which holds what is in it until it is told
// to remove it.
type inbox struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	mails   map[int]string
	last    int
	removed int
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	i := &inbox{listener: listener, mails: map[int]string{}}
	i.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			i.serving.Go(func() { i.serve(conn) })
		}
	})
	t.Cleanup(func() { listener.Close(); i.serving.Wait() })
	return i
}

func (i *inbox) put(text string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last++
	i.mails[i.last] = text
}

func (i *inbox) count() (there, removed int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.mails), i.removed
}

// serve speaks as much IMAP as the site does.
func (i *inbox) serve(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "* OK ready\r\n")
	for {
		line, err := in.ReadString('\n')
		words := strings.Fields(line)
		if err != nil || len(words) < 2 {
			return
		}
		number := 0
		if len(words) > 3 {
			number, _ = strconv.Atoi(words[3])
		}
		i.mu.Lock()
		switch strings.TrimSpace(strings.Join(words[1:min(3, len(words))], " ")) {
		case "CAPABILITY":
			fmt.Fprint(conn, "* CAPABILITY IMAP4rev1 UIDPLUS\r\n")
		case "UID SEARCH":
			var all []int
			for uid := range i.mails {
				all = append(all, uid)
			}
			slices.Sort(all)
			fmt.Fprintf(conn, "* SEARCH %s\r\n", strings.Trim(fmt.Sprint(all), "[]"))
		case "UID FETCH":
			fmt.Fprintf(conn, "* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n", number, len(i.mails[number]), i.mails[number])
		case "UID EXPUNGE":
			if _, there := i.mails[number]; there {
				delete(i.mails, number)
				i.removed++
			}
		}
		i.mu.Unlock()
		if _, err := fmt.Fprintf(conn, "%s OK done\r\n", words[0]); err != nil || words[1] == "LOGOUT" {
			return
		}
	}
}

// takeReturns fills in [post] in the site's settings.
func (s *site) takeReturns(host, mailbox string) {
	s.t.Helper()
	config := filepath.Join(s.dir, "site.toml")
	text := fileHolds(s.t, config)
	added := fmt.Sprintf("[post]\nsmtp = %q\nimap = \"imap://%s\"\nuser = \"bounces\"\npassword_file = \"post-password\"\n", host, mailbox)
	if strings.Count(text, "\n[post]\n") != 1 {
		s.t.Fatalf("the settings have no [post]:\n%s", text)
	}
	must(s.t, os.WriteFile(config, []byte(strings.Replace(text, "[post]\n", added, 1)), 0o600))
	must(s.t, os.WriteFile(filepath.Join(s.dir, "post-password"), []byte("secret\n"), 0o600))
}

// returned reads what became of mails that came back.
func (s *site) returned() map[store.ReturnCount]int64 {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), s.dir, store.Options{})
	must(s.t, err)
	defer db.Close()
	counts, err := db.Returns(s.t.Context(), 0)
	must(s.t, err)
	return counts
}

// G45 for mails that come back: the server is killed, or its disk fails, while servers bring
// them and while it reads a mailbox. What was answered, or removed, has its letter; each of
// ours acts once.
func TestBouncesThatWereAnsweredAreNotLostAndActOnce(t *testing.T) {
	need(t, "strace", "strace")
	r := draws(t)
	s := newSite(t, filepath.Join(t.TempDir(), "site"))
	b := &bouncer{host: freeHost(t), inbox: newInbox(t)}
	s.takeReturns(b.host, b.inbox.listener.Addr().String())
	server := s.serve()
	server.mustListen()
	c := newCrowd(s)
	end := c.undisturbed(time.Minute)
	for range returnForms {
		c.sign(c.client, c.addForm(c.addPerson()))
	}
	end()
	if !eventually(time.Minute, func() bool { return len(s.mails.returnAddresses()) == returnForms }) {
		t.Fatalf("%d of %d forms had a mail with a return address; the server wrote:\n%s", len(s.mails.returnAddresses()), returnForms, tail(server.err.String()))
	}
	addresses := s.mails.returnAddresses()
	server.terminate()
	b.ours = slices.Clone(addresses[:returnForms/2])
	boxed := 0 // mails in the mailbox that nobody sent
	fill := func(own []string) {
		for _, address := range own {
			b.inbox.put(bounceTo(address))
		}
		for range 10 {
			b.inbox.put(bounceTo(madeUp(addresses[0], r)))
			boxed++
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var bringing sync.WaitGroup
	for range 4 {
		own := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
		bringing.Go(func() { b.bring(ctx, own, addresses[0]) })
	}
	boxedOurs := addresses[returnForms/2:]
	for i := range *returns {
		share := boxedOurs[len(boxedOurs)*i / *returns : len(boxedOurs)*(i+1) / *returns]
		fill(share)
		server = s.serve()
		server.mustListen()
		time.Sleep(within(r, 10*time.Millisecond, 250*time.Millisecond))
		if !server.alive() {
			t.Fatalf("the server ended by itself in round %d; it wrote:\n%s", i+1, tail(server.err.String()))
		}
		if i%2 == 0 {
			server.kill()
			continue
		}
		b.mu.Lock()
		b.acks = nil
		b.mu.Unlock()
		tracer := traceFsync(t, server, "when=1+")
		server.mustEnd(30 * time.Second)
		tracer.Wait()
		failed := tracer.failedAt()
		b.mu.Lock()
		for _, a := range b.acks {
			if a.sent.After(failed) {
				t.Errorf("round %d: a mail brought %v after the disk failed was answered with 250", i+1, a.sent.Sub(failed))
			}
		}
		b.mu.Unlock()
	}
	server = s.serve()
	server.mustListen()
	emptied := func() bool { there, _ := b.inbox.count(); return there == 0 }
	if !eventually(2*time.Minute, func() bool { return b.left() == 0 && emptied() }) {
		there, _ := b.inbox.count()
		t.Fatalf("%d mails could not be brought, %d lie in the mailbox; the server wrote:\n%s", b.left(), there, tail(server.err.String()))
	}
	stop()
	bringing.Wait()
	var counts map[store.ReturnCount]int64
	settled := func() bool {
		counts = s.returned()
		return counts[store.ReturnDead] == returnForms && counts[store.ReturnUnknown] >= int64(b.answered+boxed)
	}
	if !eventually(time.Minute, settled) {
		t.Errorf("%d of %d addresses are dead; of mails that nobody sent %d had a letter, and %d were answered, %d removed", counts[store.ReturnDead], returnForms, counts[store.ReturnUnknown], b.answered, boxed)
	}
	// A mail of the mailbox may be read a second time in each round, and no more often.
	if most := int64(b.sent + boxed + *returns); counts[store.ReturnUnknown] > most {
		t.Errorf("%d letters of at most %d mails", counts[store.ReturnUnknown], most)
	}
	server.terminate()
	s.check()
	if counts = s.returned(); counts[store.ReturnDead] != returnForms || counts[store.ReturnNoted]+counts[store.ReturnStopped]+counts[store.ReturnUnread] != 0 {
		t.Errorf("in the end the counts are %v", counts)
	}
	t.Logf("%d rounds; %d mails of ours came back, %d of them came again; %d that nobody sent were answered and %d removed, of %d letters", *returns, returnForms, counts[store.ReturnAgain], b.answered, boxed, counts[store.ReturnUnknown])
}
