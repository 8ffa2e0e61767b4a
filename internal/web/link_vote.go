package web

import (
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// votePage asks a signer whether the answer answered the petition. It does not know, and
// so does not tell, whether they have said it before.
func (s *Server) votePage(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, signature store.StoredSignature, status int, wrong problems) error {
	petition, answer, err := s.answerTo(r, signature.PetitionID)
	if err != nil {
		return err
	}
	if answer.ID == 0 { // taken off since the mail
		return s.ownPage(w, r, m, l, signature)
	}
	page := &view.VotePage{Base: m.fill(""), Action: l.path(), Number: petition.ID, Title: petition.Title, TitleLang: m.langOf(petition.Petition),
		Answer: answer.ID, On: m.dayOf(answer), Summary: answer.Summary, Vote: f.get("vote")}
	page.Problems = wrong
	return s.render(w, m, status, page)
}

// answerTo reads a petition and its answer, whose number is 0 where there is none.
//
// Errors: errOldLink where the petition is gone.
func (s *Server) answerTo(r *http.Request, id int64) (petition store.Counted, answer undersigned.Answer, err error) {
	if petition, err = s.public.Petition(r.Context(), id); err != nil {
		return petition, answer, gone(err)
	}
	facts, err := s.public.Facts(r.Context(), id)
	if err != nil {
		return petition, answer, err
	}
	answer, _ = facts[id].Latest(undersigned.AnswerResponse)
	return petition, answer, nil
}

// vote posts what a signer said. Whatever they said before, the page after it is the same.
func (s *Server) vote(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, signature store.StoredSignature) error {
	_, answer, err := s.answerTo(r, signature.PetitionID)
	if err != nil {
		return err
	}
	letter := l.letter(undersigned.LetterVote)
	letter.Petition, letter.Answer, letter.Vote = signature.PetitionID, answer.ID, undersigned.VoteOf(f.get("vote"))
	var wrong problems
	switch {
	case answer.ID == 0:
		return s.ownPage(w, r, m, l, signature)
	case f.get("answer") != strconv.FormatInt(answer.ID, 10):
		wrong.add("main", "problem.vote.changed")
		return s.votePage(w, r, m, l, nil, signature, http.StatusConflict, wrong)
	case letter.Vote == 0:
		wrong.add("vote", "problem.vote")
		return s.votePage(w, r, m, l, f, signature, http.StatusUnprocessableEntity, wrong)
	}
	return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeVoted))
}
