package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

type setupCommand struct {
	dataFlag
	Name    string `help:"The name colleagues see. By default the part of the address before the @." env:"UNDERSIGNED_STAFF_NAME"`
	Address string `arg:"" optional:"" help:"Mail address of the first administrator; not needed where there is one."`
}

// Run makes the first administrator where there is none: that needs the key store, which
// pages do not reach. See docs/decisions/0015-setup.md.
func (c *setupCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	staff, err := p.db.Desk().FirstAdministrator(ctx)
	switch {
	case err == nil && c.Address != "":
		return hinted{fmt.Errorf("%s is an administrator here already", staff.Name), "leave the address out; more people are added on the staff page, or with: undersigned staff add"}
	case errors.Is(err, undersigned.ErrNotFound):
		if err := c.addFirst(ctx, p); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	secret, err := desk.New(p.db.Desk()).BeginSetup(ctx)
	switch {
	case errors.Is(err, desk.ErrOpen):
		return hinted{errors.New("this site is open to the public already"), "change its settings on the staff pages, at /staff/settings"}
	case errors.Is(err, undersigned.ErrNotFound):
		return hinted{errors.New("nobody here is an administrator yet"), "somebody was asked to approve the first one: look with undersigned staff list"}
	case err != nil:
		return err
	}
	base := p.config.URL
	if p.config.DeskURL != "" {
		base = p.config.DeskURL
	}
	fmt.Fprintf(std.out, `Open this address in a browser. It works once, for one hour, and only while undersigned serve runs:

  %s%s/%s

Until then people see that the site is not ready.
`, base, view.PathSetup, base64.RawURLEncoding.EncodeToString(secret[:]))
	return nil
}

func (c *setupCommand) addFirst(ctx context.Context, p *parts) error {
	if c.Address == "" {
		return hinted{errors.New("nobody here is an administrator yet"), "give the mail address of the first: undersigned setup --data " + c.Data + " you@example.org"}
	}
	name := c.Name
	if name == "" {
		name = undersigned.LocalName(c.Address)
	}
	if err := undersigned.CheckName(name); err != nil {
		return hinted{fmt.Errorf("the name cannot be used: %w", err), "give another with --name"}
	}
	if _, err := p.steward.AddStaff(ctx, name, c.Address, undersigned.Administrator); err != nil {
		return hinted{err, "check the address; quote it if it holds special characters"}
	}
	return nil
}

// backedUp reports whether a backup of the keys was made and read back.
func backedUp(dir string) bool {
	status, err := backup.ReadStatus(dir)
	return err == nil && status.Keys != nil && status.KeysReadBack != nil
}

// gapWords say what is missing before the public may come.
var gapWords = map[undersigned.Gap]string{
	undersigned.GapBody:        "whom petitions are for",
	undersigned.GapController:  "who runs the site",
	undersigned.GapAddress:     "the postal address of who runs the site",
	undersigned.GapContact:     "the mail address of who runs the site",
	undersigned.GapCounting:    "the legal basis of counting signatures (Article 6)",
	undersigned.GapCountingArt: "the ground of counting signatures, which tell opinions (Article 9)",
	undersigned.GapAnswering:   "the legal basis of mailing the answer (Article 6)",
	undersigned.GapAnswerArt:   "the ground of mailing the answer (Article 9)",
	undersigned.GapRecipients:  "who else may see data",
	undersigned.GapAuthority:   "the authority that people complain to",
	undersigned.GapAge:         "how old people must be",
	undersigned.GapBackup:      "a backup of the keys that was read back: undersigned keys backup, then the same with --verify",
}

// checkReady lists what is missing before the public may come.
//
// Errors: errFaults where something is.
func checkReady(ctx context.Context, dir string, std streams) error {
	if err := requireSite(dir); err != nil {
		return err
	}
	db, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	body, err := db.Desk().FirstBody(ctx)
	if err != nil {
		return err
	}
	gaps := body.Gaps()
	if !backedUp(dir) {
		gaps = append(gaps, undersigned.GapBackup)
	}
	for _, gap := range gaps {
		fmt.Fprintf(std.out, "missing: %s\n", gapWords[gap])
	}
	switch {
	case len(gaps) > 0:
		fmt.Fprintln(std.err, "hint: fill these in on the staff pages, at /staff/ready; until the site is opened there, a banner says that it is not ready")
		return errFaults
	case body.Stage != undersigned.StageOpen:
		fmt.Fprintln(std.out, "Nothing is missing. An administrator opens the site at /staff/ready; until then a banner says that it is not ready.")
	default:
		fmt.Fprintln(std.out, "Nothing is missing, and the site is open.")
	}
	return nil
}
