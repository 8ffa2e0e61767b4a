package viewtest

import (
	"strings"

	"undersigned/internal/web/view"
)

func record() []Sample {
	hash := strings.Repeat("9b1c", 16)
	says := func(word view.Key, args map[string]any) view.Saying {
		return view.Saying{Word: "record.says." + word, Args: args}
	}
	which := map[string]any{"Unit": "1", "Quota": "2"}
	filters := []view.RecordFilter{view.RecordDeeds, view.RecordMails, view.RecordOpenings, view.RecordRemovals, view.RecordKeys, view.RecordTotals, view.RecordTexts}
	of := petition()
	about := func(entry int64, said view.Saying) view.RecordLine {
		return view.RecordLine{Entry: entry, At: now, Says: said, Petition: of.Number, Title: of.Title}
	}
	var told []view.RecordLine
	for i, said := range []view.Saying{
		says("ended.done", map[string]any{"Count": 41203, "Failed": "12"}), says("ended.stopped", map[string]any{"Count": 900}), says("mailing.answer", which), says("mailing.withdrawn", which), says("mailing.other", which), says("mailing.last", nil),
		says("held.release", map[string]any{"Count": 12}), says("held.remove", map[string]any{"Count": 63}), says("held.undo", map[string]any{"Count": 1}),
		says("gone.petition", nil), says("made.petition", nil), says("text", map[string]any{"No": "2"}),
		says("date", nil), says("totals.paper", map[string]any{"Count": 20000}), says("totals.elsewhere", map[string]any{"Count": 0, "Elsewhere": 3000}),
	} {
		told = append(told, about(int64(9000-i), said))
	}
	for i, word := range []view.Key{"opening.court", "opening.audit", "opening.verification", "opening.question", "opened"} {
		told = append(told, about(int64(8900-i), says(word, map[string]any{"Count": 12})))
	}
	told[0].Mailing, told[2].Mailing, told[2].Hash, told[2].Override = 7, 7, hash, "The trees are felled on Monday."
	hidden := about(8000, says("gone.petition", nil))
	hidden.Title, hidden.Hash = "", hash
	told = append(told, hidden)
	for i, word := range []view.Key{"made.site", "made.record", "gone.site", "gone.record", "new.site", "new.record", "back", "began", "other"} {
		told = append(told, view.RecordLine{Entry: int64(90 - i), At: on(2026, 3, 2), Says: says(word, nil)})
	}
	full := &view.RecordPage{Base: public("/transparency"), At: now, Entries: 412900, Root: hash, Filter: view.RecordDeeds, Filters: filters, Told: told, Older: 70, CountEvery: 10,
		Sums: view.RecordSums{Mailings: 14, Mailed: 212930, KeysGone: 31, Openings: 2, Removals: []view.Removals{
			{Reason: view.RemovalWithdrawn, Signatures: 402}, {Reason: view.RemovalRemoved, Signatures: 12}, {Reason: view.RemovalCorrected, Signatures: 31},
			{Reason: view.RemovalHeld, Suspicion: "many", Signatures: 63}}}}

	mailing := func(state view.MailingState) *view.RecordMailPage {
		return &view.RecordMailPage{Base: public("/transparency/mailings/7"), Number: of.Number, Title: of.Title, Failed: 12, Skipped: 40, Words: hash, Subject: "An answer to a petition you signed", Kept: true,
			Text:    "You signed this petition on Calderdale Petitions.\n\nhttps://petitions.example.org/l/…\n",
			Mailing: view.Mailing{Number: 7, Unit: 1, Quota: 2, Why: view.MailingAnswer, On: now, State: state, Sent: 41203}}
	}
	last := mailing(view.MailingDone)
	last.Mailing.Why, last.Mailing.Unit = view.MailingLast, 0
	before := mailing(view.MailingSending)
	before.Mailing.Until, before.Kept = on(2027, 5, 7), false
	despite := mailing(view.MailingDone)
	despite.Mailing.Override = "The trees are felled on Monday."
	untitled := mailing(view.MailingSending)
	untitled.Title, untitled.Subject, untitled.Text = "", "", ""

	dates := &view.KeyDatesPage{Base: public("/transparency/retention"), Page: 1, Pages: 2, Total: 130, BackupDays: 35, Dates: []view.KeyDate{
		{Number: of.Number, Title: of.Title, State: view.Open, On: on(2027, 11, 22), Copies: on(2027, 12, 27)},
		{Number: 1150, State: view.Removed, On: on(2027, 12, 1), Copies: on(2028, 1, 5)}}}
	gone := &view.KeyDatesPage{Base: public("/transparency/retention"), Gone: true, Page: 1, Pages: 1, Total: 1, Dates: []view.KeyDate{
		{Number: of.Number, Title: of.Title, State: view.Closed, On: on(2026, 5, 2)}}}

	gets := func(change func(*view.WhoGetsPage)) *view.WhoGetsPage {
		p := &view.WhoGetsPage{Base: public("/petitions/1204/who-gets-what"), Number: of.Number, Title: of.Title, Mail: true, Quota: 2, KeysOn: on(2027, 11, 22)}
		change(p)
		return p
	}
	grew := &view.NumberHistoryPage{Base: public("/petitions/1204/number/history"), Number: of.Number, Title: of.Title, Protected: true}
	for i := range 40 {
		day := view.NumberDay{At: on(2026, 10, 1).AddDate(0, 0, i), Signatures: 100 + i*i*7, Entry: int64(i * 900)}
		grew.Days, grew.Chart = append(grew.Days, day), append(grew.Chart, view.DayCount{Day: day.At, Count: day.Signatures})
	}
	then := &view.NumberThenPage{Base: public("/petitions/1204/number/at/900"), Number: of.Number, Title: of.Title, At: now, Signatures: 12431, Confirmed: 12431, Entry: 900, Leaves: 12500, Root: hash}
	sum := &view.NumberThenPage{Base: public("/petitions/1204/number/at/901"), Number: of.Number, Title: of.Title, At: now, Signatures: 23000, Confirmed: 2990, Imported: 10, Paper: 20000, Entry: 901, Leaves: 3010, Root: hash, Protected: true}
	return []Sample{
		{"number-history", grew}, {"number-history-none", &view.NumberHistoryPage{Base: public("/petitions/1204/number/history"), Number: of.Number, Title: of.Title}},
		{"number-then", then}, {"number-then-sum", sum},
		{"record", full},
		{"record-begins", &view.RecordPage{Base: public("/transparency"), Filter: view.RecordMails, Filters: filters}},
		{"record-mail", mailing(view.MailingDone)}, {"record-mail-stopped", mailing(view.MailingStopped)}, {"record-mail-running", untitled}, {"record-mail-last", last}, {"record-mail-election", before}, {"record-mail-override", despite},
		{"key-dates", dates}, {"key-dates-gone", gone},
		{"key-dates-none", &view.KeyDatesPage{Base: public("/transparency/retention"), Page: 1, Pages: 1}},
		{"key-dates-gone-none", &view.KeyDatesPage{Base: public("/transparency/retention"), Gone: true, Page: 1, Pages: 1}},
		{"who-gets", gets(func(*view.WhoGetsPage) {})},
		{"who-gets-apart", gets(func(p *view.WhoGetsPage) { p.Apart, p.Postcode, p.Openings, p.Copies = true, true, true, 35 })},
		{"who-gets-gone", gets(func(p *view.WhoGetsPage) { p.KeysOn, p.GoneOn = p.GoneOn, on(2026, 5, 2) })},
		{"who-gets-never", gets(func(p *view.WhoGetsPage) { p.KeysOn = p.GoneOn })},
		{"promise", &view.PromisePage{Base: public("/promise"), Promises: view.Promises(2)}},
	}
}
