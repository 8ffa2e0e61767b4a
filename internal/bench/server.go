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

// A Server is a server process, started as often as a measurement wants.
type Server struct {
	Program string // path of the program
	Dir     string // of the site
	Host    string // 127.0.0.1:port, as the site's configuration says

	cmd  *exec.Cmd
	done chan error
}

// ListeningLine is how the line begins in which a server says where it listens.
const ListeningLine = "listening on http://"

// Start runs one part of the site, or all, and waits until it says that it listens.
func (s *Server) Start(ctx context.Context, part string) error {
	cmd := exec.CommandContext(ctx, s.Program, "serve", "--data", s.Dir, "--addr", s.Host, "--part", part)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start a server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a server: %w", err)
	}
	s.cmd, s.done = cmd, make(chan error, 1)
	done := s.done
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
		done <- cmd.Wait()
	}()
	select {
	case <-found:
		return nil
	case err := <-s.done:
		s.cmd = nil
		return fmt.Errorf("start a server: it ended at once: %w", err)
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("start a server: it did not say where it listens"), s.Stop())
	}
}

// Stop asks the server to end and waits for it. A server that does not run is stopped.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.done:
		s.cmd = nil
		return err
	case <-time.After(30 * time.Second):
		return errors.New("stop the server: it did not end within 30 s")
	}
}

// Kill ends the server as a power switch would.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill the server: %w", err)
	}
	<-s.done
	s.cmd = nil
	return nil
}

// MostMemory is the most resident memory that the server had, in bytes.
func (s *Server) MostMemory() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil || !found {
		return 0, errors.New("read the server's memory: Linux does not say how much it was at most")
	}
	return kilobytes << 10, nil
}

// Processor is how long the server has kept a processor busy.
func (s *Server) Processor() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the program's name may hold blanks
	fields := strings.Fields(rest)
	var user, system int64
	if len(fields) < 13 {
		return 0, errors.New("read the server's processor time: Linux does not say it")
	}
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, err
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil // 100 ticks a second, on every Linux of today
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
