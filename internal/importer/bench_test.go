package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"undersigned/internal/demo/data"
	"undersigned/internal/importer"
	"undersigned/internal/store"
)

// many gives n petitions: the sample over and over, under other numbers.
func many(b *testing.B, n int) []byte {
	var file bytes.Buffer
	lines := bytes.Split(bytes.TrimSpace(sample(b)), []byte("\n"))
	for i := range n {
		_, rest, _ := bytes.Cut(lines[i%len(lines)], []byte(`"id":`))
		_, rest, _ = bytes.Cut(rest, []byte(","))
		fmt.Fprintf(&file, `{"type":"petition","id":%d,%s`+"\n", i+1, rest)
	}
	return file.Bytes()
}

func BenchmarkImport(b *testing.B) {
	const n = 1000
	file := many(b, n)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if report := newSite(b).importing(bytes.NewReader(file)); report.Added != n {
			b.Fatalf("%+v", report)
		}
	}
}

// BenchmarkList reads pages of a site with as many petitions as the UK Parliament's had
// in the years of the sample.
func BenchmarkList(b *testing.B) {
	s := newSite(b)
	if report, err := importer.Import(context.Background(), s.db.Desk(), bytes.NewReader(many(b, 3309)),
		importer.Options{Body: s.body, Now: data.AsOf}); err != nil || report.Added != 3309 {
		b.Fatalf("%+v, %v", report, err)
	}
	queries := map[string]store.ListQuery{"rare": {Search: "hedgehog"}, "common": {Search: "government"}, "everywhere": {Search: "the"},
		"page20": {Page: 20}, "newest": {Sort: store.SortNewest}}
	for _, filter := range store.Filters {
		queries[string(filter)] = store.ListQuery{Filter: filter}
	}
	for name, query := range queries {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.db.Public().List(context.Background(), query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("similar", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.db.Public().Similar(context.Background(), "Ban the sale of single-use plastic", 0, 5); err != nil {
				b.Fatal(err)
			}
		}
	})
}
