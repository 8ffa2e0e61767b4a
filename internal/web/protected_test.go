package web_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

var protectedDays = flag.Int("protected-days", 10, "days that a protected petition is watched")

// G34: of a protected petition no public byte changes when somebody signs or leaves, until
// a batch is due: twenty leaves, or a day. Pages, data, feeds, the ledger and their headers
// are looked at before and after each deed.
func TestG34NothingOfAProtectedPetitionMovesBetweenBatches(t *testing.T) {
	v := visit(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 34))
	p := v.OpenProtected("Name the polluters")
	p = v.change(p.ID, func(p *undersigned.Petition) {
		p.ClosesAt = v.Clock.Now().AddDate(5, 0, 0)
		p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	})
	v.Check(v.Steward.Count(t.Context())) // the day's turn is over
	own := view.PathPetition(p.ID)
	look := func() (seen map[string][32]byte) {
		seen = map[string][32]byte{}
		for _, path := range []string{own, own + ".json", own + "/count.json", own + "/number", own + "/history", own + "/who-gets-what", "/", view.PathList, view.PathList + ".json", view.PathList + ".csv", view.PathList + ".atom",
			"/ledger/checkpoint", "/ledger/petitions/1/checkpoint", view.PathRecord, view.PathRecordJSON} {
			a := v.get(path)
			var text strings.Builder
			fmt.Fprintln(&text, a.status, a.header.Get("Etag"), a.header.Get("Last-Modified"), a.header.Get("Cache-Control"))
			text.WriteString(a.body)
			seen[path] = sha256.Sum256([]byte(text.String()))
		}
		return seen
	}
	size := func() int64 {
		tree, err := v.DB.Public().Petition(t.Context(), p.ID)
		v.Check(err)
		return tree.Size
	}
	var signed []testkit.Link
	people, batches, last, lastSize := 0, 0, time.Time{}, int64(0)
	for day := range *protectedDays {
		crowd := random.IntN(3)
		if day%5 == 4 {
			crowd = 25 // enough for a batch of its own
		}
		for range crowd {
			v.Clock.Move(time.Duration(1+random.IntN(20)) * time.Minute)
			v.Check(v.Steward.Chores(t.Context()))
			v.Work()
			before, was := look(), size()
			if random.IntN(5) == 0 && len(signed) > 0 {
				v.Post(testkit.Press(undersigned.LetterWithdraw, signed[0], undersigned.TextVersion{}))
				signed = signed[1:]
			} else {
				people++
				address := fmt.Sprintf("signer%d@example.org", people)
				v.Sign(p, "A Signer", address, undersigned.ReplyNo)
				signed = append(signed, v.Link(address, undersigned.LinkOwn))
				v.Mail.Clear()
			}
			v.Work()
			if now := size(); now != was {
				if now-lastSize < 20 && v.Clock.Now().Sub(last) < 24*time.Hour {
					t.Fatalf("day %d: a batch of %d leaves after %v", day, now-lastSize, v.Clock.Now().Sub(last))
				}
				batches, last, lastSize = batches+1, v.Clock.Now(), now
				continue
			}
			for path, sum := range look() {
				if sum != before[path] {
					t.Fatalf("day %d: %s changed when somebody signed or left, between batches", day, path)
				}
			}
		}
		v.Clock.Move(24 * time.Hour / 3 * time.Duration(2+random.IntN(2)))
		v.Check(v.Steward.Chores(t.Context()))
		v.Work()
		if now := size(); now != lastSize {
			if now-lastSize < 20 && !last.IsZero() && v.Clock.Now().Sub(last) < 24*time.Hour {
				t.Fatalf("day %d: a batch of %d leaves after %v", day, now-lastSize, v.Clock.Now().Sub(last))
			}
			batches, last, lastSize = batches+1, v.Clock.Now(), now
		}
	}
	if batches < 2 || people < *protectedDays/2 {
		t.Fatalf("%d batches of %d people show nothing", batches, people)
	}
	t.Logf("%d days, %d people, %d batches", *protectedDays, people, batches)
}
