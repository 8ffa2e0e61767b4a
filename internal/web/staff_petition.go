package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// staffPetition handles GET /staff/petitions/{id}: the review of a petition in the
// queue, what can be done to any other.
func (s *Server) staffPetition(w http.ResponseWriter, r *http.Request) error {
	return s.showCase(w, r, nil, http.StatusOK, nil)
}

// caseIn reads the petition that the path names, as staff see it.
func (s *Server) caseIn(r *http.Request) (*moment, desk.Case, error) {
	m, err := s.now(r.Context())
	if err != nil {
		return nil, desk.Case{}, err
	}
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return nil, desk.Case{}, err
	}
	c, err := s.staff.Case(r.Context(), staffIn(r.Context()), id)
	return m, c, err
}

// showCase writes a petition's page for staff, with what was typed and what must be put
// right, if anything.
func (s *Server) showCase(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	box, err := s.fileBox(r, c, f)
	if err != nil {
		return err
	}
	if c.State == undersigned.Queued {
		page, err := s.reviewPage(r, m, c, f)
		if err != nil {
			return err
		}
		page.StaffBase, page.File = base, box
		return s.render(w, m, status, page)
	}
	page := s.adminPage(m, c, f, staffIn(r.Context()))
	page.StaffBase, page.File = base, box
	return s.render(w, m, status, page)
}

// staffView is all of a petition, whether or not the public may read it.
func (s *Server) staffView(m *moment, c desk.Case) view.Petition {
	shown := m.petition(c.Counted, c.Facts, s.staff.Now())
	shown.Title, shown.Background, shown.Details, shown.Creator = c.Title, c.Background, c.Details, c.CreatorName
	return shown
}

func (s *Server) reviewPage(r *http.Request, m *moment, c desk.Case, f form) (*view.ReviewPage, error) {
	now := s.staff.Now()
	known, err := s.staff.Topics(r.Context())
	if err != nil {
		return nil, err
	}
	page := &view.ReviewPage{
		Action: view.PathAdmin(c.ID), Revision: c.Revision, Petition: s.staffView(m, c), AgeDays: c.Body.WorkedDays(c.QueuedAt, now),
		Sponsors: c.Sponsors, Again: c.Returns > 0, Reasons: reasons(c.Body), Topics: topics(known),
		Form: reviewForm(f, c), Events: m.history(c), Messages: messages(c), CanAnswer: c.Can(staffIn(r.Context()), desk.Reply), AnswerText: f.get("text"),
	}
	page.ReadOnly = !desk.May(staffIn(r.Context()), desk.Publish)
	page.CanCall = c.Hearing && c.Can(staffIn(r.Context()), desk.CallFor)
	page.AskedProtection = c.AskedProtection()
	page.ClosesAt, page.KeysAt = desk.Schedule(c.Petition, c.Body, now)
	if before, ok := c.Before(); ok {
		page.Before = &view.Version{Changes: changes(before, c.Texts[len(c.Texts)-1])}
	}
	lines := m.lines(c.Similar, now)
	for i, line := range lines {
		page.Similar = append(page.Similar, view.SimilarPetition{PetitionLine: line, Background: c.Similar[i].Background})
	}
	return page, nil
}

func (s *Server) adminPage(m *moment, c desk.Case, f form, staff undersigned.Staff) *view.AdminPage {
	page := &view.AdminPage{
		Action: view.PathAdmin(c.ID), Restore: view.PathRestore(c.ID), Revision: c.Revision, Petition: s.staffView(m, c),
		Form:    view.ResponseForm{On: f.get("on"), Summary: f.get("summary"), Details: f.get("details"), Pledges: pledgesTyped(f)},
		Reasons: reasons(c.Body), RemoveWhy: f.get("reason"), AnswerText: f.get("text"), Hide: reviewForm(f, c),
		CanRespond: c.Can(staff, desk.Respond), CanAnswer: c.Can(staff, desk.Reply), CanRemove: c.Can(staff, desk.TakeDown),
		CanMail: c.Can(staff, desk.Mail), CanFacts: !c.OpenedAt.IsZero() && c.State != undersigned.Removed, CanPaper: !c.OpenedAt.IsZero() && desk.May(staff, desk.Read), CanExtend: c.MayKeepLonger(s.public.Now()) && desk.May(staff, desk.KeepLonger), CanHold: !c.OpenedAt.IsZero() && desk.May(staff, desk.DecideHeld), CanHide: c.Can(staff, desk.Hide), CanRestore: c.Can(staff, desk.Restore), Events: m.history(c), Messages: messages(c),
	}
	page.CanCall = c.Hearing && c.Can(staff, desk.CallFor)
	wrote := slices.ContainsFunc(c.History, func(a store.Act) bool { return a.Act == undersigned.ActNewsWritten })
	page.CanNews = (c.Body.News || wrote) && c.Can(staff, desk.SendNews)
	page.Outside = !desk.May(staff, desk.Read)
	if f == nil {
		page.Form.On = s.staff.Today(m.zone)
	}
	return page
}

// reviewForm is what a moderator chose so far; a petition that came with topics keeps
// them.
func reviewForm(f form, c desk.Case) view.ReviewForm {
	chosen := view.ReviewForm{Do: f.get("do"), Reason: f.get("reason"), Details: f.get("details"), Topics: f.all("topic"), Original: f.get("original"), Protect: f.get("protect")}
	for _, part := range f.all("hide") {
		chosen.Hide = append(chosen.Hide, view.Part(part))
	}
	if f == nil {
		chosen.Topics = c.Facts.Topics
	}
	return chosen
}

func reasons(body undersigned.Body) []view.ReasonInfo {
	var all []view.ReasonInfo
	for _, reason := range body.Reasons {
		if reason.Ended {
			continue
		}
		all = append(all, view.ReasonInfo{Code: reason.Code, Title: reason.Title, Words: reason.Words, Hides: reason.Hidden})
	}
	return all
}

func (m *moment) history(c desk.Case) []view.Event {
	acts := make([]store.TitledAct, len(c.History))
	for i := range c.History {
		acts[i].Act = c.History[i]
	}
	return m.events(acts)
}

func messages(c desk.Case) []view.Message {
	var all []view.Message
	for _, message := range c.Messages {
		all = append(all, view.Message{FromStaff: message.Staff != 0, At: message.At, Text: message.Text})
	}
	return all
}

// How the forms of a petition's page speak of their fields.
var (
	publishWords = map[string]fieldWords{"topic": {missing: "problem.topic"}, "protect": {missing: "problem.protect"}}
	refusalWords = map[string]fieldWords{
		"reason": {missing: "problem.reason"}, "details": {"problem.reason.why", "problem.why.long"}, "original": {missing: "problem.original"},
	}
	whyWords      = map[string]fieldWords{"reason": {"problem.reason.why", "problem.why.long"}}
	responseWords = map[string]fieldWords{
		"pledge1": pledgeTexts, "pledge2": pledgeTexts, "pledge3": pledgeTexts, "by1": pledgeDays, "by2": pledgeDays, "by3": pledgeDays,
		"on": {missing: "problem.respond.on"}, "summary": {"problem.respond.text", "problem.respond.long"}, "details": {"problem.respond.text", "problem.respond.long"},
	}
	replyWords = map[string]fieldWords{"text": {"problem.message.missing", "problem.message.long"}}
	editWords  = map[string]fieldWords{
		"title": {"problem.title.missing", "problem.title.long"}, "background": {"problem.background.missing", "problem.background.long"},
		"details": {long: "problem.details.long"},
	}
)

// decide handles POST /staff/petitions/{id}.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	ctx, staff, path := r.Context(), staffIn(r.Context()), view.PathAdmin(target.Petition)
	var said string
	var words map[string]fieldWords
	switch f.get("do") {
	case "publish":
		said, words, path = "published", publishWords, view.PathQueue
		err = s.staff.Publish(ctx, staff, target, f.all("topic"), desk.Protection(f.get("protect")))
	case "return":
		said, words, path = "returned", refusalWords, view.PathQueue
		err = s.staff.Return(ctx, staff, target, paragraphs(f.get("details")))
	case "reject":
		said, words, path = "rejected", refusalWords, view.PathQueue
		var hidden bool
		if hidden, err = s.reject(r, staff, target, f); hidden {
			said = "hidden"
		}
	case "hide":
		said, words = "hidden", refusalWords
		err = s.staff.Hide(ctx, staff, target, desk.Refusal{Reason: f.get("reason"), Explanation: paragraphs(f.get("details"))})
	case "remove":
		said, words = "removed", whyWords
		err = s.staff.TakeDown(ctx, staff, target, paragraphs(f.get("reason")))
	case "respond":
		said, words = "responded", responseWords
		err = s.staff.Respond(ctx, staff, target, desk.Response{
			Date: line(f.get("on")), Summary: paragraphs(f.get("summary")), Details: paragraphs(f.get("details")), Pledges: pledgesIn(f),
		})
	case "answer":
		said, words = "answered", replyWords
		err = s.staff.Reply(ctx, staff, target, paragraphs(f.get("text")))
	default:
		var wrong problems
		wrong.add("do", "problem.do")
		return s.showCase(w, r, f, http.StatusUnprocessableEntity, wrong)
	}
	return s.afterDeed(w, r, f, err, words, path, said)
}

// afterDeed goes on to the page that says what was done, or shows what must be put
// right beside what was typed.
func (s *Server) afterDeed(w http.ResponseWriter, r *http.Request, f form, err error, words map[string]fieldWords, path, said string) error {
	if err == nil {
		return s.said(w, path, said)
	}
	wrong, status, err := refused(err, words)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showCase(w, r, f, status, wrong)
}

// targetIn reads which petition a form is about, and as it was shown.
func (s *Server) targetIn(r *http.Request) (desk.Target, form, error) {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return desk.Target{}, nil, err
	}
	f, err := readForm(r)
	if err != nil {
		return desk.Target{}, nil, err
	}
	revision, err := revisionIn(f)
	return desk.Target{Petition: id, Revision: revision}, f, err
}

// reject refuses a petition; hidden tells that only the reason is public now. Where it
// repeats another, the explanation ends with that one's address.
func (s *Server) reject(r *http.Request, staff undersigned.Staff, target desk.Target, f form) (hidden bool, err error) {
	hide := f.all("hide")
	refusal := desk.Refusal{
		Reason: f.get("reason"), Explanation: paragraphs(f.get("details")),
		ShowTitle:      !slices.Contains(hide, string(view.PartTitle)),
		ShowBackground: !slices.Contains(hide, string(view.PartBackground)),
		ShowDetails:    !slices.Contains(hide, string(view.PartDetails)),
	}
	if typed := strings.TrimPrefix(line(f.get("original")), "#"); typed != "" {
		id, _ := strconv.ParseInt(typed, 10, 64)
		if _, err := s.staff.Original(r.Context(), id); errors.Is(err, undersigned.ErrNotFound) {
			return false, desk.Problems{{Field: "original", Err: desk.ErrUnknown}}
		} else if err != nil {
			return false, err
		}
		m, err := s.now(r.Context())
		if err != nil {
			return false, err
		}
		words, err := m.engine.Say(m.site.Lang, "review.original.said", "URL", s.config.URL+view.PathPetition(id))
		if err != nil {
			return false, err
		}
		refusal.Explanation = strings.TrimSpace(refusal.Explanation + "\n\n" + words)
	}
	state, err := s.staff.Reject(r.Context(), staff, target, refusal)
	return state == undersigned.Hidden, err
}

// restore handles POST /staff/petitions/{id}/restore.
func (s *Server) restore(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	err = s.staff.Restore(r.Context(), staffIn(r.Context()), target, paragraphs(f.get("reason")))
	return s.afterDeed(w, r, f, err, whyWords, view.PathAdmin(target.Petition), "restored")
}

// editForm handles GET /staff/petitions/{id}/edit.
func (s *Server) editForm(w http.ResponseWriter, r *http.Request) error {
	return s.showEdit(w, r, nil, http.StatusOK, nil)
}

// showEdit writes the form that changes a petition's text.
func (s *Server) showEdit(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	if !c.Can(staffIn(r.Context()), desk.Edit) {
		return s.showCase(w, r, nil, http.StatusConflict, problems{{Field: "main", Word: "problem.moved"}})
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	lockedBy, lockedAt := "", c.File.LockAt
	if c.Locked(staffIn(r.Context()), s.staff.Now()) {
		lockedBy = c.File.LockName
	}
	page := &view.EditPage{
		LockedBy: lockedBy, LockedAt: lockedAt,
		StaffBase: base, Action: view.PathEdit(c.ID), Revision: c.Revision, Number: c.ID,
		Form:   view.TextForm{Title: c.Title, Background: c.Background, Details: c.Details},
		Limits: view.Limits{Title: c.Body.Limits.Title, Background: c.Body.Limits.Background, Details: c.Body.Limits.Details},
	}
	if f != nil {
		page.Form = view.TextForm{Title: f.get("title"), Background: f.get("background"), Details: f.get("details")}
	}
	return s.render(w, m, status, page)
}

// edit handles POST /staff/petitions/{id}/edit.
func (s *Server) edit(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	if do := f.get("do"); do == "begin" || do == "take" {
		return s.beginEdit(w, r, target.Petition, f)
	}
	err = s.staff.Edit(r.Context(), staffIn(r.Context()), target, desk.Texts{
		Title: line(f.get("title")), Background: paragraphs(f.get("background")), Details: paragraphs(f.get("details")),
	})
	if err == nil {
		return s.said(w, view.PathAdmin(target.Petition), "edited")
	}
	wrong, status, err := refused(err, editWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showEdit(w, r, f, status, wrong)
}

// beginEdit tells colleagues that somebody is changing a text, and shows its form. Where
// one of them began before, the form says so and offers to take over; whoever does so
// keeps what they typed.
func (s *Server) beginEdit(w http.ResponseWriter, r *http.Request, petition int64, f form) error {
	take := f.get("do") == "take"
	err := s.staff.BeginEdit(r.Context(), staffIn(r.Context()), petition, take)
	if err == nil && take {
		return s.showEdit(w, r, f, http.StatusOK, nil)
	}
	if err == nil || errors.Is(err, desk.ErrLocked) {
		s.redirect(w, view.PathEdit(petition), http.StatusSeeOther)
		return nil
	}
	if wrong, status, unexpected := refused(err, nil); unexpected == nil {
		return s.showCase(w, r, nil, status, wrong)
	}
	return deskError(err)
}
