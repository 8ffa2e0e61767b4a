package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/mail/sink"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

type benchCommand struct {
	Seconds     int           `help:"Seconds for each load." default:"10" env:"UNDERSIGNED_BENCH_SECONDS"`
	Whole       int           `help:"Seconds for the whole way." default:"60" env:"UNDERSIGNED_BENCH_WHOLE"`
	Clients     int           `help:"Clients at once." default:"64" env:"UNDERSIGNED_BENCH_CLIENTS"`
	Rows        int           `help:"Measure the whole way again with this many signatures stored; 5000000 takes some minutes." env:"UNDERSIGNED_BENCH_ROWS"`
	Mailing     int           `help:"Measure a mailing to this many signers instead, and one that is killed on the way." env:"UNDERSIGNED_BENCH_MAILING"`
	AckDelay    time.Duration `help:"How long the sink waits before it acknowledges a mail of a mailing." default:"5ms" env:"UNDERSIGNED_BENCH_ACK_DELAY"`
	Connections int           `help:"Connections to the sink in a mailing." default:"160" env:"UNDERSIGNED_BENCH_CONNECTIONS"`
	JSON        bool          `help:"Print JSON instead of a table." env:"UNDERSIGNED_BENCH_JSON"`
}

func (c *benchCommand) Run(ctx context.Context, std streams) error {
	if c.Seconds < 1 || c.Whole < 1 || c.Clients < 1 || c.Rows < 0 || c.Mailing < 0 {
		return hinted{errors.New("there is nothing to measure"), "give at least 1 for --seconds, --whole and --clients, and no negative --rows or --mailing"}
	}
	if c.Connections < 1 || c.Connections > mostConnections || c.AckDelay < 0 {
		return hinted{errors.New("no mail would go out"), fmt.Sprintf("give 1 to %d for --connections, and no negative --ack-delay", mostConnections)}
	}
	dir, err := os.MkdirTemp("", "undersigned-bench-")
	if err != nil {
		return fmt.Errorf("make a folder for the measurement: %w", err)
	}
	defer os.RemoveAll(dir)
	measure := c.measure
	if c.Mailing > 0 {
		measure = c.measureMailing
	}
	rows, err := measure(ctx, filepath.Join(dir, "site"), std)
	if c.JSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		if encodeErr := encoder.Encode(rows); err == nil {
			err = encodeErr
		}
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "work\tmeasured\ttarget\tof target\tp50 ms\tp99 ms\trefused\t")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%.0f %s\t%.0f\t%.0f %%\t%.1f\t%.1f\t%d\t%s\n", row.Work, row.Value, row.Unit, row.Target, 100*row.Share(), row.P50, row.P99, row.Refused, row.Comment)
	}
	table.Flush()
	return err
}

func (c *benchCommand) measure(ctx context.Context, dir string, std streams) ([]bench.Row, error) {
	links := bench.NewLinks()
	relay, err := sink.Start("127.0.0.1:0", sink.Options{Each: links.Take})
	if err != nil {
		return nil, err
	}
	defer relay.Close()
	body := benchBody()
	server, petition, err := makeBenchSite(ctx, dir, relay.URL(), body)
	if err != nil {
		return nil, err
	}
	wording, err := view.FormWording(body)
	if err != nil {
		return nil, err
	}
	return bench.Run(ctx, bench.Options{
		Dir: dir, Server: server, Links: links, Petition: petition.ID, Version: petition.Version, Wording: wording,
		For: time.Duration(c.Seconds) * time.Second, Whole: time.Duration(c.Whole) * time.Second, Clients: c.Clients, Rows: c.Rows, Log: std.err,
	})
}

func (c *benchCommand) measureMailing(ctx context.Context, dir string, std streams) ([]bench.Row, error) {
	inbox := bench.NewInbox(c.Mailing)
	relay, err := sink.Start("127.0.0.1:0", sink.Options{Each: inbox.Take, Delay: c.AckDelay})
	if err != nil {
		return nil, err
	}
	defer relay.Close()
	server, petition, err := makeBenchSite(ctx, dir, relay.URL(), benchBody())
	if err != nil {
		return nil, err
	}
	if err := setConnections(dir, c.Connections); err != nil {
		return nil, err
	}
	return bench.Mailing(ctx, bench.MailingOptions{
		Dir: dir, Server: server, Inbox: inbox, Petition: petition.ID, Version: petition.Version, People: c.Mailing, Log: std.err,
	})
}

// setConnections changes the configuration of a site that was just made.
func setConnections(dir string, n int) error {
	path := filepath.Join(dir, configName)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("set the number of connections: %w", err)
	}
	set := strings.Replace(string(text), "\nconnections = 0\n", fmt.Sprintf("\nconnections = %d\n", n), 1)
	if err := os.WriteFile(path, []byte(set), 0o600); err != nil {
		return fmt.Errorf("set the number of connections: %w", err)
	}
	return nil
}

func benchBody() undersigned.Body {
	body := undersigned.DefaultBody()
	body.Name, body.Short, body.SiteName, body.Controller.Name = "The council", "the council", "Petitions", "The petitions trust"
	return body
}

// freeHost finds a free port of loopback. The site's address must name it beforehand.
func freeHost() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// makeBenchSite makes a site with one open petition, and a server for it that does not run.
func makeBenchSite(ctx context.Context, dir, smtp string, body undersigned.Body) (*bench.Server, undersigned.Petition, error) {
	p := undersigned.Petition{
		BodyID: 1, State: undersigned.Open, Kind: undersigned.Ordinary, Language: body.Language, Title: "Keep the library open on Saturdays",
		Background: "It is the only warm room in town that is free, and more people come every week.",
		Details:    "The council plans to close it on Saturdays from spring. Most of us work on the other days.",
		CreatedAt:  time.Now(), OpenedAt: time.Now(), ClosesAt: time.Now().AddDate(0, 0, 90),
	}
	p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	host, err := freeHost()
	if err != nil {
		return nil, p, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, p, fmt.Errorf("find this program: %w", err)
	}
	server := &bench.Server{Program: program, Dir: dir, Host: host}
	if err := makeSite(ctx, dir, "http://"+host, smtp, "Petitions <no-reply@petitions.example.org>", body); err != nil {
		return nil, p, err
	}
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return nil, p, err
	}
	defer db.Close()
	return server, p, db.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.AddPetition(&p) })
}
