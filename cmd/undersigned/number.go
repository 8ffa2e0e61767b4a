package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"undersigned/verify"
)

// proofFlags are what a file with a proof is checked by.
type proofFlags struct {
	File    string   `arg:"" help:"File with the proof, as the site gave it." type:"path"`
	Site    string   `help:"Read the keys of its ledger from the site." placeholder:"URL" env:"UNDERSIGNED_VERIFY_SITE"`
	Key     []string `help:"Without the site: a key of its ledger, as its page /ledger/keys gave it; may be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_KEY"`
	Witness []string `help:"Key of a witness; it is said whether it has confirmed the head in the proof. May be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_WITNESS"`
}

func (c *proofFlags) read() ([]byte, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, hinted{fmt.Errorf("read the proof: %w", err), "get the proof from the page that leads to it, and name the file"}
	}
	return text, nil
}

// check sees that the keys of its log signed a proof, and looks who has confirmed it.
func (c *proofFlags) check(ctx context.Context, log string, proof interface {
	Confirm(keys []string) error
	Signed(keys []string) bool
}) error {
	if err := proof.Confirm(c.Witness); err != nil {
		return hinted{err, "ask the witness for its key, or read it on its page"}
	}
	keys := c.Key
	if c.Site == "" && len(keys) == 0 {
		return hinted{fmt.Errorf("the proof is of the log %s, and nobody says which keys are its own", log), "add --site with the site's address, or --key with a line that you kept of its page /ledger/keys"}
	}
	if len(keys) == 0 {
		var err error
		if keys, err = readLedgerKeys(ctx, c.Site); err != nil {
			return hinted{err, "give the address of a site as a browser shows it, and look whether the site answers"}
		}
	}
	if !proof.Signed(keys) {
		return hinted{fmt.Errorf("%w: no key of its log that is known here signed it", verify.ErrReceipt), "look whether the site and the keys are those of the proof"}
	}
	return nil
}

type verifyNumberCommand struct {
	proofFlags
}

func (c *verifyNumberCommand) Help() string {
	return "The file shows what the public record said of a petition's number at some time: how many had confirmed by email, less those who left. It needs no site, only a key that you know to be its ledger's."
}

func (c *verifyNumberCommand) Run(ctx context.Context, std streams) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	n, err := verify.ParseNumber(text)
	if err != nil {
		return err
	}
	if err := c.check(ctx, n.Site, n); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "It holds: at %s petition %d had %d signatures confirmed by email, as line %d of the log %s says.\n",
		n.At.UTC().Format(time.RFC3339), n.Petition, n.Confirmed, n.Entry, n.Site)
	std.witnesses(n.Witnesses)
	return nil
}

type verifyEntryCommand struct {
	proofFlags
}

func (c *verifyEntryCommand) Help() string {
	return "The file shows that the public record has a line, such as the one that told of an email or of data that was handed over before it was done. It needs no site, only a key that you know to be its ledger's. It does not say whom the line was about."
}

func (c *verifyEntryCommand) Run(ctx context.Context, std streams) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	e, err := verify.ParseEntry(text)
	if err != nil {
		return err
	}
	if err := c.check(ctx, e.Site, e); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "It holds: line %d of the log %s says, at %s: %s.\n", e.Entry, e.Site, e.At.UTC().Format(time.RFC3339), e.Says)
	std.witnesses(e.Witnesses)
	return nil
}

func (std streams) witnesses(all []verify.Witness) {
	if line := witnessLine(all); line != "" {
		fmt.Fprintln(std.out, line)
	}
}
