package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// pathSignatures is where the sign form posts to.
func pathSignatures(id int64) string { return view.PathPetition(id) + "/signatures" }

// signForm handles GET /petitions/{id}/sign. It is the same for everybody.
func (s *Server) signForm(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	sheet, err := s.sheet(r.Context(), m, id)
	if err != nil || !s.takesSignatures(w, m, sheet) {
		return err
	}
	return s.cached(w, r, view.PathSign(id), func(ctx context.Context, m *moment) (*page, error) {
		content, counted, err := s.signPage(ctx, m, id, nil)
		if err != nil {
			return nil, err
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html, header{"X-Robots-Tag", noIndex})
		now := s.public.Now()
		p.marks, p.until = marksOf(counted, nil), sooner(m.until(counted.Petition, now), now.Add(stampEvery))
		return p, nil
	})
}

// takesSignatures reports whether a petition takes signatures now. Where it does not,
// it has answered: its page says that it is closed, or that signing is paused (U51, U60).
func (s *Server) takesSignatures(w http.ResponseWriter, m *moment, sheet *sheet) bool {
	if sheet.Signable(s.public.Now()) && m.body.Paused == "" {
		return true
	}
	s.redirect(w, view.PathPetition(sheet.ID), http.StatusSeeOther)
	return false
}

// signPage is the empty sign form of a petition that takes signatures; sent is what came
// back of one.
func (s *Server) signPage(ctx context.Context, m *moment, id int64, sent form) (*view.SignPage, store.Counted, error) {
	counted, err := s.published(ctx, id)
	if err != nil {
		return nil, counted, err
	}
	return &view.SignPage{
		Base: m.fill(""), Action: pathSignatures(id), Petition: m.petition(counted, undersigned.Facts{}, s.public.Now()), Ask: m.ask(),
		Purposes: m.purposes(), Version: counted.Version.String(), Wording: m.look.wording, MailQuota: m.body.MailQuota, News: m.news(counted.Petition),
		Hidden: []view.Hidden{s.stamp(undersigned.LetterSign, id, sent)},
	}, counted, nil
}

// purposes are what a signer may agree to beside the answer.
func (m *moment) purposes() []view.Purpose {
	var all []view.Purpose
	for _, p := range m.body.Purposes {
		all = append(all, view.Purpose{ID: view.PurposeID(p), Sender: p.Sender, Text: p.Words})
	}
	return all
}

// news is how many mails with news of its creator a signer of a petition may agree to; 0:
// none.
func (m *moment) news(p undersigned.Petition) int {
	if !m.body.News || p.Source != "" { // an imported petition has no creator here
		return 0
	}
	return m.body.NewsQuota
}

// boxes is how many boxes a sign form has at most, beside the question.
func (m *moment) boxes() int {
	if m.body.News {
		return len(m.body.Purposes) + 1
	}
	return len(m.body.Purposes)
}

// typed is a sign form as it was sent, to show it again. What was answered and ticked
// stays only under the words it was asked with.
func (m *moment) typed(f form) view.SignForm {
	typed := view.SignForm{
		Name: f.get("name"), Email: f.get("email"), Postcode: f.get("postcode"), Country: f.get("country"), Eligible: f.get("eligible"),
	}
	if m.asksAs(f) {
		typed.Answer, typed.Purposes = f.get("answer"), f.all("purpose")
	}
	return typed
}

// asksAs reports whether a sign form was shown with the words that are asked with now.
func (m *moment) asksAs(f form) bool { return f.get("wording") == m.look.wording }

// readSign checks a sign form and makes its letter, but for the petition. An answer
// holds for the words it was given to: where those are not the present ones, the
// question is asked again.
func (m *moment) readSign(f form, found *problems) (undersigned.Submission, person) {
	p := m.readPerson(f, found)
	letter := undersigned.Submission{Kind: undersigned.LetterSign, Name: p.name, Address: p.address, Postcode: p.postcode,
		Country: p.country, Language: m.body.Language, Eligible: p.eligible, Wordings: []undersigned.TextVersion{m.look.asked[0]}}
	switch answer := f.get("answer"); {
	case answer != "" && !m.asksAs(f):
		found.add("answer", "problem.wording")
	case answer == "yes":
		letter.Reply = undersigned.ReplyYes
	case answer == "no":
		letter.Reply = undersigned.ReplyNo
	default:
		found.add("answer", "problem.answer")
	}
	// Whoever asks us to forget the address cannot be written to, whatever is ticked.
	if letter.Reply == undersigned.ReplyYes {
		ticked := f.all("purpose")
		for i, p := range m.body.Purposes {
			if id := view.PurposeID(p); slices.Contains(ticked, id) {
				letter.Purposes = append(letter.Purposes, id)
				letter.Wordings = append(letter.Wordings, m.look.asked[1+i])
			}
		}
		if m.body.News && slices.Contains(ticked, view.NewsID) {
			letter.Purposes = append(letter.Purposes, view.NewsID)
			letter.Wordings = append(letter.Wordings, m.look.asked[1+len(m.body.Purposes)])
		}
	}
	if over := overAudit(letter); over > 0 && len(*found) == 0 {
		name := letter.Name
		for len(name) > 1 && len(letter.Name)-len(name) < over {
			_, size := utf8.DecodeLastRuneInString(name)
			name = name[:len(name)-size]
		}
		found.add("name", "problem.name.long", "Count", utf8.RuneCountInString(name))
	}
	return letter, p
}

// mostAudit is how many bytes fit the audit part of a signature: the larger of its two
// sizes, less its end mark.
const mostAudit = 639

// overAudit is how many bytes of what the audit part would hold have no room in it: what
// is acknowledged must be possible to keep. Only a name and an address that are both as
// long as may be come near.
func overAudit(letter undersigned.Submission) int {
	if len(letter.Name)+len(letter.Address)+48*len(letter.Wordings) < mostAudit/2 {
		return 0
	}
	audit := seal.Audit{
		Name: letter.Name, Address: letter.Address, Postcode: letter.Postcode, Country: letter.Country, Purposes: strings.Join(letter.Purposes, ","),
		Wordings: letter.Wordings, SignedAt: math.MaxInt64, ConfirmedAt: math.MaxInt64, Slot: 1,
	}
	return len(audit.Encode()) - mostAudit
}

// notEligible answers somebody who says that they may not sign or start; nothing of
// what they typed is kept (U2, U39).
func (s *Server) notEligible(w http.ResponseWriter, m *moment, id int64) error {
	return s.render(w, m, http.StatusOK, &view.NotEligiblePage{Base: m.fill(""), Number: id, Statement: m.body.Eligibility})
}

// formOfPetition reads a form that is about the petition in the path.
func (s *Server) formOfPetition(r *http.Request) (id int64, m *moment, f form, err error) {
	if id, err = numberIn(r.PathValue("id")); err != nil {
		return 0, nil, nil, err
	}
	if m, err = s.now(r.Context()); err != nil {
		return 0, nil, nil, err
	}
	f, err = readForm(r)
	return id, m, f, err
}

// sign handles POST /petitions/{id}/signatures: the form of somebody who wants to sign.
// Every good form gets the same answer, whoever the address belongs to; what differs
// is the mail.
func (s *Server) sign(w http.ResponseWriter, r *http.Request) error {
	id, m, f, err := s.formOfPetition(r)
	if err != nil {
		return err
	}
	sheet, err := s.sheet(r.Context(), m, id)
	if err != nil {
		return s.busyOr(w, r, m, r.URL.Path, f, err)
	}
	if !s.takesSignatures(w, m, sheet) {
		return nil
	}
	if m.body.Eligibility != "" && f.get("eligible") == "no" {
		return s.notEligible(w, m, id)
	}
	var found problems
	letter, who := m.readSign(f, &found)
	version, known := readVersion(f.get("version"))
	if len(found) > 0 || !known {
		return s.signAgain(w, r, m, id, f, found)
	}
	letter.Petition, letter.Version = id, version
	s.judge(r, m, &letter, f)
	if err := s.post(letter); err != nil {
		return s.busyOr(w, r, m, r.URL.Path, f, err)
	}
	return s.checkMail(w, r, m, check{
		checkKey: checkKey{deed: view.DeedSign, lang: sheet.lang}, number: id, title: sheet.Title, typed: strings.TrimSpace(f.get("email")), domain: who.domain, form: f,
	})
}

// signAgain shows a sign form as it was filled in, with what must be put right.
func (s *Server) signAgain(w http.ResponseWriter, r *http.Request, m *moment, id int64, f form, found problems) error {
	content, _, err := s.signPage(r.Context(), m, id, f)
	if err != nil {
		return s.busyOr(w, r, m, pathSignatures(id), f, err)
	}
	content.Form, content.Problems = m.typed(f), found
	status := http.StatusOK
	if len(found) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, m, status, content)
}

// changeSign handles POST /petitions/{id}/sign: "Change it" below a typed address
// brings the form back filled in. Nothing was kept here meanwhile.
func (s *Server) changeSign(w http.ResponseWriter, r *http.Request) error {
	id, m, f, err := s.formOfPetition(r)
	if err != nil {
		return err
	}
	sheet, err := s.sheet(r.Context(), m, id)
	if err != nil || !s.takesSignatures(w, m, sheet) {
		return err
	}
	return s.signAgain(w, r, m, id, f, nil)
}

// readVersion reads the text version that a form was shown with.
func readVersion(text string) (version undersigned.TextVersion, ok bool) {
	if len(text) != hex.EncodedLen(len(version)) {
		return version, false
	}
	n, err := hex.Decode(version[:], []byte(text))
	return version, err == nil && n == len(version)
}

// busyOr answers a form that could not be taken, for whatever fault of ours, with a page
// that keeps what was typed and needs no store. Any other error goes on to fail.
func (s *Server) busyOr(w http.ResponseWriter, r *http.Request, m *moment, action string, f form, err error) error {
	status := statusOf(err)
	if status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
		return err
	}
	s.tell(r.Pattern, status, err)
	content := &view.BusyPage{Base: m.fill(""), Action: action, Minutes: retrySeconds / 60}
	for _, one := range f {
		content.Hidden = append(content.Hidden, view.Hidden{Name: one.name, Value: one.value})
	}
	w.Header().Set("Retry-After", strconv.Itoa(retrySeconds))
	if status != http.StatusTooManyRequests {
		status = http.StatusServiceUnavailable
	}
	if err := s.render(w, m, status, content); err != nil {
		return fmt.Errorf("say that we are busy: %w", err)
	}
	return nil
}
