package desk_test

import (
	"context"
	"fmt"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
)

// The queue shows who backs a petition now: a petition is queued by its last sponsor, and
// the published count comes a batch later.
func TestTheQueueShowsEverySponsorBeforeTheNextBatch(t *testing.T) {
	s, ctx := testkit.New(t), context.Background()
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version,
	})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), version))
	s.Work()
	link := s.Link("charlie@example.org", undersigned.LinkSponsor)
	for i := range s.Body.Sponsors.Needed {
		form := testkit.SignForm(undersigned.Petition{ID: link.Number, Version: version}, "Laura Smith", fmt.Sprintf("sponsor%d@example.org", i), undersigned.ReplyNo)
		form.Kind, form.Link, form.Number, form.Token = undersigned.LetterSponsor, link.Kind, link.Number, link.Token
		s.Post(form)
	}
	s.Work()
	for i := range s.Body.Sponsors.Needed {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(fmt.Sprintf("sponsor%d@example.org", i), undersigned.LinkConfirm), version))
	}
	s.Check(s.Steward.Drain(ctx)) // and no batch
	d := desk.New(s.DB.Desk())
	queued, sponsors, err := d.Queue(ctx, 1)
	s.Check(err)
	if len(queued) != 1 || sponsors[link.Number] != s.Body.Sponsors.Needed {
		t.Fatalf("%d wait, and %d back the first", len(queued), sponsors[link.Number])
	}
	if c, err := d.Case(ctx, moderator, link.Number); err != nil || c.Sponsors != s.Body.Sponsors.Needed {
		t.Fatalf("the review shows %d sponsors: %v", c.Sponsors, err)
	}
}
