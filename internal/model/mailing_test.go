package model

import (
	"context"
	"errors"
	"slices"
	"strings"

	"undersigned"
	"undersigned/internal/store"
)

// mailing tells everybody who asked for it about a petition: each once, nobody else, and
// never more often than the quota.
func (h *history) mailing() {
	ctx := context.Background()
	id := h.ids[h.random.IntN(2)]
	h.drain()
	h.mail()
	const quota = 2
	var had []undersigned.Mailing
	err := h.DB.Steward().InTx(ctx, func(tx *store.StewardTx) (err error) {
		if had, err = tx.Mailings(id); err != nil {
			return err
		}
		if _, err := h.Steward.ReserveMailing(tx, id, quota, undersigned.MailingWithdrawn, ""); err != nil {
			return err
		}
		return tx.AddAct(store.Act{Petition: id, Act: undersigned.ActWithdrawn, At: tx.Now().UnixMicro()}) // so it says
	})
	if (len(had) >= quota) != errors.Is(err, undersigned.ErrQuota) || err != nil && len(had) < quota {
		h.T.Fatalf("mailing %d of petition %d: %v", len(had)+1, id, err)
	}
	h.Check(h.Steward.SendMailings(ctx))
	want := []string{}
	for person, number := range h.petitions[id].signers {
		if err == nil && replyOf(person) == undersigned.ReplyYes && !h.stopped[number] && !h.blocked[person] {
			want = append(want, person)
		}
	}
	got := []string{}
	for _, m := range h.Mail.Messages() {
		got = append(got, strings.ToLower(m.To))
	}
	h.Mail.Clear()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.T.Errorf("petition %d: a mailing went to %v instead of %v", id, got, want)
	}
	h.note("mailing %d of petition %d to %d", len(had)+1, id, len(got))
}
