package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// serving starts a real server on loopback for a site with one open petition.
func serving(b *testing.B) (address string, p undersigned.Petition) {
	site := testkit.New(b)
	p = site.OpenPetition("Keep the library open")
	server, err := web.New(web.Config{Public: site.DB.Public(), Box: site.Box, URL: testkit.URL, From: "no-reply@petitions.example.org", Desk: desk.New(site.DB.Desk())})
	site.Check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	site.Check(err)
	running := web.NewHTTPServer(server.Handler())
	go running.Serve(listener)
	b.Cleanup(func() { running.Close() })
	return listener.Addr().String(), p
}

// exchange sends one request on a kept connection and reads its answer away. A client of
// net/http costs as much as the server; this one leaves the machine to what is measured.
func exchange(c net.Conn, r *bufio.Reader, request []byte) (status string, err error) {
	if _, err := c.Write(request); err != nil {
		return "", err
	}
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	status = string(line[9:12])
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	_, err = io.CopyN(io.Discard, r, int64(length))
	return status, err
}

func parallel(b *testing.B, clients int, address, want string, request func(n int64) []byte) {
	var n atomic.Int64
	before := cpu()
	b.SetParallelism(clients / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for pb.Next() {
			status, err := exchange(c, r, request(n.Add(1)))
			if err != nil || status != want {
				b.Errorf("status %q, %v", status, err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	// On a machine that others use, too, this is the figure that compares.
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/request")
}

// cpu is how long this process, server and client together, has computed.
func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: petitions.example.org\r\nAccept-Encoding: gzip\r\n\r\n")
}

func BenchmarkPetitionPageOverLoopback(b *testing.B) {
	address, p := serving(b)
	request := get(view.PathPetition(p.ID))
	parallel(b, 32, address, "200", func(int64) []byte { return request })
}

func BenchmarkCountOverLoopback(b *testing.B) {
	address, p := serving(b)
	request := get(view.PathCount(p.ID))
	parallel(b, 32, address, "200", func(int64) []byte { return request })
}

func BenchmarkSignOverLoopback(b *testing.B) {
	address, p := serving(b)
	wording, err := view.FormWording(testkit.Body())
	if err != nil {
		b.Fatal(err)
	}
	parallel(b, 64, address, "200", func(n int64) []byte {
		body := fmt.Sprintf("version=%s&wording=%s&name=Ana+Torres&email=signer%d%%40example.org&answer=yes", p.Version, wording, n)
		return fmt.Appendf(nil, "POST %s/signatures HTTP/1.1\r\nHost: petitions.example.org\r\nAccept-Encoding: gzip\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			view.PathPetition(p.ID), len(body), body)
	})
}

// A nobody takes what is written and keeps nothing.
type nobody struct{ header http.Header }

func (n nobody) Header() http.Header         { return n.header }
func (n nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n nobody) WriteHeader(int)             {}

func BenchmarkPetitionPageHandler(b *testing.B) {
	v := visit(b)
	server, err := web.New(web.Config{Public: v.DB.Public(), Box: v.Box, URL: testkit.URL})
	v.Check(err)
	handler := server.Handler()
	p := v.OpenPetition("Keep the library open")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(get(view.PathPetition(p.ID))))))
	v.Check(err)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(nobody{http.Header{}}, r)
	}
}
