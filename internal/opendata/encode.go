package opendata

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"undersigned"
)

// Encode writes a petition as one JSON object: type, id, links, attributes, undersigned.
// It tells only what the public may read, whatever the record holds. base is the site's
// address without a slash at its end; detail adds what only a petition's own document
// has.
//
// The texts are given as they came, where nobody changed them since. Whoever wants to
// compute undersigned.text_version puts them into the form of undersigned.CleanLine
// (the action) and undersigned.CleanText first.
func Encode(r Record, base string, detail bool) ([]byte, error) {
	attributes, err := encodeAttributes(r, detail)
	if err != nil {
		return nil, fmt.Errorf("encode petition %d: %w", r.ID, err)
	}
	var o object
	o.add("type", "petition")
	o.add("id", r.ID)
	o.add("links", map[string]string{"self": petitionURL(base, r.ID) + ".json"})
	o.add("attributes", attributes)
	o.add("undersigned", ownFields(r))
	return o.done()
}

func petitionURL(base string, id int64) string { return fmt.Sprintf("%s/petitions/%d", base, id) }

func encodeAttributes(r Record, detail bool) (json.RawMessage, error) {
	more, err := parseExtra(r.Extra)
	if err != nil {
		return nil, err
	}
	p := r.Published()
	response, _ := r.Facts.Latest(undersigned.AnswerResponse)
	planned, outcome := debates(r.Facts)

	var o object
	o.add("action", more.exact("action", p.Title, undersigned.CleanLine))
	o.add("background", more.exact("background", p.Background, undersigned.CleanText))
	o.add("additional_details", more.exact("additional_details", p.Details, undersigned.CleanText))
	o.add("committee_note", more.note(r.Facts))
	o.add("state", stateWord(p.State))
	o.add("signature_count", r.Number())
	o.add("created_at", instant(p.CreatedAt))
	o.add("updated_at", instant(updatedAt(r, more)))
	o.add("rejected_at", instant(p.RejectedAt))
	o.add("opened_at", instant(p.OpenedAt))
	o.add("closed_at", instant(p.ClosedAt))
	o.add("moderation_threshold_reached_at", instant(p.QueuedAt))
	o.add("response_threshold_reached_at", instant(r.Facts.ReachedAt(undersigned.ThenAnswer)))
	o.add("government_response_at", instant(response.PublishedAt))
	o.add("debate_threshold_reached_at", instant(r.Facts.ReachedAt(undersigned.ThenDebate)))
	o.add("scheduled_debate_date", text(planned))
	o.add("debate_outcome_at", instant(outcome.PublishedAt))
	o.add("creator_name", text(p.CreatorName))
	o.add("rejection", more.rejection(p))
	o.add("government_response", more.response(response))
	o.add("debate", more.debate(outcome))
	o.add("departments", more.departments(r.Facts))
	o.add("topics", append([]string{}, r.Facts.Topics...))
	if detail && p.State != undersigned.Rejected {
		if err := addDetail(&o, r); err != nil {
			return nil, err
		}
	}
	o.addMissing(more.Attributes)
	return o.done()
}

// addDetail adds what only a petition's own document has.
func addDetail(o *object, r Record) error {
	more, err := parseExtra(r.Detail)
	if err != nil {
		return err
	}
	for _, name := range []string{byCountry, byConstituency, byRegion} {
		o.add(name, raw(more.Attributes[name]))
	}
	business := []json.RawMessage{}
	for _, answer := range r.Facts.Answers {
		if answer.Kind != undersigned.AnswerActivity {
			continue
		}
		var entry object
		entry.add("subject", answer.Summary)
		entry.add("body", answer.Details)
		entry.add("created_at", instant(answer.CreatedAt))
		entry.add("updated_at", instant(answer.UpdatedAt))
		one, err := entry.done()
		if err != nil {
			return err
		}
		business = append(business, one)
	}
	o.add(otherBusiness, business)
	o.addMissing(more.Attributes)
	return nil
}

// exact gives a text as it came, if it still is the same text.
func (e extra) exact(name, stored string, clean func(string) string) string {
	if came, ok := e.Exact[name]; ok && clean(canonical(came)) == stored {
		return came
	}
	return stored
}

// note gives staff's note. Where there is none, some documents say null and some "".
func (e extra) note(facts undersigned.Facts) any {
	if note, ok := facts.Latest(undersigned.AnswerNote); ok {
		return note.Details
	}
	if came, ok := e.Attributes["committee_note"]; ok {
		return came
	}
	return nil
}

func (e extra) rejection(p undersigned.Petition) any {
	if p.State != undersigned.Rejected || p.Rejection == nil {
		return nil
	}
	var o object
	o.add("code", p.Rejection.Code)
	o.add("details", p.Rejection.Details)
	o.addMissing(e.Inside["rejection"])
	return &o
}

func (e extra) response(a undersigned.Answer) any {
	if a.PublishedAt.IsZero() {
		return nil
	}
	var o object
	o.add("responded_on", text(a.Date))
	o.add("summary", a.Summary)
	o.add("details", a.Details)
	o.add("created_at", instant(a.CreatedAt))
	o.add("updated_at", instant(a.UpdatedAt))
	o.addMissing(e.Inside["government_response"])
	return &o
}

// debate gives the outcome of a debate, which may be that there is none.
func (e extra) debate(a undersigned.Answer) any {
	if a.PublishedAt.IsZero() {
		return nil
	}
	var o object
	o.add("debated_on", debatedOn(a))
	o.add("transcript_url", a.Links.Transcript)
	o.add("video_url", a.Links.Video)
	o.add("debate_pack_url", a.Links.Pack)
	o.addFilled("public_engagement_url", a.Links.Engagement)
	o.addFilled("debate_summary_url", a.Links.Summary)
	o.add("overview", a.Details)
	o.addMissing(e.Inside["debate"])
	return &o
}

// debatedOn is the day of a debate: null, where none was held, says just that.
func debatedOn(a undersigned.Answer) any {
	if a.Kind == undersigned.AnswerNoDebate {
		return nil
	}
	return text(a.Date)
}

// debates finds the day a debate is or was planned for, and the newest outcome: of a
// debate held, or of the decision not to hold one.
func debates(facts undersigned.Facts) (planned string, outcome undersigned.Answer) {
	var waits bool // planned is the day of a debate whose outcome is not known
	for _, answer := range facts.Answers {
		held := answer.Kind == undersigned.AnswerDebate
		published := !answer.PublishedAt.IsZero()
		if published && (held || answer.Kind == undersigned.AnswerNoDebate) {
			outcome = answer
		}
		if held && (!published || !waits) {
			planned, waits = answer.Date, !published
		}
	}
	return planned, outcome
}

// stateWord gives the state in the words that readers of this format know.
func stateWord(s undersigned.State) string {
	switch s {
	case undersigned.Withdrawn, undersigned.Archived:
		return string(undersigned.Closed)
	}
	return string(s)
}

// updatedAt is the latest instant at which something changed that the document tells.
// What came from elsewhere says so itself, until we change it.
func updatedAt(r Record, more extra) time.Time {
	var latest time.Time
	came, _ := decodeInstant(more.Attributes["updated_at"])
	instants := []time.Time{came, r.Counts.At}
	for _, answer := range r.Facts.Answers {
		instants = append(instants, answer.UpdatedAt)
	}
	if came.IsZero() || r.Revision > 1 {
		instants = append(instants, r.CreatedAt, r.QueuedAt, r.OpenedAt, r.ClosedAt, r.RejectedAt)
	}
	for _, t := range instants {
		if t.After(latest) {
			latest = t
		}
	}
	return latest
}

// numberOf tells what the public number is made of. A protected petition's number is
// rounded, and so is its part that still grows.
func numberOf(r Record) *object {
	var o object
	o.add("public", r.Number())
	o.add("confirmed", max(0, r.Number()-r.ImportedCount-r.PaperCount))
	o.add("imported", r.ImportedCount)
	o.add("paper", r.PaperCount)
	o.add("as_of", instant(r.Counts.At))
	return &o
}

func ownFields(r Record) *object {
	p := r.Published()
	notShown := []string{}
	for _, part := range [...]struct{ name, stored, published string }{
		{"title", r.Title, p.Title}, {"background", r.Background, p.Background}, {"details", r.Details, p.Details},
	} {
		if part.stored != part.published {
			notShown = append(notShown, part.name)
		}
	}
	var o object
	o.add("state", string(p.State))
	o.add("kind", string(p.Kind))
	o.add("language", text(p.Language))
	o.add("source", text(p.Source))
	o.add("number", numberOf(r))
	o.add("closes_at", instant(p.ClosesAt))
	o.add("retention_date", instant(p.RetainTo))
	if len(notShown) == 0 {
		// Of a text that is not shown, its hash would let people try what it said.
		o.add("text_version", p.Version.String())
	} else {
		o.add("text_version", nil)
	}
	o.add("not_shown", notShown)
	return &o
}

// text gives a text for JSON; nil, which is null, for the empty one.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// raw gives what was kept, or an empty list.
func raw(kept json.RawMessage) json.RawMessage {
	if kept == nil {
		return json.RawMessage("[]")
	}
	return kept
}

// An object writes the members of a JSON object in the order they are added.
type object struct {
	buf  bytes.Buffer
	keys map[string]bool
	err  error
}

func (o *object) add(key string, value any) {
	name, _ := json.Marshal(key)
	text, err := json.Marshal(value)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("%s: %w", key, err)
	}
	if o.keys == nil {
		o.keys = map[string]bool{}
		o.buf.WriteByte('{')
	} else {
		o.buf.WriteByte(',')
	}
	o.keys[key] = true
	o.buf.Write(name)
	o.buf.WriteByte(':')
	o.buf.Write(text)
}

// addFilled adds a text that older documents do not have, unless it is empty.
func (o *object) addFilled(key, value string) {
	if value != "" {
		o.add(key, value)
	}
}

// addMissing adds what was kept, in the order of names, but for what is there already.
func (o *object) addMissing(kept map[string]json.RawMessage) {
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		if !o.keys[key] {
			o.add(key, kept[key])
		}
	}
}

func (o *object) done() (json.RawMessage, error) {
	if o.err != nil {
		return nil, o.err
	}
	if o.keys == nil {
		return json.RawMessage("{}"), nil
	}
	return append(bytes.Clone(o.buf.Bytes()), '}'), nil
}

// MarshalJSON lets objects stand inside each other.
func (o *object) MarshalJSON() ([]byte, error) { return o.done() }
