package web_test

import (
	"context"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// audits opens the audit parts of a petition's signatures and returns what their signers
// were asked with, word for word.
func (v *visitor) askedOf(number int64) (words []string, purposes string) {
	v.T.Helper()
	ctx := context.Background()
	signature, err := v.DB.Steward().Signature(ctx, number)
	v.Check(err)
	site, err := v.DB.Site(ctx)
	v.Check(err)
	keys, err := v.Vault.Petition(site.ID, signature.PetitionID)
	v.Check(err)
	audit, err := keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed)
	v.Check(err)
	for _, version := range audit.Wordings {
		text, err := v.DB.Steward().PurposeText(ctx, version)
		v.Check(err)
		if text.Version() != version {
			v.T.Fatalf("the text of %s is kept under another hash", text.Code)
		}
		words = append(words, text.Words)
	}
	return words, audit.Purposes
}

// What somebody agreed to can be read, word for word, for as long as they are a signer.
func TestTheExactWordingOfWhatASignerAgreedToIsKept(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		b.Purposes = []undersigned.Purpose{
			{Code: "school", Version: 1, Sender: "School Friends", Words: "We write once a month."},
			{Code: "news", Version: 2, Sender: "Library Friends", Words: "We write four times a year."},
		}
	})
	p := v.OpenPetition("Keep the library open")
	for address, ticked := range map[string]string{"ana@example.org": "news/2", "bo@example.org": ""} {
		form := signing(p, "Ana Torres", address, "yes")
		if ticked != "" {
			form["purpose"] = []string{ticked, "other/1"}
		}
		v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
		v.Work()
		v.pressed(v.Link(address, undersigned.LinkConfirm), p.Version)
		want := []string{"When Calderdale Council answers this petition, shall we email you?\nYes, email me the answer (two emails at most)\nNo, count me and forget my address"}
		if ticked != "" {
			want = append(want, "Library Friends: We write four times a year.")
		}
		words, purposes := v.askedOf(v.Link(address, undersigned.LinkOwn).Number)
		if strings.Join(words, "|") != strings.Join(want, "|") || purposes != ticked {
			t.Errorf("of %q it keeps %q and %q", ticked, purposes, words)
		}
		// Their copy says it in those words, too.
		own := v.Link(address, undersigned.LinkOwn)
		v.Mail.Clear()
		v.Post(testkit.Press(undersigned.LetterCopy, own, p.Version))
		v.Work()
		mails := v.Mail.Messages()
		if len(mails) != 1 {
			t.Fatalf("asking for a copy brought %d mails", len(mails))
		}
		if text := mails[0].Text; strings.Contains(text, "Library Friends: We write four times a year.") != (ticked != "") ||
			strings.Contains(text, "news/2") || !strings.Contains(text, "Name: Ana Torres") || !strings.Contains(text, "May we email you the answer: Yes") {
			t.Errorf("with %q ticked, the copy says:\n%s", ticked, text)
		}
	}
}

// An answer holds for the words it was given to. Where those have changed since the form
// was opened, nothing is taken: the form comes back with the new ones, unanswered.
func TestAFormWithAnOlderWordingIsShownAgain(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	_, sponsors := v.started()
	form := v.worded(signing(p, "Ana Torres", "ana@example.org", "yes"))
	form["purpose"] = []string{"news/1"}
	v.saveBody(func(b *undersigned.Body) {
		b.MailQuota = 3
		b.Purposes = []undersigned.Purpose{{Code: "news", Version: 1, Sender: "Library Friends", Words: "We write daily."}}
	})
	before := v.letters()
	for _, path := range []string{view.PathPetition(p.ID) + "/signatures", view.PathSponsor(sponsors.Number)} {
		form.Set("link", sponsors.Text)
		a := v.post(path, form).want(t, 422, "We have changed this question", "3 emails at most", "We write daily.", `value="Ana Torres"`, `value="ana@example.org"`)
		a.lacks(t, " checked", "Check your email")
	}
	form.Set("wording", "")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 422, "We have changed this question")
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
	form.Del("wording")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
}

// A form that is taken can be kept: with the longest name and address, and every box
// ticked, the signature still fits its audit part, or the form says what to shorten.
func TestTheLongestFormsCanBeKept(t *testing.T) {
	v := visit(t)
	v.saveBody(func(b *undersigned.Body) {
		b.AskPostcode, b.AskCountry = true, true
		for _, code := range []string{"a-newsletter", "b-newsletter"} {
			b.Purposes = append(b.Purposes, undersigned.Purpose{Code: code, Version: 1, Sender: "Library Friends", Words: "We write four times a year."})
		}
	})
	p := v.OpenPetition("Keep the library open")
	label := strings.Repeat("a", 59) + "."
	address := strings.Repeat("a", 64) + "@" + label + label + label + "example"
	form := signing(p, strings.Repeat("𞤀", 64), address, "yes")
	form["purpose"] = []string{"a-newsletter/1", "b-newsletter/1"}
	form.Set("country", "GB")
	form.Set("postcode", "HX1 1UJ")
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 422, "Make your name at most")
	form.Set("name", strings.Repeat("𞤀", 40))
	v.post(view.PathPetition(p.ID)+"/signatures", form).want(t, 200, "Check your email")
	v.Work()
	v.pressed(v.Link(address, undersigned.LinkConfirm), p.Version)
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

// A form that was shown for a moment only, between two changes of the settings, has its
// words kept as well.
func TestWordsThatStoodForAMomentAreKept(t *testing.T) {
	v := visit(t)
	ctx := context.Background()
	var stood []undersigned.PurposeText
	for _, quota := range []int{3, 4, 5} {
		v.Body.MailQuota = quota
		v.Check(v.DB.Desk().SaveBody(ctx, &v.Body))
		asked, err := view.PurposeTexts(v.Body)
		v.Check(err)
		stood = append(stood, asked...)
	}
	v.Check(v.Steward.Chores(ctx))
	for _, text := range stood {
		if _, err := v.DB.Steward().PurposeText(ctx, text.Version()); err != nil {
			t.Errorf("%q: %v", text.Words, err)
		}
	}
}
