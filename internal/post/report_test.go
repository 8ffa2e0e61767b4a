package post_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/post"
	"undersigned/internal/seal"
)

const sender = "bounces@petitions.example.org"

// now is the day of the token in the mails of testdata, which are real but for those that
// are written by hand.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var token, _ = seal.MatchReturn(sender, "bounces+kevtepn5zvhiknyuhrg67jd6kocp3h5esr2nc26og7ma@petitions.example.org")

// A letters is a letterbox that shows what is put in.
type letters struct {
	mu   sync.Mutex
	put  []undersigned.Submission
	fail error
}

func (l *letters) Put(_ context.Context, s undersigned.Submission) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail == nil {
		l.put = append(l.put, s)
	}
	return l.fail
}

func (l *letters) all() []undersigned.Submission {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.put
}

func newIntake() (*post.Intake, *letters) {
	box := new(letters)
	return post.NewIntake(post.Config{Sender: sender, Put: box.Put, Now: func() time.Time { return now }}), box
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}

// What Postfix and OpenSMTPD wrote, and what others write: of each mail the letter that is
// put in, if any. W11: what is not understood is a letter that says so and no more.
func TestWhatIsTakenFromReports(t *testing.T) {
	none := undersigned.Status{}
	for name, want := range map[string]struct {
		class  undersigned.BounceClass
		status undersigned.Status
	}{
		"postfix-gone":             {undersigned.BounceHard, undersigned.Status{5, 1, 1}},
		"postfix-full":             {undersigned.BounceHard, undersigned.Status{5, 2, 2}},
		"postfix-spam":             {undersigned.BounceHard, undersigned.Status{5, 7, 1}},
		"postfix-plain":            {undersigned.BounceHard, undersigned.Status{5, 0, 0}}, // the server gave no reason
		"opensmtpd-gone":           {undersigned.BounceHard, undersigned.Status{5, 1, 1}},
		"opensmtpd-full":           {undersigned.BounceHard, undersigned.Status{5, 2, 2}},
		"opensmtpd-spam":           {undersigned.BounceHard, undersigned.Status{5, 7, 1}},
		"opensmtpd-plain":          {undersigned.BounceHard, undersigned.Status{5, 0, 0}},
		"opensmtpd-later":          {},
		"complaint":                {undersigned.BounceComplaint, none},
		"complaint-by-return-path": {undersigned.BounceComplaint, none},
		"complaint-nameless":       {},
		"not-spam":                 {},
		"qmail":                    {undersigned.BounceHard, undersigned.Status{5, 1, 1}},
		"words-only":               {undersigned.BounceUnread, none}, // W11
		"vacation":                 {},
		"receipt":                  {},
		"somebody":                 {},
	} {
		intake, box := newIntake()
		if _, err := intake.Take(t.Context(), post.Mail{Bytes: sample(t, name)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want.class == 0 {
			if n := len(box.all()); n != 0 {
				t.Errorf("%s: a letter of class %d", name, box.all()[0].Bounce.Class)
			}
			continue
		}
		expected := undersigned.Submission{Kind: undersigned.LetterBounce, Bounce: undersigned.Bounce{Token: token, Class: want.class, Status: want.status}}
		if len(box.all()) != 1 || fmt.Sprint(box.all()[0]) != fmt.Sprint(expected) {
			t.Errorf("%s: letters %v", name, box.all())
		}
	}
}

// The envelope's recipient counts before what a mail says; old and early tokens bring no
// letter, like none; and a letterbox that is busy makes the mail come again.
func TestTokensOfTheEnvelope(t *testing.T) {
	intake, box := newIntake()
	plain := bytes.ReplaceAll(sample(t, "postfix-gone"), []byte("+kevtepn5zvhiknyuhrg67jd6kocp3h5esr2nc26og7ma"), nil)
	take := func(to string) error {
		_, err := intake.Take(t.Context(), post.Mail{To: to, Null: true, Bytes: plain})
		return err
	}
	old, early := token, token
	old[1] -= 11
	early[1]++
	for _, to := range []string{sender, seal.ReturnAddress(sender, old), seal.ReturnAddress(sender, early)} {
		if err := take(to); err != nil || len(box.all()) != 0 {
			t.Errorf("%s: %v, letters %v", to, err, box.all())
		}
	}
	box.fail = post.ErrLater
	if err := take(seal.ReturnAddress(sender, token)); err == nil {
		t.Error("a mail was taken, and no letter is on the disk")
	}
	box.fail = nil
	if err := take(seal.ReturnAddress(sender, token)); err != nil || len(box.all()) != 1 {
		t.Errorf("%v, letters %v", err, box.all())
	}
	for range 1300 { // W58: others' floods are slowed
		take(seal.ReturnAddress(sender, token))
	}
	if n := len(box.all()); n > 1200 {
		t.Errorf("%d letters in a minute", n)
	}
}

var malformed = flag.Int("malformed", 5_000, "how many malformed mails are read")

// worked is how much processor time this process has had: unlike a clock it does not run
// while a busy machine does something else.
func worked(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// G26, S42: malformed reports and complaints: no crash, at most 64 MiB, none over a second.
func TestG26MalformedReportsAreReadInBounds(t *testing.T) {
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	var corpus [][]byte
	for _, name := range names {
		corpus = append(corpus, sample(t, strings.TrimSuffix(filepath.Base(name), ".eml")))
	}
	corpus = append(corpus, monsters()...)
	random := rand.New(rand.NewPCG(26, 42))
	intake, _ := newIntake()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var slowest time.Duration
	var most uint64
	for i := range *malformed {
		text := corpus[i%len(corpus)]
		if i >= len(corpus) {
			text = mutate(random, corpus)
		}
		began := worked(t)
		intake.Take(t.Context(), post.Mail{To: seal.ReturnAddress(sender, token), Null: i%2 == 0, Bytes: text[:min(len(text), post.MostRead)]})
		slowest = max(slowest, worked(t)-began)
		if i < 2*len(corpus) || i%1000 == 0 {
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
	}
	t.Logf("%d mails: the slowest took %v, at most %d KiB of heap", *malformed, slowest, most>>10)
	if slowest > time.Second || most > before.HeapAlloc+64<<20 {
		t.Errorf("the slowest took %v, heap %d bytes", slowest, most)
	}
}

// monsters are the mails of S42: deep, wide, long and in broken encodings.
func monsters() [][]byte {
	deep := "Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
	for i := range 200 {
		deep += fmt.Sprintf("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	report := "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
	return [][]byte{
		[]byte(deep),
		[]byte(report + strings.Repeat("--x\r\n\r\n", 50_000)),
		[]byte(report + strings.Repeat("--x\r\nContent-Type: message/delivery-status\r\n\r\n\r\n\r\n", 5_000)),
		[]byte("Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("QUFB", 65_000)),
		[]byte(strings.Repeat("X: y\r\n", 60_000)),
		[]byte("X: y\r\n" + strings.Repeat(" z\r\n", 80_000)),
		[]byte(strings.Repeat("a", 260_000)),
		[]byte("Content-Type: text/plain; charset=\"utf-99\xff\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=F", 100_000)),
		[]byte(report + "--x\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("!", 250_000)),
		[]byte(report + "--x\r\n\r\n" + strings.Repeat("550 ", 60_000)),
		{}, []byte("\r\n"), []byte(":"), {0},
	}
}

// mutate makes a new mail of others: pieces cut, doubled, swapped, and bytes changed.
func mutate(random *rand.Rand, corpus [][]byte) []byte {
	a, b := corpus[random.IntN(len(corpus))], corpus[random.IntN(len(corpus))]
	a, b = a[:min(len(a), 4096)], b[:min(len(b), 4096)]
	text := append(bytes.Clone(a[:random.IntN(len(a)+1)]), b[random.IntN(len(b)+1):]...)
	for range random.IntN(12) {
		if len(text) == 0 {
			break
		}
		at := random.IntN(len(text))
		switch random.IntN(4) {
		case 0:
			text[at] = byte(random.UintN(256))
		case 1:
			text = append(text[:at], text[min(at+random.IntN(40), len(text)):]...)
		case 2:
			text = append(text[:at:at], append([]byte("\r\n--x\r\n"), text[at:]...)...)
		case 3:
			text = append(text, text[at:min(at+200, len(text))]...)
		}
	}
	return text
}

func FuzzTake(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.eml")
	for _, name := range names {
		f.Add(sample(f, strings.TrimSuffix(filepath.Base(name), ".eml")), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, null bool) {
		intake, box := newIntake()
		intake.Take(t.Context(), post.Mail{Null: null, Bytes: text})
		for _, letter := range box.all() {
			if !bytes.Contains(bytes.ToLower(text), []byte(seal.ReturnAddress(sender, letter.Bounce.Token))) {
				t.Fatal("a letter about a token that stands nowhere")
			}
		}
	})
}
