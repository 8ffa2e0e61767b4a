package steward_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
)

// U15: the creator counts when they confirm. U16: a sponsor's form brings one mail with a
// link. U27: each sponsor brings the creator a mail with the number that is missing. U28:
// the last one brings "we are checking" alone. U29: one more counts and brings none.
func TestU16AndU27ToU29WhatTheCreatorHears(t *testing.T) {
	s := testkit.New(t)
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version,
	})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("charlie@example.org", undersigned.LinkConfirm), version))
	s.Work()
	shared := s.Link("charlie@example.org", undersigned.LinkSponsor)
	if got := s.Number(shared.Number); got != 1 {
		t.Fatalf("with its creator alone it has %d signatures", got)
	}
	const sponsors = 7 // five are needed; two were still reading
	var links []testkit.Link
	for i := range sponsors {
		form := testkit.SignForm(undersigned.Petition{ID: shared.Number, Version: version}, "Laura Smith", fmt.Sprintf("sponsor%d@example.org", i), undersigned.ReplyNo)
		form.Kind, form.Link, form.Number, form.Token = undersigned.LetterSponsor, shared.Kind, shared.Number, shared.Token
		s.Mail.Clear()
		s.Post(form)
		s.Work()
		caught := s.Mail.Messages()
		if len(caught) != 1 || caught[0].To != form.Address {
			t.Fatalf("a sponsor's form brought %d mails", len(caught))
		}
		links = append(links, s.Link(form.Address, undersigned.LinkConfirm))
	}
	for i, link := range links {
		s.Mail.Clear()
		s.Post(testkit.Press(undersigned.LetterConfirm, link, version))
		s.Work()
		var subject, text string
		caught := s.Mail.Messages()
		if len(caught) > 1 {
			t.Fatalf("sponsor %d brought %d mails", i+1, len(caught))
		}
		if len(caught) == 1 {
			subject, text = caught[0].Subject, caught[0].Text
		}
		switch {
		case i < 4 && (subject != "Somebody backs your petition" || !strings.Contains(text, fmt.Sprintf("It needs %d more before we check it.", 4-i))):
			t.Errorf("sponsor %d brought %q:\n%s", i+1, subject, text)
		case i == 4 && subject != "We are checking your petition":
			t.Errorf("the last sponsor brought %q", subject)
		case i > 4 && len(caught) != 0:
			t.Errorf("sponsor %d brought %q", i+1, subject)
		}
		if got := s.Number(shared.Number); got != int64(i+2) {
			t.Errorf("after sponsor %d it has %d signatures", i+1, got)
		}
	}
}

// U46, U47: two names of one address. By default the second is told that the address has
// signed, whatever the name and the postcode; a body that allows households counts two,
// and tells the third. U45, that the same name is the same person, is left to the name
// that each gives: names are sealed and not compared.
func TestU46AndU47TwoNamesOfOneAddress(t *testing.T) {
	for households, want := range map[bool]int64{false: 1, true: 2} {
		s := testkit.New(t)
		s.Body.Households = households
		s.Check(s.DB.Desk().SaveBody(context.Background(), &s.Body))
		p := s.OpenPetition("Keep the library open")
		for i, name := range []string{"Ana Torres", "Bo Torres", "Cy Torres"} {
			form := testkit.SignForm(p, name, "torres@example.org", undersigned.ReplyNo)
			form.Postcode = fmt.Sprintf("HX%d 1UJ", i)
			s.Mail.Clear()
			s.Post(form)
			s.Work()
			caught := s.Mail.Messages()
			if len(caught) != 1 {
				t.Fatalf("%s brought %d mails", name, len(caught))
			}
			offered := len(s.Links(caught[0].Text)) > 0
			if offered != (int64(i) < want) {
				t.Errorf("households %v: %s is offered to sign: %v", households, name, offered)
			}
			if offered {
				s.Post(testkit.Press(undersigned.LetterConfirm, s.Link("torres@example.org", undersigned.LinkConfirm), p.Version))
				s.Work()
			}
		}
		if got := s.Number(p.ID); got != want {
			t.Errorf("households %v: the number is %d", households, got)
		}
		whole(s)
	}
}
