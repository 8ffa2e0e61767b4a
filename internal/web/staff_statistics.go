package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/mail/texts"
	"undersigned/internal/web/view"
)

// monthsShown is how many months the page of statistics shows; the file has all.
const monthsShown = 12

// statistics handles GET /staff/statistics.
func (s *Server) statistics(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathStatistics)
	if err != nil {
		return err
	}
	found, err := s.staff.Statistics(r.Context())
	if err != nil {
		return err
	}
	page := &view.StatisticsPage{
		StaffBase: base, All: reviewMonth(found.All), Returned: found.All.Returned, Again: found.Again, AgainPublished: found.AgainPublished,
		Fresh: found.Fresh, Waiting: found.Waiting, Late: found.Late, Overdue: found.Overdue, Parked: found.Parked,
		FreshDays: desk.FreshDays, LateDays: undersigned.ReviewLate, OverdueDays: undersigned.ReviewOverdue, Confirmed: found.Confirmed, NeverConfirmed: found.NeverConfirmed,
	}
	for _, one := range found.Months[:min(len(found.Months), monthsShown)] {
		page.Months = append(page.Months, reviewMonth(one))
	}
	for _, one := range found.Reasons {
		page.Reasons = append(page.Reasons, view.ReasonCount(one))
	}
	for _, one := range found.Kept {
		page.Kept = append(page.Kept, view.KeptPromise{Then: view.FieldWord(m.promised(one.Then)), Reached: one.Reached, Count: one.Count, Median: one.Median,
			Ninth: one.Ninth, Longest: one.Longest, Waiting: one.Waiting, Oldest: one.Oldest})
	}
	return s.render(w, m, http.StatusOK, page)
}

func reviewMonth(one desk.ReviewMonth) view.ReviewMonth {
	return view.ReviewMonth{First: one.First, Published: one.Published, Rejected: one.Rejected, Hidden: one.Hidden, Returned: one.Returned,
		Count: one.Count, Median: one.Median, Ninth: one.Ninth, Longest: one.Longest}
}

// statisticsCSV handles GET /staff/statistics.csv: the same numbers, one a line, of all
// months. Programs read its words, so they are no part of the catalogue.
func (s *Server) statisticsCSV(w http.ResponseWriter, r *http.Request) error {
	found, err := s.staff.Statistics(r.Context())
	if err != nil {
		return err
	}
	body, err := statisticsFile(found)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Content-Type"] = []string{"text/csv; charset=utf-8"}
	h["Content-Disposition"] = []string{`attachment; filename="statistics.csv"`}
	h["X-Robots-Tag"] = noIndex
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // whoever left does not read it
	return nil
}

// statisticsFile writes statistics for a spreadsheet. Titles of reasons are what staff
// typed: none may begin a formula.
func statisticsFile(found desk.Statistics) ([]byte, error) {
	var b bytes.Buffer
	rows := csv.NewWriter(&b)
	line := func(table, of, what string, n int64) {
		rows.Write([]string{table, undersigned.NeutralCell(of), what, strconv.FormatInt(n, 10)})
	}
	spread := func(table, of string, one desk.Spread) {
		line(table, of, "count", int64(one.Count))
		if one.Count > 0 {
			line(table, of, "median", int64(one.Median))
			line(table, of, "nine in ten", int64(one.Ninth))
			line(table, of, "longest", int64(one.Longest))
		}
	}
	rows.Write([]string{"Table", "Of", "What", "Number"})
	waited := func(worked int, n int) { line("queue", "now", "from working day "+strconv.Itoa(worked), int64(n)) }
	waited(0, found.Fresh)
	waited(desk.FreshDays, found.Waiting)
	waited(undersigned.ReviewLate, found.Late)
	waited(undersigned.ReviewOverdue, found.Overdue)
	line("queue", "now", "parked", int64(found.Parked))
	months := append([]desk.ReviewMonth{}, found.Months...)
	for _, one := range append(months, found.All) {
		of := "all"
		if !one.First.IsZero() {
			of = one.First.Format("2006-01")
		}
		spread("working days to a decision", of, one.Spread)
		line("decisions", of, "published", int64(one.Published))
		line("decisions", of, "rejected", int64(one.Rejected))
		line("decisions", of, "hidden", int64(one.Hidden))
		line("decisions", of, "returned", int64(one.Returned))
	}
	line("returned", "all", "sent again", int64(found.Again))
	line("returned", "all", "published then", int64(found.AgainPublished))
	for _, one := range found.Reasons {
		line("reasons", one.Title, "given", int64(one.Count))
	}
	for _, one := range found.Kept {
		line("thresholds", one.Then, "reached", int64(one.Reached))
		spread("days to "+one.Then, one.Then, one.Spread)
		line("thresholds", one.Then, "waiting", int64(one.Waiting))
		if one.Waiting > 0 {
			line("thresholds", one.Then, "days of the oldest", int64(one.Oldest))
		}
	}
	line("signatures in tens", "all", "confirmed", found.Confirmed)
	line("signatures in tens", "all", "never confirmed", found.NeverConfirmed)
	rows.Flush()
	return b.Bytes(), rows.Error()
}

// lateShown is how many late petitions the page names.
const lateShown = 25

// late handles GET /staff/late: whom a mail about a delay would go to, and its words.
func (s *Server) late(w http.ResponseWriter, r *http.Request) error {
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	worked := desk.LateDays[0]
	if typed := query.get("days"); typed != "" {
		if worked, err = strconv.Atoi(typed); err != nil {
			return undersigned.ErrNotFound
		}
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	late, err := s.staff.Late(r.Context(), worked)
	if err != nil {
		return err
	}
	page := &view.LatePage{StaffBase: base, Days: desk.LateDays, Chosen: worked, Before: late.Before.UnixMicro(), Count: len(late.Petitions), Told: late.Told,
		CanSend: desk.May(staffIn(r.Context()), desk.Reply)}
	now := s.staff.Now()
	for _, c := range late.Petitions[:min(len(late.Petitions), lateShown)] {
		waited := m.body.WorkedDays(c.QueuedAt, now)
		page.Lines = append(page.Lines, view.QueueLine{Number: c.ID, Title: c.Title, Lang: m.langOf(c.Petition), Since: c.QueuedAt, AgeDays: waited,
			Late: waited >= undersigned.ReviewLate, Overdue: waited >= undersigned.ReviewOverdue})
	}
	if len(late.Petitions) > 0 {
		first := late.Petitions[0]
		if page.Subject, page.Text, err = m.lateMail(s.config.URL, first.Title, first.QueuedAt); err != nil {
			return err
		}
	}
	return s.render(w, m, http.StatusOK, page)
}

// lateMail is the mail about a delay as the steward writes it, but for the link to the
// creator's own page: this part cannot make that.
func (m *moment) lateMail(url, title string, since time.Time) (subject, text string, err error) {
	return texts.Render(m.body.Language, "delayed", texts.Facts{
		Site: m.body.SiteName, Body: m.body.Name, Controller: m.body.Controller.Name, URL: url, Title: title,
		On: since.In(m.zone).Format("2 January 2006"), Link: url + "/l/" + strings.Repeat("…", 3),
	})
}

// tellLate handles POST /staff/late.
func (s *Server) tellLate(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	worked, err := strconv.Atoi(f.get("days"))
	if err != nil {
		return errBadForm
	}
	before, err := strconv.ParseInt(f.get("before"), 10, 64)
	if err != nil {
		return errBadForm
	}
	told, err := s.staff.TellLate(r.Context(), staffIn(r.Context()), worked, undersigned.FromMicros(before))
	if err != nil {
		return deskError(err)
	}
	said := "late"
	if told == 0 {
		said = "latenone"
	}
	return s.said(w, view.PathLate, said)
}
