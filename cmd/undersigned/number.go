package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"undersigned/verify"
)

type verifyNumberCommand struct {
	File    string   `arg:"" help:"File with the proof, as the page of the number gave it." type:"path"`
	Site    string   `help:"Read the keys of its ledger from the site." placeholder:"URL" env:"UNDERSIGNED_VERIFY_SITE"`
	Key     []string `help:"Without the site: a key of its ledger, as its page /ledger/keys gave it; may be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_KEY"`
	Witness []string `help:"Key of a witness; it is said whether it has confirmed the head in the proof. May be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_WITNESS"`
}

func (c *verifyNumberCommand) Help() string {
	return "The file shows what the public record said of a petition's number at some time: how many had confirmed by email, less those who left. It needs no site, only a key that you know to be its ledger's."
}

func (c *verifyNumberCommand) Run(ctx context.Context, std streams) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return hinted{fmt.Errorf("read the proof: %w", err), "open the page of the number, get the proof and name the file"}
	}
	n, err := verify.ParseNumber(text)
	if err != nil {
		return err
	}
	if err := n.Confirm(c.Witness); err != nil {
		return hinted{err, "ask the witness for its key, or read it on its page"}
	}
	keys := c.Key
	if c.Site == "" && len(keys) == 0 {
		return hinted{fmt.Errorf("the proof is of the log %s, and nobody says which keys are its own", n.Site), "add --site with the site's address, or --key with a line that you kept of its page /ledger/keys"}
	}
	if len(keys) == 0 {
		if keys, err = readLedgerKeys(ctx, c.Site); err != nil {
			return hinted{err, "give the address of a site as a browser shows it, and look whether the site answers"}
		}
	}
	if !n.Signed(keys) {
		return hinted{fmt.Errorf("%w: no key of its log that is known here signed it", verify.ErrReceipt), "look whether the site and the keys are those of the proof"}
	}
	fmt.Fprintf(std.out, "It holds: at %s petition %d had %d signatures confirmed by email, as line %d of the log %s says.\n",
		n.At.UTC().Format(time.RFC3339), n.Petition, n.Confirmed, n.Entry, n.Site)
	if line := witnessLine(n.Witnesses); line != "" {
		fmt.Fprintln(std.out, line)
	}
	return nil
}
