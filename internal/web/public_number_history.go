package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// Bounds of a number's history. A petition runs for half a year at most.
const (
	mostHours = 366 * 24
	mostDays  = 400
)

// A pastNumber is what a petition's page said at some time, as the ledger tells it.
type pastNumber struct {
	At        time.Time `json:"at"`
	Confirmed int64     `json:"confirmed"`
	Imported  int64     `json:"imported"`
	Paper     int64     `json:"paper"`
	Number    int64     `json:"number"`
	Entry     int64     `json:"entry"`

	head *ledger.Head
}

// pastNumbers reads a petition's number through time. Of a protected petition it tells one a
// day, whatever is asked for.
func (s *Server) pastNumbers(ctx context.Context, counted store.Counted, stretch time.Duration, most int) ([]pastNumber, error) {
	if counted.Kind == undersigned.Protected {
		stretch = max(stretch, day)
	}
	heads, err := s.public.HeadsBy(ctx, counted.ID, stretch, most)
	if err != nil {
		return nil, err
	}
	paper, err := s.public.PaperCounts(ctx, counted.ID)
	if err != nil {
		return nil, err
	}
	all := make([]pastNumber, 0, len(heads))
	for _, one := range heads {
		past, err := pastOf(counted, paper, one)
		if err != nil {
			return nil, err
		}
		all = append(all, past)
	}
	return all, nil
}

// pastOf puts together what a head tells and what stood beside it then.
func pastOf(counted store.Counted, paper []undersigned.PaperCount, told store.ToldEntry) (past pastNumber, err error) {
	entry, err := ledger.Decode(told.Entry)
	if err != nil {
		return past, fmt.Errorf("entry %d: %w", told.Number, err)
	}
	head, ok := entry.(*ledger.Head)
	if !ok {
		return past, fmt.Errorf("entry %d is no head of petition %d", told.Number, counted.ID)
	}
	past = pastNumber{At: head.At.UTC(), Confirmed: head.Number, Imported: counted.ImportedCount, Entry: told.Number, head: head}
	for _, one := range paper {
		if !one.At.After(head.At) {
			past.Paper += one.Change
		}
	}
	past.Number = past.Confirmed + past.Imported + past.Paper
	return past, nil
}

// numberHistory handles GET /petitions/{id}/number/history: how the number grew, a line a day.
func (s *Server) numberHistory(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathNumberHistory(id), func(ctx context.Context, m *moment) (*page, error) {
		counted, _, err := s.countedWords(ctx, id)
		if err != nil {
			return nil, err
		}
		past, err := s.pastNumbers(ctx, counted, day, mostDays)
		if err != nil {
			return nil, err
		}
		content := &view.NumberHistoryPage{Base: m.fill(view.PathNumberHistory(id)), Number: id, Title: counted.Published().Title, TitleLang: m.langOf(counted.Petition),
			Protected: counted.Kind == undersigned.Protected}
		for _, one := range past {
			content.Days = append(content.Days, view.NumberDay{At: one.At, Signatures: int(one.Number), Entry: one.Entry})
			content.Chart = append(content.Chart, view.DayCount{Day: one.At, Count: int(one.Number)})
		}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.marks = marksOf(counted, nil)
		return p, nil
	})
}

// numberHistoryData handles GET /petitions/{id}/number/history.csv and .json: a line an hour.
func (s *Server) numberHistoryData(w http.ResponseWriter, r *http.Request) error {
	id, err := numberIn(r.PathValue("id"))
	if err != nil {
		return err
	}
	path := view.PathNumberHistory(id) + ".csv"
	if wantsJSON(r) {
		path = view.PathNumberHistory(id) + ".json"
	}
	return s.cached(w, r, path, func(ctx context.Context, m *moment) (*page, error) {
		counted, _, err := s.countedWords(ctx, id)
		if err != nil {
			return nil, err
		}
		past, err := s.pastNumbers(ctx, counted, time.Hour, mostHours)
		if err != nil {
			return nil, err
		}
		var p *page
		if wantsJSON(r) {
			body, err := json.MarshalIndent(map[string]any{"petition": id, "links": map[string]string{"checkpoint": s.config.URL + view.PathCheckpoint}, "data": past}, "", "  ")
			if err != nil {
				return nil, err
			}
			p = dataPage(m, append(body, '\n'))
		} else {
			p = newPage(m, []string{"text/csv; charset=utf-8"}, shared, numbersCSV(past), header{"Access-Control-Allow-Origin", anyOrigin},
				header{"Cross-Origin-Resource-Policy", []string{"cross-origin"}},
				header{"Content-Disposition", []string{fmt.Sprintf(`attachment; filename="petition-%d-number.csv"`, id)}})
		}
		p.marks = marksOf(counted, nil)
		return p, nil
	})
}

func numbersCSV(past []pastNumber) []byte {
	var body bytes.Buffer
	rows := csv.NewWriter(&body)
	rows.Write([]string{"At", "Number", "Confirmed by email", "Imported", "On paper", "Line of the public record"})
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, one := range past {
		rows.Write([]string{one.At.Format(time.RFC3339), text(one.Number), text(one.Confirmed), text(one.Imported), text(one.Paper), text(one.Entry)})
	}
	rows.Flush()
	return body.Bytes()
}

// numberThen handles GET /petitions/{id}/number/at/{entry}: the number as a line of the
// record told it, to cite. It never changes.
func (s *Server) numberThen(w http.ResponseWriter, r *http.Request) error {
	id, entry, err := numberAndEntry(r)
	if err != nil {
		return err
	}
	return s.cached(w, r, view.PathNumberThen(id, entry), func(ctx context.Context, m *moment) (*page, error) {
		counted, past, err := s.numberAt(ctx, id, entry)
		if err != nil {
			return nil, err
		}
		content := &view.NumberThenPage{Base: m.fill(view.PathNumberThen(id, entry)), Number: id, Title: counted.Published().Title, TitleLang: m.langOf(counted.Petition),
			At: past.At, Signatures: int(past.Number), Confirmed: int(past.Confirmed), Imported: int(past.Imported), Paper: int(past.Paper),
			Entry: entry, Leaves: past.head.Size, Root: hex.EncodeToString(past.head.Root[:]), Protected: counted.Kind == undersigned.Protected}
		html, err := m.engine.Render(content)
		if err != nil {
			return nil, err
		}
		p := newPage(m, htmlText, shared, html)
		p.marks = marksOf(counted, nil)
		return p, nil
	})
}

// numberAt reads a petition's number as a line of the record tells it.
//
// Errors: undersigned.ErrNotFound where the line is none of the petition's heads; errGone.
func (s *Server) numberAt(ctx context.Context, id, entry int64) (store.Counted, pastNumber, error) {
	counted, _, err := s.countedWords(ctx, id)
	if err != nil {
		return counted, pastNumber{}, err
	}
	told, err := s.public.HeadAt(ctx, id, entry)
	if err != nil {
		return counted, pastNumber{}, err
	}
	paper, err := s.public.PaperCounts(ctx, id)
	if err != nil {
		return counted, pastNumber{}, err
	}
	past, err := pastOf(counted, paper, told)
	return counted, past, err
}

// numberProof handles GET /petitions/{id}/number/at/{entry}/proof.txt: what shows the number
// without the site, for whoever keeps the file. It leads to the newest signed head.
func (s *Server) numberProof(w http.ResponseWriter, r *http.Request) error {
	id, entry, err := numberAndEntry(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, _, err := s.countedWords(ctx, id); err != nil {
		return err
	}
	told, err := s.public.HeadAt(ctx, id, entry)
	if err != nil {
		return err
	}
	return s.sendProof(w, r, "undersigned number v1", told)
}

func numberAndEntry(r *http.Request) (id, entry int64, err error) {
	if id, err = numberIn(r.PathValue("id")); err != nil {
		return 0, 0, err
	}
	entry, err = lineIn(r)
	return id, entry, err
}
