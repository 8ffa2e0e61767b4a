package ops

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// listenAs is systemd's end of the socket.
func listenAs(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

func hear(t *testing.T, socket *net.UnixConn) string {
	t.Helper()
	text := make([]byte, 512)
	n, err := socket.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestSystemdHearsOfUs(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "notify"), "@undersigned-test-" + strconv.Itoa(os.Getpid())} {
		socket := listenAs(t, name)
		if err := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": name})).Tell("READY=1"); err != nil {
			t.Fatal(err)
		}
		if got := hear(t, socket); got != "READY=1" {
			t.Errorf("systemd heard %q", got)
		}
	}
	if err := FromEnvironment(environment(nil)).Tell("READY=1"); err != nil {
		t.Errorf("nobody listens, and that is a fault: %v", err)
	}
}

func TestSignsOfLifeComeWhileSomethingAnswers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	socket := listenAs(t, name)
	env := map[string]string{"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000", "WATCHDOG_PID": strconv.Itoa(os.Getpid())}
	ctx, stop := context.WithCancel(t.Context())
	gone := make(chan struct{})
	asked := make(chan struct{})
	hangs := make(chan struct{})
	go func() {
		defer close(gone)
		times := 0
		FromEnvironment(environment(env)).Watch(ctx, func(context.Context) error {
			if times++; times == 3 {
				close(asked)
				<-hangs
			}
			return nil
		})
	}()
	for range 2 {
		if got := hear(t, socket); got != "WATCHDOG=1" {
			t.Errorf("systemd heard %q", got)
		}
	}
	<-asked // and now nothing answers any more, until the end
	stop()
	<-gone
	close(hangs)
	if err := FromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": name})).Tell("STOPPING=1"); err != nil {
		t.Fatal(err)
	}
	if got := hear(t, socket); got != "STOPPING=1" {
		t.Errorf("while nothing answered, systemd heard %q", got)
	}
	env["WATCHDOG_PID"] = "1"
	FromEnvironment(environment(env)).Watch(t.Context(), nil) // another's watchdog: returns at once
}
