package opendata_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"undersigned"
	"undersigned/internal/demo/data"
	"undersigned/internal/opendata"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const base = "https://petitions.example.org"

// sample reads the lines of the sample petitions.
func sample(t testing.TB) [][]byte {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(data.Petitions))
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	scanner := bufio.NewScanner(unpacked)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, bytes.Clone(scanner.Bytes()))
	}
	if err := scanner.Err(); err != nil || len(lines) < 60 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	return lines
}

func object(t testing.TB, document []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(document, &o); err != nil {
		t.Fatalf("%v in %.200s", err, document)
	}
	return o
}

func decode(t testing.TB, document []byte) opendata.Record {
	t.Helper()
	r, err := opendata.Decode(document)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func attributes(t testing.TB, r opendata.Record, detail bool) map[string]any {
	t.Helper()
	document, err := opendata.Encode(r, base, detail)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, document)["attributes"].(map[string]any)
}

// Every field that was there comes back, and no field that other sites do not have.
func TestTheSampleComesBackAsItWas(t *testing.T) {
	for _, line := range sample(t) {
		came := object(t, line)["attributes"].(map[string]any)
		_, detail := came["signatures_by_country"]
		got := attributes(t, decode(t, line), detail)
		if diff := cmp.Diff(came, got); diff != "" {
			t.Errorf("%s", diff)
		}
	}
}

// The texts are stored in one form, and given back as they came until somebody edits.
func TestTextsAreStoredCleanAndGivenBackExact(t *testing.T) {
	line := petitionJSON(`"action":"Plant  trees \r\n now","background":" One \r\n\r\ntwo\t","additional_details":"Cafe\u0301"`)
	r := decode(t, line)
	if r.Title != "Plant trees now" || r.Background != "One\n\ntwo" || r.Details != "Café" {
		t.Errorf("stored as %q, %q, %q", r.Title, r.Background, r.Details)
	}
	if r.Version != undersigned.VersionOf(r.Title, r.Background, r.Details) {
		t.Error("its version is not that of the stored texts")
	}
	got := attributes(t, r, false)
	if got["action"] != "Plant  trees \r\n now" || got["background"] != " One \r\n\r\ntwo\t" || got["additional_details"] != "Cafe\u0301" {
		t.Errorf("given back as %q, %q, %q", got["action"], got["background"], got["additional_details"])
	}
	r.Background = "One and two"
	if got := attributes(t, r, false)["background"]; got != "One and two" {
		t.Errorf("after an edit: %q", got)
	}
}

// petitionJSON builds a closed petition; fields replace or add to its attributes.
func petitionJSON(fields string) []byte {
	attributes := map[string]json.RawMessage{}
	for _, part := range []string{`"action":"Plant trees","background":"","additional_details":"","state":"closed","signature_count":12,
		"created_at":"2020-03-03T12:25:09.391Z","updated_at":"2020-09-05T23:00:08.447Z","opened_at":"2020-03-05T15:48:39.806Z","closed_at":"2020-09-05T22:59:59.999Z"`, fields} {
		if err := json.Unmarshal([]byte("{"+part+"}"), &attributes); err != nil {
			panic(err)
		}
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{"type":"petition","id":300034,"attributes":%s}`, text)
}

// What newer documents have and our sample has not comes back too.
func TestUnknownFieldsComeBack(t *testing.T) {
	line := petitionJSON(`"updated_at":"2021-01-01T00:00:00.000Z","debate_scheduled_at":null,"notes":{"a":[1,2.50]},"committee_note":"",
		"scheduled_debate_date":"2020-10-01","debate_outcome_at":"2020-10-06T12:18:27.051Z",
		"debate":{"debated_on":"2020-10-05","transcript_url":"","video_url":"https://video.example/1","debate_pack_url":"","public_engagement_url":"","debate_summary_url":"https://text.example/1","overview":"","chair":"A. B."},
		"government_response_at":"2020-04-07T21:30:08.160Z",
		"government_response":{"responded_on":null,"summary":"","details":"No.\r\n","created_at":"2020-04-07T21:30:08.158Z","updated_at":"2020-04-07T21:32:33.301Z","minister":null}`)
	came := object(t, line)["attributes"].(map[string]any)
	got := attributes(t, decode(t, line), false)
	for name, want := range came {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecodeReadsDocumentsToo(t *testing.T) {
	line := petitionJSON(`"topics":["parks","covid-19"]`)
	document := fmt.Appendf(nil, `{"links":{"self":"x"},"data":%s}`, line)
	want, got := decode(t, line), decode(t, document)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !reflect.DeepEqual(got.Facts.Topics, []string{"covid-19", "parks"}) {
		t.Errorf("topics %v", got.Facts.Topics)
	}
}

func TestDecodeRefuses(t *testing.T) {
	plain := string(petitionJSON(``))
	replace := func(old, new string) string {
		if !strings.Contains(plain, old) {
			t.Fatalf("no %s in %s", old, plain)
		}
		return strings.Replace(plain, old, new, 1)
	}
	tests := []struct{ name, document, want string }{
		{"nothing", ``, "it is not JSON at byte 0"},
		{"no JSON", `{"type": "petition", }`, "it is not JSON at byte 22"},
		{"cut off", plain[:100], "it is not JSON at byte 100"},
		{"a list", `[]`, "it is not a JSON object"},
		{"null", `null`, "it is not a JSON object"},
		{"another type", replace(`"petition"`, `"signature"`), "its type is not petition"},
		{"no type", replace(`"type":"petition",`, ``), "its type is not petition"},
		{"no id", replace(`300034`, `null`), "its id is not a number"},
		{"a negative id", replace(`300034`, `-1`), "its id is not a number"},
		{"an id too large", replace(`300034`, `3000000000`), "its id is not a number"},
		{"no attributes", `{"type":"petition","id":1}`, "attributes: "},
		{"no title", replace(`Plant trees`, ` \r\n`), "petition 300034: it asks for nothing"},
		{"a title that is a number", replace(`"Plant trees"`, `7`), "petition 300034: action is not of the right type"},
		{"an unknown state", replace(`closed"`, `hidden"`), "its state is none of"},
		{"a number below zero", replace(`:12,`, `:-12,`), "signature_count is not a number of people"},
		{"half a person", replace(`:12,`, `:12.5,`), "signature_count is not of the right type"},
		{"a broken date", replace(`2020-03-03T12:25:09.391Z`, `yesterday`), "created_at is not an instant"},
		{"a year that no petition is of", replace(`2020-03-03T`, `0000-03-03T`), "created_at is not an instant"},
		{"a day that is none", string(petitionJSON(`"scheduled_debate_date":"2020-02-30"`)), "scheduled_debate_date is not a day"},
		{"closed and never opened", replace(`"2020-03-05T15:48:39.806Z"`, `null`), "it has no opened_at"},
		{"rejected without a reason", replace(`closed"`, `rejected"`), "it is rejected without a code"},
		{"not UTF-8", replace(`Plant`, "Pl\xff"), "it is not UTF-8"},
	}
	for _, test := range tests {
		_, err := opendata.Decode([]byte(test.document))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "Plant") {
			t.Errorf("%s: the error holds the petition's text: %v", test.name, err)
		}
	}
}

// The creator's name is public while the petition is open, and no longer.
func TestCreatorNameOnlyWhileOpen(t *testing.T) {
	open := decode(t, petitionJSON(`"state":"open","closed_at":null,"creator_name":"Ana Torres"`))
	if got := attributes(t, open, true)["creator_name"]; got != "Ana Torres" {
		t.Errorf("open: %v", got)
	}
	open.State = undersigned.Closed
	if got := attributes(t, open, true)["creator_name"]; got != nil {
		t.Errorf("closed: %v", got)
	}
	if r := decode(t, petitionJSON(`"creator_name":"Ana Torres"`)); r.CreatorName != "" {
		t.Errorf("read from a closed petition: %q", r.CreatorName)
	}
}

func TestUpdatedAt(t *testing.T) {
	later := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	came := "2020-09-05T23:00:08.447Z"
	for _, test := range []struct {
		name   string
		change func(*opendata.Record)
		want   string
	}{
		{"as it came", func(r *opendata.Record) { r.RejectedAt = later }, came},
		{"counted since", func(r *opendata.Record) { r.Counts.At = later }, "2026-11-22T09:00:00.000Z"},
		{"answered since", func(r *opendata.Record) {
			r.Facts.Answers = []undersigned.Answer{{Kind: undersigned.AnswerNote, UpdatedAt: later}}
		}, "2026-11-22T09:00:00.000Z"},
		{"closed since", func(r *opendata.Record) { r.ClosedAt, r.Revision = later, 2 }, "2026-11-22T09:00:00.000Z"},
		{"one of this site", func(r *opendata.Record) { r.Extra, r.ClosedAt = "", time.Time{} }, "2020-03-05T15:48:39.806Z"},
	} {
		r := decode(t, petitionJSON(``))
		test.change(&r)
		if got := attributes(t, r, false)["updated_at"]; got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// own gives a petition of this site, for the fields that only we have.
func own() opendata.Record {
	opened := time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)
	p := undersigned.Petition{ID: 7, State: undersigned.Open, Kind: undersigned.Ordinary, Language: "en-GB", Title: "Plant trees", Background: "It is hot.",
		CreatorName: "Ana Torres", CreatedAt: opened.AddDate(0, 0, -3), QueuedAt: opened.AddDate(0, 0, -2), OpenedAt: opened, ClosesAt: opened.AddDate(0, 3, 0),
		RetainTo: opened.AddDate(0, 9, 0), ImportedCount: 100, PaperCount: 20}
	p.Version = undersigned.VersionOf(p.Title, p.Background, p.Details)
	return opendata.Record{Petition: p, Counts: undersigned.Counts{Batch: 4, At: opened.AddDate(0, 0, 2), Confirmed: 60, Withdrawn: 2, Removed: 1, Size: 63}}
}

// Between sites like ours nothing of what only we know gets lost on the way.
func TestOwnFieldsComeBack(t *testing.T) {
	for name, change := range map[string]func(*opendata.Record){
		"open":      func(*opendata.Record) {},
		"protected": func(r *opendata.Record) { r.Kind = undersigned.Protected },
		"withdrawn": func(r *opendata.Record) { r.State, r.ClosedAt, r.CreatorName = undersigned.Withdrawn, r.ClosesAt, "" },
		"rejected, without its title": func(r *opendata.Record) {
			r.State, r.CreatorName, r.RejectedAt = undersigned.Rejected, "", r.OpenedAt
			r.OpenedAt, r.ClosesAt = time.Time{}, time.Time{}
			r.Rejection = &undersigned.Rejection{Code: "jobs", Details: "See our standards.", ShowBackground: true, ShowDetails: true}
		},
	} {
		before := own()
		change(&before)
		document, err := opendata.Encode(before, base, true)
		if err != nil {
			t.Fatal(err)
		}
		after := decode(t, document)
		want := before.Published()
		want.ImportedCount, want.PaperCount, want.RetainTo = before.Number(), 0, time.Time{}
		want.Version = undersigned.VersionOf(want.Title, want.Background, want.Details)
		if diff := cmp.Diff(want, after.Petition); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The exact count of a protected petition is nowhere in its document.
func TestProtectedNumbersAreRoundedEverywhere(t *testing.T) {
	r := own()
	r.Kind, r.ImportedCount, r.PaperCount = undersigned.Protected, 0, 0
	document, err := opendata.Document(r, base)
	if err != nil {
		t.Fatal(err)
	}
	count, err := opendata.CountDocument(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{document, count} {
		if !bytes.Contains(text, []byte(`:50`)) || bytes.Contains(text, []byte(`:57`)) || bytes.Contains(text, []byte(`:60`)) {
			t.Errorf("57 standing of 60 are told: %s", text)
		}
	}
}

// What was the reason to reject a petition is nowhere in its document, nor its hash.
func TestHiddenPartsAreNotTold(t *testing.T) {
	r := decode(t, petitionJSON(`"action":"Sack Mr  Example","state":"rejected","rejection":{"code":"jobs","details":""}`))
	r.Rejection.ShowTitle = false
	document, err := opendata.Document(r, base)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(document, []byte("Example")) || bytes.Contains(document, []byte(r.Version.String())) {
		t.Errorf("%s", document)
	}
	if !bytes.Contains(document, []byte(`"not_shown":["title"]`)) {
		t.Errorf("it does not say that the title is missing: %s", document)
	}
}

func TestShift(t *testing.T) {
	for _, line := range sample(t) {
		r := decode(t, line)
		there, err := r.Shift(1423)
		if err != nil {
			t.Fatal(err)
		}
		if r.CreatedAt.AddDate(0, 0, 1423) != there.CreatedAt {
			t.Errorf("petition %d moved to %v", r.ID, there.CreatedAt)
		}
		back, err := there.Shift(-1423)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(attributes(t, r, true), attributes(t, back, true)); diff != "" {
			t.Errorf("there and back: %s", diff)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func indented(t *testing.T, document []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, document, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// answered is a petition with everything that can happen to one.
func answered() opendata.Record {
	r := own()
	at := func(days int) time.Time { return r.OpenedAt.AddDate(0, 0, days) }
	r.Facts = undersigned.Facts{
		Answers: []undersigned.Answer{
			{Kind: undersigned.AnswerNote, Details: "We are sorry for the delay.", PublishedAt: at(4), CreatedAt: at(4), UpdatedAt: at(4)},
			{Kind: undersigned.AnswerActivity, Summary: "A walk", Details: "The committee walks the road.", PublishedAt: at(5), CreatedAt: at(5), UpdatedAt: at(5)},
			{Kind: undersigned.AnswerResponse, Date: "2026-11-10", Summary: "We will.", Details: "In spring.\nIn the north first.", PublishedAt: at(9), CreatedAt: at(9), UpdatedAt: at(9)},
			{Kind: undersigned.AnswerDebate, Date: "2026-11-20", Details: "It was a good one.", PublishedAt: at(20), CreatedAt: at(10), UpdatedAt: at(20),
				Links: undersigned.Links{Video: "https://video.example/1", Transcript: "https://text.example/1"}}},
		Reached: []undersigned.Milestone{{Then: undersigned.ThenAnswer, At: at(2)}, {Then: undersigned.ThenDebate, At: at(3)}},
		Topics:  []string{"parks", "roads"},
	}
	entry := undersigned.PaperCount{Change: 22, Received: "2026-11-02", From: "Park wardens’ union", Checked: "Town hall", How: undersigned.PaperCounted, Staff: 3, At: at(2)}
	less := entry
	less.Change, less.How, less.Why = -2, undersigned.PaperSampled, "Two lines were empty."
	r.Paper = []undersigned.PaperCount{entry, less}
	handed := undersigned.HandOverOf(r.Petition, r.Counts)
	handed.Number, handed.To, handed.Behalf, handed.Day, handed.At, handed.Staff = 5, "Mayor’s office", "Park wardens’ union", "2026-11-04", at(3), 3
	handed.Outcome, handed.OutcomeOn = undersigned.OutcomeNoReply, "2026-11-20"
	r.HandOvers = []undersigned.HandOver{handed}
	return r
}

func TestGoldenDocuments(t *testing.T) {
	document, err := opendata.Document(answered(), base)
	golden(t, "petition.json", indented(t, document, err))
	count, err := opendata.CountDocument(own(), undersigned.DefaultBody().Thresholds)
	golden(t, "count.json", indented(t, count, err))
}

// U100: the JSON of a rejected petition has code and details, and no geographic counts.
func TestU100Rejected(t *testing.T) {
	for _, line := range sample(t) {
		r := decode(t, line)
		if r.ID != 611043 {
			continue
		}
		document, err := opendata.Document(r, base)
		golden(t, "rejected.json", indented(t, document, err))
		a := object(t, document)["data"].(map[string]any)["attributes"].(map[string]any)
		rejection, _ := a["rejection"].(map[string]any)
		if rejection["code"] != "duplicate" || rejection["details"] == "" {
			t.Errorf("rejection: %v", rejection)
		}
		for name := range a {
			if strings.HasPrefix(name, "signatures_by_") {
				t.Errorf("it has %s", name)
			}
		}
		return
	}
	t.Fatal("the sample has lost its rejected petition")
}

func FuzzDecode(f *testing.F) {
	for i, line := range sample(f) {
		if len(line) < 4000 || i == 0 {
			f.Add(line)
		}
	}
	f.Add(petitionJSON(`"state":"open","creator_name":"Ana","unknown":{"deep":[null]},"debate":{"chair":1}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		r, err := opendata.Decode(document)
		if err != nil {
			return
		}
		text, err := opendata.Encode(r, base, true)
		if err != nil {
			t.Fatal(err)
		}
		again, err := opendata.Decode(text)
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, text)
		}
		twice, err := opendata.Encode(again, base, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(object(t, text)["attributes"], object(t, twice)["attributes"]); diff != "" {
			t.Fatalf("written again it differs: %s", diff)
		}
	})
}
