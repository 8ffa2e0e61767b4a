package desk

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/store"
)

// A ManyAct is a deed that staff can do to many petitions at once. Each is the deed on
// one of them, done again and again: publishing is not among them, because somebody has
// to read what is published.
type ManyAct string

// The acts.
const (
	ManyTag    ManyAct = "tag"
	ManyUntag  ManyAct = "untag"
	ManyFlag   ManyAct = "flag"
	ManyUnflag ManyAct = "unflag"
	ManyAssign ManyAct = "assign"
	ManyPark   ManyAct = "park"
	ManyUnpark ManyAct = "unpark"
	ManyReturn ManyAct = "return"
	ManyReject ManyAct = "reject"
)

var manyActs = []struct {
	act  ManyAct
	deed Deed
}{
	{ManyTag, Keep}, {ManyUntag, Keep}, {ManyFlag, Keep}, {ManyUnflag, Keep}, {ManyAssign, Keep}, {ManyPark, Keep}, {ManyUnpark, Keep},
	{ManyReturn, Return}, {ManyReject, Reject},
}

// deed is what one must be allowed to do for it; "" for no act.
func (a ManyAct) deed() Deed {
	for _, one := range manyActs {
		if one.act == a {
			return one.deed
		}
	}
	return ""
}

// ManyActs are those that a member of staff may do.
func ManyActs(staff undersigned.Staff) []ManyAct {
	var acts []ManyAct
	for _, one := range manyActs {
		if May(staff, one.deed) {
			acts = append(acts, one.act)
		}
	}
	return acts
}

// MostMany is how many petitions one can choose: two pages of the queue.
const MostMany = 2 * QueuePage

// Many is an act with all that it takes.
type Many struct {
	Act    ManyAct
	Tags   string // of ManyTag and ManyUntag, with commas
	Until  string // of ManyPark, "2006-01-02"
	Why    string // of ManyPark
	Assign int64  // of ManyAssign; 0: to nobody
	Reason string // of ManyReject, a code
	// What ManyReturn and ManyReject tell everybody who started one. Rejected texts stay
	// readable, but for reasons that hide them.
	Details string
}

// A Pick is a petition that was chosen, as a preview showed it.
type Pick struct {
	Petition int64
	Seen     string // Fate.Seen
}

// What keeps a petition out of an act for many, beside the errors of the deed itself.
var (
	ErrSame     = errors.New("it is so already")
	ErrNoReturn = errors.New("it cannot be given back")
)

// A Fate says what an act does to one of the petitions, or did.
type Fate struct {
	store.Counted
	Seen string // names the petition and its file as they are; a later change gives another
	// Err is why it is left out: undersigned.ErrNotFound, undersigned.ErrChanged (since the
	// preview), undersigned.ErrMove (it is not where this can be done), ErrSame, ErrNoReturn
	// or ErrTooMany (tags). nil: it is done.
	Err error
	// Tags are those that it gets or loses.
	Tags []string
	To   undersigned.State // of ManyReject: rejected or hidden
}

// errTried ends a deed that is only tried: nothing of it stays.
var errTried = errors.New("this was only tried")

// TryMany says what an act would do to each petition, and does nothing: each deed runs
// and is undone, so that what it says is what DoMany would do.
//
// Errors: ErrForbidden; Problems of the fields act, pick, tags, park-why, park-until,
// assign, reason and details.
func (d *Desk) TryMany(ctx context.Context, staff undersigned.Staff, many Many, petitions []int64) ([]Fate, error) {
	picks := make([]Pick, len(petitions))
	for i, id := range petitions {
		picks[i].Petition = id
	}
	return d.many(ctx, staff, many, picks, true)
}

// DoMany does an act to each petition that is still as it was shown. Each is a deed of
// its own: one that fails leaves the others done.
//
// Errors: as TryMany. With any other error, the fates tell what was done before it.
func (d *Desk) DoMany(ctx context.Context, staff undersigned.Staff, many Many, picks []Pick) ([]Fate, error) {
	return d.many(ctx, staff, many, picks, false)
}

func (d *Desk) many(ctx context.Context, staff undersigned.Staff, many Many, picks []Pick, try bool) ([]Fate, error) {
	deed := many.Act.deed()
	if deed == "" {
		return nil, Problems{{Field: "act", Err: ErrMissing}}
	}
	if !May(staff, deed) {
		return nil, fmt.Errorf("%s: %w", deed, ErrForbidden)
	}
	if len(picks) == 0 {
		return nil, Problems{{Field: "pick", Err: ErrMissing}}
	}
	if len(picks) > MostMany {
		return nil, Problems{{Field: "pick", Err: ErrTooMany}}
	}
	if err := d.checkMany(ctx, many); err != nil {
		return nil, err
	}
	fates := make([]Fate, 0, len(picks))
	for i, pick := range picks {
		if slices.ContainsFunc(picks[:i], func(p Pick) bool { return p.Petition == pick.Petition }) {
			continue
		}
		fate, err := d.oneOfMany(ctx, staff, many, pick, try)
		if err != nil {
			return fates, err
		}
		fates = append(fates, fate)
	}
	return fates, nil
}

// checkMany checks what was typed, apart from any petition.
func (d *Desk) checkMany(ctx context.Context, many Many) error {
	var problems Problems
	switch many.Act {
	case ManyTag, ManyUntag:
		tags, err := cleanTags(many.Tags)
		if err != nil {
			return err
		}
		if len(tags) == 0 {
			problems.add("tags", ErrMissing)
		}
	case ManyPark:
		body, err := d.store.FirstBody(ctx)
		if err != nil {
			return err
		}
		_, err = parking(body, d.Now(), many.Why, many.Until)
		return err
	case ManyAssign:
		colleagues, err := d.store.StaffList(ctx)
		if err != nil {
			return err
		}
		if many.Assign != 0 && !slices.ContainsFunc(colleagues, func(s store.StaffLine) bool { return s.ID == many.Assign && s.Active }) {
			problems.add("assign", ErrUnknown)
		}
	case ManyReject:
		body, err := d.store.FirstBody(ctx)
		if err != nil {
			return err
		}
		if reason, known := body.Reason(many.Reason); !known || reason.Ended {
			problems.add("reason", ErrMissing)
		}
		problems.text("details", undersigned.CleanText(many.Details), MostExplanation, true)
	case ManyReturn:
		problems.text("details", undersigned.CleanText(many.Details), MostExplanation, true)
	}
	return problems.err()
}

// oneOfMany does an act to one petition, or tries it. What keeps this petition out stands
// in the fate; any other error is returned.
func (d *Desk) oneOfMany(ctx context.Context, staff undersigned.Staff, many Many, pick Pick, try bool) (Fate, error) {
	var fate Fate
	fate.ID = pick.Petition
	// see reads the petition inside its deed, and holds it against the preview.
	see := func(tx *store.DeskTx) (store.File, error) {
		file, err := tx.File(pick.Petition)
		if err != nil {
			return file, err
		}
		if fate.Counted, err = tx.Petition(pick.Petition); err != nil {
			return file, err
		}
		if fate.Seen = seen(fate.Counted, file); !try && fate.Seen != pick.Seen {
			return file, undersigned.ErrChanged
		}
		return file, nil
	}
	var err error
	if many.Act.deed() == Keep {
		err = d.file(ctx, staff, pick.Petition, func(f fileDeed) error {
			file, err := see(f.tx)
			if err != nil {
				return err
			}
			if err := f.many(many, file, &fate); err != nil {
				return err
			}
			return tried(try)
		})
	} else {
		err = d.decideMany(ctx, staff, many, pick, &fate, func(c *change) error {
			_, err := see(c.tx)
			return err
		}, try)
	}
	if errors.Is(err, errTried) {
		err = nil
	}
	var problems Problems
	switch {
	case err == nil:
	case errors.Is(err, undersigned.ErrNotFound), errors.Is(err, undersigned.ErrChanged), errors.Is(err, undersigned.ErrMove),
		errors.Is(err, ErrSame), errors.Is(err, ErrNoReturn), errors.Is(err, ErrTooMany):
		fate.Err = err
	case errors.As(err, &problems): // what was typed stopped being right since it was checked
		fate.Err = undersigned.ErrChanged
	default:
		return fate, err
	}
	if fate.Err != nil && fate.Title == "" { // the deed did not come to reading it
		if shown, err := d.store.Petition(ctx, pick.Petition); err == nil {
			fate.Counted = shown
		}
	}
	return fate, nil
}

// decideMany rejects or returns one of many petitions.
func (d *Desk) decideMany(ctx context.Context, staff undersigned.Staff, many Many, pick Pick, fate *Fate, see func(*change) error, try bool) error {
	shown, err := d.store.Petition(ctx, pick.Petition)
	if err != nil {
		return err
	}
	if many.Act == ManyReturn && shown.State == undersigned.Queued && !stands(shown.Petition, Return) {
		fate.Counted = shown
		return ErrNoReturn
	}
	return d.change(ctx, staff, many.Act.deed(), Target{pick.Petition, shown.Revision}, func(c *change) error {
		if err := see(c); err != nil {
			return err
		}
		if many.Act == ManyReturn {
			err = c.giveBack(many.Details)
		} else {
			err = c.refuse(undersigned.Rejected, Refusal{Reason: many.Reason, Explanation: many.Details, ShowTitle: true, ShowBackground: true, ShowDetails: true})
		}
		if err != nil {
			return err
		}
		fate.To = c.row.State
		return tried(try)
	})
}

func tried(try bool) error {
	if try {
		return errTried
	}
	return nil
}

// many does an act to what staff keep beside one of many petitions.
func (f fileDeed) many(many Many, file store.File, fate *Fate) error {
	switch many.Act {
	case ManyTag, ManyUntag:
		tags, err := cleanTags(many.Tags)
		if err != nil {
			return err
		}
		left := slices.Clone(file.Tags)
		for _, tag := range tags {
			if has := slices.Contains(left, tag); has != (many.Act == ManyUntag) {
				continue
			}
			fate.Tags = append(fate.Tags, tag)
			if many.Act == ManyTag {
				left = append(left, tag)
			} else {
				left = slices.DeleteFunc(left, func(t string) bool { return t == tag })
			}
		}
		if len(fate.Tags) == 0 {
			return ErrSame
		}
		if len(left) > MostTags {
			return ErrTooMany
		}
		slices.Sort(left)
		return f.tag(left)
	case ManyFlag, ManyUnflag:
		if flag := many.Act == ManyFlag; flag == file.FlaggedAt.IsZero() {
			return f.flag(flag)
		}
		return ErrSame
	case ManyAssign:
		if file.Assigned == many.Assign {
			return ErrSame
		}
		return f.assign(many.Assign)
	case ManyPark:
		if until, err := parking(f.body, f.now, many.Why, many.Until); err == nil && until.Equal(file.ParkedUntil) {
			return ErrSame
		}
		return f.park(many.Why, many.Until)
	case ManyUnpark:
		if !file.ParkedUntil.After(f.now) {
			return ErrSame
		}
		return f.unpark()
	}
	return undersigned.ErrMove
}

// seen names a petition and its file as they are.
func seen(p store.Counted, file store.File) string {
	h := fnv.New64a()
	for _, at := range []time.Time{file.FlaggedAt, file.ParkedUntil} {
		fmt.Fprint(h, undersigned.Micros(at), " ")
	}
	fmt.Fprint(h, file.Assigned, file.Tags)
	return fmt.Sprintf("%d-%016x", p.Revision, h.Sum64())
}
