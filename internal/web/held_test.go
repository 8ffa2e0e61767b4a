package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// heldAt confirms a signature that is held.
func (o *office) heldAt(p undersigned.Petition, address string) {
	o.T.Helper()
	letter := testkit.SignForm(p, "Eve Example", address, undersigned.ReplyYes)
	letter.Suspicions, letter.Cluster = []undersigned.Suspicion{undersigned.SuspectMany}, undersigned.Cluster{1}
	o.Post(letter)
	o.Work()
	o.Post(testkit.Press(undersigned.LetterConfirm, o.Link(address, undersigned.LinkConfirm), p.Version))
	o.Work()
}

// A moderator looks at a cluster, releases it with a reason that everybody can read, and
// sees nobody.
func TestU54HeldSignaturesAreDecidedByClusters(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the hospital open")
	o.heldAt(p, "eve@example.org")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathDesk), "1 signature is held and does not count yet", "Held signatures (1)")
	list := v.page(view.PathHeld)
	mustHold(t, list, "Cluster 1: 1 signature", "Many forms from one place.", "Keep the hospital open", `href="/staff/held/1"`)
	mustNotHold(t, list, "eve@", "Eve Example")
	lines, err := o.DB.Desk().HeldLines(context.Background(), p.ID, 1)
	o.Check(err)
	cluster := v.page(view.PathCluster(1))
	mustHold(t, cluster, "Count them", "Take them off", "it counts within a minute")
	mustNotHold(t, cluster, "eve@", "Eve Example")
	last := strings.Split(strings.Split(cluster, `name="last" value="`)[1], `"`)[0]
	if lines[0].Size != 1 {
		t.Fatalf("%+v", lines)
	}
	if w := v.post(view.PathCluster(1), "do", "release", "last", last, "reason", ""); w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("without a reason it answers %d", w.Code)
	}
	if w := v.post(view.PathCluster(1), "do", "destroy", "last", last, "reason", "x"); w.Code != http.StatusBadRequest {
		t.Fatalf("an act that is none answers %d", w.Code)
	}
	mustGo(t, v.post(view.PathCluster(1), "do", "release", "last", last, "reason", "A school signed in class."), view.PathHeld+"?said=held")
	if w := v.post(view.PathCluster(1), "do", "remove", "last", last, "reason", "Twice."); w.Code != http.StatusConflict {
		t.Fatalf("a second decision answers %d", w.Code)
	}
	if got := o.Number(p.ID); got != 0 {
		t.Fatalf("the desk alone made the number %d", got)
	}
	o.Work()
	if got := o.Number(p.ID); got != 1 {
		t.Fatalf("released, and the number is %d", got)
	}
	mustNotHold(t, v.page(view.PathDesk), "signature is held", "Held signatures (")
	if w := v.get(view.PathCluster(1)); w.Code != http.StatusNotFound {
		t.Fatalf("what is gone answers %d", w.Code)
	}
	mustHold(t, v.page(view.PathHeld), "No signatures are held.")
	mustHold(t, v.page(view.PathNumber(p.ID)), "Many forms from one place.", "A school signed in class.", "We counted 1.")
	mustHold(t, v.page(view.PathAdmin(p.ID)), "Held signatures released", "A school signed in class.")
}

// A moderator sees by the number that a wave came, chooses its hour, and sees nobody.
func TestAWaveIsHeldByItsHours(t *testing.T) {
	o := newOffice(t).staffed()
	p, protected := o.OpenPetition("Keep the hospital open"), o.OpenProtected("Name the polluters")
	for _, name := range []string{"eve", "bo"} {
		o.Sign(p, "Eve Example", name+"@example.org", undersigned.ReplyYes)
	}
	o.serve(nil)
	v := o.signedIn(moiraMail)
	mustHold(t, v.page(view.PathAdmin(p.ID)), view.PathWave(p.ID), "Hold what was counted")
	mustHold(t, v.page(view.PathWave(protected.ID)), "This petition is protected.")
	hours, err := o.DB.Desk().Hours(context.Background(), p.ID, 10)
	if o.Check(err); len(hours) != 1 || hours[0].Added != 2 {
		t.Fatalf("%+v", hours)
	}
	from, to := strconv.FormatInt(hours[0].First, 10), strconv.FormatInt(hours[0].Last, 10)
	mustHold(t, v.page(view.PathWave(p.ID)), "(2 signatures)", "Show how many")
	shown := v.page(view.PathWave(p.ID) + "?from=" + from + "&to=" + to)
	mustHold(t, shown, "2 signatures", "The number goes down within a minute.", "Stop counting them")
	mustNotHold(t, shown, "eve@", "Eve Example")
	if w := v.post(view.PathWave(p.ID), "from", from, "to", to, "reason", ""); w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("without a reason it answers %d", w.Code)
	}
	if w := v.post(view.PathWave(p.ID), "from", "0", "to", "0", "reason", "Of no hour."); w.Code != http.StatusConflict {
		t.Fatalf("without an hour it answers %d", w.Code)
	}
	mustGo(t, v.post(view.PathWave(p.ID), "from", from, "to", to, "reason", "They came at night."), view.PathHeld+"?said=held")
	o.Work()
	mustHold(t, v.page(view.PathHeld), "2 signatures", "Counted in hours that we want to look at.")
	if got := o.Number(p.ID); got != 0 {
		t.Fatalf("held, and the number is %d", got)
	}
	mustHold(t, v.page(view.PathNumber(p.ID)), "We no longer count 2 until we have looked at them.", "They came at night.")
	mustHold(t, v.page(view.PathPetitionHistory(p.ID)), "They came at night.")
}

// The public record counts by reason the names that went, for people and for programs: what
// the leaves say, and what staff took off that never counted. Of a protected petition it
// counts whole tens.
func TestTheRecordCountsRemovalsByReason(t *testing.T) {
	o := newOffice(t).staffed()
	p, protected := o.OpenPetition("Keep the hospital open"), o.OpenProtected("Name the polluters")
	for _, name := range []string{"ana", "bo", "cy"} {
		o.Sign(p, "Ana Torres", name+"@example.org", undersigned.ReplyYes)
	}
	for _, name := range []string{"dee", "ed"} {
		o.Sign(protected, "Dee Example", name+"@example.org", undersigned.ReplyNo)
		o.Post(testkit.Press(undersigned.LetterWithdraw, o.Link(name+"@example.org", undersigned.LinkOwn), undersigned.TextVersion{}))
	}
	for _, name := range []string{"ana", "bo"} {
		o.Post(testkit.Press(undersigned.LetterWithdraw, o.Link(name+"@example.org", undersigned.LinkOwn), undersigned.TextVersion{}))
	}
	right := testkit.Press(undersigned.LetterCorrect, o.Link("cy@example.org", undersigned.LinkOwn), undersigned.TextVersion{})
	right.Name = "Cy Young"
	o.Post(right)
	o.Clock.Move(25 * time.Hour) // a protected petition's batch is due
	o.Check(o.Steward.Chores(context.Background()))
	o.Work()
	if counted, err := o.DB.Public().Petition(context.Background(), protected.ID); err != nil || counted.Withdrawn != 2 {
		t.Fatalf("of the protected petition %d left: %v", counted.Withdrawn, err)
	}
	o.heldAt(p, "eve@example.org")
	o.serve(nil)
	v := o.signedIn(moiraMail)
	hours, err := o.DB.Desk().Hours(context.Background(), p.ID, 10)
	o.Check(err)
	removals := func() (all []string) {
		var document struct {
			Removals []struct {
				Reason, Suspicion string
				Signatures        int
			}
		}
		o.Check(json.Unmarshal([]byte(v.page(view.PathRecordJSON)), &document))
		for _, one := range document.Removals {
			all = append(all, fmt.Sprint(one.Reason, one.Suspicion, " ", one.Signatures))
		}
		return all
	}
	if got := removals(); !slices.Equal(got, []string{"withdrawn 2", "removed 0", "corrected 1"}) {
		t.Fatalf("before a decision it says %q", got)
	}
	last := strings.Split(strings.Split(v.page(view.PathCluster(1)), `name="last" value="`)[1], `"`)[0]
	mustGo(t, v.post(view.PathCluster(1), "do", "remove", "last", last, "reason", "A program."), view.PathHeld+"?said=held")
	mustGo(t, v.post(view.PathWave(p.ID), "from", strconv.FormatInt(hours[len(hours)-1].First, 10), "to", strconv.FormatInt(hours[0].Last, 10), "reason", "At night."), view.PathHeld+"?said=held")
	o.Work()
	o.Clock.Move(time.Minute) // pages are made anew
	o.Work()
	if got := removals(); !slices.Equal(got, []string{"withdrawn 2", "removed 1", "corrected 1", "heldmany 1"}) {
		t.Fatalf("after the decisions it says %q", got)
	}
	page := v.page(view.PathRecord)
	mustHold(t, page, "Names taken off, by reason", "<dt>People took their names off</dt><dd>2</dd>", "<dt>We stopped counting them, to look at them</dt><dd>1</dd>",
		"<dt>People put their names right, and they count anew</dt><dd>1</dd>", "<dt>We held them, and then took them off. Many forms from one place.</dt><dd>1</dd>")
	lines, err := o.DB.Desk().HeldLines(context.Background(), p.ID, 10)
	o.Check(err)
	for _, line := range lines {
		if line.State == store.ClusterRemoved {
			mustGo(t, v.post(view.PathCluster(line.Number), "do", "undo", "last", strconv.FormatInt(line.LastNo, 10), "reason", "A school."), view.PathHeld+"?said=held")
		}
	}
	o.Work()
	o.Clock.Move(time.Minute)
	o.Work()
	if got := removals(); len(got) != 3 {
		t.Fatalf("after it was undone it says %q", got)
	}
}

// An administrator asks for longer keys, and sees what became of it; others have no such page.
func TestKeysAreAskedToBeKeptLonger(t *testing.T) {
	o := newOffice(t).staffed()
	p := o.OpenPetition("Keep the hospital open")
	o.serve(nil)
	mustNotHold(t, o.signedIn(moiraMail).page(view.PathAdmin(p.ID)), view.PathExtend(p.ID))
	v := o.signedIn(joshMail)
	mustHold(t, v.page(view.PathAdmin(p.ID)), view.PathExtend(p.ID))
	mustHold(t, v.page(view.PathExtend(p.ID)), "The keys of this petition die on", "You can do this once", "Ask for it")
	if w := v.post(view.PathExtend(p.ID), "months", "9", "reason", "Because."); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Because.") {
		t.Fatalf("nine months answer %d", w.Code)
	}
	// Nobody else is an administrator here.
	if w := v.post(view.PathExtend(p.ID), "months", "2", "reason", "The court decides in May."); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Add a second administrator first") {
		t.Fatalf("one alone answers %d: %s", w.Code, w.Body)
	}
}
