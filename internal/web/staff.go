package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// staffPages is what the staff's pages keep beside the server.
type staffPages struct {
	*desk.Desk      // nil where this process serves no staff pages
	secure     bool // the staff's address is https
}

// openStaff prepares the staff's pages.
func (s *Server) openStaff() (err error) {
	address := s.config.DeskURL
	if address == "" {
		address = s.config.URL
	}
	s.staff.Desk = s.config.Desk
	_, s.staff.secure, err = hostOf(address)
	return err
}

// saids are what a page may say was just done. The word comes back in the address, so
// whatever is not among them is not said.
var saids = map[string]view.Key{
	"published": "desk.said.published", "rejected": "desk.said.rejected", "returned": "desk.said.returned", "hidden": "desk.said.hidden",
	"removed": "desk.said.removed", "restored": "desk.said.restored", "responded": "desk.said.responded", "answered": "desk.said.answered",
	"edited": "desk.said.edited", "staff": "desk.said.staff", "ended": "desk.said.ended", "passkey": "desk.said.passkey", "nopasskey": "desk.said.nopasskey", "work": "desk.said.work", "nowork": "desk.said.nowork", "paused": "desk.said.paused",
	"counted": "desk.said.counted", "handed": "desk.said.handed", "settled": "desk.said.settled", "onpaper": "desk.said.onpaper",
	"noted": "desk.said.noted", "tagged": "desk.said.tagged", "flagged": "desk.said.flagged", "unflagged": "desk.said.unflagged",
	"parked": "desk.said.parked", "unparked": "desk.said.unparked", "assigned": "desk.said.assigned", "sorted": "desk.said.sorted",
	"mails": "desk.said.mails",
	"late":  "desk.said.late", "latenone": "desk.said.latenone",
	"entered": "desk.said.entered", "corrected": "desk.said.corrected", "takenoff": "desk.said.takenoff", "filed": "desk.said.filed", "withheld": "desk.said.withheld",
	"news-asked": "desk.said.news-asked", "news-refused": "desk.said.news-refused", "news-changed": "desk.said.mail-changed",
	"hearing":  "desk.said.hearing",
	"settings": "desk.said.settings", "same": "desk.said.same", "opened": "desk.said.opened",
	"held": "desk.said.held", "extend": "desk.said.extend", "pledge": "desk.said.pledge", "mail-asked": "desk.said.mail-asked", "mail-changed": "desk.said.mail-changed",
}

// staffBase fills what every page for signed-in staff has. path is the page's own where
// the menu leads to it.
func (s *Server) staffBase(r *http.Request, m *moment, path string) (view.StaffBase, error) {
	queue, held, err := s.staff.Waiting(r.Context())
	if err != nil {
		return view.StaffBase{}, err
	}
	staff := staffIn(r.Context())
	base := view.StaffBase{Base: m.fill(path), Staff: view.Staff{Name: staff.Name, Role: view.Role(staff.Role)}, Waiting: queue.Waiting, Held: int(held)}
	base.NoIndex, base.Closed = true, closedTo(staff)
	if r.Method == http.MethodGet {
		query, err := readQuery(r)
		if err != nil {
			return base, err
		}
		base.Said = saids[query.get("said")]
	}
	return base, nil
}

// closedTo lists the pages that a staff member's role does not get, so that no menu leads
// to them.
func closedTo(staff undersigned.Staff) map[string]bool {
	closed := map[string]bool{}
	for _, one := range staffRoutes() {
		if one.method == http.MethodGet && one.who != "" && !desk.May(staff, one.who) {
			closed[one.pattern] = true
		}
	}
	return closed
}

// said sends on to a page that says what was just done.
func (s *Server) said(w http.ResponseWriter, path, what string) error {
	if _, known := saids[what]; !known {
		return fmt.Errorf("say that something was done: there are no words for %q", what)
	}
	s.redirect(w, path+"?said="+what, http.StatusSeeOther)
	return nil
}

// deskError turns what the desk refuses into what fail knows.
func deskError(err error) error {
	if errors.Is(err, desk.ErrForbidden) {
		return errors.Join(errForbidden, err)
	}
	return err
}

// A fieldWords says how a form speaks of a field: nothing was written, or too much.
type fieldWords struct{ missing, long view.Key }

// found turns what the desk found wrong into problems of a form, in its order.
func found(wrong desk.Problems, words map[string]fieldWords) problems {
	var all problems
	for _, one := range wrong {
		switch {
		case errors.Is(one.Err, desk.ErrMissing), errors.Is(one.Err, desk.ErrUnknown), errors.Is(one.Err, desk.ErrDate):
			all.add(one.Field, words[one.Field].missing)
		case errors.Is(one.Err, undersigned.ErrTextTooLong):
			all.add(one.Field, words[one.Field].long, "Count", one.Most)
		case errors.Is(one.Err, desk.ErrLink):
			all.add(one.Field, "problem.link")
		case errors.Is(one.Err, desk.ErrPerson):
			all.add(one.Field, "problem.paper.person")
		case errors.Is(one.Err, desk.ErrTooMany):
			all.add(one.Field, "problem.tags.many")
		case errors.Is(one.Err, undersigned.ErrTextFormula):
			all.add(one.Field, "problem.formula")
		default:
			all.add(one.Field, "problem.text")
		}
	}
	return all
}

// refused turns the error of a deed into problems that its page can show, with the
// status to show it under; the error itself where it is for fail.
func refused(err error, words map[string]fieldWords) (problems, int, error) {
	var wrong desk.Problems
	var all problems
	switch {
	case errors.As(err, &wrong):
		return found(wrong, words), http.StatusUnprocessableEntity, nil
	case errors.Is(err, undersigned.ErrChanged):
		all.add("main", "problem.changed")
	case errors.Is(err, desk.ErrLocked):
		all.add("main", "problem.locked")
	case errors.Is(err, undersigned.ErrMove):
		all.add("main", "problem.moved")
	case errors.Is(err, desk.ErrAlone):
		all.add("main", "problem.mail.alone")
	default:
		return nil, 0, deskError(err)
	}
	return all, http.StatusConflict, nil
}

// keepTyped answers a form that could not be taken just now with one that sends it
// again; other errors are for fail.
func (s *Server) keepTyped(w http.ResponseWriter, r *http.Request, f form, err error) error {
	m, nowErr := s.now(r.Context())
	if nowErr != nil {
		return err
	}
	return s.busyOr(w, r, m, r.URL.Path, f, err)
}

// revisionIn reads which state of a petition a form is about.
func revisionIn(f form) (int64, error) {
	revision, err := strconv.ParseInt(f.get("revision"), 10, 64)
	if err != nil {
		return 0, errBadForm
	}
	return revision, nil
}

// ageDays is how many whole days have passed.
func ageDays(since, now time.Time) int {
	return max(0, int(now.Sub(since)/(24*time.Hour)))
}

// events turns a history into what pages tell of it.
func (m *moment) events(acts []store.TitledAct) []view.Event {
	var all []view.Event
	for _, one := range acts {
		act, self := actOf(one.Act)
		e := view.Event{At: undersigned.FromMicros(one.At), Who: one.Name, Self: self, Act: act, Title: one.Title, Why: one.Note,
			Operator: one.Staff == 0 && one.Reason == undersigned.ByOperator}
		if one.Title != "" {
			e.Number = one.Petition
		}
		if reason, ok := m.body.Reason(one.Reason); ok {
			e.Why = reason.Title + ". " + one.Note
		}
		all = append(all, e)
	}
	return all
}

// actOf names an act as the catalogue does, and says whether whoever started the
// petition did it. The steward's own acts are written as undersigned.ActStarted and the
// like; this part does not reach that one.
func actOf(a store.Act) (act view.Act, self bool) {
	switch a.Act {
	case "started":
		return view.ActStart, true
	case "resubmitted":
		return view.ActResubmit, true
	case "withdrawn":
		return view.ActWithdraw, true
	case "queued":
		return view.ActQueue, false
	case "closed":
		return view.ActClose, false
	case "retired":
		return view.ActRetire, false
	case undersigned.ActAskedProtection:
		return view.ActAskSafe, true
	case undersigned.ActPublished:
		return map[string]view.Act{undersigned.ReasonProtected: view.ActPublishSafe, undersigned.ReasonUnprotected: view.ActPublishPlain, "": view.ActPublish}[a.Reason], false
	case undersigned.ActPaused, undersigned.ActResumed:
		return pauseActs[a.Act+" "+a.Reason], false
	}
	if act, ok := staffActs[a.Act]; ok {
		return act, false
	}
	return view.ActOther, false
}

var staffActs = map[string]view.Act{
	undersigned.ActRejected: view.ActReject, undersigned.ActHidden: view.ActHide,
	undersigned.ActReturned: view.ActReturn, undersigned.ActTakenDown: view.ActRemove, undersigned.ActRestored: view.ActRestore,
	undersigned.ActReplied: view.ActAnswer, undersigned.ActDelayed: view.ActDelay, undersigned.ActAnswered: view.ActRespond, undersigned.ActEdited: view.ActEdit,
	undersigned.ActHeldReleased: view.ActHeldRelease, undersigned.ActHeldRemoved: view.ActHeldRemove, undersigned.ActHeldUndone: view.ActHeldUndo, undersigned.ActHeldWave: view.ActHeldWave, undersigned.ActExtendAsked: view.ActExtendAsked, undersigned.ActExtended: view.ActExtended,
	undersigned.ActHearingOpened: view.ActHearing,
	undersigned.ActNewsWritten:   view.ActNewsWritten, undersigned.ActNewsRefused: view.ActNewsRefused,
	undersigned.ActNewsAsked: view.ActNewsAsked, undersigned.ActNewsMailed: view.ActNewsMailed,
	undersigned.ActSuspected:  view.ActSuspect,
	undersigned.ActAskedStaff: view.ActAddStaff, undersigned.ActEndedStaff: view.ActEndStaff,
	undersigned.ActPaper: view.ActPaper, undersigned.ActPaperStarted: view.ActPaperStart, undersigned.ActHandedOver: view.ActHandOver,
	undersigned.ActOutcome:   view.ActOutcome,
	undersigned.ActMailAsked: view.ActMailAsk, undersigned.ActMailWish: view.ActMailChange, undersigned.ActMailed: view.ActMail,
	undersigned.ActFlagged: view.ActFlag, undersigned.ActUnflagged: view.ActUnflag, undersigned.ActParked: view.ActPark, undersigned.ActUnparked: view.ActUnpark,
	undersigned.ActAddedPasskey: view.ActAddPasskey, undersigned.ActRemovedPasskey: view.ActRemovePasskey,
	undersigned.ActLinkedWork: view.ActLinkWork, undersigned.ActUnlinkedWork: view.ActUnlinkWork,
	undersigned.ActAssigned: view.ActAssign, undersigned.ActTagged: view.ActTag,
	undersigned.ActDebatePlanned: view.ActDebatePlanned, undersigned.ActDebateHeld: view.ActDebateHeld,
	undersigned.ActDebateRefused: view.ActDebateRefused, undersigned.ActNoted: view.ActNoted, undersigned.ActActivity: view.ActActivity,
	undersigned.ActPassed: view.ActPassed, undersigned.ActCorrected: view.ActCorrected, undersigned.ActEnded: view.ActEnded,
	undersigned.ActWithheld: view.ActWithheld, undersigned.ActFiled: view.ActFiled,
	undersigned.ActPledged: view.ActPledged, undersigned.ActPledgeKept: view.ActPledgeKept, undersigned.ActPledgePartly: view.ActPledgePartly,
	undersigned.ActPledgeNot: view.ActPledgeNot, undersigned.ActPledgeMoved: view.ActPledgeMoved,
}

var pauseActs = map[string]view.Act{
	undersigned.ActPaused + " signing": view.ActPauseSigning, undersigned.ActPaused + " starting": view.ActPauseStarting,
	undersigned.ActResumed + " signing": view.ActResumeSigning, undersigned.ActResumed + " starting": view.ActResumeStarting,
}
