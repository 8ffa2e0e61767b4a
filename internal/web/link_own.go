package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// own reads the signature behind a signer's link; false where there is none yet, and
// the link is the second one of a mail that waits for its button.
//
// Errors: errOldLink.
func (s *Server) own(ctx context.Context, l mailLink) (store.StoredSignature, bool, error) {
	signature, err := s.public.Signature(ctx, l.number)
	if err == nil {
		return signature, true, l.holds(signature.OwnHash)
	}
	if !errors.Is(err, undersigned.ErrNotFound) {
		return signature, false, err
	}
	pending, err := s.public.Pending(ctx, l.number)
	if err != nil {
		return signature, false, gone(err)
	}
	if pending.State != store.LinkWaiting || pending.Letter.Sealed == nil {
		return signature, false, errOldLink
	}
	return signature, false, l.holds(pending.OwnHash)
}

// showOwn shows a signer's own page, or asks "was it not you?" before anything is signed.
func (s *Server) showOwn(w http.ResponseWriter, r *http.Request, m *moment, l mailLink) error {
	signature, signed, err := s.own(r.Context(), l)
	if errors.Is(err, errOldLink) {
		return s.startedBy(w, r, l)
	}
	if err != nil {
		return err
	}
	if !signed {
		return s.render(w, m, http.StatusOK, &view.BlockPage{Base: m.fill(""), Action: l.path()})
	}
	switch r.URL.RawQuery {
	case stopQuery, undersigned.StopNewsQuery:
		return s.stopPage(w, r, m, l, signature)
	case nameQuery:
		return s.namePage(w, r, m, l, signature, "", http.StatusOK, nil)
	case undersigned.VoteQuery:
		return s.votePage(w, r, m, l, nil, signature, http.StatusOK, nil)
	}
	return s.ownPage(w, r, m, l, signature)
}

// stopPage asks whether to stop mails. It is what the address behind a mail program's own
// button shows to who opens it.
func (s *Server) stopPage(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, signature store.StoredSignature) error {
	petition, err := s.public.Petition(r.Context(), signature.PetitionID)
	if err != nil {
		return gone(err)
	}
	return s.render(w, m, http.StatusOK, &view.StopPage{Base: m.fill(""), News: r.URL.RawQuery == undersigned.StopNewsQuery, Action: l.path(), Number: petition.ID, Title: petition.Title,
		TitleLang: m.langOf(petition.Petition)})
}

// nameQuery makes a signer's link ask for another name.
const nameQuery = "name"

// namePage asks a signer for the name that is right. Nobody can show the one that is held.
func (s *Server) namePage(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, signature store.StoredSignature, typed string, status int, found problems) error {
	petition, err := s.public.Petition(r.Context(), signature.PetitionID)
	if err != nil {
		return gone(err)
	}
	page := &view.NamePage{Base: m.fill(""), Action: l.path(), Number: petition.ID, Title: petition.Title, TitleLang: m.langOf(petition.Petition), Name: typed}
	page.Problems = found
	return s.render(w, m, status, page)
}

// startedBy answers the second link of a start's mail after its first was pressed: the
// page says that the creator's own link is in another mail.
//
// Errors: errOldLink for any other link.
func (s *Server) startedBy(w http.ResponseWriter, r *http.Request, l mailLink) error {
	pending, err := s.public.Pending(r.Context(), l.number)
	if err != nil {
		return gone(err)
	}
	if pending.State != store.LinkUsed || pending.Petition != 0 {
		return errOldLink
	}
	if err := l.holds(pending.OwnHash); err != nil {
		return err
	}
	s.redirect(w, pathStarted, http.StatusSeeOther)
	return nil
}

func (s *Server) ownPage(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, signature store.StoredSignature) error {
	ctx := r.Context()
	petition, err := s.public.Petition(ctx, signature.PetitionID)
	if err != nil {
		return gone(err)
	}
	creator, err := s.public.Creator(ctx, petition.ID)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	on, err := s.public.PublishedAt(ctx, petition.ID, signature.Batch)
	if err != nil {
		return err
	}
	mailings, err := s.public.Mailings(ctx, petition.ID)
	if err != nil {
		return err
	}
	// Whoever signed after it was reserved was not meant, and who comes later in the order of
	// numbers than it has got was not opened yet.
	mailings = slices.DeleteFunc(mailings, func(m undersigned.Mailing) bool { return signature.Batch > m.Batch || signature.Number > m.Cursor })
	if mailings, err = s.newsSeen(ctx, mailings, signature.Number); err != nil {
		return err
	}
	news, err := s.public.WantsNews(ctx, signature.Number)
	if err != nil {
		return err
	}
	touching, err := s.public.DisclosuresTouching(ctx, petition.ID, signature.Number)
	if err != nil {
		return err
	}
	var opened []view.Disclosure
	for _, one := range touching {
		shown, err := s.disclosure(ctx, m, one)
		if err != nil {
			return err
		}
		if shown.Entry, err = s.toldBy(ctx, ledger.KindDisclosure, one.Number); err != nil {
			return err
		}
		opened = append(opened, shown)
	}
	facts, err := s.public.Facts(ctx, petition.ID)
	if err != nil {
		return err
	}
	_, answered := facts[petition.ID].Latest(undersigned.AnswerResponse)
	var hearings []view.Opening
	if creator.Signature == signature.Number {
		openings, err := s.public.Openings(ctx, petition.ID)
		if err != nil {
			return err
		}
		hearings = openingsShown(openings)
	}
	now := s.public.Now()
	seen := mailingsShown(petition.Petition, m.body, mailings, now)
	for i := range seen {
		if seen[i].Entry, err = s.toldBy(ctx, ledger.KindMailing, seen[i].Number); err != nil {
			return err
		}
	}
	if on.IsZero() {
		on = now
	}
	until, err := s.keysUntil(ctx, petition.Petition)
	if err != nil {
		return err
	}
	return s.render(w, m, http.StatusOK, &view.OwnPage{
		Base: m.fill(""), Action: l.path(), Number: petition.ID, Title: petition.Title, TitleLang: m.langOf(petition.Petition),
		SignedOn: on, Held: m.held(signature), Answer: signature.ReplySealed != nil, News: news, Email: signature.ReplySealed != nil,
		KeysUntil: until, UndecidedDays: int(undersigned.RejectedLife / day), Open: petition.Accepts(now), Creator: creator.Signature == signature.Number,
		Opened: opened, Openings: hearings, Seen: seen, Answered: answered,
	})
}

// keysUntil is when a petition's keys die: on its retention date, or, before it has one, as
// those of a petition that never opened; zero while staff decide whether it opens.
func (s *Server) keysUntil(ctx context.Context, p undersigned.Petition) (time.Time, error) {
	switch p.State {
	case undersigned.Queued:
		return time.Time{}, nil
	case undersigned.Rejected:
		return p.RejectedAt.Add(undersigned.RejectedLife), nil
	case undersigned.Returned, undersigned.Hidden:
		if p.OpenedAt.IsZero() {
			act, err := s.public.LastAct(ctx, p.ID, string(p.State))
			if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
				return time.Time{}, err
			}
			return undersigned.FromMicros(max(act.At, p.CreatedAt.UnixMicro())).Add(undersigned.NeverOpenedLife), nil
		}
	}
	if !p.RetainTo.IsZero() {
		return p.RetainTo, nil
	}
	return p.CreatedAt.Add(undersigned.NeverOpenedLife), nil
}

// held is what the vault keeps of a signature, as far as its row tells. That the answer
// may be mailed means that the address is there; a row without says nothing.
func (m *moment) held(signature store.StoredSignature) []view.Held {
	held := []view.Held{view.HeldName}
	if signature.ReplySealed != nil {
		held = append(held, view.HeldEmail)
	}
	if m.body.AskPostcode {
		held = append(held, view.HeldPostcode)
	}
	if m.body.AskCountry {
		held = append(held, view.HeldCountry)
	}
	return append(held, view.HeldAnswer, view.HeldProof)
}

// actOwn takes the buttons of a signer's page.
func (s *Server) actOwn(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form) error {
	signature, signed, err := s.own(r.Context(), l)
	if errors.Is(err, errOldLink) {
		return s.startedBy(w, r, l)
	}
	if err != nil {
		return err
	}
	if signed && f.isOneClick() {
		return s.oneClick(w, r, m, l, f)
	}
	do := f.get("do")
	if !signed {
		if do != "not-me" {
			return errBadForm
		}
		return s.declare(w, r, m, l, f)
	}
	switch do {
	case "stop":
		return s.put(w, r, m, l, f, l.letter(undersigned.LetterStopMail), pathOutcome+string(view.OutcomeStopped))
	case "stop-news":
		letter := l.letter(undersigned.LetterStopMail)
		letter.Purposes = []string{undersigned.PurposeNews}
		return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeNoNews))
	case "copy":
		outcome := view.OutcomeCopy
		if signature.ReplySealed == nil { // only the steward can tell whether the address is held
			outcome = view.OutcomeCopyAsked
		}
		return s.put(w, r, m, l, f, l.letter(undersigned.LetterCopy), pathOutcome+string(outcome))
	case "receipt":
		return s.put(w, r, m, l, f, l.letter(undersigned.LetterReceipt), pathOutcome+string(view.OutcomeReceipt))
	case "name":
		name := line(f.get("name"))
		var found problems
		if checkName(name, &found); len(found) > 0 {
			return s.namePage(w, r, m, l, signature, f.get("name"), http.StatusUnprocessableEntity, found)
		}
		letter := l.letter(undersigned.LetterCorrect)
		letter.Name = name
		return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeNamed))
	case "vote":
		return s.vote(w, r, m, l, f, signature)
	case "withdraw":
		return s.leave(w, r, m, l, f, signature)
	}
	return errBadForm
}

// leave takes a name off, after asking once more.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, signature store.StoredSignature) error {
	if f.get("sure") == "yes" {
		return s.put(w, r, m, l, f, l.letter(undersigned.LetterWithdraw), pathOutcome+string(view.OutcomeLeft))
	}
	petition, err := s.public.Petition(r.Context(), signature.PetitionID)
	if err != nil {
		return gone(err)
	}
	return s.render(w, m, http.StatusOK, &view.WithdrawPage{Base: m.fill(""), Action: l.path(), Number: petition.ID, Title: petition.Title,
		TitleLang: m.langOf(petition.Petition), Open: petition.Accepts(s.public.Now())})
}
