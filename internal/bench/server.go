package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A Server is a server process started for a measurement.
type Server struct {
	Host string // 127.0.0.1:port
	cmd  *exec.Cmd
	done chan error
}

// ListeningLine is how the line begins in which a server says where it listens.
const ListeningLine = "listening on http://"

// StartServer runs `program serve` on the site in dir at host, an address of loopback,
// and waits until it says that it listens.
func StartServer(ctx context.Context, program, dir, host string) (*Server, error) {
	cmd := exec.CommandContext(ctx, program, "serve", "--data", dir, "--addr", host)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	s := &Server{cmd: cmd, done: make(chan error, 1)}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, host, ok := strings.Cut(lines.Text(), ListeningLine); ok {
				select {
				case found <- strings.TrimSpace(host):
				default:
				}
			}
		}
		s.done <- cmd.Wait()
	}()
	select {
	case s.Host = <-found:
		return s, nil
	case err := <-s.done:
		return nil, fmt.Errorf("start a server: it ended at once: %w", err)
	case <-time.After(30 * time.Second):
		return nil, errors.Join(errors.New("start a server: it did not say where it listens"), s.Stop())
	}
}

// Stop asks the server to end and waits for it.
func (s *Server) Stop() error {
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-time.After(30 * time.Second):
		return errors.New("stop the server: it did not end within 30 s")
	}
}

// Memory is the server's resident memory in bytes, as Linux counts it.
func (s *Server) Memory() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0, err
	}
	return resident * int64(os.Getpagesize()), nil
}
