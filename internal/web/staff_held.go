package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// heldList handles GET /staff/held.
func (s *Server) heldList(w http.ResponseWriter, r *http.Request) error {
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, view.PathHeld)
	if err != nil {
		return err
	}
	lines, err := s.staff.Held(r.Context(), 0)
	if err != nil {
		return err
	}
	page := &view.HeldPage{StaffBase: base, Most: desk.MostHeldLines}
	for _, line := range lines {
		page.Lines = append(page.Lines, heldLine(line))
	}
	return s.render(w, m, http.StatusOK, page)
}

func heldLine(line store.HeldLine) view.HeldLine {
	shown := view.HeldLine{
		Cluster: line.Number, Number: line.Petition, Title: line.Title, Suspicion: view.Suspicion(line.Suspicion.String()), Size: int(line.Size),
		First: line.First, Last: line.Last, Removed: line.State == store.ClusterRemoved, EndsAt: line.EndsAt,
	}
	if line.Waiting {
		shown.Waits = map[store.OrderState]view.HeldWait{store.OrderWaiting: view.WaitSteward, store.OrderSecond: view.WaitSecond, store.OrderUnderWay: view.WaitUnderWay}[line.Waits]
	}
	return shown
}

// heldCluster handles GET /staff/held/{cluster}: what would be done, before it is.
func (s *Server) heldCluster(w http.ResponseWriter, r *http.Request) error {
	return s.showCluster(w, r, "", http.StatusOK, nil)
}

func (s *Server) showCluster(w http.ResponseWriter, r *http.Request, reason string, status int, wrong problems) error {
	line, err := s.clusterOf(r)
	if err != nil {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	return s.render(w, m, status, &view.ClusterPage{
		StaffBase: base, HeldLine: heldLine(line), Action: view.PathCluster(line.Number), LastNo: line.LastNo,
		Second: line.Size > undersigned.MostAlone, Alone: undersigned.MostAlone, Days: int(undersigned.UndoLife / (24 * time.Hour)),
		Reason: reason, Most: desk.MostHeldWhy,
	})
}

func (s *Server) clusterOf(r *http.Request) (store.HeldLine, error) {
	number, err := numberIn(r.PathValue("cluster"))
	if err != nil {
		return store.HeldLine{}, err
	}
	return s.staff.HeldCluster(r.Context(), number)
}

var heldWords = map[string]fieldWords{"reason": {missing: "problem.reason.why", long: "problem.why.long"}}

// orderHeld handles POST /staff/held/{cluster}.
func (s *Server) orderHeld(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	line, err := s.clusterOf(r)
	if err != nil {
		return err
	}
	last, err := strconv.ParseInt(f.get("last"), 10, 64)
	act := undersigned.HeldAct(f.get("do"))
	if err != nil || act != undersigned.HeldRelease && act != undersigned.HeldRemove && act != undersigned.HeldUndo {
		return errBadForm
	}
	target := desk.HeldTarget{Petition: line.Petition, Cluster: line.Number, Last: last}
	err = s.staff.OrderHeld(r.Context(), staffIn(r.Context()), target, act, line.Suspicion, f.get("reason"))
	if errors.Is(err, undersigned.ErrChanged) {
		return deskError(err)
	}
	if err != nil {
		wrong, status, err := refused(err, heldWords)
		if err != nil {
			return s.keepTyped(w, r, f, err)
		}
		return s.showCluster(w, r, f.get("reason"), status, wrong)
	}
	return s.said(w, view.PathHeld, "held")
}
