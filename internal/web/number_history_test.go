package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// grown is a petition whose number grows by one an hour, with one who leaves.
func grown(v *visitor, hours int) undersigned.Petition {
	p := v.OpenPetition("Keep the library open")
	for i := range hours {
		v.Clock.Move(time.Hour)
		address := fmt.Sprintf("signer%d@example.org", i)
		v.Sign(p, "A Signer", address, undersigned.ReplyNo)
		if i == hours/2 {
			v.Post(testkit.Press(undersigned.LetterWithdraw, v.Link(address, undersigned.LinkOwn), undersigned.TextVersion{}))
			v.Work()
		}
		v.Mail.Clear()
	}
	return p
}

// The number's history is what the ledger's heads say, by the hour, and each of its lines has
// a page that does not change when the number does.
func TestTheNumbersHistoryIsWhatTheRecordSays(t *testing.T) {
	v := visit(t)
	p := grown(v, 30)
	var history struct {
		Data []struct {
			At                       time.Time
			Number, Confirmed, Entry int64
		}
	}
	v.Check(json.Unmarshal([]byte(v.get(view.PathNumberHistory(p.ID)+".json").want(t, 200).body), &history))
	if n := len(history.Data); n < 30 || n > 31 {
		t.Fatalf("%d hours of 30", n)
	}
	for i, one := range history.Data {
		if i > 0 && !one.At.Truncate(time.Hour).After(history.Data[i-1].At.Truncate(time.Hour)) {
			t.Errorf("two lines of one hour: %v and %v", history.Data[i-1].At, one.At)
		}
		if one.Number != one.Confirmed {
			t.Errorf("line %d adds up to %d out of %d", i, one.Number, one.Confirmed)
		}
	}
	if last := history.Data[len(history.Data)-1]; last.Number != v.Number(p.ID) || last.Number != 29 {
		t.Errorf("the last number is %d, and the page's %d", last.Number, v.Number(p.ID))
	}
	rows, err := csv.NewReader(strings.NewReader(v.get(view.PathNumberHistory(p.ID) + ".csv").body)).ReadAll()
	v.Check(err)
	if len(rows) != len(history.Data)+1 {
		t.Errorf("%d rows", len(rows))
	}

	then := history.Data[4]
	path := view.PathNumberThen(p.ID, then.Entry)
	page := v.get(path).want(t, 200, fmt.Sprintf("there were %d signatures", then.Number), testkit.URL+path).body
	v.get(view.PathNumberHistory(p.ID)).want(t, 200, `href="/petitions/1/number/at/`)
	v.get(view.PathNumber(p.ID)).want(t, 200, `href="/petitions/1/number/history"`)
	v.Clock.Move(time.Hour)
	v.Sign(p, "A Signer", "late@example.org", undersigned.ReplyNo)
	v.Work()
	if v.get(path).body != page {
		t.Error("the page of a past number changed")
	}
	// A line that is no head of this petition, or none at all, has no page.
	other := v.OpenPetition("Mend the bridge")
	v.get(view.PathNumberThen(other.ID, then.Entry)).want(t, 404)
	v.get(view.PathNumberThen(p.ID, 0)).want(t, 404)
	v.get(view.PathNumberThen(p.ID, 1<<40)).want(t, 404)
	v.get(view.PathNumber(p.ID)+"/at/x").want(t, 404)
}

// Of a protected petition the history has a line a day, in tens.
func TestTheHistoryOfAProtectedPetitionIsOneLineADay(t *testing.T) {
	v := visit(t)
	p := v.OpenProtected("Name the polluters")
	v.Check(v.Steward.Count(t.Context()))
	for i := range 63 {
		v.Clock.Move(20 * time.Minute)
		v.Sign(p, "A Signer", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyNo)
		v.Mail.Clear()
	}
	var history struct{ Data []struct{ Number int64 } }
	v.Check(json.Unmarshal([]byte(v.get(view.PathNumberHistory(p.ID)+".json").want(t, 200).body), &history))
	if n := len(history.Data); n < 1 || n > 2 {
		t.Errorf("%d lines in 21 hours", n)
	}
	for _, one := range history.Data {
		if one.Number%10 != 0 {
			t.Errorf("the history says %d", one.Number)
		}
	}
}
