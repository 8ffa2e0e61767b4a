package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// addresses looks at what links in mails lead to.
func (c Config) addresses(r *Report) {
	for _, one := range []struct{ what, url string }{{"site address", c.URL}, {"staff address", c.DeskURL}} {
		u, err := url.Parse(one.url)
		if one.url == "" || err != nil {
			continue
		}
		switch {
		case u.Scheme != "https" && !local(u.Hostname()):
			r.act(one.what, "write https:// in site.toml, and see docs/operate/tls.md", "links in mails lead to %s, in clear", one.url)
		case local(u.Hostname()):
			r.act(one.what, "write the public address in site.toml", "only this machine reaches %s", one.url)
		default:
			r.well(one.what, "%s", one.url)
		}
	}
	if c.RelayClear {
		r.act("mail", "take ?tls=opportunistic out of smtp in site.toml, unless the network to the relay is your own", "mails may go to %s in clear", c.RelayHost)
	}
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// names looks for the DNS records that mails need, and shows those that are missing.
func (c Config) names(ctx context.Context, r *Report) {
	asked := map[string]bool{"": true}
	for _, one := range []struct{ what, host string }{{"DNS of the site", hostOf(c.URL)}, {"DNS of the staff pages", hostOf(c.DeskURL)}} {
		host := one.host
		if asked[host] || local(host) {
			continue
		}
		asked[host] = true
		c.ask(ctx, r, one.what, host, "its A or AAAA record must name this machine or the proxy", func(ctx context.Context) (string, error) {
			addresses, err := c.Resolver.LookupHost(ctx, host)
			return strings.Join(addresses, ", "), err
		})
	}
	sender, bounces := domainOf(c.From), domainOf(c.EnvelopeFrom)
	if bounces != "" {
		c.spf(ctx, r, bounces)
		c.ask(ctx, r, "bounces", bounces, "put in an MX record of the server that takes mail for "+bounces, func(ctx context.Context) (string, error) {
			servers, err := c.Resolver.LookupMX(ctx, bounces)
			if err != nil || len(servers) == 0 {
				return "", err
			}
			return "taken by " + strings.TrimSuffix(servers[0].Host, "."), nil
		})
	}
	for _, record := range c.DKIM {
		c.txt(ctx, r, "DKIM", record.Name, "p=", record.Quoted, func(found string) bool { return tagOf(found, "p") == tagOf(record.Text, "p") })
	}
	if len(c.DKIM) == 0 && sender != "" {
		r.unknown("DKIM", "ask who runs the relay, or make keys with: undersigned keys dkim", "mails are not signed here; that is left to the relay")
	}
	if sender != "" {
		c.dmarc(ctx, r, sender)
	}
	c.reverse(ctx, r)
}

// dmarc looks for the record that says what becomes of mails that only look like ours.
// Where a domain has none, that of the organisation's domain holds (RFC 7489, section
// 6.6.3). Which one that is, only a list of public suffixes tells: all above are asked.
func (c Config) dmarc(ctx context.Context, r *Report, sender string) {
	do := "put it in: _dmarc." + sender + `. IN TXT "v=DMARC1; p=quarantine; adkim=r; aspf=r"`
	c.ask(ctx, r, "DMARC", "_dmarc."+sender, do, func(ctx context.Context) (string, error) {
		for domain := sender; strings.Contains(domain, ".") || domain == sender; _, domain, _ = strings.Cut(domain, ".") {
			texts, err := c.Resolver.LookupTXT(ctx, "_dmarc."+domain)
			var dns *net.DNSError
			if err != nil && !(errors.As(err, &dns) && dns.IsNotFound) {
				return "", err
			}
			if slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(strings.ToLower(text), "v=dmarc1") }) {
				return "the record of _dmarc." + domain + " is there", nil
			}
		}
		return "", nil
	})
}

// spf looks for the record that says who may send for a domain.
func (c Config) spf(ctx context.Context, r *Report, domain string) {
	host := c.RelayHost
	if host == "" || local(host) {
		host = hostOf(c.URL)
	}
	suggestion := `"v=spf1 a:` + host + ` -all"`
	c.txt(ctx, r, "SPF", domain, "v=spf1", suggestion, func(found string) bool {
		words := strings.Fields(strings.ToLower(found))
		return !slices.Contains(words, "+all") && !slices.Contains(words, "all") && !slices.Contains(words, "?all")
	})
}

// txt looks for one TXT record that begins with, or holds, a mark, and is right.
func (c Config) txt(ctx context.Context, r *Report, what, name, mark, suggestion string, right func(string) bool) {
	paste := name + ". IN TXT " + suggestion
	if what == "SPF" {
		paste += " — or what the relay's provider says"
	}
	c.ask(ctx, r, what, name, "put it in: "+paste, func(ctx context.Context) (string, error) {
		texts, err := c.Resolver.LookupTXT(ctx, name)
		if err != nil {
			return "", err
		}
		for _, text := range texts {
			if strings.Contains(strings.ToLower(text), strings.ToLower(mark)) {
				if !right(text) {
					return "", errWrong
				}
				return "the record of " + name + " is there", nil
			}
		}
		return "", nil
	})
}

// errWrong means that a record is there and says something else than it must.
var errWrong = errors.New("it is there and says something else")

// ask asks the DNS one thing; look gives what was found, "" where there is nothing.
func (c Config) ask(ctx context.Context, r *Report, what, name, do string, look func(context.Context) (string, error)) {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	found, err := look(ctx)
	var dns *net.DNSError
	switch {
	case errors.Is(err, errWrong):
		r.act(what, do, "%s: %v", name, err)
	case err != nil && !(errors.As(err, &dns) && dns.IsNotFound):
		r.unknown(what, do, "the DNS could not be asked for %s from here", name)
	case found == "":
		r.act(what, do, "%s has no such record", name)
	default:
		r.well(what, "%s", found)
	}
}

// reverse looks whether the address of this machine leads back to its name, where this
// machine itself sends mail to the world.
func (c Config) reverse(ctx context.Context, r *Report) {
	host := hostOf(c.URL)
	if c.RelayHost == "" || host == "" || local(host) {
		return
	}
	if !local(c.RelayHost) {
		r.well("PTR", "is the relay's: %s sends", c.RelayHost)
		return
	}
	c.ask(ctx, r, "PTR", host, "have the provider of the machine's address set its PTR record to the name by which the relay greets", func(ctx context.Context) (string, error) {
		addresses, err := c.Resolver.LookupHost(ctx, host)
		if err != nil || len(addresses) == 0 {
			return "", err
		}
		names, err := c.Resolver.LookupAddr(ctx, addresses[0])
		if err != nil || len(names) == 0 {
			return "", err
		}
		return addresses[0] + " is " + strings.TrimSuffix(names[0], "."), nil
	})
}

// relay asks the relay, and sends a test mail where one is asked for.
func (c Config) relay(r *Report) {
	if c.Relay == nil {
		return
	}
	if err := c.Relay(); err != nil {
		r.act("relay", "see docs/operate/alert-mail-late.md", "%v", err)
		return
	}
	r.well("relay", "%s takes our connection", c.RelayHost)
	if c.Test == nil {
		return
	}
	if err := c.Test(); err != nil {
		r.act("test mail", "see docs/operate/alert-mail-refused.md", "%v", err)
		return
	}
	r.well("test mail", "the relay took it; see that it arrives, and not among junk")
}

// certificates looks how long the certificates last, as people and staff meet them.
func (c Config) certificates(ctx context.Context, r *Report) {
	c.certificate(ctx, r, "certificate", c.URL)
	if desk := addressOf(c.DeskURL); desk != addressOf(c.URL) {
		c.certificate(ctx, r, "certificate of the staff pages", c.DeskURL)
	}
}

// addressOf is where pages at a https address are fetched; "" where there is none to look at.
func addressOf(site string) string {
	u, err := url.Parse(site)
	if err != nil || u.Scheme != "https" || local(u.Hostname()) {
		return ""
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return u.Host
}

func (c Config) certificate(ctx context.Context, r *Report, what, site string) {
	address := addressOf(site)
	if address == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	conn, err := c.Dial(ctx, "tcp", address)
	if err != nil {
		r.unknown(what, "see from another machine that it opens with https", "%s is not reached from here", address)
		return
	}
	defer conn.Close()
	secured := tls.Client(conn, &tls.Config{ServerName: hostOf(site), InsecureSkipVerify: true}) // only looked at; verified below
	if err := secured.HandshakeContext(ctx); err != nil {
		r.act(what, "see docs/operate/tls.md", "%s does not speak TLS", address)
		return
	}
	c.judge(r, what, hostOf(site), secured.ConnectionState().PeerCertificates)
}

// renewal is when a certificate that should have been renewed has not been: autocert and
// certbot do it 30 days before the end.
const renewal = 14 * 24 * time.Hour

func (c Config) judge(r *Report, what, host string, chain []*x509.Certificate) {
	between := x509.NewCertPool()
	for _, one := range chain[1:] {
		between.AddCert(one)
	}
	leaf := chain[0]
	left := leaf.NotAfter.Sub(c.Now())
	ends := leaf.NotAfter.UTC().Format(time.DateOnly)
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Intermediates: between, CurrentTime: c.Now()})
	switch {
	case left < 0:
		r.act(what, "see docs/operate/tls.md", "it ended on %s", ends)
	case err != nil:
		r.act(what, "see docs/operate/tls.md", "browsers do not believe it: %v", err)
	case left < renewal:
		r.act(what, "find out why it was not renewed", "it ends on %s", ends)
	default:
		r.well(what, "it lasts until %s", ends)
	}
}

// How old backups may be: a whole one is due daily, and keys are read back each month.
const (
	BackupLate   = 26 * time.Hour
	ReadBackLate = 35 * 24 * time.Hour
)

// backups looks when backups were made.
func (c Config) backups(r *Report) {
	const do = "see docs/operate/backup.md"
	b, now := c.Backups, c.Now()
	if !b.Sealed {
		r.act("backup", do, "site.toml names nobody who could open one: recipients under [backup] is empty")
	}
	c.trail(r)
	for _, one := range []struct {
		what string
		at   time.Time
		most time.Duration
		was  string
	}{
		{"backup", b.Data, BackupLate, "made"},
		{"key backup", b.Keys, 7 * 24 * time.Hour, "made"},
		{"key backup read back", b.KeysReadBack, ReadBackLate, "read back"},
	} {
		age := now.Sub(one.at)
		switch {
		case one.at.IsZero():
			r.act(one.what, do, "none was ever %s", one.was)
		case age > one.most:
			r.act(one.what, do, "the last was %s %s ago", one.was, days(age))
		case one.what == "key backup" && b.KeyPlaces == 1:
			r.act(one.what, "name a second folder, on another disk or machine, as keys under [backup]: "+do, "the last is in one place only: if that is lost with this machine, the keys are")
		default:
			r.well(one.what, "the last was %s %s ago", one.was, days(age))
		}
	}
}

// trail looks whether the database is followed while it is served.
func (c Config) trail(r *Report) {
	b := c.Backups
	age := c.Now().Sub(b.Trail)
	switch {
	case b.TrailEach == 0:
		r.act("backup trail", "name folder and keys under [backup] in site.toml, see docs/operate/backup.md", "none is written: what was signed since the last backup would be lost with this machine")
	case b.Trail.IsZero():
		r.act("backup trail", "start the site; where it runs, its log says what keeps it", "none was ever written")
	case age > 2*b.TrailEach+trailTakes:
		r.act("backup trail", "see that the site runs; its log says what keeps it", "it ends %s ago: what was signed since would be lost with this machine", age.Round(time.Second))
	default:
		r.well("backup trail", "it holds everything up to %s ago", age.Round(time.Second))
	}
}

// trailTakes is how long a step may take.
const trailTakes = time.Minute

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// tagOf reads one tag of a record such as "v=DKIM1; k=rsa; p=…".
func tagOf(record, tag string) string {
	for part := range strings.SplitSeq(record, ";") {
		if name, value, ok := strings.Cut(part, "="); ok && strings.TrimSpace(name) == tag {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}
