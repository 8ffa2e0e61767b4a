package web_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/ledger"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
	"undersigned/verify"
	"undersigned/witness"
)

// The public record tells each mailing before and after it, with its full text, and what
// it tells are the bytes of the log.
func TestThePublicRecordTellsEachMailingWithItsFullText(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	v.Work()
	v.get(view.PathRecord).want(t, 200, "We made the keys of the petition.", "We made the key that signs this record.", "undersigned verify "+testkit.URL).lacks(t, "Read the email")
	v.mailed(p)
	hash := sha256.Sum256([]byte("We will keep it open."))
	words := hex.EncodeToString(hash[:])
	v.get(view.PathRecord+"?what=mails").want(t, 200, "email the people of the petition the answer. This was email 1 of at most 2.",
		"We had sent that email to 1 person. It failed for 0.", "Keep the library open", words, `href="/transparency/mailings/1"`).lacks(t, "We made the keys")
	v.get("/transparency/mailings/1").want(t, 200, "An answer to a petition you signed", "This is the whole answer:\n\nWe will keep it open.", testkit.URL+"/l/…", words).lacks(t, "ana@example.org", "Ana Torres")
	v.get(view.PathPetition(p.ID)).want(t, 200, `href="/transparency/mailings/1"`, `href="/petitions/1/who-gets-what"`)
	v.get("/transparency/mailings/2").want(t, 404)

	var document struct {
		Data []struct {
			Entry  int64
			Kind   int
			Says   string
			Bytes  string
			Fields struct {
				Unit, Quota int64
				Hash        string
			}
		}
	}
	v.Check(json.Unmarshal([]byte(v.get(view.PathRecordJSON+"?what=mails").body), &document))
	if len(document.Data) != 2 {
		t.Fatalf("%d entries of mails, want 2", len(document.Data))
	}
	entries, err := v.DB.Public().Entries(t.Context(), 0, 1000)
	v.Check(err)
	for _, one := range document.Data {
		bytes, err := base64.StdEncoding.DecodeString(one.Bytes)
		v.Check(err)
		if string(entries[one.Entry]) != string(bytes) || one.Kind != int(bytes[0]) {
			t.Errorf("entry %d is not what the log holds", one.Entry)
		}
	}
	if last := document.Data[1]; last.Kind != int(ledger.KindMailing) || last.Fields.Unit != 1 || last.Fields.Quota != 2 || last.Fields.Hash != words {
		t.Errorf("the mailing is told as %+v", last)
	}
	var feed struct {
		Entries []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	v.Check(xml.Unmarshal([]byte(v.get(view.PathRecordAtom+"?what=mails").body), &feed))
	if len(feed.Entries) != 2 || !strings.Contains(feed.Entries[0].Title, "We had sent that email to 1 person") {
		t.Errorf("the feed says %+v", feed.Entries)
	}
}

// A long record is read page by page, with each entry once.
func TestALongRecordIsReadPageByPage(t *testing.T) {
	v := visit(t)
	for i := range 60 {
		v.AddPetition(fmt.Sprintf("Petition number %d", i+1))
	}
	v.Check(v.Steward.Chores(t.Context()))
	v.Check(v.Steward.Record(t.Context()))
	seen, told := map[int64]int{}, map[int64]bool{} // by entry, and by petition
	path, pages := view.PathRecordJSON+"?what=keys", 0
	for ; path != ""; pages++ {
		var document struct {
			Links struct{ Next string }
			Data  []struct{ Entry, Petition int64 }
		}
		v.Check(json.Unmarshal([]byte(v.get(path).want(t, 200).body), &document))
		for _, one := range document.Data {
			seen[one.Entry]++
			told[one.Petition] = true
		}
		path = strings.TrimPrefix(document.Links.Next, testkit.URL)
	}
	if pages < 2 || len(told) != 61 { // and the site's own
		t.Errorf("%d pages tell of %d petitions", pages, len(told))
	}
	for entry, n := range seen {
		if n != 1 {
			t.Errorf("entry %d stands there %d times", entry, n)
		}
	}
	v.get(view.PathRecord+"?what=nonsense&before=x").want(t, 200)
}

// Of a petition that was taken down the record shows the number alone.
func TestTheRecordNamesNoPetitionThatWasTakenDown(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Something about Mister Miller")
	v.mailed(p)
	v.change(p.ID, func(p *undersigned.Petition) { p.State = undersigned.Removed })
	for _, path := range []string{view.PathRecord, view.PathKeyDates, view.PathRecordAtom, view.PathRecordJSON} {
		v.get(path).want(t, 200).lacks(t, "Miller")
	}
	v.get(view.PathRecord).want(t, 200, "Petition 1")
	v.get("/transparency/mailings/1").want(t, 200, "The petition is not public any more").lacks(t, "Miller", "We will keep it open.")
	v.get(view.PathWhoGets(p.ID)).want(t, 410)
}

// The schedule says when keys die from the first day on, and that they did.
func TestTheScheduleSaysWhenKeysDie(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	v.Work()
	day := func(at time.Time) string { return at.In(time.UTC).Format("2 January 2006") }
	v.get(view.PathKeyDates).want(t, 200, "Keep the library open", day(p.RetainTo))
	v.get(view.PathKeyDates+"?gone=1").want(t, 200, "No petition’s date has come yet.")
	v.get(view.PathWhoGets(p.ID)).want(t, 200, day(p.RetainTo), "No page of ours tells if an address has signed.")
	v.Clock.Move(p.RetainTo.Sub(v.Clock.Now()) + time.Hour)
	v.Check(v.Steward.Chores(t.Context()))
	v.Check(v.Steward.Chores(t.Context()))
	v.Check(v.Steward.Record(t.Context()))
	v.get(view.PathKeyDates).want(t, 200, "We hold keys of no petition now.")
	v.get(view.PathKeyDates+"?gone=1").want(t, 200, "Keep the library open", day(v.Clock.Now()))
	v.get(view.PathRecord+"?what=keys").want(t, 200, "We destroyed the keys of the petition. The number stays.")
	v.get(view.PathWhoGets(p.ID)).want(t, 200, "There is nothing left to get.")
}

// What the site promises leads to what shows it.
func TestThePromisePageLeadsToItsProofs(t *testing.T) {
	v := visit(t)
	page := v.get(view.PathPromise).want(t, 200, "People get at most 2 emails about a petition").body
	for _, promise := range view.Promises(2) {
		if promise.Proof == "" {
			continue
		}
		if !strings.Contains(page, `href="`+promise.Proof+`"`) {
			t.Errorf("%s does not lead to %s", promise.ID, promise.Proof)
		}
		if _, err := url.Parse(promise.Proof); err != nil {
			t.Error(err)
		}
		v.get(promise.Proof).want(t, 200)
	}
}

// The signer's own page lists each time that their data was opened, from what the record
// tells; what was sent before they signed is none of theirs.
func TestTheOwnPageSaysWhoHasSeenTheData(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	signed := func(address string) string {
		v.sign(p, "Ana Torres", address, "yes")
		v.pressed(v.Link(address, undersigned.LinkConfirm), p.Version)
		v.Work()
		return "/l/" + v.Link(address, undersigned.LinkOwn).Text
	}
	early := signed("ana@example.org")
	v.get(early).want(t, 200, "Who has seen your data", "It has not happened.")
	v.mailed(p)
	late := signed("bo@example.org")
	v.get(early).want(t, 200, `href="/transparency/mailings/1"`, "opened your address to send it").lacks(t, "It has not happened.")
	v.get(late).want(t, 200, "It has not happened.").lacks(t, "/transparency/mailings/1")
	v.mailed(p) // a proof must be of the mailing it stands beside
	page := v.get(early).want(t, 200, "undersigned verify entry proof.txt --site "+testkit.URL).body
	for i, part := range strings.Split(page, `href="/transparency/mailings/`)[1:] {
		_, proof, _ := strings.Cut(part, `href="`)
		proof, _, _ = strings.Cut(proof, `"`)
		proven, err := verify.ParseEntry([]byte(v.get(proof).want(t, 200).body))
		v.Check(err)
		if want := fmt.Sprintf("signers of petition %d would be mailed (mailing %d, number %d of at most 2)", p.ID, i+1, i+1); !strings.HasPrefix(proven.Says, want) {
			t.Errorf("beside mailing %d is the proof that %s", i+1, proven.Says)
		}
	}
	if n := strings.Count(page, "/proof.txt"); n != 2 {
		t.Errorf("the page leads to %d proofs of two mailings", n)
	}
	for _, path := range []string{view.PathRecordProof(1 << 40), "/transparency/entries/00/proof.txt", "/transparency/entries/x/proof.txt", "/transparency/entries/-1/proof.txt"} {
		v.get(path).want(t, 404)
	}
}

// Readers see who keeps watch over the record, and whether they have confirmed all of it.
func TestThePublicRecordNamesItsWitnesses(t *testing.T) {
	v := visit(t)
	v.get(view.PathRecord).want(t, 200).lacks(t, "Who keeps watch")
	v.get("/ledger/witnesses").want(t, 200, "demand 0\n")
	key, err := witness.Create(filepath.Join(t.TempDir(), "w"), "witness.example.org")
	v.Check(err)
	v.Check(v.DB.Steward().InTx(t.Context(), func(tx *store.StewardTx) error {
		return tx.SetWitnesses([]store.Witness{{Key: key, Name: "Evening <News>"}}, 1)
	}))
	v.Clock.Move(time.Minute)
	v.get(view.PathRecord).want(t, 200, "Who keeps watch", "Evening &lt;News&gt;", "only when 1 of them has confirmed it", "has not confirmed the last line yet")
	v.get("/ledger/witnesses").want(t, 200, "demand 1\n"+key+" Evening <News>\n")
}

// A mailing's page shows the mail as it went out, whatever is called otherwise since; and why
// it could not wait for the end of an election.
func TestAMailingStaysReadableAsItWasMailed(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	v.Work()
	v.mailed(p)
	var sent string
	for _, m := range v.Mail.Messages() {
		if m.Subject == "An answer to a petition you signed" {
			sent = m.Text
		}
	}
	sent, _, _ = strings.Cut(sent, "/l/")
	v.Body.Name, v.Body.SiteName, v.Body.Controller.Name = "Another Council", "Other petitions", "Somebody else"
	v.Check(v.DB.Desk().SaveBody(t.Context(), &v.Body))
	v.forge(`UPDATE petitions SET title = 'Close the library', retain_to = retain_to - 86400000000`,
		`UPDATE mailings SET override = 'The roof falls in on Monday.'`)
	page := v.get("/transparency/mailings/1").want(t, 200, "Keep the library open", "This is the text that we kept", "The roof falls in on Monday.")
	if sent == "" || !strings.Contains(html.UnescapeString(page.body), strings.TrimSpace(sent)) {
		t.Errorf("the page does not show what was mailed:\n%s", sent)
	}
	v.get("/transparency?what=mails").want(t, 200, "The roof falls in on Monday.")
	v.get("/transparency.json?what=mails").want(t, 200, `"override": "The roof falls in on Monday."`)
	v.get(view.PathPetition(p.ID)).want(t, 200, "The roof falls in on Monday.")
	v.get(view.PathJSON(p.ID)).want(t, 200, "The roof falls in on Monday.")

	v.forge(`UPDATE mailings SET mail_text = '', subject = '', reply_to = ''`)
	v.Clock.Move(time.Minute)
	v.get("/transparency/mailings/1").want(t, 200, "Another Council", "We did not keep the whole text").lacks(t, "This is the text that we kept")
	v.forge(`UPDATE petitions SET state = 'removed'`)
	v.Clock.Move(time.Minute)
	for _, path := range []string{"/transparency/mailings/1", "/transparency?what=mails", "/transparency.json?what=mails"} {
		v.get(path).want(t, 200).lacks(t, "The roof falls in on Monday.")
	}
}

// forge writes into the site's database as an intruder would.
func (v *visitor) forge(queries ...string) {
	v.T.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(v.Dir, "undersigned.db"))
	v.Check(err)
	defer db.Close()
	for _, query := range queries {
		_, err := db.Exec(query)
		v.Check(err)
	}
}
