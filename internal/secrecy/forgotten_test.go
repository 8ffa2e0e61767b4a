package secrecy

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// Who answered "No, count me and forget my address" is counted by a tag alone: all keys
// together, on every part of every row, give no address.
func TestAllKeysTogetherGiveNoAddressOfWhoAskedToBeForgotten(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	all := people(40, draws(t))
	for _, one := range all {
		s.Post(testkit.SignForm(p, one.name, one.address, one.reply))
	}
	s.Work()
	before := steal(t, s.Dir)
	for _, one := range all {
		s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(one.address, undersigned.LinkConfirm), p.Version))
	}
	s.Work()
	s.Post(testkit.SignForm(p, "Still Waiting", "waiting@example.org", undersigned.ReplyNo)) // to see that letters open
	s.Work()
	opened := openEverything(t, s)
	if !bytes.Contains(opened, []byte("waiting@example.org")) {
		t.Fatal("a letter that waits did not open: the test opens too little")
	}
	for i, one := range all {
		if held := bytes.Contains(opened, []byte(one.address)); held != (one.reply == undersigned.ReplyYes) {
			t.Errorf("person %d, reply %d: address held: %v", i, one.reply, held)
		}
	}
	// Nor are their letters left between the rows, once the log is folded in.
	s.Check(s.DB.Checkpoint(ctx))
	for _, name := range []string{"undersigned.db", "undersigned.db-wal"} {
		content, err := os.ReadFile(filepath.Join(s.Dir, name))
		s.Check(err)
		for _, letter := range before.sealed[:before.letters] {
			if bytes.Contains(content, letter.bytes[21:85]) { // behind format, key id and nonce
				t.Errorf("a letter that was dealt with is still in %s", name)
			}
		}
	}
}

// openEverything opens every sealed thing with every key of the key store.
func openEverything(t *testing.T, s *testkit.Site) []byte {
	t.Helper()
	ctx := context.Background()
	th := steal(t, s.Dir)
	var opened bytes.Buffer
	in, err := s.DB.Inspect(ctx)
	s.Check(err)
	defer in.Close()
	for from := int64(1); ; {
		letter, key, err := in.LetterFrom(ctx, from)
		s.Check(err)
		if letter.Number == 0 {
			break
		}
		from = letter.Number + 1
		s.Check(s.Vault.AddDataKey(th.site, key.Letterbox, key.ID, key.Wrapped))
		l, err := s.Vault.OpenLetter(th.site, letter.Kind, letter.Petition, letter.ID, letter.Sealed)
		s.Check(err)
		fmt.Fprintf(&opened, "%+v\n", l.Submission)
	}
	inventory, err := s.Vault.Inventory()
	s.Check(err)
	for _, part := range th.sealed {
		for petition := range inventory.Petitions {
			keys, err := s.Vault.Petition(th.site, petition)
			s.Check(err)
			openPart(&opened, keys, part)
		}
		for _, role := range []undersigned.Role{undersigned.Moderator, undersigned.Administrator} {
			who := vault.Colleague{Number: part.context.Petition, Role: role, Row: part.context.ID}
			if contact, err := s.Vault.OpenStaff(th.site, who, part.bytes); err == nil {
				fmt.Fprintf(&opened, "%+v\n", contact)
			}
		}
	}
	return opened.Bytes()
}

func openPart(opened *bytes.Buffer, keys *vault.PetitionKeys, part sealedPart) {
	if audit, err := keys.OpenAudit(part.context.ID, part.context.Version, part.bytes); err == nil {
		fmt.Fprintf(opened, "%+v\n", audit)
	}
	if contact, err := keys.OpenReply(part.context.ID, part.context.Version, part.bytes); err == nil {
		fmt.Fprintf(opened, "%+v\n", contact)
	}
	if contact, err := keys.OpenCreator(part.context.ID, part.bytes); err == nil {
		fmt.Fprintf(opened, "%+v\n", contact)
	}
}

// Who takes their name off is gone from the file and its log with the next chores, a
// minute later at most: all keys together find nothing of them.
func TestWhoLeavesIsInNoFileOfTheSiteAMinuteLater(t *testing.T) {
	s := testkit.New(t)
	ctx := context.Background()
	p := s.OpenPetition("Keep the library open")
	all := people(12, draws(t))
	for _, one := range all {
		s.Sign(p, one.name, one.address, one.reply)
	}
	s.Post(testkit.SignForm(p, "Declines Soon", "declines@example.org", undersigned.ReplyYes))
	s.Work()
	s.Check(s.Steward.Chores(ctx))
	before := steal(t, s.Dir)
	for _, one := range all[:6] {
		s.Post(testkit.Press(undersigned.LetterWithdraw, s.Link(one.address, undersigned.LinkOwn), p.Version))
	}
	s.Post(testkit.Press(undersigned.LetterNotMe, s.Link("declines@example.org", undersigned.LinkConfirm), p.Version))
	s.Work()
	s.Check(s.Steward.Chores(ctx))
	after := steal(t, s.Dir)
	still := map[string]bool{}
	for _, part := range after.sealed {
		still[string(part.bytes)] = true
	}
	var files []byte
	for _, name := range []string{"undersigned.db", "undersigned.db-wal"} {
		content, err := os.ReadFile(filepath.Join(s.Dir, name))
		s.Check(err)
		files = append(files, content...)
	}
	gone := 0
	for _, part := range before.sealed {
		if still[string(part.bytes)] {
			continue
		}
		gone++
		if bytes.Contains(files, part.bytes[21:85]) {
			t.Error("a part of somebody who left is still in a file")
		}
	}
	if want := 6 + 3 + 1; gone != want { // audit parts, reply parts of those who said yes, a letter
		t.Fatalf("%d parts went instead of %d", gone, want)
	}
	for _, one := range all[:6] {
		tag := tagOf(t, s, p, one.address)
		if bytes.Contains(files, tag[:]) {
			t.Error("the address tag of somebody who left is still in a file")
		}
	}
}

func tagOf(t *testing.T, s *testkit.Site, p undersigned.Petition, address string) [16]byte {
	t.Helper()
	site, err := s.DB.Site(context.Background())
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, p.ID)
	s.Check(err)
	return keys.AddressTag(address)
}
