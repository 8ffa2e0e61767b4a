package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undersigned/internal/vault"
)

// identityFlags name the controller's identity, or two shares of it: then the whole of it
// is on no disk.
type identityFlags struct {
	Identity string   `help:"File with the controller's identity." env:"UNDERSIGNED_IDENTITY" type:"path" placeholder:"FILE"`
	Share    []string `help:"In place of the identity: file with a share of it; give it twice." env:"UNDERSIGNED_SHARES" type:"path" placeholder:"FILE"`
}

func (f identityFlags) open() (*vault.Opener, error) {
	if len(f.Share) == 0 {
		return openIdentity(f.Identity)
	}
	text, err := joinShares(f.Share)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return vault.NewOpener(bytes.NewReader(text))
}

// joinShares gives the identity that files with shares make.
func joinShares(paths []string) ([]byte, error) {
	texts := make([]string, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, hinted{fmt.Errorf("read a share: %w", err), "type the groups of signs from the paper into a file, and name it"}
		}
		texts[i] = string(text)
	}
	secret, err := vault.Join(texts...)
	switch {
	case errors.Is(err, vault.ErrShareFew):
		return nil, hinted{err, "name two files with shares: --share FILE --share FILE"}
	case errors.Is(err, vault.ErrShareSet):
		return nil, hinted{err, "take two shares with the same set and different numbers; both stand above the groups on the paper"}
	case err != nil:
		return nil, hinted{err, "compare the groups with the paper, sign by sign; small letters, O for 0 and I or L for 1 do not matter"}
	}
	return secret, nil
}

// shareText is a share as people print it. Words end in a full stop or hold a colon: no
// line of them is taken for a part of the share.
func shareText(number int, share, recipient string, now time.Time) string {
	return fmt.Sprintf(`Share %d of %d of the controller's identity.

Two of the three open every backup of the site. This one alone opens nothing.
Keep each with another person, in another house, on paper.

Public half, SHA-256 begins: %x
Made on: %s

%s

If this paper is lost: docs/operate/keys.md, "A share is lost".
`, number, vault.Shares, sha256.Sum256([]byte(recipient)), now.Format("2 January 2006"), share)
}

// writeShares writes the shares of an identity into a folder, each readable by its owner
// alone.
func writeShares(folder, identity, recipient string) (paths []string, err error) {
	shares, err := vault.Split([]byte(strings.TrimSpace(identity)))
	if err != nil {
		return nil, err
	}
	for i, share := range shares {
		path := filepath.Join(folder, fmt.Sprintf("share-%d-of-%d.txt", i+1, vault.Shares))
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, hinted{fmt.Errorf("write the shares: %w", err), "name a folder that is there and holds no shares yet"}
		}
		_, err = file.WriteString(shareText(i+1, share, recipient, time.Now()))
		if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
			return nil, fmt.Errorf("write the shares: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

type keysSplitCommand struct {
	Identity string `help:"File with the controller's identity." required:"" env:"UNDERSIGNED_IDENTITY" type:"path" placeholder:"FILE"`
	Out      string `help:"Folder for the three shares, such as a stick." required:"" env:"UNDERSIGNED_SHARES_TO" type:"path" placeholder:"FOLDER"`
}

func (c *keysSplitCommand) Run(std streams) error {
	const hint = "give the file that undersigned keys controller wrote, with --identity FILE"
	text, err := os.ReadFile(c.Identity)
	if err != nil {
		return hinted{fmt.Errorf("read the controller's identity: %w", err), hint}
	}
	recipient, secret := "", ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if public, ok := strings.CutPrefix(line, "# public key: "); ok {
			recipient = public
		} else if line != "" && !strings.HasPrefix(line, "#") {
			if secret != "" {
				return hinted{errors.New("the file holds more than one identity"), "split each in a file of its own"}
			}
			secret = line
		}
	}
	if _, err := vault.NewOpener(strings.NewReader(secret)); err != nil {
		return hinted{err, hint}
	}
	paths, err := writeShares(c.Out, secret, recipient)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s\nPrint each, give it to another person, and try two of them: undersigned keys join --share FILE --share FILE --out FILE\nThen delete these files and every copy of %s.\n", strings.Join(paths, "\n"), c.Identity)
	return nil
}

type keysJoinCommand struct {
	Share []string `help:"File with a share; give it twice, of two different shares." required:"" env:"UNDERSIGNED_SHARES" type:"path" placeholder:"FILE"`
	Out   string   `help:"New file for the identity. Without it nothing is written: it only says whether the shares open." env:"UNDERSIGNED_IDENTITY" type:"path" placeholder:"FILE"`
}

func (c *keysJoinCommand) Run(std streams) error {
	secret, err := joinShares(c.Share)
	if err != nil {
		return err
	}
	defer clear(secret)
	if _, err := vault.NewOpener(bytes.NewReader(secret)); err != nil {
		return hinted{err, "these shares are of something else than an identity"}
	}
	if c.Out == "" {
		fmt.Fprintln(std.out, "These shares give the identity. Nothing was written.")
		return nil
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return hinted{fmt.Errorf("write the controller's identity: %w", err), "name a file that is not there yet, in a folder that is"}
	}
	_, err = fmt.Fprintf(file, "# The controller's identity. It opens every backup of the site.\n%s\n", secret)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the controller's identity: %w", err)
	}
	fmt.Fprintf(std.out, "The identity is in %s. Whoever has it opens every backup: delete it when you are done. restore and keys backup --verify take --share in its place.\n", c.Out)
	return nil
}
