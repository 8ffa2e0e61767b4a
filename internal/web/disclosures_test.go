package web_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
	"undersigned/internal/web/view"
	"undersigned/verify"
)

// A sealed file in memory.
type sealedFile struct{ bytes.Buffer }

func (*sealedFile) Whole() error      { return nil }
func (*sealedFile) Keep([]byte) error { return nil }

// What is handed to a court is on the public list, in the record, and on the page of each
// signer it was about: from the moment the ledger tells of it, and nobody's name with it.
func TestWhatIsHandedOverIsListedAndSaidToWhomItIsAbout(t *testing.T) {
	v := visit(t)
	ctx := t.Context()
	admins := []string{"ada@staff.example.org", "grace@staff.example.org"}
	press := func(who string) {
		v.Post(testkit.Press(undersigned.LetterRelease, v.Link(who, undersigned.LinkRelease), undersigned.TextVersion{}))
		v.Work()
	}
	for i, who := range admins {
		_, err := v.Steward.AddStaff(ctx, undersigned.LocalName(who), who, undersigned.Administrator)
		v.Check(err)
		v.Work()
		if i > 0 {
			press(admins[0])
		}
	}
	p, other := v.OpenPetition("Keep the library open"), v.OpenPetition("Mend the bridge")
	owns := map[int64]string{}
	for _, one := range []undersigned.Petition{p, other} {
		v.Sign(one, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
		owns[one.ID] = "/l/" + v.Link("ana@example.org", undersigned.LinkOwn).Text
		v.Mail.Clear()
	}
	_, recipient, err := vault.NewController()
	v.Check(err)
	v.get(view.PathDisclosures).want(t, 200, "This has never happened.")
	number, err := v.Steward.OrderDisclosure(ctx, undersigned.DisclosureWish{
		Petition: p.ID, Purpose: undersigned.DisclosureCourt, Basis: undersigned.BasisOrder, Kind: undersigned.RecipientCourt,
		Recipient: "Crown Court at Leeds", Key: recipient, Fields: undersigned.FieldName | undersigned.FieldEmail, Document: [32]byte{7},
	})
	v.Check(err)
	v.Work()
	for _, who := range admins {
		press(who)
	}
	v.get(view.PathDisclosures).want(t, 200, "This has never happened.") // agreed to, and the ledger does not tell yet
	_, err = v.Steward.MakeDisclosure(ctx, number, new(sealedFile))
	v.Check(err)
	v.Work()
	v.get(view.PathDisclosures).want(t, 200, "Crown Court at Leeds", "a court", "Keep the library open", "1 record", "<li>name</li>", "email address, if we had it").lacks(t, "Ana Torres", "ana@example.org", "postcode")
	v.get(view.PathRecord+"?what=openings").want(t, 200, "hand over at most 1 record, as a court", "We handed 1 record over").lacks(t, "Leeds", "Ana")
	own := v.get(owns[p.ID]).want(t, 200, "we said that we would hand your data to", "Crown Court at Leeds").body
	_, proof, _ := strings.Cut(own, "Crown Court at Leeds")
	_, proof, _ = strings.Cut(proof, `href="`)
	proof, _, _ = strings.Cut(proof, `"`)
	proven, err := verify.ParseEntry([]byte(v.get(proof).want(t, 200).lacks(t, "Leeds").body))
	v.Check(err)
	if want := fmt.Sprintf("at most 1 records of signers of petition %d would be handed over (disclosure %d)", p.ID, number); proven.Says != want {
		t.Errorf("its proof says that %s", proven.Says)
	}
	v.get(owns[other.ID]).want(t, 200, "It has not happened.").lacks(t, "Leeds")
	v.get(view.PathWhoGets(p.ID)).want(t, 200, "We would list it in our public record.")
}
