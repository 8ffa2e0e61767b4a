package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"undersigned/internal/backup"
	"undersigned/internal/letterbox"
	"undersigned/internal/mail"
	"undersigned/internal/post"
	"undersigned/internal/steward"
	"undersigned/internal/store"
	"undersigned/internal/vault"
	"undersigned/internal/web/view"
)

// parts are the opened parts of a site in this process. Those that do not run here are nil.
type parts struct {
	dir     string
	config  siteConfig
	db      *store.DB
	box     *letterbox.Letterbox
	steward *steward.Steward
	vault   *vault.Vault
	pool    *mail.Pool
	log     *slog.Logger
	desk    bool // staff pages are served here
	intake  *post.Intake
	alone   *os.File // holds other stewards off while it is open

	saidRoom time.Time // when it was last said that the disk fills; the watch's own

	stop   context.CancelCauseFunc // ends everything, and says why
	ctx    context.Context
	endBox context.CancelFunc
	closed sync.Once
}

// which says which parts run in this process, and what room they leave on the disk.
type which struct {
	public, desk, steward, post bool
	serves                      bool   // as long as it runs; not for the time of a command
	floor                       uint64 // bytes beside the database's log; with less no letters are taken
}

func whichParts(name string) which {
	all := name == "all"
	return which{all || name == "public", all || name == "desk", all || name == "steward", all || name == "post", true, diskFloor}
}

// openParts opens parts of the site in dir. A public or desk part never touches the
// key store.
func openParts(ctx context.Context, dir string, w which, log *slog.Logger, options store.Options, tune func(*steward.Config)) (p *parts, err error) {
	p = &parts{dir: dir, log: log, desk: w.desk}
	opened := p // p is nil where this returns an error
	if p.config, err = loadConfig(dir); err != nil {
		return nil, err
	}
	p.ctx, p.stop = context.WithCancelCause(ctx)
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	if p.db, err = store.Open(ctx, dir, options); err != nil {
		return nil, err
	}
	if w.steward {
		if err := backup.ForgetBehind(dir, p.config.Ledger.keys()); err != nil {
			return nil, err
		}
	}
	if err := mustBeLive(ctx, p.db, dir); err != nil {
		return nil, err
	}
	broken := func(err error) {
		p.db.Break(err) // before anybody is told anything more
		p.stop(err)
	}
	if w.steward {
		if w.serves {
			if p.alone, err = backup.LockSteward(dir); err != nil {
				return nil, err
			}
		}
		if err := backup.Note(ctx, p.db, dir); err != nil {
			return nil, err
		}
		if err := p.openSteward(ctx, broken, tune); err != nil {
			return nil, err
		}
		if err := p.mustNotBeBehind(ctx); err != nil {
			return nil, err
		}
		// Chores publish letterbox keys, which a letterbox in this process needs at once.
		if err := p.steward.Start(ctx); err != nil {
			return nil, err
		}
	}
	if w.public || w.desk || w.post {
		pins, err := p.config.pins()
		if err != nil {
			return nil, err
		}
		var wake func()
		if p.steward != nil {
			wake = p.steward.Wake
		}
		// It outlives p.ctx: requests under way when that ends still put letters in.
		var box context.Context
		box, p.endBox = context.WithCancel(context.WithoutCancel(ctx))
		p.box, err = letterbox.Open(box, letterbox.Config{Public: p.db.Public(), Pins: pins, Wake: wake, Broken: broken, Full: p.fullBelow(w.floor)})
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *parts) openSteward(ctx context.Context, broken func(error), tune func(*steward.Config)) error {
	var err error
	if p.vault, err = p.config.openVault(p.dir); err != nil {
		return err
	}
	relay, err := p.config.relay(p.dir)
	if err != nil {
		return err
	}
	relay.Trouble = func(err error) {
		p.log.Warn("the relay gives trouble", "error", err, "hint", "mails wait and are tried again; see that the relay runs, and look at [mail] in "+configName)
	}
	if relay.DKIM, err = signers(p.vault, p.config.Mail.From); err != nil {
		return err
	}
	if p.pool, err = mail.NewPool(relay); err != nil {
		return hinted{err, "look at [mail] in " + filepath.Join(p.dir, configName)}
	}
	config := steward.Config{
		Store: p.db.Steward(), Vault: p.vault, Mail: p.pool, URL: p.config.URL, DeskURL: p.config.DeskURL,
		From: p.config.Mail.From, ReplyTo: p.config.Mail.ReplyTo, EnvelopeFrom: p.config.Mail.EnvelopeFrom, Returns: p.config.Post.on(),
		PerMinute: p.config.Mail.PerMinute, PerDay: p.config.Mail.PerDay, Log: p.log, Broken: broken,
		Purposes: view.PurposeTexts,
	}
	config.PerMinuteTo = p.config.Mail.PerMinuteTo
	if config.WarmUp, err = p.config.Mail.warmUp(); err != nil {
		return err
	}
	if config.Witnesses, err = p.config.Ledger.witnesses(); err != nil {
		return err
	}
	config.Demand = p.config.Ledger.Demand
	list := backup.Erasures(p.dir)
	config.Erased = func(all []store.Erasure) error { return list.Add(p.db.Now(), all) }
	config.Headed = func(checkpoint string) error { return backup.KeepHead(p.dir, checkpoint) }
	if tune != nil {
		tune(&config)
	}
	p.steward, err = steward.Open(ctx, config)
	return err
}

// notedEvery is how often the live site notes how far it is.
const notedEvery = time.Minute

// noteEpoch notes beside the database how far it is, so that an older copy in its place
// is known for one, and removes copies that nobody finishes.
func (p *parts) noteEpoch() {
	if err := backup.Sweep(p.dir); err != nil {
		p.log.Warn("what a backup left behind could not be removed", "error", err)
	}
	if err := backup.Note(context.Background(), p.db, p.dir); err != nil {
		p.log.Warn("how far the database is could not be noted", "error", err)
	}
}

// closeBox lets the letterbox write what waits, and ends it.
func (p *parts) closeBox() {
	if p.box != nil {
		p.endBox()
		<-p.box.Done()
	}
}

// closePool gives the relay a moment to answer for the mails that are on their way. What
// it leaves unanswered goes out again after the next start, with the same Message-ID.
func (p *parts) closePool() {
	if p.pool == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := p.pool.Close(ctx); err != nil {
		p.log.Warn("the relay did not answer in time; the mails it was given go out again", "error", err)
	}
}

// close ends every part: the letterbox writes what it has acknowledged, mails that the
// relay took are recorded, the database is folded.
func (p *parts) close() error {
	var err error
	p.closed.Do(func() {
		p.stop(nil)
		p.closeBox()
		p.closePool()
		if p.db != nil {
			if p.steward != nil {
				p.noteEpoch()
			}
			err = p.db.Close()
		}
		if p.alone != nil {
			p.alone.Close()
		}
	})
	if err != nil {
		return fmt.Errorf("close the site: %w", err)
	}
	return nil
}
