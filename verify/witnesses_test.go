package verify_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/verify"
	"undersigned/witness"
)

// confirm lets a witness that follows the site confirm its public head, and names it to
// readers.
func (o *outsider) confirm(name string, demand int) (key string) {
	o.T.Helper()
	ctx := context.Background()
	dir := filepath.Join(o.T.TempDir(), "w")
	key, err := witness.Create(dir, name)
	o.Check(err)
	tree, err := o.DB.Tree(ctx, store.SiteTree)
	o.Check(err)
	head, err := ledger.ReadCheckpoint(tree.Checkpoint)
	o.Check(err)
	public, err := o.Vault.LedgerPublic()
	o.Check(err)
	log, err := ledger.VerifierKey(head.Origin, public)
	o.Check(err)
	o.Check(witness.Follow(dir, head.Origin, []string{log}))
	w, err := witness.Open(dir, o.Clock.Now)
	o.Check(err)
	defer w.Close()
	line, err := w.Add([]byte("old 0\n\n" + tree.Checkpoint))
	o.Check(err)
	o.Check(o.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		tree.Checkpoint += line
		if err := tx.SetTree(tree); err != nil {
			return err
		}
		return tx.SetWitnesses([]store.Witness{{Key: key, Name: "Evening News"}}, demand)
	}))
	return key
}

func TestItSaysWhichWitnessesConfirmedTheHead(t *testing.T) {
	o := visit(t)
	p := o.OpenPetition("Keep the library open")
	o.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyNo)
	key := o.confirm("witness.example.org", 1)
	report := o.verify("")
	if len(report.Faults) > 0 || len(report.Witnesses) != 1 || report.Witnesses[0].Name != "Evening News" || !report.Witnesses[0].Confirmed.Equal(o.Clock.Now()) {
		t.Fatalf("it reports %+v and %v", report.Witnesses, report.Faults)
	}
	asked := func(demand int, keys ...string) []verify.Fault {
		t.Helper()
		report, err := verify.Verify(context.Background(), verify.Config{URL: "https://petitions.example.org", Client: &http.Client{Transport: o}, Now: o.Clock.Now(), Witnesses: keys, Demand: demand})
		o.Check(err)
		return report.Faults
	}
	other, err := witness.Create(filepath.Join(t.TempDir(), "w"), "other.example.org")
	o.Check(err)
	if faults := asked(0, key); len(faults) > 0 {
		t.Errorf("a witness that was named and confirmed: %v", faults)
	}
	if faults := asked(1, key, other); len(faults) > 0 {
		t.Errorf("one of two that were named confirmed, and one was asked for: %v", faults)
	}
	if faults := asked(0, key, other); len(faults) != 1 || !strings.Contains(faults[0].What, "confirmed by 1 of the witnesses that you named") {
		t.Errorf("one of two that were named confirmed: %v", faults)
	}
	// What the site says it waits for, it must show.
	o.Check(o.DB.Steward().InTx(context.Background(), func(tx *store.StewardTx) error {
		return tx.SetWitnesses([]store.Witness{{Key: key, Name: "Evening News"}, {Key: other, Name: "University"}}, 2)
	}))
	if report := o.verify(""); len(report.Faults) != 1 || !strings.Contains(report.Faults[0].What, "shows nothing which 2 witnesses") {
		t.Errorf("a site that shows what too few have confirmed: %v", report.Faults)
	}
}
