package main

import (
	"context"
	"fmt"
	"os"

	"undersigned/verify"
)

type verifyReceiptCommand struct {
	File    string   `arg:"" help:"File with the receipt, or with the mail that it stands in." type:"path"`
	Site    string   `help:"Check it against the site, too: nothing was changed or left out since. Reads the keys there." placeholder:"URL" env:"UNDERSIGNED_VERIFY_SITE"`
	Key     []string `help:"Without the site: a key of its ledger, as its page /ledger/keys gave it; may be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_KEY"`
	Witness []string `help:"Key of a witness; it is said whether it has confirmed the head in the receipt. May be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_WITNESS"`
}

func (c *verifyReceiptCommand) Help() string {
	return "A receipt shows that a signature was written into the public record. It does not say whose it is, and not whether it still counts: of somebody who left it says the same."
}

func (c *verifyReceiptCommand) Run(ctx context.Context, std streams) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return hinted{fmt.Errorf("read the receipt: %w", err), "put the receipt, or the whole mail, into a file and name it"}
	}
	r, err := verify.ParseReceipt(text)
	if err != nil {
		return err
	}
	if err := r.Confirm(c.Witness); err != nil {
		return hinted{err, "ask the witness for its key, or read it on its page"}
	}
	keys := c.Key
	if c.Site == "" && len(keys) == 0 {
		return hinted{fmt.Errorf("the receipt is of the log %s, and nobody says which keys are its own", r.Site), "add --site with the site's address, or --key with a line that you kept of its page /ledger/keys"}
	}
	if len(keys) == 0 {
		if keys, err = readLedgerKeys(ctx, c.Site); err != nil {
			return hinted{err, "give the address of a site as a browser shows it, and look whether the site answers"}
		}
	}
	if !r.Signed(keys) {
		return hinted{fmt.Errorf("%w: no key of its log that is known here signed it", verify.ErrReceipt), "look whether the site and the keys are those of the receipt"}
	}
	fmt.Fprintf(std.out, "It holds: line %d of %d in the public record of petition %d, in the log %s when that had %d entries.\n", r.Index+1, r.Leaves, r.Petition, r.Site, r.Entries)
	if line := witnessLine(r.Witnesses); line != "" {
		fmt.Fprintln(std.out, line)
	}
	if c.Site == "" {
		return nil
	}
	report, err := verify.Verify(ctx, verify.Config{URL: c.Site, Receipt: r})
	if err != nil {
		return hinted{err, "the receipt holds; give the address of the site as a browser shows it, and look whether it answers"}
	}
	for _, fault := range report.Faults {
		fmt.Fprintln(std.out, fault)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(std.err, "%d faults: this site does not keep what it said.\nhint: keep the receipt and what you see; ask the site, and let somebody else run this, too\n", len(report.Faults))
		return errFaults
	}
	fmt.Fprintln(std.out, "The site has kept that line, and everything before and after it agrees.")
	return nil
}
