package importer_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"undersigned"
	"undersigned/internal/demo/data"
	"undersigned/internal/importer"
	"undersigned/internal/opendata"
	"undersigned/internal/store"
)

// site is an empty site that petitions can be brought to.
type site struct {
	t    testing.TB
	db   *store.DB
	body undersigned.Body
}

func newSite(t testing.TB) *site {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	if err := store.Create(ctx, dir, store.Site{CreatedAt: data.AsOf}); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, dir, store.Options{Clock: func() time.Time { return data.AsOf }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &site{t: t, db: db, body: undersigned.DefaultBody()}
	s.body.Name = "Anytown Council"
	if err := db.Desk().SaveBody(ctx, &s.body); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) importing(file io.Reader) importer.Report {
	s.t.Helper()
	report, err := importer.Import(context.Background(), s.db.Desk(), file, importer.Options{Body: s.body, Now: data.AsOf})
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

// record reads a petition as web does for its document.
func (s *site) record(id int64) opendata.Record {
	s.t.Helper()
	ctx, public := context.Background(), s.db.Public()
	c, err := public.Petition(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	facts, err := public.Facts(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	extras, err := public.Extras(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	detail, err := public.ExtraDetail(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return opendata.Record{Petition: c.Petition, Counts: c.Counts, Facts: facts[id], Extra: extras[id], Detail: detail}
}

func (s *site) snapshot() store.Snapshot {
	s.t.Helper()
	snapshot, err := s.db.Public().Snapshot(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return snapshot
}

func sample(t testing.TB) []byte {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(data.Petitions))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Through the store and out again, every petition is what it was, but for the one that
// was open and is past its date.
func TestTheSampleGoesThroughTheStoreUnchanged(t *testing.T) {
	s := newSite(t)
	if report := s.importing(bytes.NewReader(data.Petitions)); report.Read != 63 || report.Added != 63 || report.Closed != 1 || report.Skipped != nil {
		t.Fatalf("%+v", report)
	}
	scanner := bufio.NewScanner(bytes.NewReader(sample(t)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var came, got map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &came); err != nil {
			t.Fatal(err)
		}
		id := int64(came["id"].(float64))
		want := came["attributes"].(map[string]any)
		_, detail := want["signatures_by_country"]
		document, err := opendata.Encode(s.record(id), "https://petition.parliament.uk", detail)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(document, &got); err != nil {
			t.Fatal(err)
		}
		if id == 618926 {
			want["state"], want["closed_at"] = "closed", "2022-12-28T23:59:59.999Z"
		}
		if diff := cmp.Diff(want, got["attributes"]); diff != "" {
			t.Errorf("petition %d: %s", id, diff)
		}
		if links, ok := came["links"]; ok && !reflect.DeepEqual(links, got["links"]) {
			t.Errorf("petition %d: links %v", id, got["links"])
		}
	}
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	s := newSite(t)
	s.importing(bytes.NewReader(data.Petitions))
	before, swift := s.snapshot(), s.record(626737)
	report := s.importing(bytes.NewReader(data.Petitions))
	if report.Known != 63 || report.Added != 0 || report.Closed != 0 || report.Skipped != nil {
		t.Errorf("%+v", report)
	}
	if after := s.snapshot(); after != before {
		t.Errorf("the snapshot went from %+v to %+v", before, after)
	}
	if diff := cmp.Diff(swift, s.record(626737)); diff != "" {
		t.Error(diff)
	}
}

func TestListsOfTheSample(t *testing.T) {
	s := newSite(t)
	s.importing(bytes.NewReader(data.Petitions))
	counts, err := s.db.Public().FilterCounts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := map[store.Filter]int{"all": 63, "open": 24, "recent": 24, "closed": 24, "rejected": 15, "awaiting_response": 0,
		"with_response": 17, "awaiting_debate": 1, "debated": 4, "not_debated": 2}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
}

// line gives a petition as one line of a file.
func line(id int, fields string) string {
	attributes := `"action":"Plant trees","background":"","state":"closed","signature_count":12,"created_at":"2020-03-03T12:25:09.391Z","opened_at":"2020-03-05T15:48:39.806Z","closed_at":"2020-09-05T22:59:59.999Z"`
	if fields != "" {
		attributes += "," + fields // of two members of one name the later counts
	}
	return fmt.Sprintf(`{"type":"petition","id":%d,"attributes":{%s}}`, id, attributes)
}

func pack(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// All forms of a file say the same.
func TestForms(t *testing.T) {
	lines := line(1, "") + "\n" + line(2, "") + "\n"
	list := "[" + line(1, "") + "," + line(2, "") + "]"
	page := `{"links":{"self":"x"},"data":` + list + `}`
	var pretty, prettyList bytes.Buffer
	json.Indent(&pretty, []byte(page), "", "  ")
	json.Indent(&prettyList, []byte(list), "", "\t")
	for name, file := range map[string]string{
		"one a line":               lines,
		"without the last end":     strings.TrimSpace(lines),
		"with other ends":          strings.ReplaceAll(lines, "\n", "\r\n"),
		"with empty lines":         "\n\n" + strings.ReplaceAll(lines, "\n", "\n \n"),
		"with a mark before":       "\ufeff" + lines,
		"a list":                   list,
		"a list after blanks":      " \n " + list + " \n",
		"a list laid out":          prettyList.String(),
		"a page of a list":         page,
		"a page laid out":          pretty.String(),
		"a document a line":        `{"data":` + line(1, "") + "}\n" + `{"data":` + line(2, "") + "}",
		"packed":                   pack(lines),
		"packed in pieces":         pack(line(1, "")+"\n") + pack(line(2, "")),
		"packed, a list laid out":  pack(prettyList.String()),
		"the same petition thrice": lines + line(2, "") + "\n" + line(1, ""),
	} {
		s := newSite(t)
		report := s.importing(strings.NewReader(file))
		if report.Added != 2 || report.Skipped != nil {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// A bad line is named, and takes none of the good ones with it.
func TestBadLinesAreNamedAndSkipped(t *testing.T) {
	s := newSite(t)
	long := strings.Repeat("x", 5<<20)
	file := strings.Join([]string{line(1, ""), `{"type":"petition"`, "", line(2, `"state":"hidden"`), line(3, ""), "garbage",
		line(4, `"background":"`+long+`"`), line(5, ""), line(6, `"created_at":"yesterday"`), line(7, `"action":"Pl`+"\xff"+`ant"`), line(8, "")}, "\n")
	report := s.importing(strings.NewReader(file))
	want := []importer.Skipped{
		{Line: 2, Reason: "it is not JSON at byte 19"},
		{Line: 4, Reason: "petition 2: its state is none of open, closed and rejected"},
		{Line: 6, Reason: "it is not JSON at byte 1"},
		{Line: 7, Reason: "it is longer than 4 MiB"},
		{Line: 9, Reason: "petition 6: created_at is not an instant like 2020-03-03T12:25:09.391Z"},
		{Line: 10, Reason: "it is not UTF-8"},
	}
	if diff := cmp.Diff(want, report.Skipped); diff != "" {
		t.Error(diff)
	}
	if report.Read != 10 || report.Added != 4 {
		t.Errorf("%d read, %d added", report.Read, report.Added)
	}
	for _, id := range []int64{1, 3, 5, 8} {
		s.record(id)
	}
}

// Where a file ends in the middle, everything before is kept and the fault is told.
func TestFilesThatBreakOff(t *testing.T) {
	lines := strings.Repeat(" ", 70_000) + line(1, "") + "\n" + line(2, "") + "\n"
	list := "[" + line(1, "") + "," + line(2, "") + "," + line(3, "") + "]"
	packed := pack(line(1, "") + "\n" + line(2, "") + "\n")
	for name, test := range map[string]struct {
		file  io.Reader
		added int
		want  string
	}{
		"a list cut off":         {strings.NewReader(list[:len(list)-30]), 2, "the list is not JSON"},
		"a list without its end": {strings.NewReader(list[:len(list)-1]), 3, "the list does not end"},
		"a packed file cut off":  {strings.NewReader(packed[:len(packed)-8]), 2, "unexpected EOF"},
		"not packed after all":   {strings.NewReader("\x1f\x8bnonsense"), 0, "unpack the file"},
		"a disk that fails":      {io.MultiReader(strings.NewReader(lines), failing{}), 2, "the disk failed"},
	} {
		s := newSite(t)
		report, err := importer.Import(context.Background(), s.db.Desk(), test.file, importer.Options{Body: s.body, Now: data.AsOf})
		if err == nil || !strings.Contains(err.Error(), test.want) || report.Added != test.added {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk failed") }

func TestAFileThatIsEmpty(t *testing.T) {
	s := newSite(t)
	for _, file := range []string{"", "\n\n", "[]", `{"links":{},"data":[]}`} {
		if report := s.importing(strings.NewReader(file)); report.Read != 0 {
			t.Errorf("%q: %+v", file, report)
		}
	}
}

// An open petition closes six months after the day it opened, at the end of that day
// where the body is; one past its date is closed.
func TestClosingDates(t *testing.T) {
	utc := func(text string) time.Time {
		t.Helper()
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, test := range []struct {
		name, opened string
		closes       string
		state        undersigned.State
	}{
		{"winter to summer", "2022-11-01T10:00:00.000Z", "2023-05-01T22:59:59.999Z", undersigned.Open},
		{"summer to winter", "2022-07-14T10:00:00.000Z", "2023-01-14T23:59:59.999Z", undersigned.Open},
		{"late in the evening it is already tomorrow there", "2022-07-14T23:30:00.000Z", "2023-01-15T23:59:59.999Z", undersigned.Open},
		{"a month that has no such day", "2022-08-31T10:00:00.000Z", "2023-02-28T23:59:59.999Z", undersigned.Open},
		{"on its last day", "2022-06-30T10:00:00.000Z", "2022-12-30T23:59:59.999Z", undersigned.Open},
		{"the day after", "2022-06-29T10:00:00.000Z", "2022-12-29T23:59:59.999Z", undersigned.Closed},
	} {
		s := newSite(t)
		report := s.importing(strings.NewReader(line(1, `"state":"open","closed_at":null,"creator_name":"Ana Torres","opened_at":"`+test.opened+`"`)))
		r := s.record(1)
		if r.State != test.state || !r.ClosesAt.Equal(utc(test.closes)) {
			t.Errorf("%s: %s until %v", test.name, r.State, r.ClosesAt)
		}
		open := test.state == undersigned.Open
		if (report.Closed == 0) != open || r.ClosedAt.IsZero() != open || (r.CreatorName != "") != open {
			t.Errorf("%s: %d closed, at %v, creator %q", test.name, report.Closed, r.ClosedAt, r.CreatorName)
		}
		if want := undersigned.RetentionFor(r.ClosesAt); open && !r.RetainTo.Equal(want) || !open && !r.RetainTo.IsZero() {
			t.Errorf("%s: retained to %v", test.name, r.RetainTo)
		}
	}
}

func TestImportedPetitionsSayWhereTheyCameFrom(t *testing.T) {
	s := newSite(t)
	s.importing(strings.NewReader(line(41, "")))
	r := s.record(41)
	if r.Source != importer.Source || r.BodyID != s.body.ID || r.Language != s.body.Language || r.ImportedCount != 12 || r.Number() != 12 {
		t.Errorf("%+v", r.Petition)
	}
}

// Numbers of this site's own petitions are never taken over, and never given twice.
func TestNumbersAreKept(t *testing.T) {
	s := newSite(t)
	add := func() int64 {
		t.Helper()
		p := undersigned.Petition{BodyID: s.body.ID, State: undersigned.Queued, Kind: undersigned.Ordinary, Title: "Ours", CreatedAt: data.AsOf}
		if err := s.db.Desk().InTx(context.Background(), func(tx *store.DeskTx) error { return tx.AddPetition(&p) }); err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	ours := add()
	report := s.importing(strings.NewReader(line(int(ours), "") + "\n" + line(5000, "")))
	want := []importer.Skipped{{Line: 1, Reason: fmt.Sprintf("petition %d: a petition of this site has its number", ours)}}
	if diff := cmp.Diff(want, report.Skipped); diff != "" || report.Added != 1 {
		t.Errorf("%d added, %s", report.Added, diff)
	}
	if title := s.record(ours).Title; title != "Ours" {
		t.Errorf("it is called %q now", title)
	}
	if next := add(); next != 5001 {
		t.Errorf("the next petition has number %d", next)
	}
}

func TestProgress(t *testing.T) {
	s := newSite(t)
	var file strings.Builder
	for id := 1; id <= 450; id++ {
		file.WriteString(line(id, "") + "\n")
	}
	var told []int
	_, err := importer.Import(context.Background(), s.db.Desk(), strings.NewReader(file.String()), importer.Options{Body: s.body, Now: data.AsOf,
		Progress: func(r importer.Report) { told = append(told, r.Added) }})
	if err != nil || !reflect.DeepEqual(told, []int{200, 400, 450}) {
		t.Errorf("told %v, %v", told, err)
	}
}

// A store that does not write stops the import, and the report counts only what is kept.
func TestAStoreThatIsClosed(t *testing.T) {
	s := newSite(t)
	s.db.Close()
	report, err := importer.Import(context.Background(), s.db.Desk(), bytes.NewReader(data.Petitions), importer.Options{Body: s.body, Now: data.AsOf})
	if !errors.Is(err, store.ErrClosed) || report.Added != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// The demo shows the sample as if of today.
func TestShiftedToToday(t *testing.T) {
	s := newSite(t)
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	report, err := importer.Import(context.Background(), s.db.Desk(), bytes.NewReader(data.Petitions),
		importer.Options{Body: s.body, Now: now, ShiftDays: data.ShiftDays(now)})
	if err != nil || report.Closed != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	counts, err := s.db.Public().FilterCounts(context.Background())
	if err != nil || counts[store.FilterOpen] != 24 {
		t.Errorf("%d open, %v", counts[store.FilterOpen], err)
	}
	awaited, err := s.db.Public().List(context.Background(), store.ListQuery{Filter: store.FilterAwaitingDebate})
	if err != nil || len(awaited.Petitions) != 1 || awaited.Petitions[0].DebateDate != "2031-05-15" {
		t.Errorf("%+v, %v", awaited.Petitions, err)
	}
}
