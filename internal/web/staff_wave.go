package web

import (
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// waveForm handles GET /staff/petitions/{id}/hold: the hours, and how many signed in those
// that are chosen.
func (s *Server) waveForm(w http.ResponseWriter, r *http.Request) error {
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	return s.showWave(w, r, query, http.StatusOK, nil)
}

func (s *Server) showWave(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	m, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.WavePage{StaffBase: base, Number: c.Petition.ID, Title: c.Petition.Title, Action: view.PathWave(c.Petition.ID),
		Protected: c.Petition.Kind == undersigned.Protected, Alone: undersigned.MostAlone, Reason: f.get("reason"), Most: desk.MostHeldWhy}
	if !page.Protected {
		hours, err := s.staff.Hours(r.Context(), c.Petition.ID)
		if err != nil {
			return err
		}
		for _, hour := range hours {
			page.Hours = append(page.Hours, view.WaveHour{First: hour.First, Last: hour.Last, At: hour.From, Count: int(hour.Added)})
		}
		page.From, page.To = batchesIn(f)
		page.Count = int(desk.Between(hours, page.From, page.To))
		page.Second = page.Count > undersigned.MostAlone
	}
	return s.render(w, m, status, page)
}

// batchesIn reads which hours are chosen; zeros where none are.
func batchesIn(f form) (from, to int64) {
	from, _ = strconv.ParseInt(f.get("from"), 10, 64)
	to, _ = strconv.ParseInt(f.get("to"), 10, 64)
	return max(from, 0), max(to, 0)
}

// wave handles POST /staff/petitions/{id}/hold.
func (s *Server) wave(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	_, c, err := s.caseIn(r)
	if err != nil {
		return err
	}
	from, to := batchesIn(f)
	err = s.staff.OrderWave(r.Context(), staffIn(r.Context()), c.Petition, from, to, f.get("reason"))
	if err == nil {
		return s.said(w, view.PathHeld, "held")
	}
	wrong, status, err := refused(err, heldWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showWave(w, r, f, status, wrong)
}
