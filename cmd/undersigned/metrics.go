package main

import (
	"undersigned/internal/letterbox"
	"undersigned/internal/meter"
	"undersigned/internal/steward"
	"undersigned/internal/web"
)

// What the parts count, under the names that docs/operate/monitoring.md explains.

func writeLetterbox(page *meter.Page, m *letterbox.Meters) {
	page.Counter("undersigned_letterbox_commits_total", "Transactions that wrote letters.", float64(m.Commits.Value()))
	page.Counter("undersigned_letterbox_commits_failed_total", "Transactions that did not take; their letters were refused.", float64(m.Failed.Value()))
	page.Counter("undersigned_letterbox_letters_total", "Letters that were acknowledged, rounded down to tens.", float64(m.Letters.Tens()))
	page.Counter("undersigned_letterbox_refused_total", "Letters that were not taken, for whatever fault of ours.", float64(m.Refused.Value()))
	page.Histogram("undersigned_letterbox_wait_seconds", "From the sealed letter to its acknowledgement.", m.Wait)
}

func writePages(page *meter.Page, m *web.Meters) {
	page.Counters("undersigned_refusals_total", "Answers that say no: 503, too busy; 429, too many wrong links from one place; 500, a fault.", "status", []meter.Sample{
		{Label: "503", Value: float64(m.Busy.Value())}, {Label: "429", Value: float64(m.Slowed.Value())}, {Label: "500", Value: float64(m.Faults.Value())},
	})
	page.Counter("undersigned_forms_unjudged_total", "Good forms from a place that cannot be known, or from this network: is your proxy's header named?", float64(m.Unjudged.Value()))
}

func writeSteward(page *meter.Page, s *steward.Steward) {
	m := s.Meters()
	page.Counter("undersigned_admitted_total", "Letters that got a link, rounded down to tens.", float64(m.Admitted.Tens()))
	page.Counter("undersigned_confirmed_total", "Signatures that were written, rounded down to tens.", float64(m.Confirmed.Tens()))
	page.Counter("undersigned_published_total", "Signatures put into the published number, and names taken off, rounded down to tens.", float64(m.Published.Tens()))
	page.Counter("undersigned_batches_total", "Batches published.", float64(m.Batches.Value()))
	page.Counter("undersigned_letters_kept_total", "Letters that could not be dealt with and were kept, each time one was tried.", float64(m.Kept.Value()))
	page.Counters("undersigned_mails_total", "Mails by what became of a try. Those the relay took are rounded down to tens.", "result", []meter.Sample{
		{Label: "taken", Value: float64(m.Delivered.Tens())}, {Label: "again", Value: float64(m.Temporary.Value())},
		{Label: "refused", Value: float64(m.Permanent.Value())}, {Label: "unknown", Value: float64(m.Unknown.Value())},
		{Label: "withheld", Value: float64(m.Withheld.Value())},
	})
	page.Counters("undersigned_returns_total", "Mails that came back, by what became of it: the address gets none for a time, a complaint stopped a signer's, nothing follows, not understood, not ours or too old, a second time.", "result", []meter.Sample{
		{Label: "dead", Value: float64(m.ReturnsDead.Value())}, {Label: "stopped", Value: float64(m.ReturnsStopped.Value())}, {Label: "noted", Value: float64(m.ReturnsNoted.Value())},
		{Label: "unread", Value: float64(m.ReturnsUnread.Value())}, {Label: "unknown", Value: float64(m.ReturnsUnknown.Value())}, {Label: "again", Value: float64(m.ReturnsAgain.Value())},
	})
	page.Counter("undersigned_questions_refused_total", "Questions about single addresses that were refused: more than a person orders.", float64(m.Questions.Value()))
	page.Gauge("undersigned_mail_delay_seconds", "From a mail's decision to the relay, lately.", s.MailDelay().Seconds())
	witnesses, waiting := s.Witnesses()
	silent := make([]meter.Sample, len(witnesses))
	for i, one := range witnesses {
		silent[i].Label = one.Name
		if !one.Silent.IsZero() {
			silent[i].Value = max(s.Now().Sub(one.Silent), 0).Seconds()
		}
	}
	if len(witnesses) > 0 {
		page.Gauges("undersigned_witness_silent_seconds", "How long a witness has confirmed no head that it was asked for; 0: it does.", "witness", silent)
	}
	held := 0.0
	if !waiting.IsZero() {
		held = max(s.Now().Sub(waiting), 0).Seconds()
	}
	page.Gauge("undersigned_publication_waits_seconds", "How long the number stands still because too few witnesses confirm it; 0: it does not.", held)
	at := 0.0
	if beat := m.Beat.Get(); !beat.IsZero() {
		at = float64(beat.UnixMilli()) / 1000
	}
	page.Gauge("undersigned_steward_pass_timestamp_seconds", "When the steward last went over the letters and all went well, in seconds since 1970; 0: not yet.", at)
}
