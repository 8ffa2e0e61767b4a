package verify

import "fmt"

// Codes of purposes and bases, and fields, that a disclosure can have.
const (
	mostPurpose     = 4
	questionPurpose = 4
	mostBasis       = 3
	mostFields      = 255
)

// enterDisclosure takes up that data about signers was handed over: told first, then made
// once, with no more records than were told, and of no petition whose keys were destroyed.
func (c *checker) enterDisclosure(r record, fault func(string, ...any)) {
	l := &c.site
	number, petition := r.numbers[0], r.numbers[1]
	p := l.petition(petition)
	if len(p.made) > 0 && len(p.gone) == len(p.made) {
		fault("disclosure %d is of petition %d, whose keys were destroyed before", number, petition)
	}
	if r.kind == disclosureMade {
		d := l.disclosures[number]
		switch {
		case d == nil || d.petition != petition:
			fault("disclosure %d was made before the log told of it", number)
		case d.made:
			fault("disclosure %d was made twice", number)
		case r.numbers[2] > d.size:
			fault("disclosure %d holds %d records, and the log told of %d at most", number, r.numbers[2], d.size)
		default:
			d.made = true
		}
		return
	}
	d := &disclosure{number: number, petition: petition, size: r.numbers[3], question: r.codes[0] == questionPurpose}
	if n := len(p.heads); n > 0 {
		d.signed = p.heads[n-1].number
	}
	switch {
	case l.disclosures[number] != nil:
		fault("disclosure %d was told before", number)
		return
	case r.codes[0] > mostPurpose || r.codes[1] > mostBasis || r.numbers[2] > mostFields:
		fault("disclosure %d has no known purpose, basis or fields", number)
	case d.question && d.size != 1:
		fault("disclosure %d is a question about one address, and says %d", number, d.size)
	}
	l.disclosures[number] = d
	p.disclosures = append(p.disclosures, d)
	what := fmt.Sprintf("data about %d signers at most", d.size)
	if d.question {
		what = "whether one address signed"
	}
	c.notef("On %s the ledger told that %s of petition %d would be handed over (disclosure %d).", r.at.Format("2006-01-02"), what, petition, number)
}

// checkDisclosures holds what was handed over against how many had signed by then. Of a
// protected petition, whose number is late and rounded, nothing follows from that.
func (c *checker) checkDisclosures(where string, told *petitionLog, protected bool) {
	for _, d := range told.disclosures {
		if !d.question && !protected && d.size > d.signed {
			c.faultf(where, "disclosure %d is of %d signatures, and the log told of %d by then", d.number, d.size, d.signed)
		}
	}
}
