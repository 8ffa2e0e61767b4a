package web

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// mostMessage is how many characters a message to staff may have.
const mostMessage = 1000

// created reads the petition behind a creator's link.
//
// Errors: errOldLink.
func (s *Server) created(ctx context.Context, l mailLink) (store.Counted, error) {
	creator, err := s.public.Creator(ctx, l.number)
	if err != nil {
		return store.Counted{}, gone(err)
	}
	if err := l.holds(creator.CreatorHash); err != nil {
		return store.Counted{}, err
	}
	petition, err := s.public.Petition(ctx, l.number)
	if err == nil && !petition.KeysGoneAt.IsZero() {
		return petition, errOldLink // its keys are destroyed: the steward would know the link no more
	}
	return petition, gone(err)
}

// showCreator shows a creator's page.
func (s *Server) showCreator(w http.ResponseWriter, r *http.Request, m *moment, l mailLink) error {
	petition, err := s.created(r.Context(), l)
	if err != nil {
		return err
	}
	content, err := s.creatorPage(r.Context(), m, l, petition)
	if err != nil {
		return err
	}
	return s.render(w, m, http.StatusOK, content)
}

func (s *Server) creatorPage(ctx context.Context, m *moment, l mailLink, petition store.Counted) (*view.CreatorPage, error) {
	now := s.public.Now()
	facts, err := s.public.Facts(ctx, petition.ID)
	if err != nil {
		return nil, err
	}
	content := &view.CreatorPage{
		Base: m.fill(""), Action: l.path(), Petition: m.petition(petition, facts[petition.ID], now), SponsorsHave: sponsors(petition),
		SponsorsNeeded: m.body.Sponsors.Needed, SponsorsMost: m.body.Sponsors.Most, Limits: m.limits(),
	}
	// Who started it may read it whatever its state.
	content.Petition.Title, content.Petition.Background, content.Petition.Details = petition.Title, petition.Background, petition.Details
	content.SponsorsHave = min(content.SponsorsHave, content.SponsorsNeeded)
	if petition.Accepts(now) {
		content.DaysLeft = int(petition.ClosesAt.Sub(now) / day)
		content.PosterPath = view.PathPoster(petition.ID)
	}
	if !petition.OpenedAt.IsZero() && petition.Kind != undersigned.Protected { // days would tell what rounding hides
		if content.ByDay, err = s.byDay(ctx, m, petition.ID); err != nil {
			return nil, err
		}
	}
	if content.Hearing, err = s.hearingBox(ctx, m, petition.ID); err != nil {
		return nil, err
	}
	if content.News, err = s.newsBox(ctx, m, petition); err != nil {
		return nil, err
	}
	messages, err := s.public.Messages(ctx, petition.ID)
	if err != nil {
		return nil, err
	}
	for _, message := range messages {
		content.Messages = append(content.Messages, view.Message{FromStaff: message.Staff != 0, At: message.At, Text: message.Text})
	}
	if petition.State == undersigned.Returned {
		act, err := s.public.LastAct(ctx, petition.ID, undersigned.ActReturned)
		if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
			return nil, err
		}
		until, err := s.keysUntil(ctx, petition.Petition)
		if err != nil {
			return nil, err
		}
		content.Return = &view.Return{On: undersigned.FromMicros(act.At), Details: act.Note, Until: until}
		content.Form = view.StartForm{Title: petition.Title, Background: petition.Background, Details: petition.Details}
	}
	return content, nil
}

// byDay is how many signatures were published on each day.
func (s *Server) byDay(ctx context.Context, m *moment, petition int64) ([]view.DayCount, error) {
	gains, err := s.public.Gains(ctx, petition)
	if err != nil {
		return nil, err
	}
	var days []view.DayCount
	for _, gain := range gains {
		year, month, date := gain.At.In(m.zone).Date()
		on := time.Date(year, month, date, 0, 0, 0, 0, m.zone)
		if n := len(days); n == 0 || !days[n-1].Day.Equal(on) {
			days = append(days, view.DayCount{Day: on})
		}
		days[len(days)-1].Count += int(gain.Added)
	}
	return days, nil
}

// actCreator takes the forms of a creator's page.
func (s *Server) actCreator(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form) error {
	petition, err := s.created(r.Context(), l)
	if err != nil {
		return err
	}
	switch f.get("do") {
	case "message":
		return s.message(w, r, m, l, f, petition)
	case "resubmit":
		return s.resubmit(w, r, m, l, f, petition)
	case "hearing", "hearing-show", "hearing-delete":
		return s.hearing(w, r, m, l, f, petition)
	case "news":
		return s.writeNews(w, r, m, l, f, petition)
	case "withdraw":
		return s.retract(w, r, m, l, f, petition)
	}
	return errBadForm
}

// message takes what a creator writes to staff.
func (s *Server) message(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, petition store.Counted) error {
	letter := l.letter(undersigned.LetterMessage)
	letter.Text = paragraphs(f.get("text"))
	var found problems
	checkMessage("text", letter, &found)
	if len(found) > 0 {
		content, err := s.creatorPage(r.Context(), m, l, petition)
		if err != nil {
			return err
		}
		content.MessageText, content.Problems = f.get("text"), found
		return s.render(w, m, http.StatusUnprocessableEntity, content)
	}
	return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeMessage))
}

// resubmit takes the mended text of a returned petition.
func (s *Server) resubmit(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, petition store.Counted) error {
	if petition.State != undersigned.Returned {
		return s.showCreator(w, r, m, l)
	}
	var found problems
	letter := l.letter(undersigned.LetterResubmit)
	m.readTexts(f, &letter, &found)
	if len(found) > 0 {
		content, err := s.creatorPage(r.Context(), m, l, petition)
		if err != nil {
			return err
		}
		content.Form = view.StartForm{Title: f.get("title"), Background: f.get("background"), Details: f.get("details")}
		content.Problems = found
		return s.render(w, m, http.StatusUnprocessableEntity, content)
	}
	return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeResubmitted))
}

// retract takes a petition back for its creator, after asking once more.
func (s *Server) retract(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, petition store.Counted) error {
	if undersigned.CheckMove(petition.State, undersigned.Withdrawn) != nil {
		return s.showCreator(w, r, m, l)
	}
	if f.get("sure") != "yes" {
		content := &view.WithdrawPetitionPage{Base: m.fill(""), Action: l.path(), Title: petition.Title, TitleLang: m.langOf(petition.Petition)}
		if !petition.OpenedAt.IsZero() {
			content.Signatures = int(petition.Number())
		}
		return s.render(w, m, http.StatusOK, content)
	}
	then := view.OutcomePetitionWithdrawn
	if petition.OpenedAt.IsZero() {
		then = view.OutcomePetitionGone
	}
	return s.put(w, r, m, l, f, l.letter(undersigned.LetterRetract), pathOutcome+string(then))
}

// mostContent is how many bytes fit a letter: the larger size, less its end mark.
const mostContent = 4095

// fits reports whether a letter's content fits the larger of the two sizes of letters.
func fits(letter undersigned.Submission) bool {
	return len(seal.EncodeSubmission(letter)) <= mostContent
}

// readTexts checks a petition's three texts and puts them into a letter.
func (m *moment) readTexts(f form, letter *undersigned.Submission, found *problems) {
	limits := m.body.Limits
	letter.Title, letter.Background, letter.Details = line(f.get("title")), paragraphs(f.get("background")), paragraphs(f.get("details"))
	letter.Version = undersigned.VersionOf(letter.Title, letter.Background, letter.Details)
	checkWords("title", letter.Title, limits.Title, true, found)
	checkWords("background", letter.Background, limits.Background, true, found)
	checkWords("details", letter.Details, limits.Details, false, found)
	if len(*found) > 0 || fits(*letter) {
		return
	}
	// Rare scripts take four bytes a character: say how many of them there is room for.
	short := *letter
	for short.Details != "" && !fits(short) {
		_, size := utf8.DecodeLastRuneInString(short.Details)
		short.Details = short.Details[:len(short.Details)-size]
	}
	found.add("details", "problem.details.long", "Count", utf8.RuneCountInString(short.Details))
}

// limits are the longest texts a petition may have here.
func (m *moment) limits() view.Limits {
	return view.Limits{Title: m.body.Limits.Title, Background: m.body.Limits.Background, Details: m.body.Limits.Details}
}

// checkMessage checks what somebody wrote to staff or to who runs the site.
func checkMessage(field string, letter undersigned.Submission, found *problems) {
	err := undersigned.CheckText(letter.Text, mostMessage)
	switch {
	case letter.Text == "":
		found.add(field, "problem.message.missing")
	case errors.Is(err, undersigned.ErrTextTooLong):
		found.add(field, "problem.message.long", "Count", mostMessage)
	case err != nil && !errors.Is(err, undersigned.ErrTextFormula): // messages are in no spreadsheet
		found.add(field, "problem.text")
	case !fits(letter):
		found.add(field, "problem.message.long", "Count", mostMessage/2)
	}
}
