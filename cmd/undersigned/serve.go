package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"undersigned/internal/bench"
	"undersigned/internal/desk"
	"undersigned/internal/ops"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/web"
)

type serveCommand struct {
	dataFlag
	Addr         string        `help:"Where the public pages listen; by default ${default}." env:"UNDERSIGNED_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Part         string        `help:"Which part runs here: ${enum}." enum:"all,public,desk,steward,post" default:"all" env:"UNDERSIGNED_PART"`
	DeskAddr     string        `help:"Where staff pages listen, if not with the public ones; name their address in site.toml as desk_url." env:"UNDERSIGNED_DESK_ADDR" placeholder:"HOST:PORT"`
	PostAddr     string        `help:"Where mails that come back are taken by SMTP, if not where site.toml says." env:"UNDERSIGNED_POST_ADDR" placeholder:"HOST:PORT"`
	ClientHeader string        `help:"Header in which your own proxy says who asks." env:"UNDERSIGNED_CLIENT_HEADER" placeholder:"NAME"`
	CountEvery   time.Duration `help:"How often the published number moves, at most 1m; by default ${default}. Give the same to each part." env:"UNDERSIGNED_COUNT_EVERY" default:"10s" placeholder:"TIME"`
	DiskFloor    uint64        `help:"With less room than this on the disk, in MiB beside the database's log, forms are refused." env:"UNDERSIGNED_DISK_FLOOR" default:"64" placeholder:"MIB"`
	operateFlags
}

func (c *serveCommand) Run(ctx context.Context, std streams) error {
	w := whichParts(c.Part)
	w.floor = c.DiskFloor << 20
	log := c.logger(std.err)
	if c.CountEvery < 100*time.Millisecond || c.CountEvery > time.Minute { // people read that it moves in about a minute
		return hinted{fmt.Errorf("the number cannot move every %v", c.CountEvery), "give a time of at most a minute, such as --count-every 10s; longer tells less about who signed when"}
	}
	l := c.listeners(w)
	site, err := loadConfig(c.Data)
	if err != nil {
		return err
	}
	if err := c.check(l, c.ClientHeader, site); err != nil {
		return err
	}
	if c.Part == "post" && !site.Post.on() {
		return noPost(c.Data)
	}
	if err := refuseExposed(c.Data, site, w); err != nil {
		return err
	}
	if l.certificates, err = c.certificates(c.Data, l, site); err != nil {
		return err
	}
	config := web.Config{DeskURL: c.deskURL(w, site), ClientHeader: c.ClientHeader, Apart: w.public && !w.steward, BackupDays: site.Backup.promised(), Returns: site.Post.on(),
		CountEvery: c.CountEvery, BackedUp: func() bool { return backedUp(c.Data) }}
	var copied copyError
	p, err := openParts(ctx, c.Data, w, log, store.Options{}, func(config *steward.Config) { config.CountEvery = c.CountEvery })
	for errors.As(err, &copied) {
		log.Warn("this site takes no forms and sends no mail until its epoch is raised", "why", copied.why, "do", hintFor(err))
		if err := c.serveCopy(ctx, log, l, config, std); !errors.Is(err, errRaised) {
			return err
		}
		log.Info("the epoch was raised; this is the live site")
		p, err = openParts(ctx, c.Data, w, log, store.Options{}, func(config *steward.Config) { config.CountEvery = c.CountEvery })
	}
	if err != nil {
		return err
	}
	log.Info("undersigned begins", "version", version, "part", c.Part)
	defer log.Info("undersigned ends", "part", c.Part)
	return p.serve(l, std.out, config)
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
	l := listeners{dir: c.Data, ops: c.OpsAddr, post: w.post, postAddr: c.PostAddr}
	if c.TLS == "autocert" {
		l.redirect = c.HTTPAddr
	}
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

type listeners struct {
	public, desk string
	redirect     string // sends plain HTTP on to https
	ops          string // the private port
	post         bool   // mails that come back are taken in, if site.toml says where
	postAddr     string // where instead
	dir          string // the site's folder
	certificates *ops.Certificates
}

// These trade time for memory, because a small machine is where we live. A site that has
// read little holds about 15 MB, and may let twice that gather before it looks for what can
// be freed; one whose page cache is full looks sooner, so as to stay about memoryGoal
// bytes. At 50 percent a quarter of the processor's time went into looking; at 300 the
// whole process had 151 MB after five million signatures.
const (
	gcPercent  = 200
	memoryGoal = 112 << 20
)

// serve runs the opened parts until their context ends, then ends them in order: no new
// requests, the letters that wait are written, the rest closes.
func (p *parts) serve(l listeners, out io.Writer, config web.Config) (err error) {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryGoal)
	defer func() {
		if !diskFailed(err) {
			err = errors.Join(err, p.close())
		}
	}()
	pages, err := p.pages(l, config)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	servers, err := p.listenAll(l, out, pages, &running)
	if err != nil {
		return err
	}
	endPost := func() {}
	if l.post && p.config.Post.on() {
		if endPost, err = p.servePost(l.postAddr, out); err != nil {
			return err
		}
		defer endPost()
	}
	port := p.opsPort(pages, l.dir)
	// Not among the servers that end first: it says until the end that this process is ending.
	if l.ops != "" {
		server, err := p.listen(l.ops, port.Server(), nil, new(sync.WaitGroup))
		if err != nil {
			return err
		}
		defer server.Close()
		fmt.Fprintf(out, "health and metrics are at http://%s/metrics\n", server.addr)
	}
	var trail *follower
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
		go p.watch(stewardCtx, isPublic(p.config, l))
		trail = p.follow(stewardCtx)
	} else {
		close(stewardDone)
	}

	manager := ops.FromEnvironment(os.Getenv)
	if err := manager.Tell("READY=1\nSTATUS=at work"); err != nil {
		p.log.Warn("systemd was not told that we are ready", "error", err)
	}
	go manager.Watch(p.ctx, func(ctx context.Context) error { _, err := p.db.Site(ctx); return err })

	<-p.ctx.Done()
	port.Drain()
	manager.Tell("STOPPING=1\nSTATUS=ending: no new forms, what was taken is written")
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
	endPost()
	running.Wait()
	// Only now: a request that was taken before the end still wants its letter written.
	p.closeBox()
	p.closePool()
	<-stewardDone
	trail.end()
	if !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// pages prepares what is served to people; nil: nothing is.
func (p *parts) pages(l listeners, config web.Config) (pages *web.Server, err error) {
	if l.public == "" && l.desk == "" {
		return nil, nil
	}
	config.Public, config.Box, config.URL, config.From, config.ReplyTo, config.Log = p.db.Public(), p.box, p.config.URL, p.config.Mail.From, p.config.Mail.ReplyTo, p.log
	if p.desk {
		config.Desk = desk.New(p.db.Desk())
		if config.SignOn, err = p.config.signOn(l.dir, cmp.Or(config.DeskURL, config.URL), p.db.Now); err != nil {
			return nil, err
		}
	}
	return web.New(config)
}

// listenAll begins to serve pages at each address for them, and says where.
func (p *parts) listenAll(l listeners, out io.Writer, pages *web.Server, running *sync.WaitGroup) (servers []*http.Server, err error) {
	listen := func(addr string, handler http.Handler, certificates *ops.Certificates, begin, end string) {
		if err != nil {
			return
		}
		var server listening
		if server, err = p.listen(addr, web.NewHTTPServer(handler), certificates, running); err != nil {
			return
		}
		servers = append(servers, server.Server)
		if begin != "" {
			fmt.Fprintf(out, "%s%s%s\n", begin, server.addr, end)
		}
	}
	if l.public != "" {
		listen(l.public, pages.Handler(), l.certificates, bench.ListeningLine, "")
	}
	if l.desk != "" {
		listen(l.desk, pages.DeskHandler(), l.certificates, "staff pages are at http://", "/staff")
	}
	if l.redirect != "" && l.certificates != nil {
		listen(l.redirect, l.certificates.Redirect(p.config.URL), nil, "", "")
	}
	return servers, err
}

type listening struct {
	*http.Server
	addr net.Addr
}

// listenHint says what to do where a program cannot listen.
func listenHint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program has the port; stop it, or choose another one"
	case errors.Is(err, os.ErrPermission):
		return "ports below 1024 are not for everybody; choose a higher one, and let a proxy lead to it"
	}
	return "give an address of this machine and a port, such as --addr 127.0.0.1:8080"
}

// listen starts one HTTP server, with TLS where there are certificates.
func (p *parts) listen(addr string, server *http.Server, certificates *ops.Certificates, running *sync.WaitGroup) (listening, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return listening{}, hinted{fmt.Errorf("listen at %s: %w", addr, err), listenHint(err)}
	}
	serve := server.Serve
	if certificates != nil {
		server.TLSConfig = certificates.TLS()
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	running.Go(func() {
		if err := serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			p.stop(fmt.Errorf("serve pages: %w", err))
		}
	})
	return listening{server, listener.Addr()}, nil
}
