package ops

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"undersigned/internal/meter"
	"undersigned/internal/store"
)

// Room says how many bytes a folder's disk holds, and how many of them a program that is
// not root may still write.
func Room(dir string) (free, size uint64, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0, fmt.Errorf("ask for the room on the disk: %w", err)
	}
	return fs.Bavail * uint64(fs.Bsize), fs.Blocks * uint64(fs.Bsize), nil
}

// writeDisk writes what the site takes of its disk, and what is left. A value that
// cannot be had is left out: a wrong one would be believed.
func (p *Port) writeDisk(page *meter.Page) {
	database := filepath.Join(p.config.Dir, store.FileName)
	if info, err := os.Stat(database); err == nil {
		page.Gauge("undersigned_database_bytes", "Size of the database's file.", float64(info.Size()))
	}
	if info, err := os.Stat(database + "-wal"); err == nil {
		page.Gauge("undersigned_database_log_bytes", "Size of the database's write-ahead log.", float64(info.Size()))
	}
	if free, size, err := Room(p.config.Dir); err == nil {
		page.Gauge("undersigned_disk_free_bytes", "Room left on the disk of the site's folder.", float64(free))
		page.Gauge("undersigned_disk_bytes", "Size of the disk of the site's folder.", float64(size))
	}
	age := func(last func() time.Time, name, help string) {
		if last == nil {
			return
		}
		if at := last(); !at.IsZero() {
			page.Gauge(name, help, max(time.Since(at), 0).Seconds())
		}
	}
	age(p.config.LastBackup, "undersigned_backup_age_seconds", "Time since the last whole backup was made. Missing where none is known.")
	age(p.config.Followed, "undersigned_backup_trail_age_seconds", "What would be lost with this machine: the time since the trail of backups held everything. Missing where none is written.")
}
