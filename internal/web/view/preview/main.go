// Command preview shows every page with sample data, for those who work on the
// look or the words. It listens on this machine only:
//
//	go run ./internal/web/view/preview -addr 127.0.0.1:8090
package main

import (
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"strings"
	"time"
	_ "time/tzdata"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "where to listen")
	flag.Parse()
	if err := serve(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func serve(addr string) error {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return fmt.Errorf("load time zone: %w", err)
	}
	engine, err := view.New(view.Config{Zone: zone})
	if err != nil {
		return err
	}
	fmt.Println("http://" + addr + "/")
	server := &http.Server{Addr: addr, Handler: handler(engine), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func handler(engine *view.Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'")
		if file, ok := engine.Static()[r.URL.Path]; ok {
			w.Header().Set("Content-Type", file.ContentType)
			_, _ = w.Write(file.Bytes)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page := viewtest.Find(strings.TrimPrefix(r.URL.Path, "/-/"))
		if page == nil {
			for _, s := range viewtest.Samples() {
				fmt.Fprintf(w, "<a href=\"/-/%[1]s\">%[1]s</a><br>\n", html.EscapeString(s.Name))
			}
			return
		}
		out, err := engine.Render(page)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(out)
	})
}
