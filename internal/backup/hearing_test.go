package backup_test

import (
	"context"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
)

// A phone number that was changed or deleted after the backup does not come back with it,
// whether it was held then or its letter waited; one that was not is there.
func TestADeletedPhoneNumberDoesNotComeBack(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.Body.AskHearing, h.Body.HearingWhy = true, "To set the day of a hearing."
	h.Check(h.DB.Desk().SaveBody(ctx, &h.Body))
	start := func(address string) testkit.Link {
		version := undersigned.VersionOf("Plant more trees", "They are few.", "")
		h.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: "Charlie Green", Address: address, Reply: undersigned.ReplyNo, Title: "Plant more trees",
			Background: "They are few.", Days: 90, Version: version, Hearing: undersigned.Hearing{Phone: "01422 350000"}})
		h.Work()
		h.Post(testkit.Press(undersigned.LetterConfirm, h.Link(address, undersigned.LinkConfirm), version))
		h.Work()
		return h.Link(address, undersigned.LinkCreator)
	}
	letter := func(link testkit.Link, phone string) undersigned.Submission {
		l := testkit.Press(undersigned.LetterHearing, link, undersigned.TextVersion{})
		l.Hearing.Phone = phone
		return l
	}
	kept, deleted, waited := start("kept@example.org"), start("deleted@example.org"), start("waited@example.org")
	h.Post(letter(waited, "01422 111222"))
	h.backUp()
	h.Post(letter(deleted, ""))
	h.Work()
	h.Post(letter(waited, ""))
	h.Work()
	// The next run leaves the list of what was erased since, and its database is lost.
	h.backUp()
	h.loseNewest()
	if r := h.restore(); r.Erased != 2 {
		t.Errorf("%d rows were erased again", r.Erased)
	}
	h.Open()
	h.mustAgree()
	for link, want := range map[testkit.Link]bool{kept: true, deleted: false, waited: false} {
		creator, err := h.DB.Public().Creator(ctx, link.Number)
		h.Check(err)
		if got := creator.Hearing.Sealed != nil; got != want {
			t.Errorf("of petition %d a phone number is there: %v", link.Number, got)
		}
	}
}
