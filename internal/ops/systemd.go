package ops

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// A Manager is systemd, where it started us and wants to hear of us; the zero value is
// nobody, who may be told anything.
type Manager struct {
	socket string
	every  time.Duration // how often it wants a sign of life; 0: never
}

// FromEnvironment finds the manager that started this process, as sd_notify(3) and
// sd_watchdog_enabled(3) say.
func FromEnvironment(getenv func(string) string) Manager {
	m := Manager{socket: getenv("NOTIFY_SOCKET")}
	if pid := getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return m
	}
	if micros, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && micros > 0 {
		m.every = time.Duration(micros) * time.Microsecond / 2
	}
	return m
}

// Tell sends lines such as "READY=1".
func (m Manager) Tell(lines string) error {
	if m.socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(lines)); err != nil {
		return fmt.Errorf("tell the service manager: %w", err)
	}
	return nil
}

// Watch gives signs of life until ctx ends, as long as alive answers at all. What it
// answers does not matter: a full disk is no reason to be killed, a process that hangs is.
func (m Manager) Watch(ctx context.Context, alive func(context.Context) error) {
	if m.socket == "" || m.every == 0 {
		return
	}
	tick := time.NewTicker(m.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		answered := make(chan struct{})
		go func() {
			alive(ctx)
			close(answered)
		}()
		select {
		case <-answered:
			m.Tell("WATCHDOG=1")
		case <-ctx.Done():
			return
		}
	}
}
