package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"undersigned/internal/meter"
	"undersigned/internal/post"
	"undersigned/internal/seal"
	"undersigned/internal/store"
)

// A postConfig is the part of site.toml about mails that come back.
type postConfig struct {
	SMTP         string `toml:"smtp"`
	CertFile     string `toml:"cert_file"`
	KeyFile      string `toml:"key_file"`
	IMAP         string `toml:"imap"`
	User         string `toml:"user"`
	PasswordFile string `toml:"password_file"`
	CAFile       string `toml:"ca_file"`
}

// postCredential is the systemd credential that may hold the mailbox's password.
const postCredential = "post-password"

// mailboxEvery is how often a mailbox is read.
const mailboxEvery = time.Minute

// on reports whether mails that come back are taken in.
func (c postConfig) on() bool { return c.SMTP != "" || c.IMAP != "" }

// check says what is wrong with settings that can be judged without the network.
func (c postConfig) check(envelopeFrom string) error {
	if !c.on() {
		if c != (postConfig{}) {
			return hinted{errors.New("[post] says neither smtp nor imap"), "write where mails that come back are taken, or take [post] out; see docs/operate/bounces.md"}
		}
		return nil
	}
	if local, _, _ := strings.Cut(envelopeFrom, "@"); len(local) > seal.MostReturnLocal {
		return hinted{fmt.Errorf("envelope_from: %q is too long before the @ for mails that come back", local), fmt.Sprintf("choose one of at most %d letters, such as bounces", seal.MostReturnLocal)}
	}
	if _, _, err := net.SplitHostPort(c.SMTP); c.SMTP != "" && err != nil {
		return hinted{fmt.Errorf("[post] smtp: %q is not an address and a port", c.SMTP), "write it as: smtp = \"127.0.0.1:2525\""}
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return hinted{errors.New("[post] needs cert_file and key_file together"), "name both, or neither"}
	}
	if c.IMAP == "" {
		return nil
	}
	if _, err := post.ParseMailbox(c.IMAP, c.User, "", nil); err != nil || c.User == "" {
		return hinted{fmt.Errorf("[post] imap: %w", cmp.Or(err, errors.New("the mailbox has no user"))), "write it as: imap = \"imaps://mail.example.org\", with user and password_file below"}
	}
	return nil
}

// mailbox gathers what is needed to read the mailbox.
func (c postConfig) mailbox(dir string) (post.Mailbox, error) {
	password, err := readPassword(dir, c.PasswordFile, postCredential, "the mailbox")
	if err != nil {
		return post.Mailbox{}, err
	}
	var config *tls.Config
	if c.CAFile != "" {
		if config, err = trusting(within(dir, c.CAFile)); err != nil {
			return post.Mailbox{}, err
		}
	}
	return post.ParseMailbox(c.IMAP, c.User, password, config)
}

// certificates reads the listener's certificate with each handshake, so that a renewed one
// is shown without a new start.
func (c postConfig) certificates(dir string) (*tls.Config, error) {
	if c.CertFile == "" {
		return nil, nil
	}
	load := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(within(dir, c.CertFile), within(dir, c.KeyFile))
		return &pair, err
	}
	if _, err := load(nil); err != nil {
		return nil, hinted{fmt.Errorf("[post] cert_file: %w", err), "name files that this part's user can read, or take both lines out"}
	}
	return &tls.Config{GetCertificate: load}, nil
}

// servePost begins to take in mails that come back, as site.toml says; addr overrides where
// the listener is. end stops it, before the letterbox ends.
func (p *parts) servePost(addr string, out io.Writer) (end func(), err error) {
	c := p.config.Post
	ctx, stop := context.WithCancel(p.ctx)
	var running sync.WaitGroup
	end = func() { stop(); running.Wait() }
	defer func() {
		if err != nil {
			end()
		}
	}()
	noting := func(way store.ReturnWay) func(context.Context, bool) error {
		return func(ctx context.Context, works bool) error { return p.db.Public().NoteReturnWay(ctx, way, works) }
	}
	p.intake = post.NewIntake(post.Config{Sender: p.config.Mail.EnvelopeFrom, Put: p.box.Post, Now: p.db.Now, Mailbox: noting(store.WayMailbox)})
	if c.IMAP != "" {
		mailbox, err := c.mailbox(p.dir)
		if err != nil {
			return end, err
		}
		running.Go(func() { p.intake.Watch(ctx, mailbox, mailboxEvery, p.log) })
	}
	if addr = cmp.Or(addr, c.SMTP); addr == "" {
		return end, nil
	}
	certificates, err := c.certificates(p.dir)
	if err != nil {
		return end, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return end, hinted{fmt.Errorf("listen at %s: %w", addr, err), listenHint(err)}
	}
	server := post.NewListener(p.intake, helloFor(p.config.URL), certificates)
	running.Go(func() {
		if err := server.Serve(listener); err != nil {
			p.stop(fmt.Errorf("take in mails: %w", err))
		}
	})
	running.Go(func() {
		state := post.State{Note: noting(store.WaySMTP), Now: p.db.Now}
		for ticks := time.Tick(mailboxEvery); ; {
			state.Is(ctx, true)
			select {
			case <-ticks:
			case <-ctx.Done():
				return
			}
		}
	})
	running.Go(func() {
		<-ctx.Done()
		server.Close()
		listener.Close() // also where the server had not yet come to it
	})
	fmt.Fprintf(out, "mails that come back are taken at smtp://%s\n", listener.Addr())
	return end, nil
}

// noPost says what is missing where only this part is to run.
func noPost(dir string) error {
	return hinted{errors.New("site.toml does not say where mails that come back are taken"),
		"fill in [post] in " + filepath.Join(dir, configName) + "; docs/operate/bounces.md says how"}
}

func writePost(page *meter.Page, m *post.Meters) {
	page.Counters("undersigned_post_mails_total", "Mails that came in, by what they are: failures for good and for now, complaints, reports that were not understood; and those of which no letter was written.", "kind", []meter.Sample{
		{Label: "hard", Value: float64(m.Hard.Value())}, {Label: "soft", Value: float64(m.Soft.Value())}, {Label: "complaint", Value: float64(m.Complaints.Value())},
		{Label: "unread", Value: float64(m.Unread.Value())}, {Label: "passed", Value: float64(m.Passed.Value())}, {Label: "nameless", Value: float64(m.Nameless.Value())},
		{Label: "late", Value: float64(m.Late.Value())}, {Label: "foreign", Value: float64(m.Foreign.Value())},
	})
	page.Counter("undersigned_post_refused_total", "Connections, recipients and mails that were not taken.", float64(m.Refused.Value()))
	page.Counter("undersigned_post_busy_total", "Mails that must come again, because letters could not be written.", float64(m.Busy.Value()))
	at := 0.0
	if seen := m.Seen.Get(); !seen.IsZero() {
		at = float64(seen.UnixMilli()) / 1000
	}
	page.Gauge("undersigned_post_mailbox_timestamp_seconds", "When the mailbox was last read without trouble, in seconds since 1970; 0: not yet, or there is none.", at)
}
