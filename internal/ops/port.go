package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"undersigned/internal/meter"
	"undersigned/internal/store"
)

// Config is what a port tells about.
type Config struct {
	Dir string // the site's folder
	DB  *store.DB
	// Rooms write what they count; each metric has one room.
	Rooms []func(*meter.Page)
	// Checks are what this process needs in order to do its work, beside the database.
	Checks []Check
	// LastBackup says when a backup was last made; the zero time: it is not known. May be nil.
	LastBackup func() time.Time
	// Followed says up to when the trail of backups holds everything. May be nil.
	Followed func() time.Time
	Version  string
	Log      *slog.Logger
}

// A Check is something without which a process is not ready.
type Check struct {
	What string // "the letterbox"
	Ask  func(context.Context) error
}

// A Port answers on a private address. It is safe for concurrent use.
type Port struct {
	config   Config
	began    time.Time
	draining atomic.Bool
}

// patience is how long a look may take: whoever asks does so every few seconds, and a
// disk that hangs must not gather them.
const patience = 3 * time.Second

// NewPort prepares a port.
func NewPort(config Config) *Port {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &Port{config: config, began: time.Now()}
}

// Drain says that the process is about to end: it is not ready any more.
func (p *Port) Drain() { p.draining.Store(true) }

// Server is the HTTP server of the port, without an address.
func (p *Port) Server() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", p.ready)
	mux.HandleFunc("GET /metrics", p.metrics)
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// ready answers 200 where the process can do its work, else 503 and the reason in a line.
func (p *Port) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "not ready: %v\n", err)
		return
	}
	io.WriteString(w, "ready\n")
}

// errSlow means that an answer took longer than anybody waits.
var errSlow = errors.New("it does not answer")

// Ready says what keeps the process from doing its work; nil: nothing.
func (p *Port) Ready(ctx context.Context) error {
	if p.draining.Load() {
		return errors.New("this process is ending")
	}
	checks := append([]Check{{"the database", p.database}}, p.config.Checks...)
	for _, check := range checks {
		if err := within(ctx, check.Ask); err != nil {
			return fmt.Errorf("%s: %w", check.What, err)
		}
	}
	return nil
}

// database asks the database for a row that is always there.
func (p *Port) database(ctx context.Context) error {
	_, err := p.config.DB.Site(ctx)
	return err
}

// within asks without waiting for longer than ctx: the database does not let go of a
// read that hangs on a disk.
func within(ctx context.Context, ask func(context.Context) error) error {
	answer := make(chan error, 1)
	go func() { answer <- ask(ctx) }()
	select {
	case err := <-answer:
		if err != nil && ctx.Err() != nil {
			return errSlow // the read was cut off, and says so before we do
		}
		return err
	case <-ctx.Done():
		return errSlow
	}
}

// metrics writes everything that is counted.
func (p *Port) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var page meter.Page
	for _, room := range p.config.Rooms {
		room(&page)
	}
	var weather store.Weather
	err := within(ctx, func(ctx context.Context) (err error) {
		seen, err := p.config.DB.Weather(ctx)
		if err == nil {
			weather = seen
		}
		return err
	})
	up := 1.0
	if err != nil {
		// What is counted in memory is worth most when the store is what fails.
		p.config.Log.Warn("the metrics lack what the database knows", "error", err)
		up = 0
	}
	page.Gauge("undersigned_database_up", "1 when the database answered this look, else 0.", up)
	if err == nil {
		writeWeather(&page, weather, p.config.DB.Now())
	}
	p.writeDisk(&page)
	p.writeProcess(&page)
	w.Header().Set("Content-Type", meter.PageType)
	w.Write(page.Bytes())
}
