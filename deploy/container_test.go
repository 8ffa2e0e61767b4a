package deploy

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An image is what Containerfile says, without an engine: its files in a folder, its
// variables, its user and its command.
type image struct {
	root, volume string
	env          []string
	user         string
	command      []string
}

var instruction = regexp.MustCompile(`(?m)^([A-Z]+) (.*)$`)

// buildImage does what an engine does with the few instructions that we use.
func buildImage(t *testing.T, program string) image {
	t.Helper()
	i := image{root: t.TempDir(), volume: t.TempDir()}
	for _, match := range instruction.FindAllStringSubmatch(read(t, "Containerfile"), -1) {
		what, rest := match[1], match[2]
		switch what {
		case "COPY":
			i.copy(t, rest, program)
		case "ENV":
			i.env = strings.Fields(rest)
		case "USER":
			i.user = rest
		case "ENTRYPOINT":
			i.command = strings.Fields(strings.NewReplacer("[", "", "]", "", `"`, "", ",", " ").Replace(rest))
		case "FROM", "VOLUME", "EXPOSE", "STOPSIGNAL", "CMD":
		default:
			t.Fatalf("the container's %s %s is not known here", what, rest)
		}
	}
	return i
}

// copy does one COPY, with its mode and owner.
func (i *image) copy(t *testing.T, rest, program string) {
	t.Helper()
	var mode fs.FileMode = 0o644
	uid, gid := 0, 0
	fields := strings.Fields(rest)
	for strings.HasPrefix(fields[0], "--") {
		if _, err := fmt.Sscanf(fields[0], "--chmod=%o", &mode); err != nil {
			if _, err := fmt.Sscanf(fields[0], "--chown=%d:%d", &uid, &gid); err != nil {
				t.Fatalf("COPY %s", rest)
			}
		}
		fields = fields[1:]
	}
	from, to := fields[0], filepath.Join(i.root, fields[1])
	sources := map[string]string{"undersigned": program, "zoneinfo.zip": filepath.Join(strings.TrimSpace(run(t, nil, "go", "env", "GOROOT")), "lib", "time", "zoneinfo.zip")}
	if source := sources[from]; source != "" {
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, mode); err != nil {
			t.Fatal(err)
		}
	} else if entries, err := os.ReadDir(from); err != nil || len(entries) > 1 { // git keeps no empty folder
		t.Fatalf("%s: %v %v", from, entries, err)
	} else if err := os.Mkdir(to, mode); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{to, i.volume} { // a new volume begins as what it covers
		if path == to || filepath.Base(to) == "data" {
			if err := os.Chown(path, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// in gives the command line that runs the image's command in its root, which is mounted
// read-only and holds nothing else: no /proc, no /tmp, no certificates. The volume alone
// can be written to.
func (i *image) in(args ...string) []string {
	script := `mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && mount --bind "$2" "$1/data" && user=$3 && root=$1 && shift 3 && exec setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"`
	all := append([]string{"--mount", "sh", "-c", script, "sh", i.root, i.volume, i.user}, i.command...)
	return append(all, args...)
}

// The image holds a static binary, time zones and an empty folder, and runs as nobody in particular on
// a root that cannot be written to: a site is made, served and checked in it.
func TestTheContainersImageServesASite(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("this test mounts folders and changes users: run it as root, for instance in a container")
	}
	i := buildImage(t, binary(t))
	if i.user == "" || strings.HasPrefix(i.user, "0") {
		t.Fatalf("it runs as %q", i.user)
	}
	port := freePorts(t, 1)[0]
	i.env = append(i.env, "UNDERSIGNED_ADDR=127.0.0.1:"+port)
	run(t, i.env, "unshare", i.in("init", "--url", "https://petitions.example.org", "--smtp", "smtp+starttls://mail.example.org:587")...)
	server := background(t, i.env, "unshare", i.in("serve")...)
	mustServe(t, server, port)
	status := read(t, fmt.Sprintf("/proc/%d/status", server.Process.Pid))
	user, _, _ := strings.Cut(i.user, ":")
	for _, line := range []string{"Uid:\t" + user + "\t" + user, "CapEff:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(status, "\n"+line) {
			t.Errorf("its process has not %q:\n%s", line, status)
		}
	}
	server.Process.Signal(syscall.SIGTERM)
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	run(t, i.env, "unshare", i.in("check")...)
	// It finds much to do in a place without a network; the zone of the site it must know.
	doctor := exec.Command("unshare", i.in("doctor")...)
	doctor.Env = append(os.Environ(), i.env...)
	if out, err := doctor.CombinedOutput(); !strings.Contains(string(out), "ok  time zone: ") {
		t.Errorf("it does not know its time zone: %v\n%s", err, out)
	}
	var files []string
	err := filepath.WalkDir(i.root, func(path string, entry fs.DirEntry, err error) error {
		files = append(files, strings.TrimPrefix(path, i.root))
		return err
	})
	if err != nil || strings.Join(files, " ") != " /data /undersigned /zoneinfo.zip" {
		t.Errorf("the image holds %q %v", files, err)
	}
}

// mustServe waits for the first page of a server.
func mustServe(t *testing.T, server *exec.Cmd, port string) {
	t.Helper()
	var last error
	for range 200 {
		request, err := http.NewRequest("GET", "http://127.0.0.1:"+port+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "petitions.example.org"
		request.Header.Set("X-Forwarded-For", "192.0.2.1")
		answer, err := http.DefaultClient.Do(request)
		if last = err; err == nil {
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("the first page is answered with %s", answer.Status)
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("process %d does not answer: %v", server.Process.Pid, last)
}
