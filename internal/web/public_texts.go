package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// hourFor is how long the home page may show what was signed in the last hour.
const hourFor = time.Minute

// home handles GET /.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	return s.cached(w, r, view.PathHome, func(ctx context.Context, m *moment) (*page, error) {
		now := s.public.Now()
		totals, err := s.public.Totals(ctx)
		if err != nil {
			return nil, err
		}
		hour, err := s.public.MostSignedLastHour(ctx, now, 5)
		if err != nil {
			return nil, err
		}
		newest, err := s.public.List(ctx, store.ListQuery{Filter: store.FilterRecent, PerPage: 5})
		if err != nil {
			return nil, err
		}
		answered, err := s.public.List(ctx, store.ListQuery{Filter: store.FilterWithResponse, PerPage: 3})
		if err != nil {
			return nil, err
		}
		content := &view.HomePage{
			Base: m.fill(view.PathHome), OpenPetitions: totals.Open, Signatures: int(totals.Signatures), Answers: totals.Answers,
			LastHour: m.lines(hour, now), Newest: m.lines(newest.Petitions, now), Answered: m.lines(answered.Petitions, now),
			Thresholds: m.thresholds(), SponsorsNeeded: m.body.Sponsors.Needed,
		}
		// Summaries are for the answered ones: elsewhere they would repeat themselves.
		for _, lines := range [][]view.PetitionLine{content.LastHour, content.Newest} {
			for i := range lines {
				lines[i].Summary = ""
			}
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.until = now.Add(hourFor)
		return p, nil
	})
}

// thresholds are the body's steps as pages tell them.
func (m *moment) thresholds() []view.Threshold {
	var all []view.Threshold
	for _, t := range m.body.Thresholds {
		all = append(all, view.Threshold{Signatures: int(t.Number), What: t.Words, Days: t.Days, ByMail: t.Count == "confirmed"})
	}
	return all
}

// settled text pages change with the body's settings alone.
func (s *Server) text(w http.ResponseWriter, r *http.Request, path string, content func(context.Context, *moment) (view.Page, error)) error {
	return s.cached(w, r, path, func(ctx context.Context, m *moment) (*page, error) {
		shown, err := content(ctx, m)
		if err != nil {
			return nil, err
		}
		html, err := m.engine.Render(shown)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, steady, html)
		p.marks = []store.Mark{}
		return p, nil
	})
}

// postal is the controller's address in lines, with the mail address as its last.
func (m *moment) postal() []string {
	var lines []string
	for line := range strings.SplitSeq(m.body.Controller.Address, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if m.body.Controller.Email != "" {
		lines = append(lines, m.body.Controller.Email)
	}
	return lines
}

func (s *Server) about(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathAbout, func(ctx context.Context, m *moment) (view.Page, error) {
		counts, err := s.public.FilterCounts(ctx)
		if err != nil {
			return nil, err
		}
		content := &view.AboutPage{Base: m.fill(view.PathAbout), Address: m.postal()}
		for _, one := range []struct {
			state  view.State
			filter store.Filter
		}{{view.Open, store.FilterOpen}, {view.Closed, store.FilterClosed}, {view.Rejected, store.FilterRejected}} {
			content.Totals = append(content.Totals, view.StateCount{State: one.state, Count: counts[one.filter]})
		}
		return content, nil
	})
}

func (s *Server) how(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathHow, func(_ context.Context, m *moment) (view.Page, error) {
		return &view.HowPage{Base: m.fill(view.PathHow), SponsorsNeeded: m.body.Sponsors.Needed, SponsorsMost: m.body.Sponsors.Most,
			Durations: m.body.Durations, Thresholds: m.thresholds(), KeysAfter: m.body.Retention(), MailQuota: m.body.MailQuota, News: m.news(undersigned.Petition{})}, nil
	})
}

func (s *Server) standards(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathStandards, func(_ context.Context, m *moment) (view.Page, error) {
		content := &view.StandardsPage{Base: m.fill(view.PathStandards)}
		for _, reason := range m.body.Reasons {
			if reason.Ended {
				continue
			}
			content.Reasons = append(content.Reasons, view.ReasonInfo{Code: reason.Code, Title: reason.Title, Words: reason.Words, Hides: reason.Hidden})
		}
		return content, nil
	})
}

const day = 24 * time.Hour

// privacy handles GET /privacy.
func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathPrivacy, func(_ context.Context, m *moment) (view.Page, error) {
		c := m.body.Controller
		return &view.PrivacyPage{
			Base: m.fill(view.PathPrivacy), Address: m.postal(), KeysAfter: m.body.Retention(), MailQuota: m.body.MailQuota, News: m.news(undersigned.Petition{}), Ask: m.ask(),
			UnconfirmedDays: int(undersigned.LetterboxLife/day) + 1, // it dies with its day's key
			NeverOpenedDays: int(undersigned.NeverOpenedLife / day), RejectedDays: int(undersigned.RejectedLife / day), BackupDays: s.config.BackupDays,
			Ledger: true, Apart: s.config.Apart,
			OfficerEmail: c.Officer, Authority: c.Authority, AuthorityURL: c.AuthorityURL, Recipients: c.Recipients, AgeRule: c.AgeRule,
			Counting: [2]string{c.Counting.Basis, c.Counting.Special}, Answering: [2]string{c.Answering.Basis, c.Answering.Special},
		}, nil
	})
}

func (s *Server) accessibility(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathAccessibility, func(_ context.Context, m *moment) (view.Page, error) {
		return &view.AccessibilityPage{Base: m.fill(view.PathAccessibility)}, nil
	})
}

func (s *Server) cookies(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathCookies, func(_ context.Context, m *moment) (view.Page, error) {
		return &view.CookiesPage{Base: m.fill(view.PathCookies)}, nil
	})
}

// oneAddress handles GET /one-address: the rule by which an address counts once.
func (s *Server) oneAddress(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathOneAddress, func(_ context.Context, m *moment) (view.Page, error) {
		content := &view.AddressRulePage{Base: m.fill(view.PathOneAddress)}
		signs := map[string][]string{}
		for _, domain := range slices.Sorted(maps.Keys(address.DefaultRules)) {
			rule := address.DefaultRules[domain]
			if rule.Tag != "" {
				content.Tags = append(content.Tags, domain)
			}
			if rule.Ignore != "" {
				signs[rule.Ignore] = append(signs[rule.Ignore], domain)
			}
			if rule.Domain != "" {
				content.Same = append(content.Same, view.SameDomain{Domain: domain, Is: rule.Domain})
			}
			if rule.UserSubdomain {
				content.Subdomains = append(content.Subdomains, domain)
			}
		}
		for _, ignored := range slices.Sorted(maps.Keys(signs)) {
			content.Signs = append(content.Signs, view.IgnoredSigns{Signs: strings.Join(strings.Split(ignored, ""), " "), Domains: signs[ignored]})
		}
		return content, nil
	})
}

func (s *Server) terms(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathTerms, func(_ context.Context, m *moment) (view.Page, error) {
		floor := m.body.Floor
		return &view.TermsPage{Base: m.fill(view.PathTerms), Places: floor.Hour() > 0 || floor.Day() > 0, Owners: floor.Cap() > 0,
			ThrowAway: cmp.Or(view.ThrowAway(floor.ThrowAway), view.ThrowAwayWelcome)}, nil
	})
}

// contact handles GET /contact: how to reach who runs the site.
func (s *Server) contact(w http.ResponseWriter, r *http.Request) error {
	return s.text(w, r, view.PathContact, func(_ context.Context, m *moment) (view.Page, error) {
		return m.contactPage(), nil
	})
}
