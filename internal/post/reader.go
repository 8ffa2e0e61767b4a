package post

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"
)

// A Mailbox is where mails that come back are kept for us, at a provider's.
type Mailbox struct {
	Address        string // host:port
	TLS            *tls.Config
	User, Password string
	Folder         string
}

// mostMails is how many mails one visit takes; the next is a moment later.
const mostMails = 500

// ParseMailbox reads a mailbox's URL: imaps://host[:port][/folder], or imap:// to this
// machine itself, where no line is crossed. The folder is INBOX where none is named.
func ParseMailbox(text, user, password string, config *tls.Config) (Mailbox, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return Mailbox{}, errors.New("the mailbox is not of the form imaps://host or imaps://host/folder")
	}
	if u.User != nil {
		return Mailbox{}, errors.New("the login does not stand in the mailbox's address")
	}
	m := Mailbox{User: user, Password: password, Folder: strings.Trim(u.Path, "/")}
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	port := u.Port()
	switch {
	case u.Scheme == "imaps":
		if port == "" {
			port = "993"
		}
		if config == nil {
			config = new(tls.Config)
		}
		m.TLS = config.Clone()
		m.TLS.ServerName = u.Hostname()
	case u.Scheme == "imap" && isLoopback(u.Hostname()):
		if port == "" {
			port = "143"
		}
	default:
		return Mailbox{}, errors.New("the mailbox's address must begin with imaps://; only to this machine may it be imap://")
	}
	m.Address = net.JoinHostPort(u.Hostname(), port)
	for _, s := range []string{m.User, m.Password, m.Folder} {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return Mailbox{}, errors.New("the mailbox's login and folder cannot hold control characters")
		}
	}
	return m, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Watch reads a mailbox every so often until ctx ends.
func (i *Intake) Watch(ctx context.Context, m Mailbox, every time.Duration, log *slog.Logger) {
	wait := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		more, err := i.Read(ctx, m)
		if ctx.Err() != nil {
			return
		}
		i.state.Is(ctx, err == nil)
		switch {
		case err != nil:
			log.Warn("the mailbox of returned mails could not be read; it is tried again", "error", err, "hint", hintFor(err))
			wait = min(max(2*wait, every), 15*time.Minute)
		case more:
			wait = time.Second
		default:
			wait = every
		}
	}
}

// hintFor says what to do about a mailbox that cannot be read.
func hintFor(err error) string {
	if wrong := (*tls.CertificateVerificationError)(nil); errors.As(err, &wrong) {
		return "the password was not sent; under [post] in site.toml, imap must name the server as its certificate does, and ca_file the authority, where that is not a public one"
	}
	return "look at [post] in site.toml; servers keep mails meanwhile"
}

// Read takes the new mails of a mailbox. Each is removed when its letter is on the disk:
// what fails between comes again, and acts once. Mails that are none of ours stay, marked
// as read. more says that there may be more.
func (i *Intake) Read(ctx context.Context, m Mailbox) (more bool, err error) {
	c, err := dialIMAP(ctx, m)
	if err != nil {
		return false, fmt.Errorf("open the mailbox: %w", err)
	}
	defer c.close()
	defer context.AfterFunc(ctx, func() { c.conn.Close() })()
	uids, err := c.unseen()
	if err != nil {
		return false, fmt.Errorf("look for new mails: %w", err)
	}
	for _, uid := range uids[:min(len(uids), mostMails)] {
		if err := i.readOne(ctx, c, uid); err != nil {
			return false, fmt.Errorf("take a mail: %w", err)
		}
	}
	i.meters.Seen.Set(i.config.Now())
	return len(uids) > mostMails, nil
}

func (i *Intake) readOne(ctx context.Context, c *imapConn, uid uint32) error {
	text, err := c.fetch(uid)
	if err != nil {
		return err
	}
	foreign, err := i.Take(ctx, Mail{Bytes: text})
	clear(text)
	if err != nil {
		return err
	}
	if foreign {
		return c.mark(uid, `\Seen`)
	}
	if err := c.mark(uid, `\Seen \Deleted`); err != nil {
		return err
	}
	return c.remove(uid)
}
