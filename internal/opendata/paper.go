package opendata

// paperCounts tells of each entry and correction of what was signed on paper, oldest
// first. number.paper is their sum.
func paperCounts(r Record) []*object {
	all := []*object{}
	for _, entry := range r.Paper {
		var o object
		o.add("change", entry.Change)
		o.add("received_on", entry.Received)
		o.add("from", entry.From)
		o.add("checked_by", entry.Checked)
		o.add("how", string(entry.How))
		o.add("reason", text(entry.Why))
		o.add("entered_at", instant(entry.At))
		all = append(all, &o)
	}
	return all
}

// handOvers tells to whom the number was handed, as it was then.
func handOvers(r Record) []*object {
	all := []*object{}
	for _, h := range r.HandOvers {
		var number, o object
		number.add("public", h.Public)
		number.add("confirmed", h.Confirmed())
		number.add("imported", h.Imported)
		number.add("paper", h.Paper)
		number.add("batch", h.Batch)
		number.add("as_of", instant(h.At))
		o.add("no", h.Number)
		o.add("to", h.To)
		o.add("on_behalf_of", h.Behalf)
		o.add("on", h.Day)
		o.add("number", &number)
		o.add("text_version", h.Version.String())
		o.add("outcome", text(string(h.Outcome)))
		o.add("outcome_on", text(h.OutcomeOn))
		all = append(all, &o)
	}
	return all
}
