package steward_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
)

// post fills the letterbox with n letters from 64 goroutines.
func post(s *testkit.Site, n int, letter func(i int) undersigned.Submission) {
	var all sync.WaitGroup
	const clients = 256
	for c := range clients {
		all.Go(func() {
			for i := c; i < n; i += clients {
				s.Post(letter(i))
			}
		})
	}
	all.Wait()
}

func BenchmarkPost(b *testing.B) {
	s := testkit.New(b)
	p := s.OpenPetition("Keep the library open")
	b.ReportAllocs()
	b.ResetTimer()
	post(s, b.N, func(i int) undersigned.Submission {
		return testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyYes)
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func BenchmarkAdmit(b *testing.B) {
	s := testkit.New(b)
	p := s.OpenPetition("Keep the library open")
	post(s, b.N, func(i int) undersigned.Submission {
		return testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyYes)
	})
	b.ReportAllocs()
	b.ResetTimer()
	s.Check(s.Steward.Drain(context.Background()))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func BenchmarkConfirm(b *testing.B) {
	s := testkit.New(b)
	p := s.OpenPetition("Keep the library open")
	post(s, b.N, func(i int) undersigned.Submission {
		return testkit.SignForm(p, "Ana Torres", fmt.Sprintf("ana%d@example.org", i), undersigned.ReplyYes)
	})
	ctx := context.Background()
	s.Check(s.Steward.Drain(ctx))
	jobs, err := s.DB.Steward().FreshJobs(ctx, store.AllJobKinds, 0, b.N)
	s.Check(err)
	post(s, b.N, func(i int) undersigned.Submission {
		return testkit.Press(undersigned.LetterConfirm, s.TokenOf(jobs[i]), p.Version)
	})
	b.ReportAllocs()
	b.ResetTimer()
	s.Check(s.Steward.Drain(ctx))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
	b.StopTimer()
	s.Check(s.Steward.Count(ctx))
	if got := s.Number(p.ID); got != int64(b.N) {
		b.Fatalf("%d of %d were counted", got, b.N)
	}
}
