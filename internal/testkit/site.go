// Package testkit holds what tests share: a whole site in a temporary folder with a
// clock that only moves when it is told to, and a real mail catcher.
package testkit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/letterbox"
	"undersigned/internal/mail"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/seal"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
	"undersigned/internal/web/view"
)

// Start is when every test site's clock begins.
var Start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// A Clock moves only when told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move moves the clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A Site is a whole site: store, key store, letterbox, steward, and a mail catcher.
// Nothing runs by itself but the letterbox's writer; tests call the steward's deeds.
type Site struct {
	T       testing.TB
	Dir     string
	Clock   *Clock
	DB      *store.DB
	Vault   *vault.Vault
	Pins    []ed25519.PublicKey
	Box     *letterbox.Letterbox
	Steward *steward.Steward
	Mail    *catcher.Catcher
	Body    undersigned.Body
	Mask    seal.LinkMask
	Log     *slog.Logger // nil: nothing is logged
	// Erased is called before somebody's rows go, after the next Open; nil: nobody is told.
	Erased func([]store.Erasure) error
	// Tune changes the steward's settings at the next Open; nil: nothing is changed.
	Tune  func(*steward.Config)
	close func()
}

// URL is the address every test site believes it has.
const URL = "https://petitions.example.org"

// New makes a site with one body.
func New(t testing.TB) *Site {
	t.Helper()
	dir := t.TempDir()
	s := &Site{T: t, Dir: dir, Clock: &Clock{now: Start}}
	ctx := context.Background()
	row := store.Site{CreatedAt: Start}
	rand.Read(row.ID[:])
	rand.Read(row.LinkMask[:])
	s.Check(store.Create(ctx, dir, row))
	var err error
	s.Vault, err = vault.Create(filepath.Join(dir, "keys"), filepath.Join(dir, "keys-second"))
	s.Check(err)
	s.Mail, err = catcher.Start("127.0.0.1:0")
	s.Check(err)
	t.Cleanup(func() { s.Mail.Close() })
	s.Open()
	s.Body = Body()
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	return s
}

// Bounces is where mails of every test site come back to.
const Bounces = "bounces@petitions.example.org"

// NewWithReturns makes a site whose mails have return addresses of their own.
func NewWithReturns(t testing.TB) *Site {
	t.Helper()
	s := New(t)
	s.Close()
	s.Tune = func(config *steward.Config) { config.Returns = true }
	s.Open()
	return s
}

// ReturnToken reads the return token of the newest mail to an address.
func (s *Site) ReturnToken(address string) undersigned.ReturnToken {
	s.T.Helper()
	for _, m := range s.Mail.Messages() {
		if m.To == address {
			token, match := seal.MatchReturn(Bounces, m.EnvelopeFrom)
			if match != seal.ReturnNamed {
				s.T.Fatalf("the envelope sender is %s", m.EnvelopeFrom)
			}
			return token
		}
	}
	s.T.Fatal("no mail went to that address")
	return undersigned.ReturnToken{}
}

// CameBack is the letter that says what became of a mail.
func CameBack(token undersigned.ReturnToken, class undersigned.BounceClass, status undersigned.Status) undersigned.Submission {
	return undersigned.Submission{Kind: undersigned.LetterBounce, Bounce: undersigned.Bounce{Token: token, Class: class, Status: status}}
}

// Body is whom the petitions of every test site are for.
func Body() undersigned.Body {
	body := undersigned.DefaultBody()
	body.Name, body.Short, body.SiteName = "Calderdale Council", "the council", "Calderdale petitions"
	body.Controller = undersigned.Controller{Name: "Calderdale Petitions Trust", Email: "help@petitions.example.org"}
	body.Stage = undersigned.StageOpen
	return body
}

// asked is what the sign form of a site with that body asks with.
var asked = sync.OnceValue(func() []undersigned.TextVersion {
	texts, err := view.PurposeTexts(Body())
	if err != nil {
		panic(err) // the words built in are there
	}
	return []undersigned.TextVersion{texts[0].Version()}
})

// Open opens the site's parts, after New or after Close. Parts that are still open
// stay open until the test ends, as those of a process that hangs.
func (s *Site) Open() {
	s.T.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var err error
	s.DB, err = store.Open(ctx, s.Dir, store.Options{Clock: s.Clock.Now})
	s.Check(err)
	s.Vault, err = vault.Open(filepath.Join(s.Dir, "keys"), filepath.Join(s.Dir, "keys-second"))
	s.Check(err)
	public, err := s.Vault.SitePublic()
	s.Check(err)
	s.Pins = []ed25519.PublicKey{public}
	pool, err := mail.NewPool(mail.Config{URL: s.Mail.URL(), Backoff: mail.Backoff{First: time.Millisecond, Max: 5 * time.Millisecond}})
	s.Check(err)
	config := steward.Config{
		Store: s.DB.Steward(), Vault: s.Vault, Mail: pool, URL: URL,
		From: "Calderdale petitions <no-reply@petitions.example.org>", EnvelopeFrom: Bounces,
		Log: s.Log, Erased: s.Erased, Purposes: view.PurposeTexts,
	}
	if s.Tune != nil {
		s.Tune(&config)
	}
	s.Steward, err = steward.Open(ctx, config)
	s.Check(err)
	s.Check(s.Steward.Chores(ctx))
	s.Box, err = letterbox.Open(ctx, letterbox.Config{Public: s.DB.Public(), Pins: s.Pins})
	s.Check(err)
	row, err := s.DB.Site(ctx)
	s.Check(err)
	s.Mask, err = seal.NewLinkMask(row.LinkMask)
	s.Check(err)
	db, box := s.DB, s.Box
	s.close = sync.OnceFunc(func() {
		stop()
		<-box.Done()
		pool.Close(context.Background())
		db.Close()
	})
	s.T.Cleanup(s.close)
}

// Close ends every part without letting the steward do what waits.
func (s *Site) Close() { s.close() }

// Check fails the test on an error.
func (s *Site) Check(err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// Work lets the steward do everything that waits: letters, mail, staff deeds, counting.
func (s *Site) Work() {
	s.T.Helper()
	ctx := context.Background()
	for range 2 { // a deed may bring a mail, and a staff deed one more
		s.Check(s.Steward.Drain(ctx))
		s.Check(s.Steward.FollowActs(ctx))
		s.Check(s.Steward.SendMail(ctx))
		s.Check(s.Steward.SendMailings(ctx))
	}
	s.Check(s.Steward.Count(ctx))
}

// OpenPetition adds an open petition with keys.
func (s *Site) OpenPetition(title string) undersigned.Petition {
	s.T.Helper()
	return s.openPetition(title, undersigned.Ordinary)
}

// OpenProtected adds an open protected petition with keys.
func (s *Site) OpenProtected(title string) undersigned.Petition {
	s.T.Helper()
	return s.openPetition(title, undersigned.Protected)
}

func (s *Site) openPetition(title string, kind undersigned.Kind) undersigned.Petition {
	s.T.Helper()
	p := s.addPetition(title, kind)
	s.Check(s.Steward.Chores(context.Background())) // makes its keys
	p.Revision++
	return p
}

// AddPetition adds an open petition whose keys the next chores make.
func (s *Site) AddPetition(title string) undersigned.Petition {
	s.T.Helper()
	return s.addPetition(title, undersigned.Ordinary)
}

func (s *Site) addPetition(title string, kind undersigned.Kind) undersigned.Petition {
	s.T.Helper()
	p := undersigned.Petition{
		BodyID: s.Body.ID, State: undersigned.Open, Kind: kind, Language: s.Body.Language,
		Title: title, Background: "Because it matters.", Details: "More about it.",
		CreatedAt: s.Clock.Now(), OpenedAt: s.Clock.Now(), ClosesAt: s.Clock.Now().AddDate(0, 0, 90),
	}
	p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	s.Check(s.DB.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.AddPetition(&p) }))
	return p
}

// Post puts a letter in.
func (s *Site) Post(letter undersigned.Submission) {
	s.T.Helper()
	s.Check(s.Box.Post(context.Background(), letter))
}

// SignForm is the letter of a sign form.
func SignForm(p undersigned.Petition, name, address string, reply undersigned.Reply) undersigned.Submission {
	return undersigned.Submission{Kind: undersigned.LetterSign, Petition: p.ID, Version: p.Version, Name: name, Address: address, Reply: reply, Language: p.Language,
		Wordings: asked()}
}

var linkPattern = regexp.MustCompile(`https?://[^\s]+/l/([A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22})`)

// A Link is a link found in a mail.
type Link struct {
	Text   string
	Kind   undersigned.LinkKind
	Number int64
	Token  undersigned.Token
}

// Links reads the links of a mail's text, in order.
func (s *Site) Links(text string) []Link {
	s.T.Helper()
	var all []Link
	for _, match := range linkPattern.FindAllStringSubmatch(text, -1) {
		kind, number, token, ok := s.Mask.Parse(match[1])
		if !ok {
			s.T.Fatalf("a mail holds a link that does not parse")
		}
		all = append(all, Link{match[1], kind, number, token})
	}
	return all
}

// Link finds the newest mail to an address and its link of a kind.
func (s *Site) Link(address string, kind undersigned.LinkKind) Link {
	s.T.Helper()
	for _, caught := range s.Mail.Messages() { // newest first
		if caught.To != address {
			continue
		}
		for _, link := range s.Links(caught.Text) {
			if link.Kind == kind {
				return link
			}
		}
	}
	s.T.Fatalf("no mail has a link of kind %d to that address", kind)
	return Link{}
}

// Press is the letter of a button behind a link.
func Press(kind undersigned.LetterKind, link Link, version undersigned.TextVersion) undersigned.Submission {
	return undersigned.Submission{Kind: kind, Link: link.Kind, Number: link.Number, Token: link.Token, Version: version}
}

// Sign takes one person the whole way: form, mail, button.
func (s *Site) Sign(p undersigned.Petition, name, address string, reply undersigned.Reply) {
	s.T.Helper()
	s.Post(SignForm(p, name, address, reply))
	s.Work()
	s.Post(Press(undersigned.LetterConfirm, s.Link(address, undersigned.LinkConfirm), p.Version))
	s.Work()
}

// Number reads a petition's public number.
func (s *Site) Number(petition int64) int64 {
	s.T.Helper()
	p, err := s.DB.Public().Petition(context.Background(), petition)
	s.Check(err)
	return p.Number()
}

// TokenOf computes the confirm link of a mail job as its mail would carry it, so that a
// benchmark of confirming need not send the mails.
func (s *Site) TokenOf(job store.Job) Link {
	s.T.Helper()
	letter, err := s.Vault.OpenLetter(s.siteID(), job.Letter.Kind, job.Letter.Petition, job.Letter.ID, job.Letter.Sealed)
	s.Check(err)
	return Link{Kind: undersigned.LinkConfirm, Number: job.Ref, Token: letter.Token(undersigned.LinkConfirm)}
}

func (s *Site) siteID() [16]byte {
	row, err := s.DB.Site(context.Background())
	s.Check(err)
	return row.ID
}
