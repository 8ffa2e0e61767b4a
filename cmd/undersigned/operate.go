package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/meter"
	"undersigned/internal/ops"
	"undersigned/internal/steward"
	"undersigned/internal/web"
)

// operateFlags are the options of serve for who runs the machine.
type operateFlags struct {
	OpsAddr   string `help:"Where /healthz, /readyz and /metrics answer: an address of this machine or of a private network. Nowhere, if not given." env:"UNDERSIGNED_OPS_ADDR" placeholder:"HOST:PORT"`
	TLS       string `help:"How pages get their TLS: ${enum}. autocert fetches certificates from Let's Encrypt; proxy says that a proxy in front has them." name:"tls" enum:"off,autocert,proxy" default:"off" env:"UNDERSIGNED_TLS"`
	HTTPAddr  string `help:"With --tls autocert: where plain HTTP is sent on to https, such as :80." name:"http-addr" env:"UNDERSIGNED_HTTP_ADDR" placeholder:"HOST:PORT"`
	ACME      string `help:"With --tls autocert: the ACME directory of another authority." name:"acme" env:"UNDERSIGNED_ACME" placeholder:"https://…"`
	LogFormat string `help:"How log lines are written: ${enum}." enum:"text,json" default:"text" env:"UNDERSIGNED_LOG_FORMAT"`
	LogLevel  string `help:"The least that is logged: ${enum}." enum:"debug,info,warn,error" default:"info" env:"UNDERSIGNED_LOG_LEVEL"`
}

// logger writes the log as the options ask. No line of it holds anything personal:
// internal/secrecy scans them.
func (f operateFlags) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[f.LogLevel]}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// check refuses addresses at which people's forms would cross a network in clear, or at
// which anybody could say who they are.
func (f operateFlags) check(l listeners, clientHeader string, site siteConfig) error {
	behindProxy := f.TLS == "proxy" || clientHeader != ""
	for _, addr := range []string{l.public, l.desk} {
		if addr == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return hinted{fmt.Errorf("listen at %s: %w", addr, err), "choose one with --addr 127.0.0.1:8080"}
		}
		if f.TLS == "off" && !behindProxy && !ops.Loopback(addr) {
			return hinted{fmt.Errorf("without TLS, what people type would cross the network in clear at %s", addr),
				"add --tls autocert; or --tls proxy, where a proxy in front has the certificate and nobody else reaches this address"}
		}
	}
	for _, address := range []string{site.URL, site.DeskURL} {
		u, err := url.Parse(address)
		if address == "" || err != nil || u.Scheme == "https" || ops.Loopback(net.JoinHostPort(u.Hostname(), "80")) {
			continue
		}
		return hinted{fmt.Errorf("the links in mails would lead to %s, without TLS", address), "write https:// in " + configName}
	}
	switch {
	case f.TLS == "autocert" && clientHeader != "":
		return hinted{errors.New("with --tls autocert people come without a proxy, so anybody could write --client-header themselves"), "leave one of the two out"}
	case f.TLS != "autocert" && (f.HTTPAddr != "" || f.ACME != ""):
		return hinted{errors.New("--http-addr and --acme belong to --tls autocert"), "add --tls autocert, or leave them out"}
	case f.ACME != "" && !strings.HasPrefix(f.ACME, "https://"):
		return hinted{fmt.Errorf("the ACME directory %q is not of the form https://…", f.ACME), "leave --acme out for Let's Encrypt"}
	case f.OpsAddr != "" && !ops.Private(f.OpsAddr):
		return hinted{fmt.Errorf("the private port would answer whoever reaches %s", f.OpsAddr), "give an address of this machine, such as --ops-addr 127.0.0.1:9100, or of a private network"}
	}
	return nil
}

// certificates prepares TLS for the listeners; nil: pages are served in clear.
func (f operateFlags) certificates(dir string, l listeners, site siteConfig) (*ops.Certificates, error) {
	if f.TLS != "autocert" || l.public == "" && l.desk == "" {
		return nil, nil
	}
	var addresses []string
	if l.public != "" {
		addresses = append(addresses, site.URL)
	}
	if l.desk != "" && site.DeskURL != "" {
		addresses = append(addresses, site.DeskURL)
	}
	certificates, err := ops.NewCertificates(dir, f.ACME, addresses...)
	if err != nil {
		return nil, hinted{err, "mend url in " + configName + ", or use a proxy with --tls proxy"}
	}
	return certificates, nil
}

// stewardLate is how long after its last pass a steward counts as stuck. A pass is due
// four times a second; one over a full backlog takes a few seconds.
const stewardLate = time.Minute

// opsPort prepares the private port for what runs in this process.
func (p *parts) opsPort(pages *web.Server, dir string) *ops.Port {
	config := ops.Config{Dir: dir, DB: p.db, Version: version, Log: p.log, LastBackup: func() time.Time {
		made, err := backup.ReadStatus(dir)
		if err != nil {
			p.log.Warn("the age of the last backup is not known", "error", err)
		}
		return doneAt(made.Data)
	}}
	if p.steward != nil && p.config.Backup.every() > 0 {
		config.Followed = func() time.Time {
			made, err := backup.ReadStatus(dir)
			if err != nil {
				return time.Time{} // said above
			}
			return doneAt(made.Trail)
		}
	}
	if p.box != nil {
		config.Checks = append(config.Checks, ops.Check{What: "the letterbox", Ask: p.box.Ready})
		config.Rooms = append(config.Rooms, func(page *meter.Page) { writeLetterbox(page, p.box.Meters()) })
	}
	if pages != nil {
		config.Rooms = append(config.Rooms, func(page *meter.Page) { writePages(page, pages.Meters()) })
	}
	if p.intake != nil {
		config.Rooms = append(config.Rooms, func(page *meter.Page) { writePost(page, p.intake.Meters()) })
	}
	if p.steward != nil {
		began := time.Now()
		config.Checks = append(config.Checks, ops.Check{What: "the steward", Ask: func(context.Context) error { return stewardBeats(p.steward.Meters(), began) }})
		config.Rooms = append(config.Rooms, func(page *meter.Page) { writeSteward(page, p.steward) })
	}
	return ops.NewPort(config)
}

// stewardBeats says whether the steward goes over the letters. A process without key
// store does not start, so that it runs means that its keys were opened.
func stewardBeats(m *steward.Meters, began time.Time) error {
	last := m.Beat.Get()
	if last.IsZero() {
		last = began
	}
	if late := time.Since(last); late > stewardLate {
		return fmt.Errorf("no pass over the letters went well for %v; its log says why", late.Round(time.Second))
	}
	return nil
}
