package testkit

import (
	"context"
	"testing"
	"time"

	"undersigned/internal/mail/catcher"
)

// At opens a site that the program made in dir with --url URL. Its clock begins at the
// true time: the program has made its keys for today.
func At(t testing.TB, dir string) *Site {
	t.Helper()
	s := &Site{T: t, Dir: dir, Clock: &Clock{now: time.Now().UTC().Truncate(time.Microsecond)}}
	var err error
	s.Mail, err = catcher.Start("127.0.0.1:0")
	s.Check(err)
	t.Cleanup(func() { s.Mail.Close() })
	s.Open()
	s.Body, err = s.DB.Steward().FirstBody(context.Background())
	s.Check(err)
	return s
}
