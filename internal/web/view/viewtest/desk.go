package viewtest

import (
	"time"

	"undersigned/internal/web/view"
)

func staff(path string, role view.Role, problems ...view.Problem) view.StaffBase {
	base := private(problems...)
	base.Path = path
	return view.StaffBase{Base: base, Staff: view.Staff{Name: "Moira Kent", Role: role}, Waiting: 3, Held: 120}
}

// closed is what whoever only answers gets of the menu.
func closed(base view.StaffBase) view.StaffBase {
	base.Staff.Role = view.Responder
	base.Closed = map[string]bool{"/staff/queue": true, "/staff/find": true, "/staff/people": true, "/staff/pause": true}
	return base
}

func events() []view.Event {
	return []view.Event{
		{At: now, Who: "Moira Kent", Act: view.ActRemove, Why: "A court asked us to."},
		{At: on(2026, 10, 20), Who: "Josh Patel", Act: view.ActRestore, Number: 1187, Title: lines()[1].Title, Why: "The court changed its mind."},
		{At: on(2026, 10, 2), Who: "Moira Kent", Act: view.ActPublish},
		{At: on(2026, 9, 30), Act: view.ActQueue},
		{At: on(2026, 9, 28), Act: view.ActStart, Self: true},
	}
}

func desk() []Sample {
	review := func(form view.ReviewForm, problems ...view.Problem) *view.ReviewPage {
		p := &view.ReviewPage{StaffBase: staff("", view.Moderator, problems...), Action: "/staff/petitions/1204", Petition: petition(), AgeDays: 4, Sponsors: 6,
			CanAnswer: true, Revision: 7, ClosesAt: on(2027, 5, 22), KeysAt: on(2027, 11, 22),
			Reasons: Reasons(), Topics: topics(), Form: form, Events: events()[3:],
			Similar: []view.SimilarPetition{{PetitionLine: newest()[1], Background: "The library closes on Saturdays from May."}}}
		p.Petition.State = view.Queued
		return p
	}
	again := review(view.ReviewForm{})
	again.Again, again.Before, again.Similar, again.Messages = true, &wording()[0], nil, messages()

	readonly := review(view.ReviewForm{})
	readonly.ReadOnly, readonly.CanAnswer, readonly.Staff.Role = true, false, view.Auditor

	admin := func(change func(*view.AdminPage)) *view.AdminPage {
		p := &view.AdminPage{StaffBase: staff("", view.Moderator), Action: "/staff/petitions/1204", Restore: "/staff/petitions/1204/restore", Revision: 9, Petition: petition(),
			CanRespond: true, CanAnswer: true, CanRemove: true, Events: events(), Messages: messages()}
		change(p)
		return p
	}
	queue := &view.QueuePage{StaffBase: staff("/staff/queue", view.Moderator), Page: 1, Pages: 2, Total: 27, Lines: []view.QueueLine{
		{Number: 1204, Title: petition().Title, Since: on(2026, 11, 10), AgeDays: 12, Late: true, Overdue: true, Sponsors: 6, Tags: []string{"roads"}},
		{Number: 1207, Title: "Mend the bandstand", Since: on(2026, 11, 12), AgeDays: 7, Late: true, Sponsors: 5},
		{Number: 1205, Title: "Open the town hall clock to visitors", Since: on(2026, 11, 18), AgeDays: 4, Sponsors: 5, Again: true},
		{Number: 1206, Title: "Plant more trees", Lang: "en", Since: on(2026, 11, 21), AgeDays: 1, Sponsors: 8},
	}}
	queue.Said, queue.Choosing = "desk.said.published", choosing()
	file := func(change func(*view.FileBox)) *view.FileBox {
		box := &view.FileBox{Action: "/staff/petitions/1204/file", NoteNo: 3, Note: "Ask the roads department on Tuesday.", NoteBy: "Josh Patel", NoteAt: now,
			Tags: "roads, budget", CanPark: true, Assigned: 1, Colleagues: []view.Colleague{{ID: 1, Name: "Moira Kent"}, {ID: 2, Name: "Josh Patel"}}}
		change(box)
		return box
	}
	filed := review(view.ReviewForm{})
	filed.File = file(func(*view.FileBox) {})
	readonly.File = file(func(b *view.FileBox) { b.ReadOnly, b.Flagged = true, true })
	parked := review(view.ReviewForm{})
	parked.File = file(func(b *view.FileBox) {
		b.Flagged, b.ParkedWhy, b.ParkedTo = true, "We wait for the court.", on(2026, 11, 30)
	})
	unfiled := review(view.ReviewForm{}, view.Problem{Field: "note", Word: "problem.note.newer"}, view.Problem{Field: "park-until", Word: "problem.park.until"},
		view.Problem{Field: "assign", Word: "problem.assign"})
	unfiled.File = file(func(b *view.FileBox) {
		b.Note, b.Newer, b.Park, b.Assigned = "Ask the school.", "Ask the roads department.", view.ParkForm{Why: "We wait."}, 0
	})
	find := func(change func(*view.FindPage)) *view.FindPage {
		p := &view.FindPage{StaffBase: staff("/staff/find", view.Moderator), Sort: "newest", States: []view.State{view.Queued, view.Open}, Tags: []string{"budget", "roads"},
			Topics: topics(), Withs: []string{"Highways", "Libraries"}, With: "Highways", Kepts: []view.Kept{"mine", "flagged", "parked", "unread", "owed"}, Sorts: []view.FindSort{"newest", "oldest", "waiting", "signatures", "closing"}, Page: 1, Pages: 1}
		change(p)
		return p
	}
	return []Sample{
		{"desk-mails", &view.MailsPage{StaffBase: staff("", view.Moderator, view.Problem{Field: "to", Word: "problem.away.to"}), StandIn: 2, From: "2026-12-21", To: "2026-12-01",
			Subjects: []view.MailSubject{{Subject: "waiting", On: true}, {Subject: "late", On: true}, {Subject: "threshold", On: false}, {Subject: "monday", On: true}}, Colleagues: []view.Colleague{{ID: 2, Name: "Josh Patel"}}}},
		{"desk-mails-none", &view.MailsPage{StaffBase: staff("", view.Moderator)}},
		{"desk-review-file", filed},
		{"desk-review-parked", parked},
		{"desk-review-file-problems", unfiled},
		{"sign-in", &view.SignInPage{Base: private()}},
		{"sign-in-ended", &view.SignInPage{Base: private(view.Problem{Field: "email", Word: "problem.email.missing"}), Ended: true}},
		{"sign-in-code", &view.CodePage{Base: private(), Action: "/staff/sign-in/code", Address: "moira@calderdale.example", Minutes: 15}},
		{"sign-in-code-problem", &view.CodePage{Base: private(view.Problem{Field: "code", Word: "problem.code"}), Action: "/staff/sign-in/code", Address: "moira@calderdale.example", Minutes: 15, Code: "ABCD1234"}},
		{"sign-in-work", &view.SignInPage{Base: private(), Work: "Calderdale account"}},
		{"sign-in-work-go", &view.WorkPage{Base: private(), Name: "Calderdale account", Go: "https://login.calderdale.example/authorize?state=1"}},
		{"sign-in-work-press", &view.WorkPage{Base: private(), Name: "Calderdale account", Code: "1", State: "2"}},
		{"sign-in-work-link", &view.WorkPage{Base: private(), Name: "Calderdale account", Code: "1", State: "2", By: "https://login.calderdale.example", Link: true}},
		{"sign-in-work-old", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.old"}},
		{"sign-in-work-no", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.no"}},
		{"sign-in-work-unknown", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.unknown"}},
		{"sign-in-work-taken", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.taken", Link: true}},
		{"sign-in-work-domain", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.domain"}},
		{"sign-in-work-down", &view.WorkPage{Base: private(), Name: "Calderdale account", Failed: "work.failed.down"}},
		{"sign-in-link", &view.SignInLinkPage{Base: private(), Action: "/l/sign-in"}},
		{"sign-in-link-other", &view.SignInLinkPage{Base: private(), Other: true}},
		{"desk", &view.DeskPage{StaffBase: staff("/staff", view.Administrator), OldestDays: 12, Late: 2, Overdue: 1, Parked: 1, Flagged: 4, MailDelay: 20,
			Returned: &view.ReturnedBox{Mails: 12, Dead: 7, Complaints: 1, Noted: 3, Unread: 1, Ways: []view.ReturnWay{{Mailbox: true, At: now}, {Silent: true, At: on(2026, 11, 20)}}}, Mine: []view.FindLine{{PetitionLine: newest()[1], Tags: []string{"budget"}}},
			Unread: []view.UnreadLine{{Number: 1204, Title: petition().Title, Since: on(2026, 11, 20), AgeDays: 2}},
			Owed: []view.OwedLine{{Number: 1187, Title: lines()[1].Title, What: view.PromisedAnswer, Since: on(2026, 11, 4), AgeDays: 18},
				{Number: 1188, Title: lines()[0].Title, What: view.PromisedDebate, Since: on(2026, 11, 20), AgeDays: 1}}, AllOwed: 12, AllUnread: 11, Recent: events(),
			Asked: []view.AskedLine{{What: "add-staff", At: on(2026, 11, 20)}, {What: "held", By: "Josh Patel", At: on(2026, 11, 20)}, {What: "answer", By: "Josh Patel", At: on(2026, 11, 21)}, {What: "disclose", At: on(2026, 11, 22)}, {What: "extend", By: "Josh Patel", At: on(2026, 11, 22)}}, Pledges: []view.PledgeLine{
				{Number: 1102, Title: "Mend the roof of the swimming pool", By: on(2026, 11, 22), Due: true, What: "Begin to build.", Path: "/staff/petitions/1102/pledges/7"},
				{Number: 1090, Title: "Run a night bus to Todmorden", By: on(2027, 5, 31), What: "Ask the drivers."}}}},
		{"desk-empty", &view.DeskPage{StaffBase: view.StaffBase{Base: private(), Staff: view.Staff{Name: "Moira Kent", Role: view.Moderator}}}},
		{"desk-returned", &view.DeskPage{StaffBase: staff("/staff", view.Moderator), Returned: &view.ReturnedBox{Ways: []view.ReturnWay{
			{Mailbox: true, Fails: true, At: now}, {Mailbox: true, Silent: true, At: now}, {At: now}}}}},
		{"desk-returned-never", &view.DeskPage{StaffBase: staff("/staff", view.Moderator), Returned: &view.ReturnedBox{Mails: 2, Noted: 2}}},
		{"desk-queue", queue},
		{"desk-queue-empty", &view.QueuePage{StaffBase: staff("/staff/queue", view.Moderator), Page: 1, Pages: 1}},
		{"desk-review", review(view.ReviewForm{})},
		{"desk-review-problems", review(view.ReviewForm{Do: "reject", Hide: []view.Part{view.PartTitle}, Topics: []string{"roads"}},
			view.Problem{Field: "do", Word: "problem.do"}, view.Problem{Field: "reason", Word: "problem.reason"}, view.Problem{Field: "details", Word: "problem.reason.why"})},
		{"desk-review-again", again},
		{"desk-petition", admin(func(p *view.AdminPage) {})},
		{"desk-petition-removed", admin(func(p *view.AdminPage) {
			p.Petition.State, p.CanRespond, p.CanRemove, p.CanRestore, p.Messages = view.Removed, false, false, true, nil
			p.Petition.Response = &view.Response{By: "Calderdale Council", On: on(2026, 10, 1), Summary: "Yes, in May."}
		})},
		{"desk-petition-rejected", admin(func(p *view.AdminPage) {
			p.Petition.State, p.CanRespond, p.CanRemove, p.CanHide, p.Reasons = view.Rejected, false, false, true, Reasons()
		})},
		{"desk-edit", &view.EditPage{StaffBase: staff("", view.Moderator), Action: "/staff/petitions/1204/edit", Revision: 7, Number: 1204,
			Form: view.TextForm{Title: petition().Title, Background: petition().Background, Details: petition().Details}, Limits: view.Limits{Title: 80, Background: 300, Details: 800}}},
		{"desk-edit-locked", &view.EditPage{StaffBase: staff("", view.Moderator), Action: "/staff/petitions/1204/edit", Revision: 7, Number: 1204, LockedBy: "Josh Patel", LockedAt: now,
			Form: view.TextForm{Title: petition().Title, Background: petition().Background}, Limits: view.Limits{Title: 80, Background: 300, Details: 800}}},
		{"desk-edit-problems", &view.EditPage{StaffBase: staff("", view.Moderator, view.Problem{Field: "title", Word: "problem.title.missing"}), Action: "/staff/petitions/1204/edit",
			Revision: 7, Number: 1204, Form: view.TextForm{Background: petition().Background}, Limits: view.Limits{Title: 80, Background: 300, Details: 800}}},
		{"desk-find", find(func(p *view.FindPage) {
			p.Choosing = choosing()
			p.Query, p.Sort, p.OwnSort, p.Kept, p.Total, p.Pages = "mill", "closing", true, "flagged", 27, 2
			p.Petitions = []view.FindLine{{PetitionLine: newest()[0], Tags: []string{"roads"}}, {PetitionLine: newest()[1]}}
		})},
		{"desk-find-nothing", find(func(p *view.FindPage) { p.Query = "xyz" })},
		{"desk-staff", &view.StaffListPage{StaffBase: staff("/staff/people", view.Administrator), CanEdit: true,
			People: []view.Person{{ID: 1, Name: "Moira Kent", Role: view.Moderator, Since: on(2026, 1, 5), Seen: now},
				{ID: 2, Name: "Josh Patel", Role: view.Administrator, Since: on(2026, 1, 5)},
				{ID: 3, Name: "Ann Lee", Role: view.Moderator, Since: on(2026, 1, 5), Ended: true}, {ID: 4, Name: "Tom Ash", Role: view.Moderator, Since: on(2026, 2, 1), CanEnd: true}},
			Pending: []view.PendingPerson{{By: "Josh Patel", At: on(2026, 11, 21)}, {At: on(2026, 11, 22)}}}},
		{"desk-staff-moderator", &view.StaffListPage{StaffBase: staff("/staff/people", view.Moderator), People: []view.Person{{ID: 1, Name: "Moira Kent", Role: view.Moderator, Seen: now}}}},
		{"desk-account", &view.AccountPage{StaffBase: staff("/staff/account", view.Moderator), Most: 10, Passkeys: []view.Passkey{
			{ID: 1, Name: "Office computer", Since: on(2026, 3, 1), Used: now}, {ID: 2, Name: "Phone", Since: on(2026, 11, 20)}}}},
		{"desk-account-none", &view.AccountPage{StaffBase: staff("/staff/account", view.Auditor, view.Problem{Field: "name", Word: "problem.passkey.name"}), Most: 10}},
		{"desk-account-work", &view.AccountPage{StaffBase: staff("/staff/account", view.Moderator), Most: 10, Work: "Calderdale account"}},
		{"desk-account-linked", &view.AccountPage{StaffBase: staff("/staff/account", view.Moderator), Most: 10, Work: "Calderdale account", Linked: &view.WorkAccount{Since: on(2026, 3, 1), Used: now}}},
		{"desk-release", &view.ReleasePage{Base: private(), Action: "/l/release", By: "Josh Patel", At: on(2026, 11, 21)}},
		{"desk-release-operator", &view.ReleasePage{Base: private(), Action: "/l/release", At: on(2026, 11, 21)}},
		{"desk-release-too-old", &view.ReleasePage{Base: private(), TooOld: true, Days: 7}},
		{"desk-release-held", &view.ReleasePage{Base: private(), Action: "/l/release", By: "Josh Patel", At: on(2026, 11, 21), Held: true}},
		{"desk-release-extend", &view.ReleasePage{Base: private(), Action: "/l/release", By: "Jo Reed", At: on(2026, 11, 21), Keys: true}},
		{"desk-extend", &view.ExtendPage{StaffBase: staff("", view.Administrator), Number: 1204, Title: petition().Title, Action: "/staff/petitions/1204/keep", KeysUntil: on(2027, 10, 2),
			Choices: []view.ExtendChoice{{Months: 1, Until: on(2027, 11, 2)}, {Months: 6, Until: on(2028, 4, 2)}}, Most: 200}},
		{"desk-extend-problem", &view.ExtendPage{StaffBase: staff("", view.Administrator, view.Problem{Field: "months", Word: "problem.extend.months"}, view.Problem{Field: "reason", Word: "problem.reason.why"}),
			Number: 1204, Title: petition().Title, Action: "/staff/petitions/1204/keep", KeysUntil: on(2027, 10, 2), Choices: []view.ExtendChoice{{Months: 1, Until: on(2027, 11, 2)}}, Most: 200}},
		{"desk-extend-waits", &view.ExtendPage{StaffBase: staff("", view.Administrator), Number: 1204, Title: petition().Title, KeysUntil: on(2027, 10, 2), Waits: on(2028, 4, 2)}},
		{"desk-extend-done", &view.ExtendPage{StaffBase: staff("", view.Administrator), Number: 1204, Title: petition().Title, KeysUntil: on(2028, 4, 2), Told: on(2027, 10, 2)}},
		{"desk-extend-never", &view.ExtendPage{StaffBase: staff("", view.Administrator), Number: 1204, Title: petition().Title}},
		{"desk-release-disclose", &view.ReleasePage{Base: private(), Action: "/l/release", At: on(2026, 11, 21), HandOver: true}},
		{"desk-release-answer", &view.ReleasePage{Base: private(), Action: "/l/release", By: "Josh Patel", At: on(2026, 11, 21), Answer: true}},
		{"desk-held", &view.HeldPage{StaffBase: staff("/staff/held", view.Moderator), Most: 200, Lines: []view.HeldLine{
			heldLine("many", 120, "second"), heldLine("domain", 31, ""), heldLine("stamp", 1, "steward"), heldLine("replayed", 2, "underway"), removedLine()}}},
		{"desk-held-none", &view.HeldPage{StaffBase: staff("/staff/held", view.Moderator)}},
		{"desk-wave", &view.WavePage{StaffBase: staff("", view.Moderator), Number: 1204, Title: petition().Title, Action: "/staff/petitions/1204/hold", Hours: waveHours(),
			From: 40, To: 52, Count: 1412, Second: true, Alone: 50, Most: 100}},
		{"desk-wave-choose", &view.WavePage{StaffBase: staff("", view.Moderator), Number: 1204, Title: petition().Title, Action: "/staff/petitions/1204/hold", Hours: waveHours()}},
		{"desk-wave-problem", &view.WavePage{StaffBase: staff("", view.Moderator, view.Problem{Field: "reason", Word: "problem.reason.why"}), Number: 1204, Title: petition().Title,
			Action: "/staff/petitions/1204/hold", Hours: waveHours(), From: 40, To: 40, Count: 12, Alone: 50, Most: 100}},
		{"desk-wave-protected", &view.WavePage{StaffBase: staff("", view.Moderator), Number: 1204, Title: petition().Title, Protected: true}},
		{"desk-wave-none", &view.WavePage{StaffBase: staff("", view.Moderator), Number: 1204, Title: petition().Title}},
		{"desk-cluster", &view.ClusterPage{StaffBase: staff("", view.Moderator), HeldLine: heldLine("many", 120, ""), Action: "/staff/held/7", LastNo: 900, Second: true, Alone: 50, Days: 7, Most: 100}},
		{"desk-cluster-problem", &view.ClusterPage{StaffBase: staff("", view.Moderator, view.Problem{Field: "reason", Word: "problem.reason.why"}), HeldLine: heldLine("fast", 1, ""),
			Action: "/staff/held/7", LastNo: 900, Alone: 50, Days: 7, Most: 100}},
		{"desk-cluster-waits", &view.ClusterPage{StaffBase: staff("", view.Moderator), HeldLine: heldLine("domain", 31, "second"), Alone: 50, Days: 7, Most: 100}},
		{"desk-cluster-removed", &view.ClusterPage{StaffBase: staff("", view.Moderator), HeldLine: removedLine(), Action: "/staff/held/8", LastNo: 900, Alone: 50, Days: 7, Most: 100}},
		{"desk-released", &view.ReleasedPage{Base: private()}},
		{"desk-responder", &view.DeskPage{StaffBase: closed(staff("/staff", view.Responder)), Owed: []view.OwedLine{{Number: 1187, Title: lines()[1].Title, What: view.PromisedMeeting, Since: on(2026, 11, 4), AgeDays: 18}}}},
		{"desk-responder-nothing", &view.DeskPage{StaffBase: closed(staff("/staff", view.Responder))}},
		{"desk-review-readonly", readonly},
		{"desk-petition-responder", admin(func(p *view.AdminPage) {
			p.StaffBase, p.Outside, p.CanAnswer, p.CanRemove, p.Events, p.Messages = closed(p.StaffBase), true, false, false, nil, nil
		})},
		{"desk-pause-readonly", &view.PausePage{StaffBase: staff("/staff/pause", view.Auditor), Signing: "Signing is paused until Monday.", ReadOnly: true}},
		{"desk-pause", &view.PausePage{StaffBase: staff("/staff/pause", view.Administrator), Signing: "Signing is paused until Monday."}},
	}
}

func waveHours() []view.WaveHour {
	return []view.WaveHour{{First: 50, Last: 52, At: now.Truncate(time.Hour), Count: 1400}, {First: 40, Last: 40, At: now.Add(-3 * time.Hour).Truncate(time.Hour), Count: 12}}
}
