package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// A press is what stands behind a confirm link that still works.
type press struct {
	pending  store.Pending
	card     seal.Card
	petition undersigned.Petition // without its texts, perhaps; zero when a petition is started
}

func (p press) deed() view.Deed {
	switch p.pending.Letter.Kind {
	case undersigned.LetterStart:
		return view.DeedStart
	case undersigned.LetterSponsor:
		return view.DeedSponsor
	}
	return view.DeedSign
}

// then is where a pressed button leads.
func (p press) then() string {
	switch p.deed() {
	case view.DeedStart:
		return pathStarted
	case view.DeedSponsor:
		return pathBacked(p.pending.Petition)
	}
	return pathSigned(p.pending.Petition)
}

// used answers a link whose button was pressed before: kindly, where the signature is
// there (U49).
//
// Errors: errOldLink where it is not, because its signer left or another link was first.
func (s *Server) used(ctx context.Context, w http.ResponseWriter, pending store.Pending) error {
	if pending.Petition == 0 {
		s.redirect(w, pathStarted, http.StatusSeeOther)
		return nil
	}
	if _, err := s.public.Signature(ctx, pending.Number); err != nil {
		return gone(err)
	}
	petition, err := s.public.Petition(ctx, pending.Petition)
	if err != nil {
		return gone(err)
	}
	if petition.OpenedAt.IsZero() {
		s.redirect(w, pathBacked(petition.ID), http.StatusSeeOther)
	} else {
		s.redirect(w, pathSigned(petition.ID), http.StatusSeeOther)
	}
	return nil
}

// openPress reads what stands behind a confirm link. The page sees no more of the form
// than its card, and that only with the link's token. It reports false where the link
// has been answered: it was used before, or its petition takes no signatures now.
//
// Errors: errOldLink.
func (s *Server) openPress(w http.ResponseWriter, r *http.Request, m *moment, l mailLink) (p press, ok bool, err error) {
	ctx := r.Context()
	if p.pending, err = s.public.Pending(ctx, l.number); err != nil {
		return p, false, gone(err)
	}
	if err := l.holds(p.pending.ConfirmHash); err != nil {
		return p, false, err
	}
	if p.pending.State == store.LinkUsed {
		return p, false, s.used(ctx, w, p.pending)
	}
	now := s.public.Now()
	mailed := p.pending.Mailed
	if p.pending.State != store.LinkWaiting || p.pending.Letter.Sealed == nil || !mailed.IsZero() && now.Sub(mailed) > undersigned.LinkLife {
		return p, false, errOldLink
	}
	if p.card, err = seal.OpenCard(s.site, undersigned.LinkConfirm, p.pending.ID, l.token, p.pending.Card); err != nil {
		return p, false, errOldLink
	}
	if p.deed() == view.DeedStart {
		if m.body.PausedStarting != "" {
			s.redirect(w, view.PathStart, http.StatusSeeOther)
			return p, false, nil
		}
		return p, true, nil
	}
	if p.petition, err = s.behind(ctx, m, p.pending.Petition); err != nil {
		return p, false, gone(err)
	}
	if m.body.Paused != "" || !p.confirmable(now) {
		s.redirect(w, view.PathPetition(p.petition.ID), http.StatusSeeOther)
		return p, false, nil
	}
	return p, true, nil
}

// behind reads the petition that a link is about: from its sheet where it is published,
// because whoever signs presses a button, too.
func (s *Server) behind(ctx context.Context, m *moment, id int64) (undersigned.Petition, error) {
	if known, err := s.sheet(ctx, m, id); err == nil {
		return known.Petition, nil
	}
	counted, err := s.public.Petition(ctx, id)
	return counted.Petition, err
}

// confirmable reports whether the button would still do something. The steward decides;
// this only spares people a button in vain.
func (p press) confirmable(now time.Time) bool {
	petition := settled(p.petition, now)
	if p.deed() == view.DeedSponsor {
		return petition.State == undersigned.Sponsoring || petition.State == undersigned.Queued
	}
	if petition.State != undersigned.Open && petition.State != undersigned.Closed {
		return false
	}
	last := end(petition)
	return p.pending.Letter.At.Before(last) && now.Before(last.Add(undersigned.ConfirmGrace))
}

// showConfirm shows the page behind the link that confirms.
func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request, m *moment, l mailLink) error {
	p, ok, err := s.openPress(w, r, m, l)
	if err != nil || !ok {
		return err
	}
	return s.confirmPage(w, r, m, l, p)
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, p press) error {
	content := &view.ConfirmPage{
		Base: m.fill(""), Action: l.path(), Deed: p.deed(), Initials: p.card.Initials, UsedOn: p.pending.Letter.At, Version: p.card.Version.String(),
	}
	if content.Deed == view.DeedStart {
		content.Title = p.card.Title
		return s.render(w, m, http.StatusOK, content)
	}
	petition := p.petition
	content.Number, content.Title, content.TitleLang, content.Version = petition.ID, petition.Title, m.langOf(petition), petition.Version.String()
	if p.card.Version != petition.Version {
		changed, err := s.changed(r.Context(), petition, p.card.Version)
		if err != nil {
			return err
		}
		content.Changed = changed
	}
	return s.render(w, m, http.StatusOK, content)
}

// changed is the text that somebody saw and the one there is now.
func (s *Server) changed(ctx context.Context, petition undersigned.Petition, seen undersigned.TextVersion) (*view.TextPair, error) {
	now, err := s.public.Text(ctx, petition.ID, petition.Version)
	if err != nil {
		return nil, err
	}
	pair := &view.TextPair{NewTitle: now.Title, NewBackground: now.Background, NewDetails: now.Details, ChangedAt: now.From}
	old, err := s.public.Text(ctx, petition.ID, seen)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return nil, err
	}
	pair.OldTitle, pair.OldBackground, pair.OldDetails = old.Title, old.Background, old.Details
	return pair, nil
}

// actConfirm takes the two buttons of the page: it was me, it was not me.
func (s *Server) actConfirm(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form) error {
	if f.get("do") == "not-me" {
		pending, err := s.public.Pending(r.Context(), l.number)
		if err != nil {
			return gone(err)
		}
		if err := l.holds(pending.ConfirmHash); err != nil {
			return err
		}
		return s.declare(w, r, m, l, f)
	}
	if f.get("do") != "confirm" {
		return errBadForm
	}
	p, ok, err := s.openPress(w, r, m, l)
	if err != nil || !ok {
		return err
	}
	letter := l.letter(undersigned.LetterConfirm)
	if p.deed() != view.DeedStart {
		version, known := readVersion(f.get("version"))
		if !known || version != p.petition.Version {
			return s.confirmPage(w, r, m, l, p) // the text changed under the button: read it first
		}
		letter.Version = version
	}
	return s.put(w, r, m, l, f, letter, p.then())
}

// declare posts "it was not me", with or without blocking the address.
func (s *Server) declare(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form) error {
	letter := l.letter(undersigned.LetterNotMe)
	then := pathNotMe
	if f.get("block") == "yes" {
		letter.Block, then = true, pathBlocked
	}
	return s.put(w, r, m, l, f, letter, then)
}
