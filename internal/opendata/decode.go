package opendata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"undersigned"
)

// Decode reads one petition: the object itself, or a document with it under "data". The
// texts are put into the form they are stored in: composed characters (NFC),
// undersigned.CleanLine for the title, undersigned.CleanText for the others; how they
// came is kept beside. Answers keep their texts as they came. Whoever publishes the
// creator's name does so while the petition is open, so it is read then and not after.
//
// Language, BodyID and Source are left to the caller, unless the document names the
// language. Closing dates: see ClosesAt of what comes back; zero for an open petition
// whose document has none.
//
// Errors say in words what is wrong with the document, and hold none of its texts.
func Decode(document []byte) (Record, error) {
	if !utf8.Valid(document) {
		return Record{}, errors.New("it is not UTF-8")
	}
	resource, err := members(document)
	if err != nil {
		return Record{}, err
	}
	if inner, ok := resource["data"]; ok && resource["attributes"] == nil {
		if resource, err = members(inner); err != nil {
			return Record{}, fmt.Errorf("data: %w", err)
		}
	}
	var d decoder
	var kind string
	d.into(resource, "type", &kind)
	if d.err == nil && kind != "petition" {
		return Record{}, errors.New("its type is not petition")
	}
	id, err := decodeID(resource["id"])
	if err != nil {
		return Record{}, err
	}
	attributes, err := members(resource["attributes"])
	if err != nil {
		return Record{}, fmt.Errorf("attributes: %w", err)
	}
	r := Record{Petition: undersigned.Petition{ID: id, Kind: undersigned.Ordinary}}
	d.petition(&r, attributes)
	d.answers(&r, attributes)
	d.keep(&r, attributes)
	d.own(&r, resource["undersigned"])
	if r.Title == "" && (r.Rejection == nil || r.Rejection.ShowTitle) {
		d.fail(errors.New("it asks for nothing: action is empty"))
	}
	if d.err != nil {
		return Record{}, fmt.Errorf("petition %d: %w", id, d.err)
	}
	return r, nil
}

// members splits a JSON object.
func members(object []byte) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("it is not JSON at byte %d", syntax.Offset)
		}
		return nil, errors.New("it is not a JSON object")
	}
	if all == nil {
		return nil, errors.New("it is not a JSON object")
	}
	return all, nil
}

// decodeID reads a petition's number, which some write as a text.
func decodeID(value json.RawMessage) (int64, error) {
	id, err := strconv.ParseInt(string(bytes.Trim(value, `"`)), 10, 64)
	if err != nil || id <= 0 || id > math.MaxInt32 {
		return 0, errors.New("its id is not a number from 1 to 2147483647")
	}
	return id, nil
}

// A decoder reads members and remembers the first thing that was wrong.
type decoder struct {
	extra extra
	err   error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// into reads a member; null and a missing one leave dest as it is.
func (d *decoder) into(from map[string]json.RawMessage, name string, dest any) {
	value, ok := from[name]
	if !ok {
		return
	}
	if err := json.Unmarshal(value, dest); err != nil {
		d.fail(fmt.Errorf("%s is not of the right type", name))
	}
}

func (d *decoder) text(from map[string]json.RawMessage, name string) string {
	var s string
	d.into(from, name, &s)
	return s
}

func (d *decoder) instant(from map[string]json.RawMessage, name string) time.Time {
	t, ok := decodeInstant(from[name])
	if !ok {
		d.fail(fmt.Errorf("%s is not an instant like 2020-03-03T12:25:09.391Z", name))
	}
	return t
}

// decodeInstant reads an instant; null and nothing are the zero time. Years that no
// petition is of are refused: they would not fit the store.
func decodeInstant(value json.RawMessage) (time.Time, bool) {
	if len(value) == 0 || string(value) == "null" {
		return time.Time{}, true
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1971 || t.Year() > 9998 {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Microsecond), true
}

func (d *decoder) day(from map[string]json.RawMessage, name string) string {
	s := d.text(from, name)
	if s == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		d.fail(fmt.Errorf("%s is not a day like 2020-10-05", name))
	}
	return s
}

// object reads a member that is an object; nil where it is null or missing.
func (d *decoder) object(from map[string]json.RawMessage, name string) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	d.into(from, name, &all)
	return all
}

// canonical composes characters: of two ways to write é, the stored text knows one.
func canonical(s string) string { return norm.NFC.String(s) }

func (d *decoder) cleaned(from map[string]json.RawMessage, name string, clean func(string) string) string {
	came := d.text(from, name)
	stored := clean(canonical(came))
	if stored != came {
		if d.extra.Exact == nil {
			d.extra.Exact = map[string]string{}
		}
		d.extra.Exact[name] = came
	}
	return stored
}

func (d *decoder) petition(r *Record, a map[string]json.RawMessage) {
	p := &r.Petition
	p.Title = d.cleaned(a, "action", undersigned.CleanLine)
	p.Background = d.cleaned(a, "background", undersigned.CleanText)
	p.Details = d.cleaned(a, "additional_details", undersigned.CleanText)
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	switch state := undersigned.State(d.text(a, "state")); state {
	case undersigned.Open, undersigned.Closed, undersigned.Rejected:
		p.State = state
	default:
		d.fail(errors.New("its state is none of open, closed and rejected"))
	}
	d.into(a, "signature_count", &p.ImportedCount)
	if p.ImportedCount < 0 || p.ImportedCount > math.MaxInt32 {
		d.fail(errors.New("signature_count is not a number of people"))
	}
	p.OpenedAt, p.ClosedAt = d.instant(a, "opened_at"), d.instant(a, "closed_at")
	p.RejectedAt = d.instant(a, "rejected_at")
	p.QueuedAt = d.instant(a, "moderation_threshold_reached_at")
	p.CreatedAt = d.instant(a, "created_at")
	for _, t := range []time.Time{p.OpenedAt, p.RejectedAt, p.QueuedAt} {
		if p.CreatedAt.IsZero() {
			p.CreatedAt = t
		}
	}
	if p.CreatedAt.IsZero() {
		d.fail(errors.New("it has no created_at"))
	}
	p.ClosesAt = p.ClosedAt
	switch p.State {
	case undersigned.Open:
		p.CreatorName = d.text(a, "creator_name")
		fallthrough
	case undersigned.Closed:
		if p.OpenedAt.IsZero() {
			d.fail(errors.New("it has no opened_at"))
		}
	case undersigned.Rejected:
		d.rejection(p, a)
	}
}

func (d *decoder) rejection(p *undersigned.Petition, a map[string]json.RawMessage) {
	rejection := d.object(a, "rejection")
	p.Rejection = &undersigned.Rejection{Code: d.text(rejection, "code"), Details: d.text(rejection, "details"),
		ShowTitle: true, ShowBackground: true, ShowDetails: true}
	if p.Rejection.Code == "" {
		d.fail(errors.New("it is rejected without a code"))
	}
	d.keepInside("rejection", rejection, "code", "details")
}

func (d *decoder) answers(r *Record, a map[string]json.RawMessage) {
	updated := d.instant(a, "updated_at")
	if updated.IsZero() {
		updated = r.CreatedAt
	}
	add := func(answer undersigned.Answer) {
		answer.PetitionID = r.ID
		if answer.CreatedAt.IsZero() {
			answer.CreatedAt = updated
		}
		if answer.UpdatedAt.IsZero() {
			answer.UpdatedAt = answer.CreatedAt
		}
		r.Facts.Answers = append(r.Facts.Answers, answer)
	}
	if response := d.object(a, "government_response"); response != nil {
		answer := undersigned.Answer{Kind: undersigned.AnswerResponse, Date: d.day(response, "responded_on"),
			Summary: d.text(response, "summary"), Details: d.text(response, "details"),
			CreatedAt: d.instant(response, "created_at"), UpdatedAt: d.instant(response, "updated_at"),
			PublishedAt: d.instant(a, "government_response_at")}
		if answer.PublishedAt.IsZero() {
			answer.PublishedAt = updated
		}
		add(answer)
		d.keepInside("government_response", response, "responded_on", "summary", "details", "created_at", "updated_at")
	}
	for _, debate := range d.debates(a, updated) {
		add(debate)
	}
	if note := d.text(a, "committee_note"); note != "" {
		add(undersigned.Answer{Kind: undersigned.AnswerNote, Details: note, PublishedAt: updated})
	}
	var business []map[string]json.RawMessage
	d.into(a, otherBusiness, &business)
	for _, entry := range business {
		created := d.instant(entry, "created_at")
		add(undersigned.Answer{Kind: undersigned.AnswerActivity, Summary: d.text(entry, "subject"), Details: d.text(entry, "body"),
			CreatedAt: created, UpdatedAt: d.instant(entry, "updated_at"), PublishedAt: created})
	}
	for name, then := range map[string]string{"response_threshold_reached_at": undersigned.ThenAnswer, "debate_threshold_reached_at": undersigned.ThenDebate} {
		if at := d.instant(a, name); !at.IsZero() {
			r.Facts.Reached = append(r.Facts.Reached, undersigned.Milestone{Then: then, At: at})
		}
	}
	reached := r.Facts.Reached
	sort.Slice(reached, func(i, j int) bool { return reached[i].At.Before(reached[j].At) })
	d.into(a, "topics", &r.Facts.Topics)
	slices.Sort(r.Facts.Topics)
	r.Facts.Topics = slices.Compact(r.Facts.Topics)
}

// debates reads a debate that is scheduled or was held, or the decision not to hold
// one. Where it was held on another day than planned, both days come back.
func (d *decoder) debates(a map[string]json.RawMessage, updated time.Time) []undersigned.Answer {
	var planned []undersigned.Answer
	scheduled, outcome := d.day(a, "scheduled_debate_date"), d.object(a, "debate")
	if scheduled != "" && (outcome == nil || scheduled != d.day(outcome, "debated_on")) {
		planned = append(planned, undersigned.Answer{Kind: undersigned.AnswerDebate, Date: scheduled})
	}
	if outcome == nil {
		return planned
	}
	answer := undersigned.Answer{Kind: undersigned.AnswerDebate, Date: d.day(outcome, "debated_on"),
		Details: d.text(outcome, "overview"), PublishedAt: d.instant(a, "debate_outcome_at"),
		Links: undersigned.Links{
			Transcript: d.text(outcome, "transcript_url"), Video: d.text(outcome, "video_url"), Pack: d.text(outcome, "debate_pack_url"),
			Engagement: d.text(outcome, "public_engagement_url"), Summary: d.text(outcome, "debate_summary_url")}}
	if answer.Date == "" {
		answer.Kind = undersigned.AnswerNoDebate
	}
	if answer.PublishedAt.IsZero() {
		answer.PublishedAt = updated
	}
	answer.CreatedAt = answer.PublishedAt
	known := []string{"debated_on", "transcript_url", "video_url", "debate_pack_url", "overview"}
	// Older documents do not have these two, newer ones have them empty: keep which.
	if answer.Links.Engagement != "" {
		known = append(known, "public_engagement_url")
	}
	if answer.Links.Summary != "" {
		known = append(known, "debate_summary_url")
	}
	d.keepInside("debate", outcome, known...)
	return append(planned, answer)
}

// keepInside keeps the members of an attribute that we do not know.
func (d *decoder) keepInside(name string, object map[string]json.RawMessage, known ...string) {
	for key, value := range object {
		if slices.Contains(known, key) {
			continue
		}
		if d.extra.Inside == nil {
			d.extra.Inside = map[string]map[string]json.RawMessage{}
		}
		if d.extra.Inside[name] == nil {
			d.extra.Inside[name] = map[string]json.RawMessage{}
		}
		d.extra.Inside[name][key] = value
	}
}

// words are the attributes that the other functions have read.
var words = []string{"action", "background", "additional_details", "state", "signature_count", "created_at", "rejected_at",
	"opened_at", "closed_at", "moderation_threshold_reached_at", "response_threshold_reached_at", "government_response_at",
	"debate_threshold_reached_at", "scheduled_debate_date", "debate_outcome_at", "creator_name", "rejection",
	"government_response", "debate", "topics", otherBusiness}

// keep puts everything that was not read yet into the extras.
func (d *decoder) keep(r *Record, a map[string]json.RawMessage) {
	var detail extra
	detail.Attributes, d.extra.Attributes = map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for name, value := range a {
		switch {
		case slices.Contains(words, name):
		case name == "committee_note" && d.text(a, name) != "":
		case name == "departments" && d.departments(r, value):
		case name == byCountry, name == byConstituency, name == byRegion:
			detail.Attributes[name] = value
		default:
			d.extra.Attributes[name] = value
		}
	}
	r.Extra, r.Detail = d.extra.String(), detail.String()
}

// own reads what a site like ours says beside the attributes.
func (d *decoder) own(r *Record, value json.RawMessage) {
	if len(value) == 0 || string(value) == "null" {
		return
	}
	own, err := members(value)
	if err != nil {
		d.fail(fmt.Errorf("undersigned: %w", err))
		return
	}
	r.Language = d.text(own, "language")
	if d.text(own, "kind") == string(undersigned.Protected) {
		r.Kind = undersigned.Protected
	}
	if closes := d.instant(own, "closes_at"); r.State == undersigned.Open {
		r.ClosesAt = closes
	}
	switch state := undersigned.State(d.text(own, "state")); state {
	case undersigned.Withdrawn, undersigned.Archived:
		if r.State == undersigned.Closed {
			r.State = state
		}
	}
	var notShown []string
	d.into(own, "not_shown", &notShown)
	if r.Rejection != nil {
		r.Rejection.ShowTitle = !slices.Contains(notShown, "title")
		r.Rejection.ShowBackground = !slices.Contains(notShown, "background")
		r.Rejection.ShowDetails = !slices.Contains(notShown, "details")
	}
}
