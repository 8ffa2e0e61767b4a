package doctor

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"undersigned/internal/ops"
	"undersigned/internal/store"
)

// webRoots are folders whose files web servers hand out, as distributions set them up,
// and parts of paths that mean the same.
var webRoots = []string{"/var/www/", "/srv/www/", "/srv/http/", "/usr/share/nginx/", "/usr/share/caddy/", "/public_html/", "/htdocs/", "/wwwroot/"}

// Exposed tells of what a site must not be served with: files that others may reach, a
// folder that web servers hand out, one key folder that is called two, and one witness that
// could stop the number alone. All lines want something done.
func (c Config) Exposed() []Line {
	var r Report
	c.reachable(&r)
	c.alone(&r)
	return r.Lines
}

// alone says where one witness alone confirms the ledger.
func (c Config) alone(r *Report) {
	if c.Witnesses == 1 && c.Demand == 1 {
		r.act("witnesses", "name three, each of other people, and demand two: docs/operate/witnesses.md", "one alone confirms the ledger: it could stop the number, and nobody would see it err")
	}
}

// files looks at who may read what, and where it is.
func (c Config) files(r *Report) {
	before := len(r.Lines)
	c.reachable(r)
	for _, folder := range c.Keys {
		if _, err := os.Stat(folder); err != nil {
			r.act("key store", "put it back from its twin or the key backup; where only the steward may look, run the doctor as its user", "%s cannot be looked at: %v", folder, cause(err))
		}
	}
	for _, path := range append([]string{c.Dir}, c.Keys...) {
		if real, err := filepath.EvalSymlinks(path); err == nil && (strings.HasPrefix(real+"/", os.TempDir()+"/") || strings.HasPrefix(real, "/var/tmp/") || strings.HasPrefix(real, "/dev/shm/")) {
			r.act("place", "move it, for instance to /var/lib/undersigned", "%s is in a folder that is emptied", path)
		}
	}
	if info, err := os.Stat(filepath.Join(c.Dir, store.FileName)); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 {
			r.act("user", "give it to a user of its own, as docs/operate/install.md says, and run serve as that user", "the database belongs to root")
		}
	}
	if len(r.Lines) == before {
		r.well("files", "only their user may read keys, and nobody else the rest")
	}
}

// reachable looks at what others than the site's users may reach.
func (c Config) reachable(r *Report) {
	c.private(r, c.Settings, 0o007, "the configuration")
	c.private(r, c.Dir, 0o007, "the site's folder")
	for _, name := range []string{store.FileName, store.FileName + "-wal", store.FileName + "-shm"} {
		c.private(r, filepath.Join(c.Dir, name), 0o007, "the database")
	}
	for _, secret := range c.Secrets {
		c.private(r, secret, 0o077, "a secret")
	}
	c.tree(r, filepath.Join(c.Dir, ops.CertificateFolder), "the certificates")
	for _, folder := range c.Keys {
		c.tree(r, folder, "the key store")
	}
	for _, path := range append([]string{c.Dir}, c.Keys...) {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue
		}
		for _, root := range webRoots {
			if strings.Contains(real+"/", root) {
				r.act("place", "move it, for instance to /var/lib/undersigned", "%s is where web servers hand out files", path)
			}
		}
	}
	if len(c.Keys) == 2 && c.Keys[0] == c.Keys[1] {
		r.act("key store", "name another folder, on another disk if there is one, as second under [keys]", "its second folder is its first")
	}
}

// private says where others may read or write path: bits are those that must not be set.
// A file that is not there is nobody's.
func (c Config) private(r *Report, path string, bits fs.FileMode, what string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if open := info.Mode().Perm() & bits; open != 0 {
		r.act("files", "chmod "+closed(info.Mode().Perm(), bits)+" "+path+", and find out who could read it", "%s may be reached by others: %s has mode %04o", what, path, info.Mode().Perm())
	}
}

// closed writes a mode without some bits, as chmod takes it.
func closed(mode, without fs.FileMode) string {
	mode &^= without
	const digits = "01234567"
	return "0" + string([]byte{digits[mode>>6&7], digits[mode>>3&7], digits[mode&7]})
}

// tree looks at a folder that is for one user alone.
func (c Config) tree(r *Report, folder, what string) {
	filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			c.private(r, path, 0o077, what)
		}
		return nil
	})
}

// cause is an error of a path without the path.
func cause(err error) error {
	if pathError, ok := err.(*fs.PathError); ok {
		return pathError.Err
	}
	return err
}
