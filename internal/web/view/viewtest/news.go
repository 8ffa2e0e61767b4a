package viewtest

import "undersigned/internal/web/view"

func bulletin(number int64, state view.BulletinState) view.Bulletin {
	return view.Bulletin{Number: number, At: on(2026, 11, int(number)), Title: "The planning meeting is on 3 May", State: state,
		Text: "The council talks about the crossing on 3 May, at 18:00.\n\nCome along: https://crossing.example/may"}
}

// news shows what there is about news of who started a petition: to signers, to them, to the
// public and to staff.
func news() []Sample {
	mailed, refused := bulletin(3, view.BulletinMailed), bulletin(4, view.BulletinRefused)
	refused.Why = "It asks for votes. Write it again without that."
	mailing := view.Mailing{Number: 9, Unit: 1, Quota: 2, Why: view.MailingNews, On: on(2026, 11, 5), State: view.MailingDone, Sent: 120}
	creator := func(box view.NewsBox, problems ...view.Problem) *view.CreatorPage {
		box.MostTitle, box.MostText = 80, 2000
		p := creatorPage(view.Open, func(p *view.CreatorPage) { p.News = &box })
		p.Problems = problems
		return p
	}
	desk := func(change func(*view.NewsPage), problems ...view.Problem) *view.NewsPage {
		p := &view.NewsPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204/news", Revision: 7, Number: 1204, Title: petition().Title,
			People: 120, Left: 2, Quota: 2, MostWhy: 300}
		change(p)
		return p
	}
	order := func(state view.SendState) view.SendOrder {
		return view.SendOrder{Order: 5, State: state, At: now, Begins: now}
	}
	form := pick(signing(), "sign").(*view.SignPage)
	form.News = 2
	own := pick(signing(), "own").(*view.OwnPage)
	own.News, own.Seen = true, append(own.Seen, mailing)
	stop := pick(signing(), "stop").(*view.StopPage)
	stop.News = true
	privacy, gets := pick(telling(), "privacy").(*view.PrivacyPage), pick(record(), "who-gets").(*view.WhoGetsPage)
	how, public := pick(telling(), "how").(*view.HowPage), pick(reading(), "petition").(*view.PetitionPage)
	privacy.News, gets.News, how.News = 2, 2, 1
	public.Petition.News, public.Petition.Mailings = []view.Bulletin{bulletin(5, ""), mailed}, []view.Mailing{mailing}
	return []Sample{
		{"sign-news", form}, {"own-news", own}, {"stop-news", stop}, {"privacy-news", privacy}, {"who-gets-news", gets}, {"how-news", how}, {"petition-news", public},
		{"creator-news", creator(view.NewsBox{Takes: true, Left: 2, Quota: 2})},
		{"creator-news-written", creator(view.NewsBox{Left: 1, Quota: 2, People: 120, Written: []view.Bulletin{mailed, refused, bulletin(6, view.BulletinWaits)}})},
		{"creator-news-problems", creator(view.NewsBox{Takes: true, Left: 1, Quota: 2, People: 10, Title: "A title", Text: "<b>Come</b>"},
			view.Problem{Field: "news-title", Word: "problem.news-title.long", Args: map[string]any{"Count": 80}}, view.Problem{Field: "news-text", Word: "problem.news.html"})},
		{"desk-news-none", desk(func(p *view.NewsPage) { p.People = 0 })},
		{"desk-news", desk(func(p *view.NewsPage) { p.News = []view.Bulletin{refused, bulletin(6, view.BulletinWaits)} })},
		{"desk-news-why", desk(func(p *view.NewsPage) { p.News = []view.Bulletin{bulletin(6, view.BulletinWaits)} }, view.Problem{Field: "why", Word: "problem.reason.why"})},
		{"desk-news-agreed", desk(func(p *view.NewsPage) {
			agreed := order(view.SendAgreed)
			agreed.Stop = true
			p.Busy, p.News, p.Orders = true, []view.Bulletin{bulletin(6, view.BulletinOrdered)}, []view.SendOrder{agreed}
		})},
		{"desk-news-sent", desk(func(p *view.NewsPage) {
			void := order(view.SendVoid)
			void.Why = "changed"
			p.Left, p.Closed, p.News, p.Mailings, p.Orders = 1, true, []view.Bulletin{mailed}, []view.Mailing{mailing}, []view.SendOrder{order(view.SendMailed), void}
		})},
		{"desk-news-election", desk(func(p *view.NewsPage) {
			p.Election, p.News = on(2027, 5, 6), []view.Bulletin{bulletin(6, view.BulletinWaits)}
		})},
	}
}
