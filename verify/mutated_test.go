package verify_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned/internal/ledger"
	"undersigned/internal/testkit"
	"undersigned/verify"
)

// G43: 1,000 of 1,000 logs of a site that lies are refused: flipped bits in whatever it
// serves, and what somebody who holds the ledger key can write and sign.
func TestG43MutatedLogsAreRefused(t *testing.T) {
	o, open := town(t)
	good := o.record()
	now := o.Clock.Now()
	before := string(good.render()["/ledger/checkpoint"])
	if report := check(t, good.render(), now, before); len(report.Faults) > 0 {
		t.Fatalf("what was recorded is refused: %q", report.Faults)
	}
	page, data := fmt.Sprintf("/petitions/%d", open.ID), fmt.Sprintf("/petitions/%d.json", open.ID)
	hash := func(n int) ledger.Hash { return ledger.LeafHash(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	replace := func(s *served, path, old, new string) {
		if !strings.Contains(s.pages[path], old) {
			t.Fatalf("%s does not hold %q", path, old)
		}
		s.pages[path] = strings.ReplaceAll(s.pages[path], old, new)
	}
	lies := []struct {
		name string
		tell func(s *served, n int)
	}{
		{"an entry is left out", func(s *served, n int) { s.entries = slices.Delete(s.entries, n%len(s.entries), n%len(s.entries)+1) }},
		{"the log is cut off", func(s *served, n int) { s.entries = s.entries[:1+n%(len(s.entries)-1)] }},
		{"two entries change places", func(s *served, n int) {
			i := n % (len(s.entries) - 1)
			s.entries[i], s.entries[i+1] = s.entries[i+1], s.entries[i]
		}},
		{"an entry is slipped in", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Epoch{At: now, Number: 1, Entries: 0})
			s.entries = slices.Insert(s.entries, n%len(s.entries), line)
		}},
		{"words are added to an entry", func(s *served, n int) {
			i := n % len(s.entries)
			s.entries[i] = append(bytes.Clone(s.entries[i]), "Ana Torres"...)
		}},
		{"a head says another number", func(s *served, n int) {
			s.edit(ledger.KindHead, n, func(e ledger.Entry) { e.(*ledger.Head).Number += 10 })
		}},
		{"a head says another size", func(s *served, n int) {
			s.edit(ledger.KindHead, n, func(e ledger.Entry) { e.(*ledger.Head).Size += 10 })
		}},
		{"a head says another root", func(s *served, n int) {
			s.edit(ledger.KindHead, n, func(e ledger.Entry) { e.(*ledger.Head).Root = hash(n) })
		}},
		{"a head is of another petition", func(s *served, n int) {
			s.edit(ledger.KindHead, n, func(e ledger.Entry) { e.(*ledger.Head).Petition += 10 })
		}},
		{"a leaf is another", func(s *served, n int) {
			h := hash(n)
			s.leaves[open.ID][n%len(s.leaves[open.ID])] = h[:]
		}},
		{"a leaf is left out", func(s *served, n int) {
			i := n % len(s.leaves[open.ID])
			s.leaves[open.ID] = slices.Delete(s.leaves[open.ID], i, i+1)
		}},
		{"signatures are made up, and nobody saw the log before", func(s *served, n int) {
			s.leaves[open.ID][n%250] = s.leaves[open.ID][250]
			s.rehead(open.ID, nil)
		}},
		{"history is rewritten as a whole", func(s *served, n int) {
			h := hash(n)
			s.leaves[open.ID][n%len(s.leaves[open.ID])] = h[:]
			s.rehead(open.ID, nil)
		}},
		{"a withdrawal is counted as a signature", func(s *served, n int) {
			h := hash(n)
			s.leaves[open.ID][len(s.leaves[open.ID])-1] = h[:]
			s.rehead(open.ID, func(size int64) int64 { return size })
		}},
		{"the data says another number", func(s *served, n int) { replace(s, data, "465", fmt.Sprint(466+n)) }},
		{"the page says another number", func(s *served, n int) { replace(s, page, ">465<", fmt.Sprintf(">%d<", 466+n)) }},
		{"the site says more on paper than the ledger", func(s *served, n int) {
			replace(s, page, ">465<", fmt.Sprintf(">%d<", 466+n))
			replace(s, data, "465", fmt.Sprint(466+n))
			replace(s, data, `"paper":200`, fmt.Sprintf(`"paper":%d`, 201+n))
		}},
		{"the ledger tells of other paper", func(s *served, n int) {
			s.edit(ledger.KindTotals, n, func(e ledger.Entry) { e.(*ledger.Totals).Paper += int64(n) + 1 })
		}},
		{"the ledger tells of no paper", func(s *served, n int) {
			s.entries = slices.DeleteFunc(s.entries, func(line []byte) bool { return line[0] == byte(ledger.KindTotals) })
		}},
		{"signatures were counted elsewhere after all", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Totals{At: now, Petition: open.ID, Imported: int64(n) + 1, Paper: 200})
			s.entries = append(s.entries, line)
		}},
		{"the page says none", func(s *served, n int) { replace(s, page, "data-count", "data-other") }},
		{"the text was changed after signing", func(s *served, n int) { replace(s, data, "Because it matters.", fmt.Sprint("Because of ", n)) }},
		{"the ledger names another text", func(s *served, n int) {
			s.edit(ledger.KindText, n, func(e ledger.Entry) { e.(*ledger.Text).Version = hash(n) })
		}},
		{"a mailing was not in the ledger", func(s *served, n int) {
			s.entries = slices.DeleteFunc(s.entries, func(line []byte) bool {
				return line[0] == byte(ledger.KindMailing) || line[0] == byte(ledger.KindMailingEnded)
			})
		}},
		{"a mailing beyond the quota", func(s *served, n int) {
			s.edit(ledger.KindMailing, n, func(e ledger.Entry) { e.(*ledger.Mailing).Quota = 0 })
		}},
		{"a unit is taken twice", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now, Number: 90 + int64(n), Petition: open.ID, Unit: 1, Quota: 2, Reason: 1})
			s.entries = append(s.entries, line)
		}},
		{"a mailing that the site keeps quiet about", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now.Add(-time.Hour), Number: 90 + int64(n), Petition: open.ID, Unit: 2, Quota: 2, Reason: 1})
			s.entries = append(s.entries, line)
		}},
		{"news out of its turn", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now, Number: 90 + int64(n), Petition: open.ID, Unit: 3, Quota: 4, Reason: 4})
			s.entries = append(s.entries, line)
		}},
		{"news beyond its own quota", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now, Number: 90 + int64(n), Petition: open.ID, Unit: 2, Quota: 1, Reason: 4})
			s.entries = append(s.entries, line)
		}},
		{"news that the site keeps quiet about", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now.Add(-time.Hour), Number: 90 + int64(n), Petition: open.ID, Unit: 2, Quota: 2, Reason: 4})
			s.entries = append(s.entries, line)
		}},
		{"news that was told as an answer", func(s *served, n int) {
			for i := range 3 {
				s.edit(ledger.KindMailing, i, func(e ledger.Entry) {
					if m := e.(*ledger.Mailing); m.Reason == 4 {
						m.Reason = 2
					}
				})
			}
		}},
		{"other news was mailed than the page says", func(s *served, n int) { replace(s, data, "It is on 3 May.", fmt.Sprintf("It is on %d May.", 4+n)) }},
		{"a mailing went to more than it says", func(s *served, n int) {
			s.edit(ledger.KindMailingEnded, n, func(e ledger.Entry) { e.(*ledger.MailingEnd).Sent += int64(n) + 1 })
		}},
		{"a disclosure was not in the ledger before it was made", func(s *served, n int) {
			s.entries = slices.DeleteFunc(s.entries, func(line []byte) bool { return line[0] == byte(ledger.KindDisclosure) })
		}},
		{"a disclosure holds more than it says", func(s *served, n int) {
			s.edit(ledger.KindDisclosureMade, n, func(e ledger.Entry) { e.(*ledger.DisclosureMade).Records += 100 + int64(n) })
		}},
		{"a disclosure says more than signed", func(s *served, n int) {
			s.edit(ledger.KindDisclosure, 0, func(e ledger.Entry) { e.(*ledger.Disclosure).Size += int64(n) + 1 })
		}},
		{"a disclosure is made twice", func(s *served, n int) {
			for _, line := range s.entries {
				if line[0] == byte(ledger.KindDisclosureMade) {
					s.entries = append(s.entries, line)
					return
				}
			}
		}},
		{"a disclosure of a petition whose keys are gone", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Disclosure{At: now, Number: 90 + int64(n), Petition: 1, Purpose: 4, Basis: 1, Size: 1})
			s.entries = append(s.entries, line)
		}},
		{"a question about more than one", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Disclosure{At: now, Number: 90 + int64(n), Petition: open.ID, Purpose: 4, Basis: 1, Size: 2 + int64(n)})
			s.entries = append(s.entries, line)
		}},
		{"a disclosure for no known purpose", func(s *served, n int) {
			s.edit(ledger.KindDisclosure, n, func(e ledger.Entry) { e.(*ledger.Disclosure).Purpose = 5 })
		}},
		{"another date is told, and nobody saw the log before", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Retention{At: now, Petition: open.ID, Until: now.AddDate(2, 0, n).Unix()})
			s.entries = append(s.entries, line)
		}},
		{"the page says a later date than was told, and nobody saw the log before", func(s *served, n int) {
			for i := range 9 { // whichever is the open one's
				s.edit(ledger.KindRetention, i, func(e ledger.Entry) { e.(*ledger.Retention).Until -= 86400 * int64(n+1) })
			}
		}},
		{"no date is told, and nobody saw the log before", func(s *served, n int) {
			s.entries = slices.DeleteFunc(s.entries, func(line []byte) bool { return line[0] == byte(ledger.KindRetention) })
		}},
		{"a mailing says a larger quota than was told, and nobody saw the log before", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Mailing{At: now, Number: 90 + int64(n), Petition: open.ID, Unit: 2, Quota: 3 + int64(n), Reason: 1})
			s.entries = append(s.entries, line)
		}},
		{"keys were not destroyed", func(s *served, n int) {
			s.entries = slices.DeleteFunc(s.entries, func(line []byte) bool {
				return line[0] == byte(ledger.KindKeyDestroyed) && line[9] == byte(ledger.KeyPetition)
			})
		}},
		{"another key is said to be destroyed", func(s *served, n int) {
			s.edit(ledger.KindKeyDestroyed, n, func(e ledger.Entry) { e.(*ledger.Key).Fingerprint = hash(n) })
		}},
		{"a key is destroyed twice", func(s *served, n int) {
			for _, line := range s.entries {
				if line[0] == byte(ledger.KindKeyDestroyed) {
					s.entries = append(s.entries, line)
					return
				}
			}
		}},
		{"an entry of next year", func(s *served, n int) {
			line, _ := ledger.Encode(&ledger.Text{At: now.AddDate(1, 0, 0), Petition: 4, No: 1})
			s.entries = append(s.entries, line)
		}},
		{"a petition's log is not served", func(s *served, n int) { delete(s.leaves, open.ID) }},
		{"it is signed by another key", func(s *served, n int) {
			other, err := ledger.VerifierKey("petitions.example.org/ledger", make([]byte, 32))
			o.Check(err)
			s.keys = other + "\n"
		}},
		{"no key is named", func(s *served, n int) { s.keys = "" }},
	}
	tried := 0
	source := rand.New(rand.NewPCG(43, 2))
	refused := func(what string, f files, now time.Time, since string) {
		t.Helper()
		tried++
		report, err := verify.Verify(context.Background(), verify.Config{URL: testkit.URL, Client: &http.Client{Transport: f}, Now: now, Since: []byte(since)})
		if err != nil && !errors.Is(err, verify.ErrUnread) {
			t.Errorf("%s: %v", what, err)
		}
		if err == nil && len(report.Faults) == 0 {
			t.Errorf("%s, and it passes", what)
		}
	}
	for n := range 10 {
		for _, lie := range lies {
			s := good.clone()
			lie.tell(s, n*31+n)
			at := now
			if lie.name == "keys were not destroyed" {
				at = now.Add(72 * time.Hour)
			}
			since := before
			if strings.HasSuffix(lie.name, "nobody saw the log before") {
				since = ""
			}
			refused(fmt.Sprintf("%s (%d)", lie.name, n), s.render(), at, since)
		}
	}
	f := good.render()
	var paths []string
	for path := range f {
		if strings.HasPrefix(path, "/ledger/") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for tried < 1000 {
		path := paths[source.IntN(len(paths))]
		flipped := files{}
		for path, body := range f {
			flipped[path] = body
		}
		body := bytes.Clone(f[path])
		place, bit := source.IntN(len(body)), byte(1)<<source.IntN(8)
		body[place] ^= bit
		flipped[path] = body
		refused(fmt.Sprintf("bit %x of byte %d in %s is flipped", bit, place, path), flipped, now, before)
	}
}
