package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

type discloseCommand struct {
	Order discloseOrderCommand `cmd:"" help:"Ask two administrators whether data about signers may be handed to somebody. Nothing is opened."`
	Make  discloseMakeCommand  `cmd:"" help:"Write the sealed file of a disclosure that two administrators agreed to. The public ledger tells of it first."`
	Stop  discloseStopCommand  `cmd:"" help:"End a disclosure that was not made."`
	List  discloseListCommand  `cmd:"" help:"List all disclosures."`
	Trace discloseTraceCommand `cmd:"" help:"Say which copy lines are from that somebody found. They come by standard input; nothing is opened."`
}

func (c *discloseCommand) Help() string {
	return "docs/operate/disclose.md says how to answer a court, an auditor or a parliament, step by step."
}

type discloseOrderCommand struct {
	dataFlag
	Petition  int64    `help:"Number of the petition." required:"" placeholder:"N" env:"UNDERSIGNED_DISCLOSE_PETITION"`
	Purpose   string   `help:"Why: ${enum}. A question is about one address, which comes by standard input." enum:"court,audit,verification,question" required:"" env:"UNDERSIGNED_DISCLOSE_PURPOSE"`
	Basis     string   `help:"What allows it: ${enum}." enum:"order,law,audit-duty" required:"" env:"UNDERSIGNED_DISCLOSE_BASIS"`
	Kind      string   `help:"Who gets it: ${enum}." enum:"court,authority,body,auditor" required:"" env:"UNDERSIGNED_DISCLOSE_KIND"`
	Recipient string   `help:"Their name, as everybody will read it." required:"" placeholder:"NAME" env:"UNDERSIGNED_DISCLOSE_RECIPIENT"`
	Key       string   `help:"File with the recipient's age public key (age1…), and nothing else." required:"" type:"path" placeholder:"FILE" env:"UNDERSIGNED_DISCLOSE_KEY"`
	Document  string   `help:"File with the written order: two people agree to its hash." required:"" type:"path" placeholder:"FILE" env:"UNDERSIGNED_DISCLOSE_DOCUMENT"`
	Field     []string `help:"What of each signature: name, email, postcode, country, times, purposes, leaf. The purpose says which it allows." placeholder:"FIELD" env:"UNDERSIGNED_DISCLOSE_FIELDS"`
	Sample    int      `help:"Of an audit: how many signatures, drawn by lot, 400 at most." placeholder:"N" env:"UNDERSIGNED_DISCLOSE_SAMPLE"`
	Reference string   `help:"What the other side calls it, such as a file number. Only those who agree read it." placeholder:"TEXT" env:"UNDERSIGNED_DISCLOSE_REFERENCE"`
	Yes       bool     `help:"Ask the administrators. Without it nothing happens but checks." env:"UNDERSIGNED_YES"`
}

func (c *discloseOrderCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	wish, err := c.wish(std.in)
	if err != nil {
		return err
	}
	if !c.Yes {
		err = p.steward.TryDisclosure(ctx, wish)
	}
	number := int64(0)
	if err == nil && c.Yes {
		number, err = p.steward.OrderDisclosure(ctx, wish)
	}
	if errors.Is(err, steward.ErrRetired) {
		report, err := p.steward.RetiredReport(ctx, c.Petition)
		if err != nil {
			return err
		}
		fmt.Fprint(std.out, report)
		return nil
	}
	if err != nil {
		return hintedDisclosure(err)
	}
	if !c.Yes {
		fmt.Fprintln(std.out, "The order is in itself right; nothing was changed and nobody was asked. To ask the administrators, add --yes")
		return nil
	}
	fmt.Fprintf(std.out, `Disclosure %d waits. Every administrator is mailed the whole order; when two have agreed, within 7 days:
  undersigned disclose make %d --data %s --out FILE --yes
`, number, number, c.Data)
	return nil
}

// wish reads the order, with what is in files.
func (c *discloseOrderCommand) wish(in io.Reader) (w undersigned.DisclosureWish, err error) {
	w = undersigned.DisclosureWish{
		Petition: c.Petition, Purpose: undersigned.DisclosurePurpose(c.Purpose), Basis: undersigned.LegalBasis(c.Basis), Kind: undersigned.RecipientKind(c.Kind),
		Recipient: c.Recipient, Sample: c.Sample, Reference: c.Reference,
	}
	if w.Fields, err = undersigned.FieldsNamed(c.Field); err != nil {
		return w, hintedDisclosure(err)
	}
	key, err := os.ReadFile(c.Key)
	if err != nil {
		return w, hinted{fmt.Errorf("read the recipient's key: %w", err), "save the public key that they sent, on one line, and name the file with --key"}
	}
	document, err := os.ReadFile(c.Document)
	if err != nil {
		return w, hinted{fmt.Errorf("read the written order: %w", err), "scan it, or save the file that came, and name it with --document"}
	}
	if len(document) == 0 {
		return w, hintedDisclosure(undersigned.ErrDisclosureDocument)
	}
	w.Key, w.Document = string(key), sha256.Sum256(document)
	if w.Purpose != undersigned.DisclosureQuestion {
		return w, nil
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return w, fmt.Errorf("read who is asked about: %w", err)
	}
	w.Address = strings.TrimSpace(line)
	return w, nil
}

// hintedDisclosure says what to do about a disclosure that is not made.
func hintedDisclosure(err error) error {
	for _, known := range []struct {
		is   error
		hint string
	}{
		{undersigned.ErrDisclosureBasis, "see docs/operate/disclose.md: which basis allows which purpose"},
		{undersigned.ErrDisclosureRecipient, "see docs/operate/disclose.md: which purpose is for whom; the name has 100 characters at most"},
		{undersigned.ErrDisclosureFields, "see docs/operate/disclose.md: which purpose allows which fields; name each with --field"},
		{undersigned.ErrDisclosureSample, "give the size of an audit's sample with --sample, and of nothing else"},
		{undersigned.ErrDisclosureAddress, "with --purpose question, give the address by standard input, on one line: … < address.txt"},
		{undersigned.ErrDisclosureReference, "give what the other side calls it in 60 characters at most"},
		{undersigned.ErrDisclosureDocument, "give the file with the written order with --document; without one there is no disclosure"},
		{undersigned.ErrDisclosureQuota, "see what was handed over before with: undersigned disclose list; a court can order more, an auditor cannot"},
		{vault.ErrRecipient, "ask the recipient for their age public key, one line that begins with age1; the secret one stays with them"},
		{steward.ErrTwoPeople, "add a second administrator with: undersigned staff add --role administrator"},
		{steward.ErrNotAgreed, "each administrator has a mail with a button; two must press it, and both must still work here. Nothing can be changed after: order it anew"},
		{steward.ErrManyQuestions, "wait a minute. If it was not you who asked so often, see docs/operate/alert-questions.md"},
		{steward.ErrDisclosureOver, "see where it stands with: undersigned disclose list; to hand over again, order it anew"},
		{steward.ErrDisclosureUntold, "nothing was opened. Run: undersigned check, and see whether the steward's log tells of the ledger; then try again"},
		{undersigned.ErrNotFound, "see the numbers with: undersigned disclose list; only petitions that were opened and signed here can be disclosed"},
		{os.ErrExist, "name a file that is not there yet with --out"},
	} {
		if errors.Is(err, known.is) {
			return hinted{err, known.hint}
		}
	}
	if strings.Contains(err.Error(), "mail address") {
		return hinted{err, "write the address on one line, as it would stand in a mail program"}
	}
	return err
}

type discloseMakeCommand struct {
	dataFlag
	Number int64  `arg:"" help:"Number of the disclosure."`
	Out    string `help:"New file for what is handed over, sealed to the recipient." required:"" type:"path" placeholder:"FILE" env:"UNDERSIGNED_DISCLOSE_OUT"`
	Yes    bool   `help:"Make it. Without it nothing happens." env:"UNDERSIGNED_YES"`
}

func (c *discloseMakeCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	if !c.Yes {
		all, err := p.steward.Disclosures(ctx)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.Number == c.Number && d.State < undersigned.DisclosureMade {
				fmt.Fprintf(std.out, "It would write %s for %s (petition %d); nothing was changed; add --yes to make it\n", c.Out, d.Recipient, d.Petition)
				return nil
			}
		}
		return hintedDisclosure(fmt.Errorf("disclosure %d: %w", c.Number, steward.ErrDisclosureOver))
	}
	file, err := newSealedFile(c.Out)
	if err != nil {
		return hintedDisclosure(err)
	}
	defer file.drop()
	made, err := p.steward.MakeDisclosure(ctx, c.Number, file)
	if err != nil && file.whole && !errors.Is(err, steward.ErrDisclosureOver) {
		return hinted{err, "what is handed over is written, and gets its name when the ledger tells of it; give the same command again"}
	}
	if err != nil {
		return hintedDisclosure(err)
	}
	fmt.Fprintf(std.out, "%s is sealed to %s. They open it with: age -d -i THEIR-KEY %s\nThe ledger told of it first; everybody can read that it was made, for whom, and how many records it may hold.\n", c.Out, made.Recipient, filepath.Base(c.Out))
	return nil
}

// A sealedFile is written beside its name, as NAME.part, which the next try goes on with or
// writes anew. It gets its name when the ledger tells that it was made, and never before.
type sealedFile struct {
	part  *os.File
	path  string
	begun bool // this try wrote to it
	whole bool
}

func newSealedFile(path string) (*sealedFile, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, hinted{fmt.Errorf("make the file: %w", err), "name a file in a folder that is there and that you may write to"}
	}
	return &sealedFile{part: part, path: path}, nil
}

func (f *sealedFile) Write(b []byte) (int, error) {
	if !f.begun {
		f.begun = true
		if err := f.part.Truncate(0); err != nil {
			return 0, err
		}
	}
	return f.part.Write(b)
}

// Whole makes what was written durable.
func (f *sealedFile) Whole() error {
	f.whole = true
	return f.sync()
}

func (f *sealedFile) sync() error {
	if err := f.part.Sync(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// Keep gives the file its name, if it is the one with this sum and no other has got that
// name meanwhile.
func (f *sealedFile) Keep(sum []byte) error {
	content, err := os.Open(f.part.Name())
	if err != nil {
		return err
	}
	defer content.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return err
	}
	if !bytes.Equal(hash.Sum(nil), sum) {
		return steward.ErrDisclosureOver
	}
	if err := os.Link(f.part.Name(), f.path); err != nil {
		return err
	}
	return f.sync()
}

// drop takes the unnamed file away, unless it is whole and waits for its name.
func (f *sealedFile) drop() {
	f.part.Close()
	_, err := os.Lstat(f.path)
	info, statErr := os.Lstat(f.part.Name())
	empty := statErr == nil && info.Size() == 0
	if err == nil || empty || f.begun && !f.whole {
		os.Remove(f.part.Name())
	}
}

type discloseStopCommand struct {
	dataFlag
	Number int64 `arg:"" help:"Number of the disclosure."`
}

func (c *discloseStopCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.steward.StopDisclosure(ctx, c.Number); err != nil {
		return hintedDisclosure(err)
	}
	fmt.Fprintf(std.out, "Disclosure %d was ended. Nothing is handed over.\n", c.Number)
	return nil
}

type discloseListCommand struct{ dataFlag }

func (c *discloseListCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	all, err := p.steward.Disclosures(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(std.out, "Nothing was ever ordered.")
	}
	for _, d := range all {
		fields := strings.Join(d.Fields.Names(), ", ")
		if d.Purpose == undersigned.DisclosureQuestion {
			fields = strings.Trim("whether they signed, "+fields, ", ")
		}
		fmt.Fprintf(std.out, "%d: petition %d, %s (%s), for %s (%s): %s. Ordered on %s; %s.\n", d.Number, d.Petition, d.Purpose, d.Basis, d.Recipient, d.Kind,
			fields, d.OrderedAt.Format(time.DateOnly), standing(d))
	}
	return nil
}

// standing says where a disclosure stands.
func standing(d undersigned.Disclosure) string {
	switch d.State {
	case undersigned.DisclosureWaiting:
		return "waits for two administrators"
	case undersigned.DisclosureAgreed:
		return "two administrators agreed"
	case undersigned.DisclosureTold:
		return fmt.Sprintf("the ledger tells of %d records at most, and no file was written", d.Size)
	case undersigned.DisclosureMade:
		return fmt.Sprintf("made on %s, with %d records of %d at most", d.MadeAt.Format(time.DateOnly), d.Records, d.Size)
	}
	return "came to nothing"
}

type discloseTraceCommand struct{ dataFlag }

func (c *discloseTraceCommand) Run(ctx context.Context, std streams) error {
	p, err := openParts(ctx, c.Data, which{steward: true}, slog.New(slog.DiscardHandler), store.Options{}, nil)
	if err != nil {
		return err
	}
	defer p.close()
	found, err := io.ReadAll(io.LimitReader(std.in, mostTraced))
	if err != nil {
		return fmt.Errorf("read what was found: %w", err)
	}
	from, err := p.steward.TraceCopy(ctx, string(found))
	if err != nil {
		return err
	}
	for _, d := range from {
		fmt.Fprintf(std.out, "From disclosure %d: the copy for %s, made on %s.\n", d.Number, d.Recipient, d.MadeAt.Format(time.DateOnly))
	}
	if len(from) == 0 {
		fmt.Fprintln(std.out, "No line holds a mark of one of our copies: it is from elsewhere, or the last column was taken off.")
	}
	return nil
}

// mostTraced bounds what is read of a leak; one line is enough.
const mostTraced = 64 << 20
