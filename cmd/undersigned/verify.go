package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"undersigned/verify"
)

type verifyCommand struct {
	Site    verifySiteCommand    `cmd:"" default:"withargs" help:"Check a site: count again, and see that its public ledger was never changed."`
	Receipt verifyReceiptCommand `cmd:"" help:"Check a receipt that a signer was mailed."`
	Number  verifyNumberCommand  `cmd:"" help:"Check the proof of a number that somebody cites."`
	Entry   verifyEntryCommand   `cmd:"" help:"Check the proof of a line of the public record."`
}

type verifySiteCommand struct {
	URL      string   `arg:"" help:"Address of the site: https://petitions.example.org"`
	Petition []int64  `help:"Check this petition alone; may be given several times." placeholder:"N" env:"UNDERSIGNED_VERIFY_PETITION"`
	Since    string   `help:"File with the checkpoint that was seen before. It is made where there is none, and brought up to date when all is well." type:"path" placeholder:"FILE" env:"UNDERSIGNED_VERIFY_SINCE"`
	Witness  []string `help:"Key of a witness that must have confirmed what the site shows, as the witness itself publishes it; may be given several times." placeholder:"KEY" env:"UNDERSIGNED_VERIFY_WITNESS"`
	Demand   int      `help:"With --witness: how many of them must have; by default all." placeholder:"M" env:"UNDERSIGNED_VERIFY_DEMAND"`
	JSON     bool     `help:"Write the report as JSON." env:"UNDERSIGNED_VERIFY_JSON"`
}

func (c *verifySiteCommand) Help() string {
	return "Reads what anybody may read: the site's ledger, its pages and its data. It needs no folder, no account and no key. With --since it also shows that nothing was changed or left out since you looked last; keep that file, and run this from more than one place."
}

func (c *verifySiteCommand) Run(ctx context.Context, std streams) error {
	config := verify.Config{URL: c.URL, Petitions: c.Petition, Witnesses: c.Witness, Demand: c.Demand}
	for _, key := range c.Witness {
		if _, err := verify.NewWitnessVerifier(key); err != nil {
			return hinted{fmt.Errorf("%q: %w", key, err), "ask the witness for its key, or read it on its page"}
		}
	}
	if c.Demand < 0 || c.Demand > len(c.Witness) {
		return hinted{fmt.Errorf("%d of %d witnesses cannot have confirmed anything", c.Demand, len(c.Witness)), "name them with --witness KEY"}
	}
	if c.Since != "" {
		seen, err := os.ReadFile(c.Since)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return hinted{fmt.Errorf("read the checkpoint that was seen before: %w", err), "name a file that this command wrote, or one that is not there yet"}
		}
		config.Since = seen
	}
	if isTerminal(std.err) {
		bar := progressbar.Default(1, "reading")
		defer bar.Close()
		config.Progress = func(done, total int64) {
			bar.ChangeMax64(total)
			bar.Set64(done)
		}
	}
	report, err := verify.Verify(ctx, config)
	if err != nil {
		return hinted{err, "give the address of a site as a browser shows it, and look whether the site answers; nothing is known about it now"}
	}
	if c.JSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else {
		printReport(std, report)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(std.err, "%d faults: this site does not keep what it says.\nhint: keep what you see, and your checkpoint file as it is; ask the site, and let somebody else run this, too\n", len(report.Faults))
		return errFaults
	}
	if c.Since == "" {
		return nil
	}
	if err := keepCheckpoint(c.Since, report.Checkpoint); err != nil {
		return hinted{fmt.Errorf("keep the checkpoint: %w", err), "the site was checked and is well; give --since a file that you may write"}
	}
	return nil
}

// keepCheckpoint writes a checkpoint so that the file is never half of one.
func keepCheckpoint(path, checkpoint string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".checkpoint-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(checkpoint)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// witnessLine says who has confirmed the head that was read; "": there are no witnesses.
func witnessLine(all []verify.Witness) string {
	var by, silent []string
	for _, one := range all {
		name := one.Name
		if one.Given {
			name += " (named by you)"
		}
		if one.Confirmed.IsZero() {
			silent = append(silent, name)
		} else {
			by = append(by, name)
		}
	}
	if len(all) == 0 {
		return ""
	}
	line := fmt.Sprintf("%d of %d witnesses have confirmed this head", len(by), len(all))
	if len(by) > 0 {
		line += ": " + strings.Join(by, ", ")
	}
	if len(silent) > 0 {
		line += "; not " + strings.Join(silent, ", ")
	}
	return line + "."
}

func printReport(std streams, r verify.Report) {
	for _, p := range r.Petitions {
		rounded := ""
		if p.Protected {
			rounded = ", shown in whole tens"
		}
		fmt.Fprintf(std.out, "petition %d: %d leaves: %d signatures, %d who left or were removed; the site says %d%s. %d heads, %d mailings",
			p.Number, p.Leaves, p.Signatures, p.Left, p.Published, rounded, p.Heads, p.Mailings)
		if p.Corrected > 0 {
			fmt.Fprintf(std.out, ", %d names put right", p.Corrected)
		}
		if p.Imported > 0 || p.Paper > 0 {
			fmt.Fprintf(std.out, ", and %d counted elsewhere, %d on paper", p.Imported, p.Paper)
		}
		if p.Disclosures > 0 {
			fmt.Fprintf(std.out, ", %d disclosures", p.Disclosures)
		}
		if p.KeysGone {
			fmt.Fprint(std.out, ", keys destroyed")
		}
		fmt.Fprintln(std.out, ".")
	}
	if line := witnessLine(r.Witnesses); line != "" {
		fmt.Fprintln(std.out, line)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(std.out, note)
	}
	for _, fault := range r.Faults {
		fmt.Fprintln(std.out, fault)
	}
	if len(r.Faults) > 0 {
		return
	}
	fmt.Fprintf(std.out, "Everything agrees: %d entries of the log %s, %d petitions counted again, %d mailings, %d disclosures, %d keys made and %d destroyed", r.Entries, r.Origin, len(r.Petitions), r.Mailings, r.Disclosures, r.KeysMade, r.KeysGone)
	if r.Seen > 0 {
		fmt.Fprintf(std.out, "; the %d entries that were seen before are the same", r.Seen)
	}
	fmt.Fprintln(std.out, ".")
}
