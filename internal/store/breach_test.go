package store_test

import (
	"context"
	"database/sql"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

var records = flag.Int("records", 100_000, "how many signatures the report of a breach is made over")

// G70: what a breach is about is counted over 100,000 signatures (a million in
// scripts/faults) in well under a minute, without opening any.
func TestG70TheReportOfABreachCountsEverySignature(t *testing.T) {
	s := testkit.New(t)
	const petitions = 20
	for range petitions {
		s.OpenPetition("Keep the library open")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	s.Check(err)
	defer db.Close()
	// Rows as large as true ones, every other with a reply part.
	_, err = db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO signatures (no, id, petition_id, batch, area, own_hash, reply_sealed, audit_sealed, text_no)
		SELECT i, zeroblob(16), 1 + i % $2, 1 + i / 1000, '', zeroblob(16), CASE i % 2 WHEN 0 THEN zeroblob(97) END, zeroblob(225), 1 FROM n`, *records, petitions)
	s.Check(err)
	_, err = db.Exec(`INSERT INTO batches (no, petition_id, at, added, taken, size) SELECT batch, petition_id, $1 + batch * 60000000, COUNT(*), 0, 0 FROM signatures GROUP BY batch, petition_id`,
		testkit.Start.UnixMicro())
	s.Check(err)
	began := time.Now()
	held, err := s.DB.Steward().Holdings(context.Background(), testkit.Start.Add(10*time.Minute), testkit.Start.Add(20*time.Minute))
	s.Check(err)
	took := time.Since(began)
	var sum store.Holding
	for _, h := range held {
		sum.Signatures, sum.Reachable, sum.InSpan = sum.Signatures+h.Signatures, sum.Reachable+h.Reachable, sum.InSpan+h.InSpan
		if !h.KeysAlive || h.First.IsZero() || !h.First.Before(h.Last) {
			t.Errorf("of petition %d it says %+v", h.Petition, h)
		}
	}
	if len(held) != petitions || sum.Signatures != int64(*records) || sum.Reachable != int64(*records/2) || sum.InSpan != 11_000 {
		t.Errorf("of %d petitions it counts %+v", len(held), sum)
	}
	t.Logf("%d signatures of %d petitions counted in %v", *records, petitions, took)
	if took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
