package steward_test

import (
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
)

// forge writes into the site's database as an intruder would.
func forge(s *testkit.Site, queries ...string) {
	s.T.Helper()
	db := open(s)
	defer db.Close()
	for _, query := range queries {
		_, err := db.Exec(query)
		s.Check(err)
	}
}

// mailed has the answer of an office mailed, and gives how many signers got a mail.
func (o *office) mailed() int {
	o.T.Helper()
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	o.agree()
	o.later()
	return len(o.signersMailed())
}

// nobodyReads fails if words stand in any mail.
func nobodyReads(s *testkit.Site, words string) {
	s.T.Helper()
	for _, m := range s.Mail.Messages() {
		if strings.Contains(m.Subject+m.Text+string(m.Raw), words) {
			s.T.Fatalf("%s reads:\n%s", m.To, m.Text)
		}
	}
}

// A petition's row alone decides no word that signers are mailed: the title is the one that
// each of them signed.
func TestTheTitleInAMailingIsTheOneThatWasSigned(t *testing.T) {
	o := answered(t)
	forge(o.Site, `UPDATE petitions SET title = 'VOTE FOR EVE http://eve.example'`)
	if n := o.mailed(); n != 4 {
		t.Fatalf("%d were mailed", n)
	}
	for _, m := range o.Mail.Messages() {
		if m.Subject != "An answer to a petition you signed" {
			continue // the second person's mail is about the page as it is
		}
		if strings.Contains(m.Text, "EVE") || !strings.Contains(m.Text, "Plant more trees") {
			t.Fatalf("%s reads:\n%s", m.To, m.Text)
		}
	}
}

// Whoever signed a wording reads its title, also when the petition has another now; and whose
// wording was changed in the database is mailed nothing.
func TestWhoSignedAWordingThatWasChangedInTheDatabaseIsNotMailed(t *testing.T) {
	o := answered(t)
	second := undersigned.VersionOf("Plant many more trees", "They are few.", "")
	p := o.target()
	row, err := o.DB.Public().Petition(t.Context(), p.Petition)
	o.Check(err)
	row.Title, row.Version = "Plant many more trees", second
	db := open(o.Site)
	_, err = db.Exec(`INSERT INTO petition_texts (petition_id, no, version, title, background, details, at) VALUES (1, 2, $1, $2, 'They are few.', '', 1)`, second[:], row.Title)
	o.Check(err)
	_, err = db.Exec(`UPDATE petitions SET title = $1, version = $2`, row.Title, second[:])
	o.Check(err)
	o.Check(db.Close())
	o.Sign(row.Petition, "A Signer", "eve@example.org", undersigned.ReplyYes)
	o.Mail.Clear()
	forge(o.Site, `UPDATE petition_texts SET title = 'VOTE FOR EVE' WHERE no = 1`)
	if n := o.mailed(); n != 1 {
		t.Fatalf("%d were mailed, of whom one signed what the database holds", n)
	}
	nobodyReads(o.Site, "VOTE FOR EVE")
	for _, m := range o.Mail.Messages() {
		if m.To == "eve@example.org" && !strings.Contains(m.Text, "Plant many more trees") {
			t.Fatalf("who signed the second wording reads:\n%s", m.Text)
		}
	}
	if m := onlyMailing(o.Site, o.petition.ID); m.Sent != 1 || m.Skipped != 0 {
		t.Errorf("%d sent, %d skipped", m.Sent, m.Skipped)
	}
}

// A job alone tells nobody that their signature was not counted.
func TestAJobAloneTellsNobodyThatTheirSignatureWasRemoved(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	s.Sign(p, "Jo Reed", "counted@example.org", undersigned.ReplyYes)
	confirmed(s, p, suspicious(p, "held@example.org", undersigned.ReplyYes, undersigned.SuspectFast, 1))
	s.Mail.Clear()
	forge(s, `INSERT INTO mail_jobs (kind, ref, petition_id, made_at) SELECT 23, no, petition_id, 1 FROM signatures`,
		`INSERT INTO mail_jobs (kind, ref, petition_id, made_at) SELECT 23, no, petition_id, 1 FROM held_signatures`)
	s.Work()
	if got := s.Mail.Messages(); len(got) > 0 {
		t.Fatalf("%s is mailed:\n%s", got[0].To, got[0].Text)
	}
}

// Nor does the mail to whose held signature was removed say what an intruder wrote.
func TestTheTitleForWhoseSignatureWasRemovedIsTheOneThatWasSigned(t *testing.T) {
	s, _ := colleagues(t)
	p := s.OpenPetition("Keep the library open")
	confirmed(s, p, suspicious(p, "held@example.org", undersigned.ReplyYes, undersigned.SuspectFast, 1))
	s.Mail.Clear()
	forge(s, `UPDATE petitions SET title = 'VOTE FOR EVE'`)
	s.Check(order(s, heldLines(s, p)[0], undersigned.HeldRemove))
	s.Work()
	got := s.Mail.Messages()
	if len(got) != 1 || !strings.Contains(got[0].Text, "Keep the library open") {
		t.Fatalf("%d mails: %+v", len(got), got)
	}
	nobodyReads(s, "VOTE FOR EVE")
}

// What signers read around the answer is what the second person agreed to: neither a name nor
// a date, nor where replies go, can be changed by who writes in the database.
func TestNothingAroundAnAnswerChangesAfterASecondPersonAgreed(t *testing.T) {
	for name, query := range map[string]string{
		"the body's name":       `UPDATE bodies SET settings = json_set(settings, '$.name', 'EVE')`,
		"the controller's name": `UPDATE bodies SET settings = json_set(settings, '$.controller.name', 'EVE')`,
		"the site's name":       `UPDATE bodies SET settings = json_set(settings, '$.site_name', 'EVE')`,
		"who gets replies":      `UPDATE bodies SET settings = json_set(settings, '$.controller.email', 'EVE@example.net')`,
		"how many mails":        `UPDATE bodies SET settings = json_set(settings, '$.mail_quota', 9)`,
		"the date of the keys":  `UPDATE petitions SET retain_to = retain_to - 86400000000`,
	} {
		t.Run(name, func(t *testing.T) {
			o := answered(t)
			o.Check(o.order(desk.MailOrder{}))
			o.Work()
			o.agree()
			forge(o.Site, query)
			o.later()
			o.wantState(undersigned.MailOrderVoid, undersigned.VoidChanged)
			if to := o.signersMailed(); len(to) > 0 {
				t.Fatalf("%v were mailed", to)
			}

			reserved := answered(t)
			reserved.Check(reserved.order(desk.MailOrder{}))
			reserved.Work()
			reserved.agree()
			reserved.Clock.Move(undersigned.StopTime)
			reserved.Check(reserved.Steward.FollowActs(t.Context()))
			reserved.wantState(undersigned.MailOrderMailed, "")
			agreed := onlyMailing(reserved.Site, reserved.petition.ID).Text
			forge(reserved.Site, query)
			reserved.Work()
			if to := reserved.signersMailed(); len(to) != 4 {
				t.Fatalf("mailed to %v", to)
			}
			for _, m := range reserved.Mail.Messages() {
				if m.Subject != agreed.Subject {
					continue
				}
				own := m.Text[strings.Index(m.Text, testkit.URL+"/l/"):]
				own, _, _ = strings.Cut(own, "?")
				if got, want := strings.TrimSpace(m.Text), strings.TrimSpace(agreed.Read("Plant more trees", own)); got != want || m.Header("Reply-To") != agreed.ReplyTo {
					t.Fatalf("%s reads, with replies to %s:\n%s\nand not:\n%s", m.To, m.Header("Reply-To"), got, want)
				}
			}
		})
	}
}

// The second person reads the very mail that signers get.
func TestTheSecondPersonReadsTheWholeMail(t *testing.T) {
	o := answered(t)
	o.Check(o.order(desk.MailOrder{}))
	o.Work()
	request := o.Mail.Messages()[0].Text
	o.agree()
	o.later()
	text := onlyMailing(o.Site, o.petition.ID).Text
	for _, want := range []string{strings.TrimSpace(text.Read("Plant more trees", testkit.URL+"/l/…")), "Subject: " + text.Subject, "Replies go to: " + text.ReplyTo, "4 people"} {
		if !strings.Contains(request, want) {
			t.Errorf("the second person does not read:\n%s\nbut:\n%s", want, request)
		}
	}
	sound(o.Site)
}

// A text changed in a mailing's row is mailed to nobody.
func TestAMailingWhoseTextChangedInTheDatabaseEnds(t *testing.T) {
	for _, column := range []string{"mail_text", "subject", "reply_to", "override", "quota"} {
		o := answered(t)
		o.Check(o.order(desk.MailOrder{}))
		o.Work()
		o.agree()
		o.Clock.Move(undersigned.StopTime)
		o.Check(o.Steward.FollowActs(t.Context()))
		forge(o.Site, `UPDATE mailings SET `+column+` = '9'`)
		o.Work()
		if to := o.signersMailed(); len(to) > 0 {
			t.Errorf("%s: %v were mailed", column, to)
		}
		if m := onlyMailing(o.Site, o.petition.ID); m.State != undersigned.MailingStopped {
			t.Errorf("%s: the mailing is %s", column, m.State)
		}
	}
}
