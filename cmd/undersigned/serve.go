package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"undersigned/internal/bench"
	"undersigned/internal/desk"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/web"
)

type serveCommand struct {
	dataFlag
	Addr         string        `help:"Where the public pages listen." env:"UNDERSIGNED_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Part         string        `help:"Which part runs here: ${enum}." enum:"all,public,desk,steward" default:"all" env:"UNDERSIGNED_PART"`
	DeskAddr     string        `help:"Where staff pages listen, if not with the public ones; name their address in site.toml as desk_url." env:"UNDERSIGNED_DESK_ADDR" placeholder:"HOST:PORT"`
	ClientHeader string        `help:"Header in which your own proxy says who asks." env:"UNDERSIGNED_CLIENT_HEADER" placeholder:"NAME"`
	CountEvery   time.Duration `help:"How often the published number moves." env:"UNDERSIGNED_COUNT_EVERY" default:"10s" placeholder:"TIME"`
}

func (c *serveCommand) Run(ctx context.Context, std streams) error {
	w := whichParts(c.Part)
	log := slog.New(slog.NewTextHandler(std.err, nil))
	if c.CountEvery < 100*time.Millisecond {
		return hinted{fmt.Errorf("the number cannot move every %v", c.CountEvery), "give a time such as --count-every 10s; longer tells less about who signed when"}
	}
	p, err := openParts(ctx, c.Data, w, log, store.Options{}, func(config *steward.Config) { config.CountEvery = c.CountEvery })
	if err != nil {
		return err
	}
	return p.serve(c.listeners(w), std.out, web.Config{DeskURL: c.deskURL(w, p.config), ClientHeader: c.ClientHeader})
}

// deskURL is where staff pages are, when they are not among the public ones.
func (c *serveCommand) deskURL(w which, site siteConfig) string {
	switch {
	case site.DeskURL != "":
		return site.DeskURL
	case c.DeskAddr != "" && w.desk:
		return "http://" + c.DeskAddr
	}
	return ""
}

// listeners says where which pages listen. The steward listens nowhere.
func (c *serveCommand) listeners(w which) listeners {
	var l listeners
	if w.public {
		l.public = c.Addr
	}
	if w.desk {
		l.desk = c.DeskAddr
		if l.desk == "" && !w.public {
			l.desk = c.Addr
		}
	}
	return l
}

type listeners struct{ public, desk string }

// gcPercent trades a little time for memory: a small machine is where we live.
const gcPercent = 50

// serve runs the opened parts until their context ends, then ends them in order: no new
// requests, the letters that wait are written, the rest closes.
func (p *parts) serve(l listeners, out io.Writer, config web.Config) (err error) {
	debug.SetGCPercent(gcPercent)
	defer func() {
		if !diskFailed(err) {
			err = errors.Join(err, p.close())
		}
	}()
	var running sync.WaitGroup
	var servers []*http.Server
	if l.public != "" || l.desk != "" {
		config.Public, config.Box, config.URL, config.From, config.Log = p.db.Public(), p.box, p.config.URL, p.config.Mail.From, p.log
		if p.desk {
			config.Desk = desk.New(p.db.Desk())
		}
		pages, err := web.New(config)
		if err != nil {
			return err
		}
		if l.public != "" {
			server, err := p.listen(l.public, pages.Handler(), &running)
			if err != nil {
				return err
			}
			servers = append(servers, server.Server)
			fmt.Fprintf(out, "%s%s\n", bench.ListeningLine, server.addr)
		}
		if l.desk != "" {
			server, err := p.listen(l.desk, pages.DeskHandler(), &running)
			if err != nil {
				return err
			}
			servers = append(servers, server.Server)
			fmt.Fprintf(out, "staff pages are at http://%s/staff\n", server.addr)
		}
	}
	stewardDone := make(chan struct{})
	stewardCtx, stopSteward := context.WithCancel(p.ctx)
	defer stopSteward()
	if p.steward != nil {
		go func() {
			defer close(stewardDone)
			if err := p.steward.Run(stewardCtx); err != nil {
				p.stop(err)
			}
		}()
	} else {
		close(stewardDone)
	}

	<-p.ctx.Done()
	cause := context.Cause(p.ctx)
	if diskFailed(cause) {
		// The file's state is unknown: nothing more is written or answered, and what is
		// open ends with the process.
		for _, server := range servers {
			server.Close()
		}
		return cause
	}
	deadline, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	for _, server := range servers {
		err = errors.Join(err, server.Shutdown(deadline))
	}
	running.Wait()
	// Only now: a request that was taken before the end still wants its letter written.
	p.closeBox()
	p.closePool()
	<-stewardDone
	if !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

type listening struct {
	*http.Server
	addr net.Addr
}

// listen starts one HTTP server.
func (p *parts) listen(addr string, handler http.Handler, running *sync.WaitGroup) (listening, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return listening{}, hinted{fmt.Errorf("listen at %s: %w", addr, err), "another program may have the port; choose one with --addr"}
	}
	server := web.NewHTTPServer(handler)
	running.Go(func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			p.stop(fmt.Errorf("serve pages: %w", err))
		}
	})
	return listening{server, listener.Addr()}, nil
}
