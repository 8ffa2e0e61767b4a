package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"undersigned/internal/desk"
	"undersigned/internal/letterbox"
	"undersigned/internal/meter"
	"undersigned/internal/seal"
	"undersigned/internal/signon"
	"undersigned/internal/store"
)

// Config is what the web part needs.
type Config struct {
	Public *store.Public
	Box    *letterbox.Letterbox

	URL  string // of the site, without a slash at its end: https://petitions.example.org
	From string // of our mails, "Name <address>", for pages that say what to look for
	// ReplyTo is where replies to mails go, likewise; "": to the controller.
	ReplyTo string
	// CountEvery is how often the steward publishes a number; 0: 10 s.
	CountEvery time.Duration

	// Desk does what staff do; nil: this process serves no staff pages.
	Desk *desk.Desk
	// DeskURL is where staff pages live when they have their own address; "": on URL.
	DeskURL string
	// ClientHeader names the header in which a proxy of ours tells who asks, such as
	// "X-Forwarded-For"; its last entry counts. "": the connection itself tells.
	ClientHeader string

	// Returns says that mails that come back are taken in: the desk shows how many.
	Returns bool
	// SignOn asks who somebody of staff is; nil: nobody issues work accounts.
	SignOn *signon.Issuer

	// Apart says that the public part runs as a process of its own, which has no keys.
	Apart bool
	// BackupDays is how long safety copies live; 0: the pages say nothing about them.
	BackupDays int

	// BackedUp reports whether a backup of the keys was made and read back; nil: it was not.
	BackedUp func() bool

	Logo     []byte // the site's logo, where the body has none; nil for our mark
	LogoType string // its content type
	Source   string // where the program's source can be read; "": no link
	Demo     bool   // a banner says that nothing here is real
	// Copy says that this database was brought here from elsewhere and nobody has said yet
	// that it is the live one: a banner says so, and no form is taken. Box is nil then.
	Copy bool
	// DemoMail serves /demo/mail and /demo/mail.json, of a demo only; nil: there is none.
	DemoMail http.Handler

	Log *slog.Logger
	// SnapshotEvery is how old the snapshot may be that pages are checked against; 0:
	// 200 ms. Below 0 it is read for every page, which only tests want.
	SnapshotEvery time.Duration
	// Wait is how guesses of links are slowed; nil: by waiting.
	Wait func(context.Context, time.Duration)
}

// A Server answers requests. It is safe for concurrent use.
type Server struct {
	config Config
	public *store.Public
	box    *letterbox.Letterbox
	log    *slog.Logger
	site   [16]byte
	mask   seal.LinkMask

	host, deskHost string
	headers        []header // on every answer
	cross          *http.CrossOriginProtection

	moment  atomic.Pointer[moment]
	reading chan struct{} // holds one token: the right to read the next moment
	pages   pageCache
	sheets  sheets
	guesses *limiter
	forms   *formCounter
	stamps  seal.StampKey
	puzzles seal.PuzzleKey
	solved  solvedOnce
	patient atomic.Pointer[patient]
	saidAt  atomic.Int64 // the second of the last line about being busy
	meters  Meters

	staff staffPages
}

// Meters count answers that say no.
type Meters struct {
	Busy   meter.Counter // 503: we could not take it
	Slowed meter.Counter // 429: too many wrong links from one place
	Faults meter.Counter // 500: something of ours broke

	Unjudged meter.Counter // good forms from a place that cannot be known, or from our own house
}

// Meters counts since this server was made.
func (s *Server) Meters() *Meters { return &s.meters }

// New prepares a server. Nothing is served before Handler is asked for.
//
// Errors: a URL that is none, a store without a site or a body.
func New(config Config) (*Server, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.SnapshotEvery == 0 {
		config.SnapshotEvery = 200 * time.Millisecond
	}
	if config.CountEvery == 0 {
		config.CountEvery = 10 * time.Second
	}
	if config.Wait == nil {
		config.Wait = wait
	}
	s := &Server{config: config, public: config.Public, box: config.Box, log: config.Log,
		cross: http.NewCrossOriginProtection(), reading: make(chan struct{}, 1)}
	s.reading <- struct{}{}
	s.guesses, s.forms = newLimiter(config.Public.Now), newFormCounter(config.Public.Now)
	var secure bool
	var err error
	if s.host, secure, err = hostOf(config.URL); err != nil {
		return nil, fmt.Errorf("prepare the site's pages: %w", err)
	}
	s.deskHost = s.host
	if config.DeskURL != "" {
		if s.deskHost, _, err = hostOf(config.DeskURL); err != nil {
			return nil, fmt.Errorf("prepare the staff's pages: %w", err)
		}
	}
	s.headers = fixedHeaders(secure)
	site, err := config.Public.Site(context.Background())
	if err != nil {
		return nil, fmt.Errorf("prepare the site's pages: %w", err)
	}
	s.site, s.stamps, s.puzzles = site.ID, seal.NewStampKey(site.LinkMask), seal.NewPuzzleKey(site.LinkMask)
	if s.mask, err = seal.NewLinkMask(site.LinkMask); err != nil {
		return nil, fmt.Errorf("prepare the site's pages: %w", err)
	}
	if _, err := s.now(context.Background()); err != nil {
		return nil, fmt.Errorf("prepare the site's pages: %w", err)
	}
	if err := s.openStaff(); err != nil {
		return nil, fmt.Errorf("prepare the staff's pages: %w", err)
	}
	return s, nil
}

func hostOf(address string) (host string, secure bool, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Path != "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false, errors.New("the address must look like https://petitions.example.org, without a slash at its end")
	}
	return strings.ToLower(u.Host), u.Scheme == "https", nil
}

// Handler serves the public pages, and the staff's too where they have no address of
// their own.
func (s *Server) Handler() http.Handler {
	all := whenReady(publicRoutes())
	if s.config.Desk != nil && s.config.DeskURL == "" {
		all = append(all, staffRoutes()...)
	}
	if s.config.DemoMail != nil {
		all = append(all, demoRoutes()...)
	}
	return s.front(s.host, s.ready, s.router(all))
}

// DeskHandler serves the staff's pages alone, for their own listen address. It needs
// Config.Desk.
func (s *Server) DeskHandler() http.Handler {
	return s.front(s.deskHost, nil, s.router(slices.Concat(sharedRoutes(), deskRoutes(), staffRoutes())))
}

// NewHTTPServer makes a server with the limits that a public one needs: nobody holds a
// connection by sending slowly or by not reading.
func NewHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       75 * time.Second, // longer than the 60 s after which proxies let go
		MaxHeaderBytes:    16 << 10,
		// net/http writes the network addresses of clients into its own log lines.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}
