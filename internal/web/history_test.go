package web

import (
	"net/http"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// The public history tells what staff did, as roles, and nothing that harms somebody.
func TestThePublicHistoryTellsActsAndNoNames(t *testing.T) {
	o := newOffice(t).staffed().serve(nil)
	office := desk.New(o.DB.Desk())
	queued := o.queued("Keep the library open")
	staff := undersigned.Staff{ID: 1, Name: "Moira Kent", Role: undersigned.Moderator, Active: true}
	at := func() desk.Target { return desk.Target{Petition: queued.ID, Revision: o.read(queued.ID).Revision} }
	o.Check(office.Edit(t.Context(), staff, at(), desk.Texts{Title: "Keep both libraries open", Background: queued.Background, Details: queued.Details}))
	o.Check(office.Edit(t.Context(), staff, at(), desk.Texts{Title: "Keep all libraries open", Background: queued.Background, Details: queued.Details}))
	o.Check(office.Reply(t.Context(), staff, at(), "A private word."))
	if w := o.visitor().get(view.PathPetitionHistory(queued.ID)); w.Code != http.StatusNotFound {
		t.Errorf("before it is published it answers %d", w.Code)
	}
	o.Check(office.Publish(t.Context(), staff, at(), nil, ""))
	o.Clock.Move(3600e9)
	o.Check(office.Pause(t.Context(), staff, desk.Notices{Signing: "We move house.", Starting: "No new ones."}))
	o.Check(office.Flag(t.Context(), staff, queued.ID, true))
	o.Check(office.CountPaper(t.Context(), staff, at(), desk.PaperEntry{Change: "200", Received: "2026-11-20", From: "Readers’ union", Checked: "Petitions office", How: undersigned.PaperCounted}))
	o.Check(office.Enter(t.Context(), staff, at(), desk.FormNote, desk.Entry{Details: "We decide in March."}))
	o.Check(office.TakeDown(t.Context(), staff, at(), "It says that Bo Lind stole a book."))
	public := o.visitor()
	if w := public.get(view.PathPetitionHistory(queued.ID)); w.Code != http.StatusGone {
		t.Errorf("while it is down it answers %d", w.Code)
	}
	o.Check(office.Restore(t.Context(), undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}, at(), "Bo Lind is fine with it."))

	page := public.page(view.PathPetitionHistory(queued.ID))
	mustHold(t, page, "What was done", "Text checked", "Published", "Paused signing", "We move house.", "Counted paper", "200.", "Published a note", "Taken down", "Brought back", "by a")
	if n := strings.Count(page, "Text checked"); n != 1 {
		t.Errorf("it says %d times that the text was checked", n)
	}
	text := public.page(view.PathJSON(queued.ID))
	mustHold(t, text, `"act":"taken-down"`, `"act":"checked"`, `"act":"paused"`)
	for _, one := range []string{page, text} {
		mustNotHold(t, one, "Moira", "Bo Lind", "A private word", "No new ones", "flag", "Wrote to", "replied", "edited")
	}
	mustHold(t, public.page(view.PathPetition(queued.ID)), view.PathPetitionHistory(queued.ID))
}

// An act that nobody decided about is not recorded.
func TestAnActWithoutADecisionIsNotRecorded(t *testing.T) {
	o := newOffice(t)
	p := o.OpenPetition("Keep the night bus")
	err := o.DB.Desk().InTx(t.Context(), func(tx *store.DeskTx) error { return tx.AddAct(store.Act{Petition: p.ID, Act: "danced", At: 1}) })
	if err == nil || !strings.Contains(err.Error(), "danced") {
		t.Errorf("it gave %v", err)
	}
}
