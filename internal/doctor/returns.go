package doctor

import (
	"context"
	"time"

	"undersigned/internal/store"
)

// returns looks at the mails that came back in the last seven days.
func (c Config) returns(ctx context.Context, r *Report) {
	const what = "mails that came back"
	if !c.Returns || c.DB == nil {
		return
	}
	counts, err := c.DB.Returns(ctx, c.Now().Add(-7*24*time.Hour).Unix()/86400)
	if err != nil {
		r.unknown(what, "see what the database line says", "%v", err)
		return
	}
	known := int64(0)
	for _, count := range []store.ReturnCount{store.ReturnDead, store.ReturnStopped, store.ReturnNoted, store.ReturnUnread} {
		known += counts[count]
	}
	if unread := counts[store.ReturnUnread]; unread > 0 {
		r.act(what, "see docs/operate/bounces.md: nothing follows from these", "%d of %d in 7 days were not understood", unread, known)
		return
	}
	r.well(what, "%d in 7 days; %d addresses are dead, %d complaints", known, counts[store.ReturnDead], counts[store.ReturnStopped])
}
