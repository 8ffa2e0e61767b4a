// Command undersigned runs petition sites that cannot betray a signer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"undersigned/internal/backup"
	"undersigned/internal/letterbox"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
	"undersigned/verify"
)

// commands is the whole command line. Every flag can also be given by the environment
// variable named beside it.
type commands struct {
	Demo     demoCommand     `cmd:"" help:"Start a whole site with sample data and a mail catcher on this machine."`
	Init     initCommand     `cmd:"" help:"Make a new site: its folder, configuration, keys and database."`
	Setup    setupCommand    `cmd:"" help:"Print a one-time address for the first setup in a browser."`
	Serve    serveCommand    `cmd:"" help:"Run a site, or one part of it."`
	Staff    staffCommand    `cmd:"" help:"Manage staff."`
	Import   importCommand   `cmd:"" help:"Bring in petitions from elsewhere."`
	Check    checkCommand    `cmd:"" help:"Check that everything stored agrees; exit 1 and a line for each fault."`
	Verify   verifyCommand   `cmd:"" help:"Check any site from outside: count again, and see that its public ledger was never changed."`
	Witness  witnessCommand  `cmd:"" help:"Keep watch over other people's sites: confirm each head of their public ledgers that only grew."`
	Doctor   doctorCommand   `cmd:"" help:"Look at the machine, the mail and the DNS: what is well, and what to do."`
	Disclose discloseCommand `cmd:"" help:"Hand data about signers to a court, an auditor or a body: two people, the ledger first, sealed, marked."`
	Breach   breachCommand   `cmd:"" help:"Say what a breach is about, in numbers: petitions, fields, how many, since when. It names nobody."`
	Retire   retireCommand   `cmd:"" help:"Destroy the keys and rows of petitions that have reached their date."`
	Backup   backupCommand   `cmd:"" help:"Copy the database while the site serves, sealed to the controller."`
	Restore  restoreCommand  `cmd:"" help:"Build a site in a new folder out of a backup and a key backup."`
	Epoch    epochCommand    `cmd:"" help:"Say which copy of a site is the live one."`
	Keys     keysCommand     `cmd:"" help:"Keys that sign mails, the controller's identity, and copies of the key store."`
	Bench    benchCommand    `cmd:"" help:"Measure this machine: sign, confirm, pages, the whole way."`
	Version  versionCommand  `cmd:"" help:"Say which version this is."`
}

// streams is where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() { os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})) }

// run carries out one command line and returns the exit code.
func run(args []string, std streams) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("undersigned"),
		kong.Description("Petition sites whose signers' addresses nobody gets: not the addressee, not the creator, not a thief."),
		kong.UsageOnError(), kong.Writers(std.out, std.err), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		fmt.Fprintln(std.err, "undersigned:", err)
		return 2
	}
	line, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(std.err, "undersigned: %v\nhint: see what there is with: %s --help\n", err, commandOf(err))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	line.BindTo(ctx, (*context.Context)(nil))
	if err := line.Run(std); err != nil {
		if !errors.Is(err, errFaults) {
			fmt.Fprintln(std.err, "undersigned:", err)
			if hint := hintFor(err); hint != "" {
				fmt.Fprintln(std.err, "hint:", hint)
			}
		}
		return 1
	}
	return 0
}

// commandOf is the command that a line which cannot be understood was about.
func commandOf(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		if command := wrong.Context.Selected(); command != nil && command.Type == kong.CommandNode {
			return command.FullPath()
		}
	}
	return "undersigned"
}

// errFaults ends a command that has already said what it found.
var errFaults = errors.New("faults were found")

// A hinted error knows what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// hintFor says what to do about an error, where that is known.
func hintFor(err error) string {
	var h hinted
	var copied copyError
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.Is(err, verify.ErrReceipt):
		return "give the file as it came, from its first line to the end; a whole mail that it stands in will do, too"
	case errors.As(err, &copied) && copied.witnessed:
		return "was it restored from a backup? then say that this is the live one, and ask these witnesses to begin anew: undersigned epoch raise --data DIR; are they wrong? take them out of site.toml; see docs/operate/witnesses.md"
	case errors.Is(err, steward.ErrWitnesses):
		return "lower demand under [ledger] in site.toml, or name more witnesses; one over whose word an epoch was raised begins anew, with a new key"
	case errors.As(err, &copied):
		return "make sure that no other copy of it runs, then say that this is the live one: undersigned epoch raise --data DIR"
	case errors.Is(err, store.ErrNoSite):
		// That there is a site.toml was seen before.
		return "bring undersigned.db back into the folder from the newest backup; it belongs to the keys of this site.toml"
	case errors.Is(err, vault.ErrNoStore):
		return "the steward needs the key store; name its folder in site.toml under [keys], or run only --part public or desk here"
	case errors.Is(err, vault.ErrNoSecond):
		return "bring the second folder back, mount its disk, or copy the first into it: cp -a keys/. keys-second/"
	case errors.Is(err, vault.ErrReadable):
		return "make it private with: chmod 600 FILE, and find out who could read it"
	case errors.Is(err, vault.ErrIdentityFile):
		return "keep a copy of the file, and put that of the second folder in its place: cp -p keys-second/identity.txt keys/identity.txt; where both are damaged, only a key backup brings the keys back (docs/operate/keys.md)"
	case errors.Is(err, backup.ErrStewardRuns):
		return "end it first; of a site's parts, one process serves the steward's (all or steward)"
	case errors.Is(err, backup.ErrEpochFile):
		return "see that this is the newest database and that no copy of it runs elsewhere; then put epoch.json aside and say that this is the live one: undersigned epoch raise --data DIR"
	case errors.Is(err, vault.ErrLocked):
		return "name the file with the passphrase as passphrase_file under [keys] in site.toml, or give the systemd credential " + keysCredential
	case errors.Is(err, vault.ErrPassphrase):
		return "take the passphrase that the key store was locked with last; without it, only a key backup brings the keys back (docs/operate/keys.md)"
	case errors.Is(err, store.ErrUnopened):
		return "run as the user that owns the folder, and look at the modes of undersigned.db and its folder"
	case errors.Is(err, store.ErrDamaged):
		return "keep a copy of the folder as it is, look at the disk (dmesg), and bring back the newest backup of undersigned.db"
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return "free some space on the disk; nothing that was acknowledged is lost"
	case diskFailed(err):
		return "look at the disk (dmesg), then start again and run: undersigned check"
	case errors.Is(err, letterbox.ErrKey):
		return "run the steward (undersigned serve --part steward): it publishes the keys; site_keys in site.toml must name this site's key"
	case errors.Is(err, os.ErrPermission):
		return "run as the user that owns the folder, or pass another one with --data"
	}
	return ""
}

// diskFailed reports whether the disk failed in the middle of a write: then the process
// ends, and what is on the disk is known when it is opened again.
func diskFailed(err error) bool {
	return errors.Is(err, store.ErrBroken) || errors.Is(err, vault.ErrUnsynced)
}

type versionCommand struct{}

// version is set by the linker for releases.
var version = "0.1.0"

func (versionCommand) Run(std streams) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = " " + setting.Value
			}
		}
		fmt.Fprintf(std.out, "undersigned %s%s %s\n", version, revision, info.GoVersion)
		return nil
	}
	fmt.Fprintf(std.out, "undersigned %s\n", version)
	return nil
}
