package check_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// disclosed makes a site with four disclosures of petition 1: one made, an audit's sample
// made, one that two people agreed to, one that waits.
func disclosed(t testing.TB) *testkit.Site {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	sign(s, p, 6)
	press := func(address string) {
		s.Post(testkit.Press(undersigned.LetterRelease, s.Link(address, undersigned.LinkRelease), undersigned.TextVersion{}))
		s.Work()
	}
	people := []string{"ada@staff.example.org", "grace@staff.example.org"}
	for i, address := range people {
		_, err := s.Steward.AddStaff(ctx, "Somebody", address, undersigned.Administrator)
		s.Check(err)
		s.Work()
		if i > 0 {
			press(people[0])
		}
	}
	_, key, err := vault.NewController()
	s.Check(err)
	wish := undersigned.DisclosureWish{Petition: p.ID, Purpose: undersigned.DisclosureCourt, Basis: undersigned.BasisOrder, Kind: undersigned.RecipientCourt,
		Recipient: "Crown Court at Leeds", Key: key, Fields: undersigned.FieldName, Document: [32]byte{1}}
	for n := range 4 {
		if n == 1 {
			wish.Purpose, wish.Basis, wish.Kind, wish.Sample = undersigned.DisclosureAudit, undersigned.BasisAudit, undersigned.RecipientAuditor, 3
		}
		number, err := s.Steward.OrderDisclosure(ctx, wish)
		s.Check(err)
		s.Work()
		if n < 3 {
			press(people[0])
			press(people[1])
		}
		if n < 2 {
			_, err := s.Steward.MakeDisclosure(ctx, number, nowhere{})
			s.Check(err)
		}
	}
	return s
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Whole() error                { return nil }
func (nowhere) Keep([]byte) error           { return nil }

var disclosureMutations = []mutation{
	{"disclosures", "no = 1", "no set 99, no set 9, id flip, id cut, petition_id set 2, purpose more, purpose set 'audit', basis set 'law', basis more, kind set 'authority', kind more, recipient more, recipient set '', " +
		"public_key more, public_key set 'x', fields plus, fields set 127, fields set -1, sample set 3, document cut, sealed set x'01', state set 0, state set 1, state set 2, state set 4, state set 5, why set 'time', " +
		"size plus, size minus, size set 0, batch set -1, records plus, records minus, file flip, file cut, assent flip, assent cut, touched set x'01', agreed_at set 0, told_at plus, told_at set 0, made_at set 0, ordered_at set 0, delete"},
	{"disclosures", "no = 2", "touched set x'0001', sample set 4, sample set 401, sample set 0, size plus, records minus, delete"},
	{"disclosures", "no = 3", "sealed cut, sealed set x'', state set 0, state set 2, state set 3, told_at set 5, agreed_at set 0, made_at set 5, file set x'01', why set 'gone'"},
	{"disclosures", "no = 4", "state set 1, state set 3, agreed_at set 5, sealed cut, purpose more, sample set 0"},
	{"disclosure_assents", "disclosure_no = 1 AND staff_id = 1", "disclosure_no set 9, disclosure_no set 4, staff_id set 99, assent cut, at set 0, delete"},
	{"disclosure_assents", "disclosure_no = 3 AND staff_id = 2", "assent cut, delete"},
	{"ledger_entries", "substr(entry, 1, 1) = x'0a' AND no = (SELECT MIN(no) FROM ledger_entries WHERE substr(entry, 1, 1) = x'0a')", "entry flip, delete"},
}

// harmlessDisclosures are changes that must stay possible: nothing follows from the id of
// one that was made, and NULL and no numbers are the same.
var harmlessDisclosures = map[string]bool{"disclosures no = 1 id flip": true}

func TestG9EveryChangeOfADisclosureIsFound(t *testing.T) {
	s := disclosed(t)
	s.Close()
	if faults, err := look(s, s.Dir); err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", faults, err)
	}
	random := rand.New(rand.NewPCG(9, 11))
	planted := 0
	for _, m := range disclosureMutations {
		for _, change := range strings.Split(m.changes, ", ") {
			name := strings.Join([]string{m.table, m.where, change}, " ")
			planted++
			dir := copyOf(t, s.Dir, false)
			if err := plant(dir, m, change, random); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			faults, err := look(s, dir)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if (len(faults) == 0) != harmlessDisclosures[name] {
				t.Errorf("%s: found %v", name, faults)
			}
			os.RemoveAll(dir)
		}
	}
	t.Logf("%d changes planted", planted)
}
