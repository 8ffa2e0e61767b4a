package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/web/view"
)

// recordMail handles GET /transparency/mailings/{no}: one mail to signers, whole.
func (s *Server) recordMail(w http.ResponseWriter, r *http.Request) error {
	number, err := numberIn(r.PathValue("no"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathRecordMail(number), func(ctx context.Context, m *moment) (*page, error) {
		mailing, err := s.public.Mailing(ctx, number)
		if err != nil {
			return nil, err
		}
		p, err := s.public.Petition(ctx, mailing.PetitionID)
		if err != nil {
			return nil, err
		}
		words := sha256.Sum256([]byte(mailing.Words))
		content := &view.RecordMailPage{Base: m.fill(view.PathRecordMail(number)), Number: p.ID, Mailing: mailingsShown(p.Petition, m.body, []undersigned.Mailing{mailing}, s.public.Now())[0],
			Words: hex.EncodeToString(words[:])}
		content.Failed, content.Skipped = content.Mailing.Failed, content.Mailing.Skipped
		shown := p.Petition
		if readable(shown) {
			content.Title, content.Lang = p.Published().Title, m.langOf(shown)
		}
		if content.Title != "" { // else its words may be what the petition was taken down for
			title, err := s.titleThen(ctx, shown, mailing.ReservedAt)
			if err != nil {
				return nil, err
			}
			content.Kept = mailing.Text.Text != ""
			if content.Subject, content.Text, err = s.signerMail(m, shown, mailing, title); err != nil {
				return nil, err
			}
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		page := newPage(m, htmlText, shared, html)
		page.until = mailingUntil(s.public.Now().Add(recordFor), []view.Mailing{content.Mailing}, s.public.Now())
		return page, nil
	})
}

// titleThen is the title of the wording that could be signed at an instant.
func (s *Server) titleThen(ctx context.Context, p undersigned.Petition, at time.Time) (string, error) {
	wordings, err := s.public.Wordings(ctx, p)
	title := p.Published().Title
	for _, w := range wordings {
		if w.Shown && !w.From.After(at) {
			title = w.Title
		}
	}
	return title, err
}

// keyDatesPerPage is how many petitions a page of the schedule shows.
const keyDatesPerPage = 100

// keyDates handles GET /transparency/retention: when the keys of each petition die.
func (s *Server) keyDates(w http.ResponseWriter, r *http.Request) error {
	f, err := readQuery(r)
	if err != nil {
		return err
	}
	gone, number := f.get("gone") == "1", 1
	if n, err := strconv.Atoi(f.get("page")); err == nil && n > 1 && n <= mostPageNumber {
		number = n
	}
	key := fmt.Sprintf("%s?gone=%t&page=%d", view.PathKeyDates, gone, number)
	return s.cached(w, r, key, func(ctx context.Context, m *moment) (*page, error) {
		dates, total, err := s.public.KeyDates(ctx, gone, (number-1)*keyDatesPerPage, keyDatesPerPage)
		if err != nil {
			return nil, err
		}
		content := &view.KeyDatesPage{Base: m.fill(view.PathKeyDates), Gone: gone, Page: number, Total: int(total), BackupDays: s.config.BackupDays,
			Pages: max(1, int(total+keyDatesPerPage-1)/keyDatesPerPage)}
		now := s.public.Now()
		for _, one := range dates {
			p := settled(one.Petition, now)
			date := view.KeyDate{Number: p.ID, State: view.State(p.State), On: one.At}
			if readable(p) {
				date.Title, date.Lang = p.Title, m.langOf(p)
			}
			if s.config.BackupDays > 0 {
				date.Copies = one.At.AddDate(0, 0, s.config.BackupDays)
			}
			content.Dates = append(content.Dates, date)
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.until = now.Add(recordFor)
		return p, nil
	})
}

// whoGets handles GET /petitions/{id}/who-gets-what: what others would get of a petition's
// signers, today and after its keys died.
func (s *Server) whoGets(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathWhoGets(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, err := s.published(ctx, id)
		if err != nil {
			return nil, err
		}
		if counted.OpenedAt.IsZero() {
			return nil, undersigned.ErrNotFound
		}
		p := counted.Petition
		content := &view.WhoGetsPage{Base: m.fill(view.PathWhoGets(id)), Number: id, Title: p.Published().Title, Lang: m.langOf(p), GoneOn: p.KeysGoneAt,
			Copies: s.config.BackupDays, Postcode: m.ask().Postcode, Mail: true, Openings: true, Quota: m.body.MailQuota, News: m.news(p), Apart: s.config.Apart, Hearing: m.body.AskHearing}
		if !p.KeysMadeAt.IsZero() && p.KeysGoneAt.IsZero() {
			content.KeysOn = p.RetainTo
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		page := newPage(m, htmlText, shared, html)
		page.marks = marksOf(counted, nil)
		return page, nil
	})
}

// promise handles GET /promise: what is promised, what holds it, and where it ends.
func (s *Server) promise(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathPromise, func(_ context.Context, m *moment) (view.Page, error) {
		return &view.PromisePage{Base: m.fill(view.PathPromise), Promises: view.Promises(m.body.MailQuota)}, nil
	})
}
