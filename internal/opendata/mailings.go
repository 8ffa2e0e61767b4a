package opendata

// mailings tells what was mailed to who signed a petition. The numbers of a protected
// petition are rounded like its own.
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
		o.add("sent", r.Rounded(m.Sent))
		o.add("failed", r.Rounded(m.Failed))
		o.add("skipped", r.Rounded(m.Skipped))
		all = append(all, &o)
	}
	return all
}
