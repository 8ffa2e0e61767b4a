package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"undersigned"
	"undersigned/internal/desk"
)

// A start is a petition that somebody starts while the demo is filled, and what becomes
// of it once its sponsors are there; nil: it waits.
type start struct {
	title, background, details string
	sponsors                   int
	then                       func(*Site, context.Context, deed) error
}

// A deed is what staff need for one: themselves, and the petition as they see it.
type deed struct {
	desk    *desk.Desk
	staff   undersigned.Staff
	target  desk.Target
	creator string // the address of who started it
}

var starts = []start{
	{"Put benches along canals and rivers", "Many people would walk there if they could sit down on the way.",
		"We ask for a bench every 400 metres, and one near each bridge. Older people and families told us that they turn back because there is nowhere to rest.", 2, nil},
	{"Open public swimming pools at seven in the morning", "People who work cannot swim before work, because most pools open at nine.",
		"Some towns open at half past six. A trial of three months would show how many people come.", 5, nil},
	{"Plant fruit trees in public parks", "Apple, pear and plum trees cost no more than other trees, and everybody could pick from them.",
		"We ask that each new tree in a park is a fruit tree where the soil allows it, and that schools may help with planting.", 5, nil},
	{"Run the night bus all week", "The last bus leaves at eleven, and many people finish work after that.",
		"It runs on Fridays and Saturdays now. We ask for the other five nights as well.", 5, (*Site).giveBack},
	{"My neighbour must cut his hedge", "He lets it grow over the pavement.", "", 5, (*Site).hide},
	{"Light the path through the park until midnight", "It is dark from four o'clock in winter, and it is the way to the station.",
		"Twelve lamps would do. The posts are there; they were switched off to save money.", 5, (*Site).publishAndTakeBack},
}

// startPetitions starts them the real way: form, mail, button, and as many sponsors.
func (s *Site) startPetitions(ctx context.Context) error {
	for i, text := range starts {
		version := undersigned.VersionOf(text.title, text.background, text.details)
		creator := creatorAddress(i)
		err := s.Box.Post(ctx, undersigned.Submission{
			Kind: undersigned.LetterStart, Version: version, Name: madeUpName(40 + i), Address: creator, Reply: undersigned.ReplyNo,
			Title: text.title, Background: text.background, Details: text.details, Days: 90,
		})
		if err != nil {
			return err
		}
		if err := s.confirm(ctx, creator, version); err != nil {
			return err
		}
		sponsors, err := s.link(ctx, creator, undersigned.LinkSponsor)
		if err != nil {
			return err
		}
		s.started = append(s.started, sponsors.number)
		for n := range text.sponsors {
			address := fmt.Sprintf("sponsor%d-%d@demo.example", i, n)
			err := s.Box.Post(ctx, undersigned.Submission{
				Kind: undersigned.LetterSponsor, Petition: sponsors.number, Version: version, Name: madeUpName(60 + 7*i + n), Address: address,
				Reply: undersigned.ReplyNo, Link: sponsors.kind, Number: sponsors.number, Token: sponsors.token,
			})
			if err != nil {
				return err
			}
			if err := s.confirm(ctx, address, version); err != nil {
				return err
			}
		}
	}
	return nil
}

func creatorAddress(i int) string { return fmt.Sprintf("creator%d@demo.example", i) }

// decide does what staff and creators do with some of them, and takes down one of the
// open ones, so that every state can be looked at.
func (s *Site) decide(ctx context.Context) error {
	staff, err := s.moderator(ctx)
	if err != nil {
		return err
	}
	desk := desk.New(s.DB.Desk())
	for i, text := range starts {
		if text.then == nil {
			continue
		}
		target, err := s.reaches(ctx, s.started[i], undersigned.Queued)
		if err != nil {
			return err
		}
		if err := text.then(s, ctx, deed{desk, staff, target, creatorAddress(i)}); err != nil {
			return fmt.Errorf("decide about %q: %w", text.title, err)
		}
	}
	open, err := s.openPetitions(ctx)
	if err != nil {
		return err
	}
	last := open[len(open)-1]
	target, err := s.reaches(ctx, last.ID, undersigned.Open)
	if err != nil {
		return err
	}
	return desk.TakeDown(ctx, staff, target, "A court has asked us to take it down.")
}

// giveBack returns a petition to who started it.
func (s *Site) giveBack(ctx context.Context, d deed) error {
	return d.desk.Return(ctx, d.staff, d.target, "Tell us which line you mean: there are three night buses.")
}

// hide refuses a petition whose text is the problem.
func (s *Site) hide(ctx context.Context, d deed) error {
	return d.desk.Hide(ctx, d.staff, d.target, desk.Refusal{Reason: "libellous", Explanation: "It is about one person who holds no office."})
}

// publishAndTakeBack publishes a petition. Then who started it takes it back.
func (s *Site) publishAndTakeBack(ctx context.Context, d deed) error {
	if err := d.desk.Publish(ctx, d.staff, d.target, nil, ""); err != nil {
		return err
	}
	link, err := s.link(ctx, d.creator, undersigned.LinkCreator)
	if err != nil {
		return err
	}
	if err := s.Box.Post(ctx, undersigned.Submission{Kind: undersigned.LetterRetract, Link: link.kind, Number: link.number, Token: link.token}); err != nil {
		return err
	}
	_, err = s.reaches(ctx, d.target.Petition, undersigned.Withdrawn)
	return err
}

// moderator waits for the one whom the administrator released.
func (s *Site) moderator(ctx context.Context) (staff undersigned.Staff, err error) {
	err = wait(ctx, func() (bool, error) {
		list, err := s.DB.Desk().StaffList(ctx)
		for _, one := range list {
			if one.Role == undersigned.Moderator && one.Active {
				staff = one.Staff
				return true, nil
			}
		}
		return false, err
	})
	if err != nil {
		return staff, fmt.Errorf("wait for the moderator: %w", err)
	}
	return staff, nil
}

// reaches waits until a petition is in a state.
func (s *Site) reaches(ctx context.Context, id int64, state undersigned.State) (target desk.Target, err error) {
	err = wait(ctx, func() (bool, error) {
		p, err := s.DB.Public().Petition(ctx, id)
		target = desk.Target{Petition: id, Revision: p.Revision}
		return p.State == state, err
	})
	if err != nil {
		return target, fmt.Errorf("wait until petition %d is %s: %w", id, state, err)
	}
	return target, nil
}

// wait asks until the answer is yes, for at most 30 s.
func wait(ctx context.Context, done func() (bool, error)) error {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if ok, err := done(); err != nil || ok {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return errors.New("it did not come within 30 s")
		}
	}
}
