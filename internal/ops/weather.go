package ops

import (
	"maps"
	"slices"
	"time"

	"undersigned/internal/meter"
	"undersigned/internal/store"
)

// writeWeather writes what the database knows of how busy the site is.
func writeWeather(page *meter.Page, w store.Weather, now time.Time) {
	age := func(at time.Time) float64 {
		if at.IsZero() {
			return 0
		}
		return max(now.Sub(at), 0).Seconds()
	}
	page.Gauge("undersigned_letters_waiting", "Letters in the letterbox that the steward has not come to.", float64(w.Letters))
	var kinds []meter.Sample
	for _, kind := range slices.Sorted(maps.Keys(w.ByKind)) {
		kinds = append(kinds, meter.Sample{Label: kind.String(), Value: float64(w.ByKind[kind])})
	}
	page.Gauges("undersigned_letters_waiting_kind", "Kinds of the 10,000 letters that have waited longest.", "kind", kinds)
	page.Gauge("undersigned_letters_oldest_seconds", "Age of the letter that has waited longest; 0: none waits.", age(w.OldestLetter))
	var held []meter.Sample
	for _, why := range slices.Sorted(maps.Keys(w.Held)) {
		held = append(held, meter.Sample{Label: why, Value: float64(w.Held[why])})
	}
	page.Gauges("undersigned_letters_held", "Letters that the steward could not finish yet, by why.", "why", held)
	page.Gauge("undersigned_mails_waiting", "Mails that wait for the relay.", float64(w.Mails))
	page.Gauge("undersigned_mails_retrying", "Of these, mails that were tried before.", float64(w.MailsTried))
	page.Gauge("undersigned_mails_oldest_seconds", "Age of the mail that has waited longest; 0: none waits.", age(w.OldestMail))
	page.Gauge("undersigned_mails_given_up", "Mails that were given up or refused for good, as far as they are remembered.", float64(w.MailsFailed))
	page.Gauge("undersigned_batch_age_seconds", "Time since the published number last moved. On a quiet site it is long.", age(w.LastBatch))
}
