package opendata

import (
	"bytes"
	"encoding/json"

	"undersigned"
)

// department is the shape that readers of this format know.
type department struct {
	Acronym *string `json:"acronym"`
	Name    string  `json:"name"`
	URL     *string `json:"url"`
}

func departmentsOf(facts undersigned.Facts) []department {
	all := []department{}
	for _, one := range facts.Departments {
		shown := department{Name: one.Name}
		if one.Acronym != "" {
			shown.Acronym = &one.Acronym
		}
		if one.URL != "" {
			shown.URL = &one.URL
		}
		all = append(all, shown)
	}
	return all
}

// departments gives the departments of a petition; what came and was not understood is
// given back as it came.
func (e extra) departments(facts undersigned.Facts) any {
	if len(facts.Departments) > 0 {
		return departmentsOf(facts)
	}
	return raw(e.Attributes["departments"])
}

// departments reads the departments of a petition; false where they would not be written
// back as they came.
func (d *decoder) departments(r *Record, value json.RawMessage) bool {
	var came []department
	if json.Unmarshal(value, &came) != nil || len(came) == 0 {
		return false
	}
	var facts undersigned.Facts
	for _, one := range came {
		read := undersigned.Department{Name: one.Name}
		if one.Acronym != nil {
			read.Acronym = *one.Acronym
		}
		if one.URL != nil {
			read.URL = *one.URL
		}
		facts.Departments = append(facts.Departments, read)
	}
	again, err := json.Marshal(departmentsOf(facts))
	var compact bytes.Buffer
	if err != nil || json.Compact(&compact, value) != nil || !bytes.Equal(again, compact.Bytes()) {
		return false
	}
	r.Facts.Departments = facts.Departments
	return true
}

// addFacts adds what happened around a petition and the attributes have no place for.
func addFacts(own *object, r Record) {
	own.add("debate", meeting(r.Facts))
	activities := []*object{}
	for _, a := range r.Facts.Answers {
		if a.Kind == undersigned.AnswerActivity {
			activities = append(activities, answerFields(a))
		}
	}
	own.add("activities", activities)
	if a, ok := r.Facts.Latest(undersigned.AnswerPassed); ok {
		var o object
		o.add("to", a.Summary)
		o.add("on", text(a.Date))
		o.add("reason", a.Details)
		o.add("url", text(a.Links.Transcript))
		own.add("passed_on", &o)
	} else {
		own.add("passed_on", nil)
	}
	earlier := []*object{}
	for _, e := range r.Earlier {
		o := answerFields(e.Answer)
		o.add("kind", string(e.Kind))
		o.add("until", instant(e.Until))
		o.add("reason", text(e.Why))
		o.add("ended", e.Ended)
		o.add("withheld", e.Withheld)
		if e.Kind == undersigned.AnswerPledge {
			o.add("outcome", text(string(e.Outcome)))
		}
		earlier = append(earlier, o)
	}
	pledges := []*object{}
	for _, a := range r.Facts.Pledges() {
		var o object
		o.add("id", a.ID)
		o.add("by", a.Date)
		o.add("what", a.Summary)
		o.add("outcome", text(string(a.Outcome)))
		o.add("said_at", instant(a.OutcomeAt))
		o.add("note", text(a.Details))
		pledges = append(pledges, &o)
	}
	own.add("promises", pledges)
	own.add("answer_votes", votesOf(r))
	own.add("earlier_answers", earlier)
	history := []*object{}
	for _, act := range r.History {
		var o object
		o.add("at", instant(act.At))
		o.add("act", act.Act)
		o.add("role", text(string(act.Role)))
		o.add("of", text(act.Of))
		o.add("note", text(act.Why))
		if act.Count > 0 {
			o.add("signatures", act.Count)
		}
		history = append(history, &o)
	}
	own.add("history", history)
}

// votesOf tells how many who signed said that the answer answered the petition; null where
// fewer than ten did, or nobody could be asked.
func votesOf(r Record) any {
	answer, ok := r.Facts.Latest(undersigned.AnswerResponse)
	if !ok || r.KeysMadeAt.IsZero() {
		return nil
	}
	sums := answer.Votes.Public(r.Petition)
	var o object
	o.add("answer", answer.ID)
	for _, one := range []struct {
		choice string
		n      int64
	}{{"yes", sums.Yes}, {"partly", sums.Partly}, {"no", sums.No}} {
		if one.n == 0 {
			o.add(one.choice, nil)
		} else {
			o.add(one.choice, one.n)
		}
	}
	return &o
}

// meeting tells of a debate or meeting what the attributes do not.
func meeting(facts undersigned.Facts) any {
	debate, ok := facts.Latest(undersigned.AnswerDebate)
	if !ok {
		return nil
	}
	var o object
	o.add("on", text(debate.Date))
	o.add("place", text(debate.Summary))
	o.add("watch_url", text(debate.Links.Video))
	o.add("minutes_url", text(debate.Links.Minutes))
	return &o
}

func answerFields(a undersigned.Answer) *object {
	var o object
	o.add("id", a.ID)
	o.add("on", text(a.Date))
	o.add("summary", text(a.Summary))
	o.add("details", text(a.Details))
	o.add("transcript_url", text(a.Links.Transcript))
	o.add("minutes_url", text(a.Links.Minutes))
	o.add("video_url", text(a.Links.Video))
	o.add("written_at", instant(a.UpdatedAt))
	return &o
}
