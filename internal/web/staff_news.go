package web

import (
	"net/http"
	"strconv"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// newsForm handles GET /staff/petitions/{id}/news: what who started a petition wrote to
// signers, before anybody decides about it.
func (s *Server) newsForm(w http.ResponseWriter, r *http.Request) error {
	return s.showNews(w, r, nil, http.StatusOK, nil)
}

func (s *Server) showNews(w http.ResponseWriter, r *http.Request, f form, status int, wrong problems) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	m, err := s.now(r.Context())
	if err != nil {
		return err
	}
	n, err := s.staff.News(r.Context(), staffIn(r.Context()), id)
	if err != nil {
		return err
	}
	base, err := s.staffBase(r, m, "")
	if err != nil {
		return err
	}
	base.Problems = wrong
	page := &view.NewsPage{
		StaffBase: base, Action: view.PathAdminNews(id), Revision: n.Revision, Number: id, Title: n.Title, Lang: m.langOf(n.Petition),
		People: int(n.People), Left: n.Left, Quota: n.Body.NewsQuota, Closed: !n.TakesNews(), Why: f.get("why"), MostWhy: undersigned.MostBulletinWhy,
		Mailings: mailingsShown(n.Petition, n.Body, n.Mailings, s.staff.Now()),
	}
	if n.Election != nil {
		page.Election = n.Body.NextTurn(s.staff.Now())
	}
	for _, b := range n.Bulletins {
		shown := bulletinShown(b)
		if _, ordered := n.Ordered(b.Number); ordered && shown.State == view.BulletinWaits {
			shown.State, page.Busy = view.BulletinOrdered, true
		}
		page.News = append(page.News, shown)
	}
	for _, order := range n.Orders {
		shown := sendOrder(desk.Mailable{Case: n.Case, Orders: n.Orders, Mailings: n.Mailings}, order.Number)
		shown.People = int(undersigned.Tens(order.People))
		page.Orders = append(page.Orders, shown)
	}
	return s.render(w, m, status, page)
}

var newsWords = map[string]fieldWords{"why": {"problem.reason.why", "problem.why.long"}}

// decideNews handles POST /staff/petitions/{id}/news.
func (s *Server) decideNews(w http.ResponseWriter, r *http.Request) error {
	target, f, err := s.targetIn(r)
	if err != nil {
		return err
	}
	ctx, staff := r.Context(), staffIn(r.Context())
	number := func(field string) int64 { n, _ := strconv.ParseInt(f.get(field), 10, 64); return n }
	said := "news-asked"
	switch do := f.get("do"); do {
	case "order":
		err = s.staff.OrderNews(ctx, staff, target, number("news"))
	case "refuse":
		said = "news-refused"
		err = s.staff.RefuseNews(ctx, staff, target, number("news"), paragraphs(f.get("why")))
	case "stop", "pause", "resume":
		said = "news-changed"
		err = s.staff.ChangeNews(ctx, staff, target.Petition, number("order"), undersigned.Wish(do))
	default:
		var wrong problems
		wrong.add("main", "problem.do")
		return s.showNews(w, r, f, http.StatusUnprocessableEntity, wrong)
	}
	if err == nil {
		return s.said(w, view.PathAdminNews(target.Petition), said)
	}
	wrong, status, err := refused(err, newsWords)
	if err != nil {
		return s.keepTyped(w, r, f, err)
	}
	return s.showNews(w, r, f, status, wrong)
}
