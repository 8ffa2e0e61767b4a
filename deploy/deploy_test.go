package deploy

import (
	"bytes"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// run runs a program that must work, and returns what it wrote.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// binary is the program that UNDERSIGNED_BINARY names, or one built here.
func binary(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("UNDERSIGNED_BINARY"); given != "" {
		return given
	}
	path := filepath.Join(t.TempDir(), "undersigned")
	run(t, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "undersigned/cmd/undersigned")
	return path
}

func buildDeb(t *testing.T, binary string) string {
	t.Helper()
	dir := t.TempDir()
	env := []string{"UNDERSIGNED_BINARY=" + binary, "SOURCE_DATE_EPOCH=1800000000"}
	t.Log(strings.TrimSpace(run(t, env, filepath.Join("..", "scripts", "build-deb"), dir)))
	all, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(all) != 1 {
		t.Fatalf("packages: %v %v", all, err)
	}
	return all[0]
}

// The package is built twice and is the same; installed into a folder as dpkg installs it
// into a machine, its scripts make the users and folders, and the binary makes a site.
func TestTheDebianPackageInstallsAndRuns(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Fatal("this test needs dpkg-deb; install it with: apt-get install dpkg")
	}
	program := binary(t)
	deb := buildDeb(t, program)
	again := buildDeb(t, program)
	if sha256.Sum256([]byte(read(t, deb))) != sha256.Sum256([]byte(read(t, again))) {
		t.Error("two builds of the package differ")
	}
	root := t.TempDir()
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"status", "available"} {
		if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, nil, "dpkg", "--root="+root, "--force-script-chrootless", "--force-depends", "--force-not-root", "--log="+filepath.Join(root, "log"), "--install", deb)
	passwd := read(t, filepath.Join(root, "etc/passwd"))
	for _, user := range []string{"undersigned:", "undersigned-desk:", "undersigned-steward:"} {
		if !strings.Contains(passwd, user) {
			t.Errorf("the user %s was not made:\n%s", user, passwd)
		}
	}
	for folder, mode := range map[string]os.FileMode{"var/lib/undersigned": 0o750, "var/lib/undersigned-keys": 0o700} {
		if info, err := os.Stat(filepath.Join(root, folder)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", folder, info, err)
		}
	}
	installed := filepath.Join(root, "usr/bin/undersigned")
	if out := run(t, nil, installed, "version"); !strings.HasPrefix(out, "undersigned ") {
		t.Errorf("the binary says %q", out)
	}
	site := filepath.Join(root, "var/lib/undersigned/site")
	run(t, nil, installed, "init", "--data", site, "--url", "https://petitions.example.org", "--smtp", "smtp://127.0.0.1:1")
	run(t, nil, installed, "check", "--data", site)
	for _, doc := range []string{"operate/install.md", "guides/operator.md", "guides/clerk.md", "decisions/0001-links.md", "promise.md", "roles.md", "copyright", "examples/nginx.conf"} {
		read(t, filepath.Join(root, "usr/share/doc/undersigned", doc))
	}
	// The conffile is one, and what people signed outlives the package.
	run(t, nil, "dpkg", "--root="+root, "--force-script-chrootless", "--force-not-root", "--log="+filepath.Join(root, "log"), "--purge", "undersigned")
	if _, err := os.Stat(installed); err == nil {
		t.Error("the binary is still there")
	}
	read(t, filepath.Join(site, "undersigned.db"))
}

func units(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.service")
	if err != nil || len(all) != 5 {
		t.Fatalf("units: %v %v", all, err)
	}
	return all
}

// Where systemd is at hand it reads the units and says how much they expose.
func TestTheUnitsAreReadBySystemdAndExposeLittle(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("systemd-analyze is not here: only the text of the units was looked at")
		return
	}
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	level := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`)
	for _, unit := range units(t) {
		path := filepath.Join(t.TempDir(), unit)
		text := strings.ReplaceAll(read(t, unit), "/usr/bin/undersigned", program)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := run(t, nil, "systemd-analyze", "verify", "--man=no", path); strings.Contains(out, unit) {
			t.Errorf("systemd says of %s: %s", unit, out)
		}
		out := run(t, nil, "systemd-analyze", "security", "--offline=true", path)
		match := level.FindStringSubmatch(out)
		if match == nil {
			t.Fatalf("systemd does not say how much %s exposes:\n%s", unit, out)
		}
		exposed, err := strconv.ParseFloat(match[1], 64)
		if err != nil || exposed > 2 {
			t.Errorf("%s exposes %s of 10", unit, match[1])
		}
		t.Logf("%s exposes %s of 10", unit, match[1])
	}
}

func TestTheUnitsKeepMemoryToThemselvesAndKeysFromThePublicPart(t *testing.T) {
	for _, unit := range units(t) {
		text := read(t, unit)
		for _, line := range []string{"LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "ProtectSystem=strict", "Type=notify", "CapabilityBoundingSet="} {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("%s lacks %s", unit, line)
			}
		}
		keyless := unit == "undersigned-public.service" || unit == "undersigned-desk.service" || unit == "undersigned-post.service"
		if keyless != strings.Contains(text, "\nInaccessiblePaths=-/var/lib/undersigned-keys\n") {
			t.Errorf("%s: the keys", unit)
		}
	}
	if !strings.Contains(read(t, "undersigned-steward.service"), "\nSocketBindDeny=any\n") {
		t.Error("the steward may listen")
	}
}

// Links from mails are in paths: no proxy example writes one down, nor who asked.
func TestProxyExamplesLogNoPathAndNoAddress(t *testing.T) {
	nginx := read(t, "nginx.conf")
	formats := regexp.MustCompile(`(?s)log_format\s+\S+\s+(.*?);`).FindAllStringSubmatch(nginx, -1)
	if len(formats) != 1 {
		t.Fatalf("%d log formats", len(formats))
	}
	for _, variable := range regexp.MustCompile(`\$\w+`).FindAllString(formats[0][1], -1) {
		switch variable {
		case "$time_iso8601", "$status", "$request_method", "$body_bytes_sent", "$request_time":
		default:
			t.Errorf("nginx logs %s", variable)
		}
	}
	servers := strings.Count(nginx, "\nserver {")
	if logs := regexp.MustCompile(`(?m)^\s+access_log (off|\S+ undersigned);`).FindAllString(nginx, -1); len(logs) != servers || servers != 2 {
		t.Errorf("%d of %d servers of nginx say what they log", len(logs), servers)
	}
	if errors := strings.Count(nginx, "error_log /dev/null crit;"); errors != servers {
		t.Errorf("%d of %d servers of nginx keep their errors to themselves", errors, servers)
	}
	caddy := read(t, "Caddyfile")
	if logs, deleted := len(regexp.MustCompile(`(?m)^\tlog\b`).FindAllString(caddy, -1)), strings.Count(caddy, "request delete"); logs != 2 || deleted != logs {
		t.Errorf("%d of %d logs of Caddy leave the request out", deleted, logs)
	}
	if !strings.Contains(nginx, "X-Forwarded-For $remote_addr;") || !strings.Contains(caddy, "X-Forwarded-For {remote_host}") {
		t.Error("an example lets clients say who they are")
	}
}

// Every alert has its page, every page its alert, and every number in a rule exists.
func TestEveryAlertHasAPage(t *testing.T) {
	rules := read(t, "prometheus-alerts.yml")
	pages := map[string]bool{}
	for _, match := range regexp.MustCompile(`page: (docs/operate/alert-[a-z-]+\.md)`).FindAllStringSubmatch(rules, -1) {
		pages[filepath.Base(match[1])] = true
		read(t, filepath.Join("..", match[1]))
	}
	if alerts := strings.Count(rules, "- alert: "); alerts != len(pages) {
		t.Errorf("%d alerts have %d pages", alerts, len(pages))
	}
	all, err := filepath.Glob("../docs/operate/alert-*.md")
	if err != nil || len(all) == 0 {
		t.Fatal(err, all)
	}
	index := read(t, "../docs/operate/README.md")
	for _, path := range all {
		if name := filepath.Base(path); !pages[name] || !strings.Contains(index, "("+name+")") {
			t.Errorf("%s has no alert, or is not in the index", name)
		}
	}
	monitoring := read(t, "../docs/operate/monitoring.md")
	for _, name := range regexp.MustCompile(`\bundersigned_\w+`).FindAllString(rules, -1) {
		if !strings.Contains(monitoring, "`"+name) {
			t.Errorf("a rule uses %s, which is not explained", name)
		}
	}
}

func TestTheContainerRunsAsNobodyWithoutAShell(t *testing.T) {
	text := read(t, "Containerfile")
	for _, line := range []string{"FROM scratch", "USER 65532:65532", "VOLUME /data", `ENTRYPOINT ["/undersigned"]`} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the container lacks %s", line)
		}
	}
	if bytes.Contains([]byte(text), []byte("\nRUN ")) {
		t.Error("the container runs something while it is built")
	}
}
