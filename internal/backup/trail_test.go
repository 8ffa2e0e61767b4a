package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// trail begins to follow the site's database, with the keys in their folders.
func (h *house) trail() *backup.Trail {
	h.T.Helper()
	t, err := backup.NewTrail(context.Background(), backup.TrailConfig{
		Config: h.config(), Folder: h.data, Keys: backup.FollowKeys(h.keysConfig(), []string{h.keys, h.second}),
	})
	h.Check(err)
	h.T.Cleanup(func() { t.Close() })
	return t
}

// step lets the trail take a step; the clock moves, so that each has its own time.
func (h *house) step(t *backup.Trail) backup.Step {
	h.T.Helper()
	h.Clock.Move(30 * time.Second)
	s, err := t.Step(context.Background())
	h.Check(err)
	return s
}

// lost restores the site out of what the trail wrote, as it is when the machine is lost,
// and opens it.
func (h *house) lost() backup.Restored {
	h.T.Helper()
	r := h.restore()
	h.Open()
	h.mustAgree()
	return r
}

// G66: what was acknowledged before the last step is there when the machine is lost, dealt
// with or not; what the desk decided is, too; nobody who left is; and the keys that were
// made since come with it.
func TestG66ATrailBringsBackWhatWasAcknowledgedBeforeItsLastStep(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	trail := h.trail()
	if s := h.step(trail); !s.Whole || s.Pages == 0 {
		t.Fatalf("the first step is %+v", s)
	}
	whole := filesIn(t, h.data, ".db.age")

	h.Sign(p, "Ben Okoro", "ben@example.org", undersigned.ReplyYes)
	other := h.OpenPetition("Plant more trees") // with keys of its own
	h.Sign(other, "Cem Aydin", "cem@example.org", undersigned.ReplyNo)
	if s := h.step(trail); s.Whole || s.Pages == 0 {
		t.Fatalf("the second step is %+v", s)
	}
	h.Post(testkit.Press(undersigned.LetterWithdraw, h.Link("ana@example.org", undersigned.LinkOwn), p.Version))
	h.Work()
	h.Post(testkit.SignForm(p, "Dia Roy", "dia@example.org", undersigned.ReplyYes)) // her letter waits
	h.step(trail)
	h.Post(testkit.SignForm(p, "Eve Lund", "eve@example.org", undersigned.ReplyYes)) // after the last step
	if again := filesIn(t, h.data, ".db.age"); len(again) != 1 || again[0] != whole[0] {
		t.Errorf("the whole copies are %v, and one was %v", again, whole)
	}

	r := h.lost()
	if r.Cut != "" || h.Clock.Now().Sub(r.Until) > time.Second {
		t.Errorf("it goes to %v at %v; %s", r.Until, h.Clock.Now(), r.Cut)
	}
	h.Work()
	if one, two := h.Number(p.ID), h.Number(other.ID); one != 1 || two != 1 {
		t.Errorf("%d and %d are signed", one, two)
	}
	h.Post(testkit.Press(undersigned.LetterConfirm, h.Link("dia@example.org", undersigned.LinkConfirm), p.Version))
	h.Work()
	if n := h.Number(p.ID); n != 2 {
		t.Errorf("%d are signed after somebody's letter came back", n)
	}
	for _, m := range h.Mail.Messages() {
		if m.To == "eve@example.org" {
			t.Error("a letter of after the last step came back")
		}
	}
	h.mustAgree()
}

// The list of who left goes with each step, so that an older whole backup does not bring
// back who left up to then.
func TestATrailKnowsWhoLeftAfterAWholeBackup(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	h.Sign(p, "Ben Okoro", "ben@example.org", undersigned.ReplyYes)
	h.backUp()
	trail := h.trail()
	h.step(trail)
	h.Post(testkit.Press(undersigned.LetterWithdraw, h.Link("ana@example.org", undersigned.LinkOwn), p.Version))
	h.Work()
	h.step(trail)
	older := ""
	for _, name := range filesIn(t, h.data, ".db.age") {
		if strings.HasPrefix(name, "undersigned-data-") {
			older = name
		}
	}
	dir := filepath.Join(t.TempDir(), "site")
	r, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: filepath.Join(h.data, older), Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	if r.Erased != 1 {
		t.Errorf("%d rows were erased again", r.Erased)
	}
}

func TestATrailWritesNothingWhereNothingChanged(t *testing.T) {
	h := newHouse(t)
	h.OpenPetition("Keep the library open")
	trail := h.trail()
	h.step(trail)
	before := filesIn(t, h.data, "")
	s := h.step(trail)
	if after := filesIn(t, h.data, ""); s.Size != 0 || len(after) != len(before) {
		t.Errorf("nothing changed, and %+v was written: %v", s, after)
	}
	status, err := backup.ReadStatus(h.Dir)
	h.Check(err)
	if status.Trail == nil || !status.Trail.At.Equal(h.Clock.Now()) {
		t.Errorf("the site's folder says %+v at %v", status.Trail, h.Clock.Now())
	}
}

// A trail begins anew each day; then the one before goes, and who left is not in it any
// more.
func TestATrailBeginsAnewEachDay(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	trail := h.trail()
	h.step(trail)
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	h.step(trail)
	first := filesIn(t, h.data, "")
	h.Clock.Move(24 * time.Hour)
	if s := h.step(trail); !s.Whole {
		t.Fatalf("a day later the step is %+v", s)
	}
	for _, name := range filesIn(t, h.data, "") {
		for _, old := range first {
			if name == old {
				t.Errorf("%s is still there", name)
			}
		}
	}
	h.lost()
	if n := h.Number(p.ID); n != 1 {
		t.Errorf("%d are signed", n)
	}
}

// A process that ends and begins again, in the same second, leaves no gap.
func TestATrailGoesOnAfterARestart(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	for i := range 3 {
		trail := h.trail()
		_, err := trail.Step(context.Background())
		h.Check(err)
		h.Sign(p, "Ana Torres", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyYes)
		_, err = trail.Step(context.Background())
		h.Check(err)
		if _, err := backup.NewTrail(context.Background(), backup.TrailConfig{Config: h.config(), Folder: h.data}); !errors.Is(err, backup.ErrRuns) {
			t.Errorf("a second process follows the same database: %v", err)
		}
		h.Check(trail.Close())
	}
	h.lost()
	if n := h.Number(p.ID); n != 3 {
		t.Errorf("%d are signed", n)
	}
}

// Where a step is missing, damaged or out of its place, the trail ends before it: what is
// restored is the database of one moment, and the restore says why it is not the last.
func TestATrailWithAGapIsRestoredUpToIt(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	trail := h.trail()
	h.step(trail)
	var ends []time.Time
	for i := range 3 {
		h.Sign(p, "Ana Torres", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyYes)
		ends = append(ends, h.step(trail).At)
	}
	for name, spoil := range map[string]func(steps []string) error{
		"a step is missing": func(steps []string) error { return os.Remove(steps[1]) },
		"a step is cut off": func(steps []string) error { return os.Truncate(steps[1], 100) },
		"two are exchanged": func(steps []string) error {
			return errors.Join(os.Rename(steps[1], steps[1]+".x"), os.Rename(steps[2], steps[1]), os.Rename(steps[1]+".x", steps[2]))
		},
		"nothing": func([]string) error { return nil },
	} {
		folder := t.TempDir()
		h.Check(os.CopyFS(folder, os.DirFS(h.data)))
		var steps []string
		for _, name := range filesIn(t, folder, ".step.age") {
			steps = append(steps, filepath.Join(folder, name))
		}
		if len(steps) != 3 {
			t.Fatalf("the steps are %v", steps)
		}
		h.Check(spoil(steps))
		want, cut := ends[0], true
		if name == "nothing" {
			want, cut = ends[2], false
		}
		dir := filepath.Join(t.TempDir(), "site")
		r, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: folder, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
		if err != nil || !r.Until.Equal(want) || (r.Cut != "") != cut {
			t.Errorf("%s: %v; restored up to %v and not %v; %q", name, err, r.Until, want, r.Cut)
		}
	}
}

// A step whose middle was changed opens, for its beginning is whole, and is refused.
func TestADamagedStepIsNotRestored(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	trail := h.trail()
	h.step(trail)
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	h.step(trail)
	path := filepath.Join(h.data, filesIn(t, h.data, ".step.age")[0])
	content, err := os.ReadFile(path)
	h.Check(err)
	content[len(content)-20] ^= 1
	h.Check(os.WriteFile(path, content, 0o600))
	dir := filepath.Join(t.TempDir(), "site")
	_, err = backup.Restore(context.Background(), backup.RestoreConfig{Data: h.data, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	if err == nil || !strings.Contains(err.Error(), ".step.age") {
		t.Errorf("restoring gives %v", err)
	}
}

// The folder goes away while people sign, at any moment of a step, and comes back: the next
// step brings everything.
func TestATrailWhoseFolderWasGoneLosesNothing(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	away := false
	gone := func() error {
		away = true
		return os.Rename(h.data, h.data+".away")
	}
	var during func() error
	trail, err := backup.NewTrail(context.Background(), backup.TrailConfig{Config: h.config(), Folder: h.data, Keys: func(context.Context) error {
		if during != nil {
			if err := during(); err != nil {
				return err
			}
		}
		return backup.FollowKeys(h.keysConfig(), []string{h.keys})(context.Background())
	}})
	h.Check(err)
	defer trail.Close()
	for i, when := range []string{"before the first", "during the first", "before a step", "during a step", "not at all, but the keys fail"} {
		h.Sign(p, "Ana Torres", fmt.Sprintf("signer%d@example.org", i), undersigned.ReplyYes)
		switch {
		case strings.HasPrefix(when, "during"):
			during = gone
		case strings.HasPrefix(when, "not"):
			during = func() error { return errors.New("the stick is gone") }
		default:
			h.Check(gone())
		}
		if _, err := trail.Step(context.Background()); err == nil {
			t.Errorf("the folder goes away %s, and the step says nothing", when)
		}
		during = nil
		if away {
			h.Check(os.Rename(h.data+".away", h.data))
		}
		away = false
		if i == 0 {
			continue // the next is the first again
		}
		h.step(trail)
	}
	h.lost()
	if n := h.Number(p.ID); n != 5 {
		t.Errorf("%d are signed", n)
	}
}

// A site of a later epoch writes into the same folder: the old one, should it still run,
// does not take its trail away.
func TestAnEarlierEpochLeavesTheTrailOfALaterOne(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	old := h.trail()
	h.step(old)
	oldDir := h.Dir
	h.Check(old.Close())
	h.lost()
	_, err := backup.Raise(context.Background(), h.DB, h.Dir)
	h.Check(err)
	h.step(h.trail())
	mine := filesIn(t, h.data, ".db.age")
	if len(mine) != 1 {
		t.Fatalf("the whole copies are %v", mine)
	}
	db, err := store.Open(context.Background(), oldDir, store.Options{Clock: h.Clock.Now})
	h.Check(err)
	defer db.Close()
	config := backup.TrailConfig{Config: h.config(), Folder: h.data}
	config.DB, config.Dir = db, oldDir
	again, err := backup.NewTrail(context.Background(), config)
	h.Check(err)
	defer again.Close()
	if _, err := again.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.data, mine[0])); err != nil {
		t.Errorf("the trail of the live site is gone: %v", err)
	}
}
