package main

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/ops"
)

// promised is how long the site says that backups live; 0, where it makes none.
func (c backupConfig) promised() int {
	if len(c.Recipients) == 0 {
		return 0
	}
	return c.days()
}

// keysOld is how old a key backup may be before each start says so: keys made since are
// in none, and keys destroyed since are still in it.
const keysOld = 7 * 24 * time.Hour

// warnOfKeys warns at each start of a public site whose keys would be lost with its
// machine, and with them everything that people signed.
func (c *serveCommand) warnOfKeys(p *parts, l listeners, log *slog.Logger) {
	if p.steward == nil || !isPublic(p.config, l) {
		return
	}
	status, err := backup.ReadStatus(c.Data)
	switch {
	case err != nil:
		log.Warn("when keys were backed up cannot be read", "error", err)
	case status.Keys == nil:
		log.Warn("no key backup was ever made: with this machine, everything that was sealed is lost", "do", "undersigned keys backup")
	case status.KeysReadBack == nil:
		log.Warn("no key backup was ever read back: nobody knows whether it opens", "do", "undersigned keys backup --verify")
	case p.db.Now().Sub(status.Keys.At) > keysOld:
		log.Warn("the last key backup is old: newer keys are in none, and destroyed ones still are", "made", status.Keys.At, "do", "undersigned keys backup")
	}
}

// isPublic reports whether others than this machine reach the site, directly or by a
// proxy.
func isPublic(site siteConfig, l listeners) bool {
	if l.public != "" && !ops.Loopback(l.public) {
		return true
	}
	u, err := url.Parse(site.URL)
	return err == nil && !ops.Loopback(net.JoinHostPort(u.Hostname(), "80"))
}

// watch notes every minute how far the site is, until ctx ends.
func (p *parts) watch(ctx context.Context) {
	tick := time.NewTicker(notedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.noteEpoch()
		}
	}
}
