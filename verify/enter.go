package verify

import (
	"fmt"
	"slices"
	"time"
)

// enter takes up an entry, and says what cannot be.
func (c *checker) enter(index int64, r record) {
	l := &c.site
	where := fmt.Sprintf("entry %d of the site's log", index)
	fault := func(what string, args ...any) { c.faultf(where, what, args...) }
	if r.at.After(c.config.Now.Add(24 * time.Hour)) {
		fault("it is of tomorrow")
	}
	if index == 0 && (r.kind != keyMade || r.codes[0] != ledgerKey) {
		fault("a log begins with the key that signs it")
	}
	switch r.kind {
	case headEntry:
		p := l.petition(r.numbers[0])
		h := petitionHead{r.at, r.numbers[1], r.numbers[2], r.numbers[3], r.hashes[0]}
		if n := len(p.heads); n > 0 {
			last := p.heads[n-1]
			switch {
			case h.size < last.size:
				fault("the log of petition %d shrank from %d leaves to %d", r.numbers[0], last.size, h.size)
			case h.size == last.size && h.root != last.root:
				fault("the log of petition %d changed without growing", r.numbers[0])
			case h.batch < last.batch || h.at.Before(last.at):
				fault("a batch of petition %d comes after a later one", r.numbers[0])
			}
		}
		if len(p.versions) == 0 {
			fault("petition %d has a head before the log names its wording", r.numbers[0])
		}
		p.heads = append(p.heads, h)
	case textEntry:
		p := l.petition(r.numbers[0])
		if r.numbers[1] != int64(len(p.versions))+1 {
			fault("wording %d of petition %d is out of turn", r.numbers[1], r.numbers[0])
		}
		p.versions = append(p.versions, r.hashes[0])
	case keyMade, keyDestroyed, keyRotated:
		c.enterKey(r, fault)
	case mailingReserved:
		c.enterMailing(r, fault)
	case mailingEnded:
		m := l.mailings[r.numbers[0]]
		if m == nil || m.ended {
			fault("mailing %d ends without being under way", r.numbers[0])
			return
		}
		if r.codes[0] != 1 && r.codes[0] != 2 {
			fault("mailing %d ends in no known way", r.numbers[0])
		}
		m.ended, m.outcome, m.sent, m.failed, m.skipped = true, r.codes[0], r.numbers[2], r.numbers[3], r.numbers[4]
	case heldDecided:
		key := [2]int64{r.numbers[0], int64(r.codes[0])}
		if l.orders[key] {
			fault("order %d about held signatures was told before", r.numbers[0])
		}
		l.orders[key] = true
	case epochRaised:
		if r.numbers[0] != l.epochs+1 || r.numbers[1] > index {
			fault("epoch %d comes after epoch %d", r.numbers[0], l.epochs)
		}
		if l.epochs = r.numbers[0]; l.epochs > 1 {
			c.notef("On %s the site was said to be the live one anew, as epoch %d: it was restored from a backup, or moved.", r.at.Format(time.DateOnly), l.epochs)
		}
	case disclosureTold, disclosureMade:
		c.enterDisclosure(r, fault)
	case keysExtended, dateTold:
		c.enterDate(r, fault)
	case totalsTold:
		p := l.petition(r.numbers[0])
		now := totals{r.at, r.numbers[1], r.numbers[2]}
		if last := p.lastTotals(0); len(p.totals) > 0 && now.imported != last.imported {
			fault("petition %d had %d signatures that were counted elsewhere, and has %d", r.numbers[0], last.imported, now.imported)
		}
		p.totals = append(p.totals, now)
	}
}

func (c *checker) enterMailing(r record, fault func(string, ...any)) {
	l := &c.site
	number, petition, unit, quota := r.numbers[0], r.numbers[1], r.numbers[2], r.numbers[3]
	p := l.petition(petition)
	m := &mailing{at: r.at, number: number, quota: quota, words: r.hashes[0]}
	place := turn{r.codes[0] == newsMail, unit}
	least := p.quotas[place.news]
	had := int64(0) // of its series, with the last mail
	for other := range p.mailings {
		if other.news == place.news {
			had++
		}
	}
	next := had + 1
	if !place.news && p.mailings[turn{}] != nil {
		next--
	}
	switch {
	case l.mailings[number] != nil:
		fault("mailing %d was reserved before", number)
	case (unit == 0) != (r.codes[0] == lastMail):
		fault("mailing %d of petition %d has no turn, and is not the last mail", number, petition)
	case unit == 0 && p.mailings[turn{}] != nil:
		fault("petition %d has a second last mail, number %d", petition, number)
	case unit > 0 && (p.mailings[place] != nil || unit < next || unit > next && l.epochs <= 1):
		// A log that was brought back from a copy may lack a mailing that was sent after it.
		fault("mailing %d takes unit %d of petition %d out of turn", number, unit, petition)
	case least > 0 && quota > least:
		fault("mailing %d is one of %d of petition %d, and people were told of %d", number, quota, petition, least)
	case unit > quota || had >= quota:
		fault("mailing %d is number %d of %d that petition %d may have", number, unit, quota, petition)
	}
	l.mailings[number], p.mailings[place] = m, m
	if least == 0 || quota < least {
		p.quotas[place.news] = quota
	}
}

// enterDate takes up until when a petition's keys live: as was told at its opening, or as two
// people agreed later.
func (c *checker) enterDate(r record, fault func(string, ...any)) {
	p := c.site.petition(r.numbers[0])
	if r.kind == dateTold {
		date := time.Unix(r.numbers[1], 0).UTC()
		if !p.date.IsZero() && !date.Equal(p.date) {
			fault("the date of the keys of petition %d was %s and is %s", r.numbers[0], p.date.Format(time.DateOnly), date.Format(time.DateOnly))
			return
		}
		p.date = date
		return
	}
	before, until := time.Unix(r.numbers[1], 0).UTC(), time.Unix(r.numbers[2], 0).UTC()
	switch {
	case !p.until.IsZero():
		fault("the keys of petition %d are kept longer a second time", r.numbers[0])
	case !p.date.IsZero() && before.After(p.date.Add(time.Second)):
		fault("the keys of petition %d were to die on %s, and not on %s", r.numbers[0], p.date.Format(time.DateOnly), before.Format(time.DateOnly))
	case !before.After(r.at) || !until.After(before) || until.After(before.AddDate(0, 6, 1)):
		fault("the keys of petition %d are kept longer than six months, or were to be dead", r.numbers[0])
	}
	p.until = until
}

func (c *checker) enterKey(r record, fault func(string, ...any)) {
	l := &c.site
	name := keyName{r.codes[0], r.numbers[0], r.hashes[0]}
	if (name.kind == petitionKey) != (name.petition > 0) {
		fault("it names a petition for a key of the site, or none for a petition's")
	}
	end := func(name keyName) {
		if _, made := l.keys[name]; !made || l.gone[name] {
			fault("a key was destroyed that the log does not know, or twice")
		}
		l.gone[name] = true
	}
	switch r.kind {
	case keyDestroyed:
		end(name)
	case keyRotated:
		// The one before signs beside it until it is destroyed.
		before := keyName{name.kind, name.petition, r.hashes[1]}
		if _, made := l.keys[before]; !made || l.gone[before] {
			fault("a key takes the place of one that the log does not know, or that is gone")
		}
		fallthrough
	case keyMade:
		if _, made := l.keys[name]; made {
			fault("a key was made twice")
		}
		l.keys[name] = r.at
	}
	if name.kind == petitionKey {
		p := l.petition(name.petition)
		if r.kind == keyDestroyed {
			p.gone = append(p.gone, name.fingerprint)
		} else {
			p.made = append(p.made, name.fingerprint)
		}
	}
}

// letterboxLife is how long a letterbox key lives at most after it was made: made 7 days
// ahead, used for one, kept for 10; and two days for a site that was off.
const letterboxLife = (7 + 1 + 10 + 2) * 24 * time.Hour

// checkLetterboxKeys says which letterbox keys should be gone. It is no fault: a letter
// that nobody could deal with keeps its key.
func (c *checker) checkLetterboxKeys() {
	var late []string
	for name, made := range c.site.keys {
		if name.kind == letterboxKey && !c.site.gone[name] && c.config.Now.Sub(made) > letterboxLife {
			late = append(late, made.Format(time.DateOnly))
		}
	}
	slices.Sort(late)
	for _, day := range late {
		c.notef("A letterbox key that was made on %s is not destroyed yet. Ask the site why: a letter may need it.", day)
	}
}
