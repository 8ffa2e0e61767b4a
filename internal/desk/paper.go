package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// ErrPerson means that a field which is published and names an organisation holds what
// looks like a person's mail address.
var ErrPerson = errors.New("this names a person, not an organisation")

// MostOrganisation is the most characters the name of an organisation may have.
const MostOrganisation = 120

// organisation checks the name of an organisation that will be public.
func (p *Problems) organisation(field, value string) {
	if strings.Contains(value, "@") {
		p.add(field, ErrPerson)
		return
	}
	p.text(field, value, MostOrganisation, true)
}

// A PaperEntry is what staff type in of signatures on paper.
type PaperEntry struct {
	Change   string // a whole number, as typed; with a minus to put an entry right
	Received string // the day, as "2006-01-02"
	From     string
	Checked  string
	How      undersigned.PaperHow
	Why      string // needed where Change takes away
}

// CountPaper adds an entry to how many signed a petition on paper. The number on its page
// moves with the commit, and so does a threshold that it reaches: paper waits for no
// batch, because an entry tells nothing about who signed when.
//
// Errors: Problems of the fields change, received, from, checked, how and why; those of a
// deed.
func (d *Desk) CountPaper(ctx context.Context, staff undersigned.Staff, target Target, typed PaperEntry) error {
	return d.change(ctx, staff, CountPaper, target, func(c *change) error {
		entry, after, problems := readPaper(*c.row, typed, c.now, c.body.Location())
		if err := problems.err(); err != nil {
			return err
		}
		entry.Staff, entry.At = c.staff.ID, c.now
		*c.row = after
		if err := c.tx.AddPaperCount(&entry); err != nil {
			return err
		}
		counted, err := c.tx.Petition(c.row.ID)
		if err != nil {
			return err
		}
		for _, threshold := range c.body.Reached(after, counted.Counts) {
			if err := c.tx.Reach(c.row.ID, threshold.Then, c.now); err != nil {
				return err
			}
		}
		c.record(undersigned.ActPaper, "", strings.TrimSpace(fmt.Sprintf("%+d. %s", entry.Change, entry.Why)))
		return nil
	})
}

// readPaper checks an entry against what a petition has, and gives the petition with it.
func readPaper(p undersigned.Petition, typed PaperEntry, now time.Time, zone *time.Location) (undersigned.PaperCount, undersigned.Petition, Problems) {
	entry := undersigned.PaperCount{PetitionID: p.ID, Received: typed.Received, How: typed.How,
		From: undersigned.CleanLine(typed.From), Checked: undersigned.CleanLine(typed.Checked), Why: undersigned.CleanLine(typed.Why)}
	var problems Problems
	var err error
	entry.Change, err = strconv.ParseInt(strings.NewReplacer(",", "", " ", "", "\u00a0", "", "−", "-").Replace(typed.Change), 10, 64)
	after := p
	if err == nil {
		after, err = p.WithPaper(entry)
	} else {
		err = ErrMissing
	}
	if err != nil && !errors.Is(err, undersigned.ErrPaperWhy) {
		problems = append(problems, Problem{Field: "change", Err: err, Most: int(p.PaperCount)})
	}
	problems.day("received", entry.Received, now, zone)
	problems.organisation("from", entry.From)
	problems.organisation("checked", entry.Checked)
	if !entry.How.Known() {
		problems.add("how", ErrUnknown)
	}
	problems.text("why", entry.Why, MostSummary, errors.Is(err, undersigned.ErrPaperWhy))
	return entry, after, problems
}

// PaperCounts reads the entries of how many signed a petition on paper, oldest first.
func (d *Desk) PaperCounts(ctx context.Context, petition int64) ([]undersigned.PaperCount, error) {
	return d.store.PaperCounts(ctx, petition)
}

// A PaperPetition is what staff type in of a petition whose signatures come on paper
// only.
type PaperPetition struct {
	Texts
	From string // the organisation that brings it: published while the petition is open
	Days int    // how long it runs, one of the body's durations
}

// StartOnPaper puts a petition into the queue that takes signatures on paper only; it is
// reviewed and published like any other. It has no creator here and no keys: no letter
// can sign it.
//
// Errors: ErrForbidden; Problems of the fields title, background, details, from and days.
func (d *Desk) StartOnPaper(ctx context.Context, staff undersigned.Staff, typed PaperPetition) (id int64, err error) {
	first, err := d.store.FirstBody(ctx)
	if err != nil {
		return 0, err
	}
	err = d.siteDeed(ctx, staff, StartOnPaper, func(tx *store.DeskTx, record recorder) error {
		body, err := tx.Body(first.ID)
		if err != nil {
			return err
		}
		p, problems := readPaperPetition(body, typed, tx.Now())
		if err := problems.err(); err != nil {
			return err
		}
		if err := tx.AddPetition(&p); err != nil {
			return err
		}
		id = p.ID
		if err := tx.Touch(); err != nil {
			return err
		}
		return record(store.Act{Petition: p.ID, Act: undersigned.ActPaperStarted})
	})
	return id, err
}

func readPaperPetition(body undersigned.Body, typed PaperPetition, now time.Time) (undersigned.Petition, Problems) {
	texts, from := typed.Texts.clean(), undersigned.CleanLine(typed.From)
	var problems Problems
	problems.texts(texts, body.Limits)
	problems.organisation("from", from)
	if !slices.Contains(body.Durations, typed.Days) {
		problems.add("days", ErrUnknown)
	}
	return undersigned.Petition{
		BodyID: body.ID, State: undersigned.Queued, Kind: undersigned.Ordinary, Language: body.Language, Source: undersigned.SourcePaper,
		Title: texts.Title, Background: texts.Background, Details: texts.Details, Version: undersigned.VersionOf(texts.Title, texts.Background, texts.Details),
		CreatorName: from, CreatedAt: now, QueuedAt: now, Days: typed.Days,
	}, problems
}
