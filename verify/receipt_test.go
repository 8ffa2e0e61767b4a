package verify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/verify"
)

// receiptOf asks for a signer's receipt on their own page and reads the mail.
func (o *outsider) receiptOf(p undersigned.Petition, address string) string {
	o.T.Helper()
	return o.receiptBy(p, o.Link(address, undersigned.LinkOwn), address)
}

func (o *outsider) receiptBy(p undersigned.Petition, link testkit.Link, address string) string {
	o.T.Helper()
	o.Mail.Clear()
	o.Post(testkit.Press(undersigned.LetterReceipt, link, p.Version))
	o.Work()
	all := o.Mail.Messages()
	if len(all) != 1 || all[0].To != address {
		o.T.Fatalf("asking for a receipt brought %d mails", len(all))
	}
	if all[0].Subject != "The receipt you asked for" || strings.Contains(all[0].Text, p.Title) {
		o.T.Errorf("the mail says %s: %s", all[0].Subject, all[0].Text)
	}
	return all[0].Text
}

func (o *outsider) keys() []string {
	o.T.Helper()
	answer, err := (&http.Client{Transport: o}).Get(testkit.URL + "/ledger/keys")
	o.Check(err)
	defer answer.Body.Close()
	var lines [1 << 12]byte
	n, _ := answer.Body.Read(lines[:])
	return strings.Fields(string(lines[:n]))
}

// H11, S55: a receipt is mailed to who asks for it, names nobody and no petition's title,
// and gives the same before and after its signer left, by itself and against the site.
func TestS55AReceiptOfSomebodyWhoLeftSaysTheSame(t *testing.T) {
	o := visit(t)
	p := o.OpenPetition("Keep the library open")
	for n := range 12 {
		o.Sign(p, fmt.Sprintf("Ana%d Torres", n), fmt.Sprintf("ana%d@example.org", n), undersigned.ReplyYes)
	}
	texts, links := map[string]string{}, map[string]testkit.Link{}
	for n := 0; n < 12; n += 3 {
		address := fmt.Sprintf("ana%d@example.org", n)
		links[address] = o.Link(address, undersigned.LinkOwn)
	}
	for address, link := range links {
		o.Sign(p, "Ben Okri", "for."+address, undersigned.ReplyNo) // the tree grows between
		texts[address] = o.receiptBy(p, link, address)
	}
	said := func(text string) string {
		t.Helper()
		r, err := verify.ParseReceipt([]byte(text))
		o.Check(err)
		if !r.Signed(o.keys()) {
			t.Error("no key of the site signed it")
		}
		report, err := verify.Verify(context.Background(), verify.Config{URL: testkit.URL, Client: &http.Client{Transport: o}, Now: o.Clock.Now(), Receipt: r})
		o.Check(err)
		return fmt.Sprint(r.Petition, r.Index, r.Leaves, r.Entries, report.Faults)
	}
	before := map[string]string{}
	for address, text := range texts {
		before[address] = said(text)
		if strings.Contains(before[address], ":") || !strings.HasSuffix(before[address], "[]") {
			t.Errorf("a receipt says %s", before[address])
		}
	}
	for address, link := range links {
		if address == "ana0@example.org" || address == "ana6@example.org" {
			o.Post(testkit.Press(undersigned.LetterWithdraw, link, p.Version))
		}
	}
	o.Work()
	if got := o.Number(p.ID); got != 12+4-2 {
		t.Fatalf("the number is %d", got)
	}
	for address, text := range texts {
		if got := said(text); got != before[address] {
			t.Errorf("it says %s after some left, and said %s", got, before[address])
		}
		for _, word := range []string{"Ana", "ana", "Torres", p.Title, "library"} {
			if r, err := verify.ParseReceipt([]byte(text)); err != nil || strings.Contains(r.String(), word+" ") {
				t.Errorf("a receipt names %q", word)
			}
		}
	}
}

// Whatever is changed in a receipt, it does not hold.
func TestAChangedReceiptDoesNotHold(t *testing.T) {
	o := visit(t)
	p := o.OpenPetition("Keep the library open")
	for n := range 9 {
		o.Sign(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", n), undersigned.ReplyYes)
	}
	text := o.receiptOf(p, "ana8@example.org")
	r, err := verify.ParseReceipt([]byte(text))
	o.Check(err)
	again, err := verify.ParseReceipt([]byte(r.String()))
	o.Check(err)
	if again.String() != r.String() || again.Index != r.Index {
		t.Error("it is not written as it was read")
	}
	if mailed, err := verify.ParseReceipt([]byte("> " + strings.ReplaceAll(text, "\n", "\r\n> "))); err != nil || mailed.String() != r.String() {
		t.Errorf("quoted in a mail it does not hold: %v", err)
	}
	keys := o.keys()
	clean := r.String()
	random := rand.New(rand.NewPCG(5, 5))
	for range 400 {
		at := len("undersigned receipt v1\n") + random.IntN(len(clean)-len("undersigned receipt v1\n"))
		b := []byte(clean)
		if b[at] == '\n' || b[at] == ' ' {
			continue
		}
		b[at] ^= 1 << random.IntN(6)
		changed, err := verify.ParseReceipt(b)
		if err == nil && changed.Signed(keys) && changed.String() != clean {
			t.Fatalf("with byte %d changed it holds:\n%s", at, b)
		}
	}
}

// Of a protected petition a signature that the record does not show yet has no receipt.
func TestWhatTheRecordDoesNotShowHasNoReceipt(t *testing.T) {
	o := visit(t)
	p := o.OpenProtected("Say who pays")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	if text := o.receiptOf(p, "ana@example.org"); strings.Contains(text, "undersigned receipt") || !strings.Contains(text, "does not show your signature yet") {
		t.Errorf("the mail says %s", text)
	}
}
