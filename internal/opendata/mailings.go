package opendata

import "undersigned"

// mailings tells what was mailed to who signed a petition; of news also the words, which are
// public from the moment it is reserved.
func mailings(r Record) []*object {
	all := []*object{}
	for _, m := range r.Mailings {
		var o object
		o.add("unit", m.Unit)
		o.add("quota", m.Quota)
		o.add("reason", string(m.Kind))
		o.add("state", string(m.State))
		o.add("reserved_at", instant(m.ReservedAt))
		o.add("ended_at", instant(m.EndedAt))
		sent, failed, skipped := m.Told(r.Petition)
		o.add("sent", sent)
		o.add("failed", failed)
		o.add("skipped", skipped)
		if m.Kind.News() {
			o.add("words", m.Words)
		}
		if m.Override != "" && r.Petition.Public() && r.Petition.State != undersigned.Removed {
			o.add("override", m.Override)
		}
		all = append(all, &o)
	}
	return all
}
