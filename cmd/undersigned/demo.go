package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/demo"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// demoCountEvery is short: a visitor waits for the number.
const demoCountEvery = 2 * time.Second

type demoCommand struct {
	Addr string `help:"Where it listens, an address of this machine; by default ${default}." default:"127.0.0.1:8080" env:"UNDERSIGNED_ADDR" placeholder:"HOST:PORT"`
	Keep string `help:"Make the site in this new folder and keep it. By default it is made in a fresh folder and removed in the end." env:"UNDERSIGNED_DEMO_KEEP" type:"path" placeholder:"DIR"`
}

func (c *demoCommand) Run(ctx context.Context, std streams) error {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return hinted{fmt.Errorf("read the address %q: %w", c.Addr, err), "give it as: --addr 127.0.0.1:8080"}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return hinted{fmt.Errorf("the demo does not listen at %s: it shows everybody's mail", c.Addr), "use an address of this machine, such as 127.0.0.1:8080"}
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return hinted{fmt.Errorf("listen at %s: %w", c.Addr, err), "another program may have the port; choose another one with: undersigned demo --addr 127.0.0.1:8081"}
	}
	addr := listener.Addr().String()
	listener.Close() // it was free; serve opens it again when the site is ready

	dir := c.Keep
	if dir == "" {
		temporary, err := os.MkdirTemp("", "undersigned-demo-")
		if err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
		defer os.RemoveAll(temporary)
		dir = filepath.Join(temporary, "site")
	}
	caught, err := catcher.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer caught.Close()
	fmt.Fprintln(std.out, "Making a site with sample petitions, and people who sign them by mail…")
	if err := makeSite(ctx, dir, "http://"+addr, caught.URL(), "Sample petitions <no-reply@demo.example>", demo.Body()); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := openParts(ctx, dir, whichParts("all"), log, store.Options{}, func(config *steward.Config) {
		config.CountEvery = demoCountEvery
	})
	if err != nil {
		return err
	}
	look, err := view.New(view.Config{})
	if err != nil {
		p.close()
		return err
	}
	filling, filled := context.WithCancel(p.ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- p.steward.Run(filling) }()
	site := demo.Site{DB: p.db, Box: p.box, Steward: p.steward, Mail: caught}
	err = site.Fill(ctx)
	filled()
	<-stopped // serve runs it again
	if err == nil {
		err = errors.Join(p.steward.Drain(ctx), p.steward.FollowActs(ctx), p.steward.Chores(ctx), p.steward.SendMail(ctx), p.steward.SendMailings(ctx), p.steward.Count(ctx))
		// What is on the mail page from here on is what the visitor did.
		caught.Clear()
	}
	if err != nil {
		p.close()
		return err
	}
	fmt.Fprintf(std.out, `
The demo is running. Open:

  http://%[1]s/            the petitions: read one and sign it with any made-up address
  http://%[1]s/demo/mail   every email the site sends: open the link in yours
  http://%[1]s/staff       the desk: sign in as %[2]s
                                  or %[3]s, and read the email

Nothing leaves this machine. End it with Ctrl-C; the site is removed then.
`, addr, demo.Moderator, demo.Administrator)
	return p.serve(listeners{public: addr}, std.out, web.Config{Demo: true, CountEvery: demoCountEvery, DemoMail: demo.MailPage(caught, look.Asset("app.css"), look.Asset("mark.svg"))})
}
