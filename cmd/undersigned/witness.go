package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"undersigned/internal/bench"
	"undersigned/internal/ops"
	"undersigned/verify"
	"undersigned/witness"
)

// witnessCommand is a program of its own: it is for somebody else than who runs a site, on
// another machine, and knows nothing of sites but what everybody may read.
type witnessCommand struct {
	Serve  witnessServeCommand  `cmd:"" default:"withargs" help:"Answer the sites that ask to have their heads confirmed."`
	Init   witnessInitCommand   `cmd:"" help:"Make a witness: a new folder, and its key."`
	Follow witnessFollowCommand `cmd:"" help:"Follow a site's ledger, or take up a new key of one."`
}

// witnessFlag is the folder of a witness.
type witnessFlag struct {
	Data string `help:"Folder of the witness. Never put an older copy of it back." env:"UNDERSIGNED_WITNESS_DATA" required:"" type:"path" placeholder:"DIR"`
}

type witnessInitCommand struct {
	witnessFlag
	Name string `help:"Name of this witness: an address without its scheme, such as witness.example.org." env:"UNDERSIGNED_WITNESS_NAME" required:"" placeholder:"NAME"`
}

func (c *witnessInitCommand) Run(std streams) error {
	key, err := witness.Create(c.Data, c.Name)
	switch {
	case errors.Is(err, witness.ErrExists):
		return hinted{err, "name a new folder; a key that was lost is not made again under the same name"}
	case errors.Is(err, verify.ErrWitnessKey):
		return hinted{fmt.Errorf("%q cannot be the name of a witness", c.Name), "choose one without spaces and plus signs, such as witness.example.org"}
	case err != nil:
		return fmt.Errorf("make a witness: %w", err)
	}
	fmt.Fprintf(std.out, "The witness is in %s. Give this key to the sites that you follow, and publish it where people know you:\n\n%s\n\nThen follow a site with: undersigned witness follow --data %s URL\n", c.Data, key, c.Data)
	return nil
}

type witnessFollowCommand struct {
	witnessFlag
	URL string   `arg:"" optional:"" help:"Address of the site: https://petitions.example.org"`
	Key []string `help:"Instead: a key of the log, NAME+8 digits+base64. May be given several times." placeholder:"KEY" env:"UNDERSIGNED_WITNESS_KEY"`
}

func (c *witnessFollowCommand) Run(ctx context.Context, std streams) error {
	keys := c.Key
	if c.URL == "" == (len(keys) == 0) {
		return hinted{errors.New("a site's address or keys are needed, and not both"), "undersigned witness follow --data DIR https://petitions.example.org"}
	}
	if c.URL != "" {
		var err error
		if keys, err = readLedgerKeys(ctx, c.URL); err != nil {
			return hinted{err, "give the address of a site as a browser shows it, and look whether the site answers"}
		}
	}
	origin, _, _ := strings.Cut(keys[0], "+")
	if err := witness.Follow(c.Data, origin, keys); errors.Is(err, witness.ErrNoWitness) {
		return hinted{err, "make one with: undersigned witness init --data DIR --name NAME"}
	} else if err != nil {
		return hinted{err, "all keys must be of one log, as its page /ledger/keys gives them"}
	}
	fmt.Fprintf(std.out, "The log %s is followed. Heads are taken from whoever has one of these keys; ask the site in another way whether they are its own:\n\n%s\n", origin, strings.Join(keys, "\n"))
	return nil
}

// readLedgerKeys reads the keys that a site says it signs with.
func readLedgerKeys(ctx context.Context, site string) ([]string, error) {
	u, err := siteURL(site)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" && !ops.Loopback(net.JoinHostPort(u.Hostname(), "80")) {
		return nil, fmt.Errorf("keys are not read from %s without TLS", u.Host)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(site, "/")+"/ledger/keys", nil)
	if err != nil {
		return nil, err
	}
	answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return nil, fmt.Errorf("read the keys of the site: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the keys of the site: it answers %s", answer.Status)
	}
	keys := strings.Fields(string(text))
	if len(keys) == 0 {
		return nil, errors.New("the site names no key")
	}
	return keys, nil
}

type witnessServeCommand struct {
	witnessFlag
	Addr string `help:"Where sites reach this witness; by default ${default}. Put a proxy with TLS in front." env:"UNDERSIGNED_WITNESS_ADDR" default:"127.0.0.1:8090" placeholder:"HOST:PORT"`
}

func (c *witnessServeCommand) Help() string {
	return "It confirms a head only if the ledger grew from the last head that it confirmed, and so never two histories of one site. It needs no account, reads nothing of signers, and asks nobody. docs/operate/witness.md says how a newspaper or a university runs one."
}

func (c *witnessServeCommand) Run(ctx context.Context, std streams) error {
	log := slog.New(slog.NewTextHandler(std.err, nil))
	w, err := witness.Open(c.Data, time.Now)
	switch {
	case errors.Is(err, witness.ErrNoWitness):
		return hinted{err, "make one with: undersigned witness init --data DIR --name NAME"}
	case errors.Is(err, witness.ErrBusy):
		return hinted{err, "end the other one first; a witness with two memories would be none"}
	case err != nil:
		return hinted{fmt.Errorf("open the witness: %w", err), "look at the modes of the folder, which nobody else may read; a witness whose key or memory is lost is begun anew, with a new key"}
	}
	defer w.Close()
	w.Fork = func(origin, file string) {
		log.Error("a log asked to have a head confirmed that does not follow from the last one", "log", origin, "kept", file)
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return hinted{fmt.Errorf("listen at %s: %w", c.Addr, err), listenHint(err)}
	}
	server := witness.NewServer(w.Handler(log))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(std.out, "%s%s\nits key is %s\n", bench.ListeningLine, listener.Addr(), w.Key())
	select {
	case err := <-ended:
		return fmt.Errorf("serve the witness: %w", err)
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}
