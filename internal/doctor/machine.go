package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"undersigned/internal/ops"
)

// oldestEngine is the first SQLite without a known fault that loses or changes what is
// written in WAL mode.
const oldestEngine = "3.51.3"

// database asks the engine for its version.
func (c Config) database(ctx context.Context, r *Report) {
	if c.DB == nil {
		return // said where it could not be opened
	}
	version, err := c.DB.EngineVersion(ctx)
	switch {
	case err != nil:
		r.act("database", "look at the disk (dmesg), then run: undersigned check", "it does not answer: %v", err)
	case older(version, oldestEngine):
		r.act("database", "install a newer release", "SQLite %s has faults that %s does not", version, oldestEngine)
	default:
		r.well("database", "SQLite %s answers", version)
	}
}

// older compares versions such as 3.51.3.
func older(a, b string) bool {
	numbers := func(version string) (all []int) {
		for part := range strings.SplitSeq(version, ".") {
			n, _ := strconv.Atoi(part)
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b)) < 0
}

// built is when this source was written: no machine that runs it has an earlier clock.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// slack is how far clocks may be apart before it matters to anybody.
const slack = time.Minute

// clock compares the clock with the newest times that the database holds, and asks the
// kernel whether anything keeps it right. It asks no other machine.
func (c Config) clock(ctx context.Context, r *Report) {
	now := c.Now()
	if now.Before(built) {
		r.act("clock", "set it, and install chrony or systemd-timesyncd", "it says %s, and this program is newer", now.UTC().Format(time.DateTime))
		return
	}
	if c.DB != nil {
		newest, err := c.DB.NewestTime(ctx)
		if err == nil && newest.After(now.Add(slack)) {
			r.act("clock", "find out which clock was wrong before you go on: petitions close and keys end by it",
				"the database holds a time that is %v ahead of it", newest.Sub(now).Round(time.Second))
			return
		}
	}
	var state syscall.Timex
	const unsynchronised = 0x40 // STA_UNSYNC of adjtimex(2)
	if _, err := syscall.Adjtimex(&state); err != nil {
		r.unknown("clock", "see that chrony or systemd-timesyncd runs on the machine", "it agrees with the database; the kernel does not say whether anything keeps it right")
	} else if state.Status&unsynchronised != 0 {
		r.unknown("clock", "see that chrony or systemd-timesyncd runs; in a container, on its host", "it agrees with the database; the kernel knows of nothing that keeps it right")
	} else {
		r.well("clock", "it agrees with the database, and something keeps it right")
	}
}

// zone looks whether this machine knows the body's time zone. Where it does not, petitions
// close by another midnight than their pages promise.
func (c Config) zone(r *Report) {
	if c.Zone == "" {
		return
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		r.act("time zone", "install Debian's tzdata, or give the file lib/time/zoneinfo.zip of Go's distribution in ZONEINFO; then start the site again",
			"this machine does not know %s, and days end by UTC", c.Zone)
		return
	}
	r.well("time zone", "this machine knows %s", c.Zone)
}

// Bounds of a disk that can carry a site: a signature waits for one flush at least, and
// they come in groups.
const (
	flushes   = 60
	slowFlush = 25 * time.Millisecond
	leastRoom = 0.2
)

// Kinds of file systems, by their numbers in statfs(2).
var unfit = map[uint32]string{
	0x01021994: "it is memory, and empty after the next start",
	0x6969:     "it is on another machine (NFS), where SQLite's locks do not hold",
	0xff534d42: "it is on another machine (CIFS), where SQLite's locks do not hold",
	0xfe534d42: "it is on another machine (SMB), where SQLite's locks do not hold",
	0x794c7630: "it is a container's own layer, and gone with the container",
}

// disk measures how long a write takes until it is on the disk, and looks at the room.
func (c Config) disk(r *Report) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(c.Dir, &fs); err == nil {
		if why := unfit[uint32(fs.Type)]; why != "" {
			r.act("disk", "put the site's folder on a disk of this machine", "it does not keep the database: %s", why)
		}
	}
	if free, size, err := ops.Room(c.Dir); err != nil {
		r.unknown("disk room", "look with: df "+c.Dir, "%v", err)
	} else if share := float64(free) / float64(size); share < leastRoom {
		r.act("disk room", "see docs/operate/alert-disk.md", "%s are left, %.0f %%", gigabytes(free), 100*share)
	} else {
		r.well("disk room", "%s are left, %.0f %%", gigabytes(free), 100*share)
	}
	typical, worst, err := flushTime(c.Dir)
	switch {
	case err != nil:
		r.unknown("disk speed", "run the doctor as the user that owns the folder", "it could not be measured: %v", cause(err))
	case typical > slowFlush:
		r.act("disk speed", "use a solid disk of the machine itself; on a shared machine ask for another", "a flush takes %s, at worst %s: people will wait", milliseconds(typical), milliseconds(worst))
	default:
		r.well("disk speed", "a flush takes %s, at worst %s", milliseconds(typical), milliseconds(worst))
	}
}

// flushTime writes a page and waits for the disk, some times, as each commit does.
func flushTime(dir string) (typical, worst time.Duration, err error) {
	file, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	page := make([]byte, 4096)
	took := make([]time.Duration, flushes)
	for i := range took {
		began := time.Now()
		if _, err := file.Write(page); err != nil {
			return 0, 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)-1], nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func gigabytes(bytes uint64) string { return fmt.Sprintf("%.1f GB", float64(bytes)/1e9) }
