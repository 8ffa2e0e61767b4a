package steward_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/steward"
)

// G31: whoever asks about 1,000 single addresses within ten seconds gets ten orders, each of
// which two people would have to agree to; every other try is counted, and administrators
// hear of it within a minute. After a minute a court's next question is taken.
func TestG31ManyQuestionsAreThrottledCountedAndTold(t *testing.T) {
	c := newCourt(t)
	ask := func(n int) error {
		wish := c.wish()
		wish.Purpose, wish.Fields, wish.Address = undersigned.DisclosureQuestion, 0, fmt.Sprintf("signer%d@example.org", n)
		_, err := c.Steward.OrderDisclosure(t.Context(), wish)
		return err
	}
	c.Check(c.Steward.FollowActs(t.Context()))
	taken, refused := 0, 0
	for n := range 1000 {
		c.Clock.Move(10 * time.Millisecond)
		switch err := ask(n); {
		case err == nil:
			taken++
		case errors.Is(err, steward.ErrManyQuestions):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if taken != undersigned.MostQuestions || taken+refused != 1000 {
		t.Errorf("%d were taken, %d refused", taken, refused)
	}
	all, err := c.DB.Steward().Disclosures(t.Context())
	c.Check(err)
	counted, err := c.DB.Steward().Cursor(t.Context(), "questions_refused")
	c.Check(err)
	if len(all) != taken || counted != int64(refused) {
		t.Errorf("%d orders are kept and %d refusals counted", len(all), counted)
	}
	c.Mail.Clear()
	c.Check(c.Steward.FollowActs(t.Context())) // the running steward does so each second
	c.Check(c.Steward.SendMail(t.Context()))
	told := 0
	for _, m := range c.Mail.Messages() {
		if m.Subject == "Many questions about single people on Calderdale petitions" {
			told++
			if !strings.Contains(m.Text, fmt.Sprintf("%d times more", refused)) || strings.Contains(m.Text, "@example.org") {
				t.Errorf("the mail says:\n%s", m.Text)
			}
		}
	}
	if told != 2 || c.Steward.Meters().Questions.Value() != int64(refused) {
		t.Errorf("%d administrators were told, and the meter says %d", told, c.Steward.Meters().Questions.Value())
	}
	c.Clock.Move(time.Minute)
	c.Check(ask(1))
	sound(c.Site)
}
