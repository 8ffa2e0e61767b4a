package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/ops"
	"undersigned/internal/store"
)

// promised is how long the site says that backups live; 0, where it makes none.
func (c backupConfig) promised() int {
	if len(c.Recipients) == 0 {
		return 0
	}
	return c.days()
}

// Key backups of a public site are looked at when it starts, and daily. Of an old one,
// keys made since are in none, and keys destroyed since are still in it.
const (
	keysOld        = 7 * 24 * time.Hour
	keysLookedEach = 24 * time.Hour
)

// warnOfKeys warns where the keys would be lost with the machine, and with them everything
// that people signed.
func (p *parts) warnOfKeys() {
	status, err := backup.ReadStatus(p.dir)
	switch {
	case err != nil:
		p.log.Warn("when keys were backed up cannot be read", "error", err)
	case status.Keys == nil:
		p.log.Warn("no key backup was ever made: with this machine, everything that was sealed is lost", "do", "undersigned keys backup")
	case status.KeysReadBack == nil:
		p.log.Warn("no key backup was ever read back: nobody knows whether it opens", "do", "undersigned keys backup --verify")
	case p.db.Now().Sub(status.Keys.At) > keysOld:
		p.log.Warn("the last key backup is old: newer keys are in none, and destroyed ones still are", "made", status.Keys.At, "do", "undersigned keys backup")
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

// Room on the disk: with less than the floor forms are refused, because the database must
// not meet the end of the disk; with less than the share somebody has to look.
const (
	diskFloor = 64 << 20
	diskShare = 0.2
	diskSaid  = time.Hour // how often that is said
	roomEvery = 5 * time.Second
)

// fullBelow says whether less than a floor, beside the database's log, is left. The log
// counts because folding it needs as much again.
func (p *parts) fullBelow(floor uint64) func() bool {
	return func() bool {
		free, _, err := ops.Room(p.dir)
		if err != nil {
			return false // the database will say so, if it is the disk
		}
		if wal, err := os.Stat(filepath.Join(p.dir, store.FileName+"-wal")); err == nil {
			free -= min(free, uint64(wal.Size()))
		}
		return free < floor
	}
}

// sayRoom warns when the disk fills: in the log, and by mail to the administrators.
func (p *parts) sayRoom(ctx context.Context) {
	free, size, err := ops.Room(p.dir)
	if err != nil || size == 0 || float64(free) >= diskShare*float64(size) || time.Since(p.saidRoom) < diskSaid {
		return
	}
	if err := p.steward.SayDisk(ctx, int(free*100/size)); err != nil && ctx.Err() == nil {
		p.log.Warn("administrators could not be told that the disk fills", "error", err)
	}
	p.saidRoom = time.Now()
	p.log.Warn("the disk fills: forms are refused before it is full", "free_mb", free/1e6, "percent", free*100/size, "folder", p.dir)
}

// watch notes how far the site is and looks at the disk and, of a public site, at its key
// backups, until ctx ends.
func (p *parts) watch(ctx context.Context, public bool) {
	var keys <-chan time.Time
	if public {
		p.warnOfKeys()
		daily := time.NewTicker(keysLookedEach)
		defer daily.Stop()
		keys = daily.C
	}
	p.sayRoom(ctx)
	note, room, health := time.NewTicker(notedEvery), time.NewTicker(roomEvery), time.NewTicker(healthEvery)
	defer health.Stop()
	defer note.Stop()
	defer room.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-note.C:
			p.noteEpoch()
		case <-keys:
			p.warnOfKeys()
		case <-room.C:
			p.sayRoom(ctx)
		case <-health.C:
			p.sayHealth(ctx)
		}
	}
}
