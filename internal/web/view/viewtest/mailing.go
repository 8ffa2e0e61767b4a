package viewtest

import (
	"time"

	"undersigned/internal/web/view"
)

// mailing shows the page that has an answer mailed, at every stage.
func mailing() []Sample {
	page := func(change func(*view.SendPage), problems ...view.Problem) *view.SendPage {
		p := &view.SendPage{
			StaffBase: staff("", view.Responder, problems...), Action: "/staff/petitions/1204/mailing", Revision: 9, Number: 1204, Title: petition().Title,
			Answer: 3, Sender: "Calderdale petitions", First: "You signed this petition. The council has answered. The bus runs until May.", Subject: "An answer to a petition you signed", Preview: "You signed this petition.\n\nThe council has answered. The bus runs until May.\n\nhttps://petitions.calderdale.example/petitions/1204",
			People: 41203, Unit: 1, Quota: 2, Most: 100, CanOrder: true,
		}
		change(p)
		return p
	}
	with := func(orders ...view.SendOrder) *view.SendPage {
		return page(func(p *view.SendPage) { p.Orders, p.CanOrder = orders, false })
	}
	at := on(2026, 11, 22)
	return []Sample{
		{"desk-mailing", page(func(*view.SendPage) {})},
		{"desk-mailing-election", page(func(p *view.SendPage) { p.Election, p.Protected = on(2027, 5, 7), true },
			view.Problem{Field: "main", Word: "problem.mail.html"}, view.Problem{Field: "override", Word: "problem.mail.override"}, view.Problem{Field: "judged", Word: "problem.mail.judged"})},
		{"desk-mailing-objection", page(func(p *view.SendPage) { p.Objection = "problem.mail.link" })},
		{"desk-mailing-none", page(func(p *view.SendPage) { p.Answer, p.Preview, p.Subject, p.CanOrder = 0, "", "", false })},
		{"desk-mailing-spent", page(func(p *view.SendPage) { p.Unit, p.CanOrder = 0, false })},
		{"desk-mailing-waits", with(
			view.SendOrder{Order: 4, State: view.SendAgreed, At: at, Begins: at.Add(10 * time.Minute), People: 41203, Minutes: 50, Stop: true},
			view.SendOrder{Order: 3, State: view.SendSecond, At: at, People: 41203, Stop: true},
			view.SendOrder{Order: 2, State: view.SendVoid, Why: "alone", At: at},
			view.SendOrder{Order: 1, State: view.SendStopped, At: at, People: 41203})},
		{"desk-mailing-sending", page(func(p *view.SendPage) {
			p.CanOrder = false
			p.Orders = []view.SendOrder{{Order: 4, State: view.SendMailed, At: at, People: 41203, Stop: true, Resume: true}}
			p.Mailings = []view.Mailing{{Unit: 1, Quota: 2, Why: view.MailingAnswer, On: at, State: view.MailingSending, Paused: true, Sent: 1204}}
		})},
	}
}
