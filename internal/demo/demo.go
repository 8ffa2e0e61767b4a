// Package demo fills a new site with what a visitor wants to try: real petitions in all
// states, people who signed the real way through letters and mails, a queue to review,
// and a page that shows every mail the site sends. Nothing it makes is real but the
// petitions' texts.
package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"undersigned"
	"undersigned/internal/demo/data"
	"undersigned/internal/importer"
	"undersigned/internal/letterbox"
	"undersigned/internal/mail/catcher"
	"undersigned/internal/seal"
	"undersigned/internal/steward"
	"undersigned/internal/store"
)

// Addresses of the demo's staff. Their mail is on the demo's mail page, like all mail.
const (
	Moderator     = "moderator@demo.example"
	Administrator = "administrator@demo.example"
)

// Signatures is how many people sign while the demo starts.
const Signatures = 200

// A Site is the running site that is filled. Its steward must be running.
type Site struct {
	DB      *store.DB
	Box     *letterbox.Letterbox
	Steward *steward.Steward
	Mail    *catcher.Catcher
	mask    seal.LinkMask
	started []int64 // petitions of the list starts, in its order
}

// Body gives the settings of the demo's site.
func Body() undersigned.Body {
	body := undersigned.DefaultBody()
	body.Name, body.Short, body.SiteName = "Parliament", "Parliament", "Sample petitions"
	body.Thresholds[0].Words, body.Thresholds[1].Words = "Parliament will answer", "Parliament will consider a debate"
	body.Controller = undersigned.Controller{
		Name: "Sample Petitions Trust", Address: "1 Sample Street, Sampleton", Email: "help@demo.example",
		Authority: "The sample authority", AuthorityURL: "https://authority.demo.example", Recipients: "Nobody: nothing leaves this machine.",
		AgeRule:   "You can sign from the age of 13.",
		Counting:  undersigned.Ground{Basis: "You ask us to count your name.", Special: "You say openly what you think by signing."},
		Answering: undersigned.Ground{Basis: "You say yes to the email.", Special: "You say yes to it, knowing what the petition asks for."},
	}
	body.Stage = undersigned.StageOpen
	return body
}

// Fill brings the petitions and the people.
func (s *Site) Fill(ctx context.Context) error {
	row, err := s.DB.Site(ctx)
	if err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	if s.mask, err = seal.NewLinkMask(row.LinkMask); err != nil {
		return fmt.Errorf("fill the demo: %w", err)
	}
	for _, step := range []func(context.Context) error{s.importPetitions, s.addStaff, s.signPetitions, s.startPetitions, s.decide} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("fill the demo: %w", err)
		}
	}
	return nil
}

// importPetitions brings in the real ones, moved in time so that the open ones are open.
func (s *Site) importPetitions(ctx context.Context) error {
	body, err := s.DB.Desk().FirstBody(ctx)
	if err != nil {
		return err
	}
	now := s.DB.Now()
	report, err := importer.Import(ctx, s.DB.Desk(), bytes.NewReader(data.Petitions), importer.Options{Body: body, Now: now, ShiftDays: data.ShiftDays(now)})
	if err != nil {
		return err
	}
	if len(report.Skipped) > 0 {
		return fmt.Errorf("line %d of the sample petitions: %s", report.Skipped[0].Line, report.Skipped[0].Reason)
	}
	return s.Steward.Chores(ctx) // makes the keys of the open ones
}

// addStaff adds an administrator, who then releases a moderator by the link in the mail,
// as it goes on a real site.
func (s *Site) addStaff(ctx context.Context) error {
	if _, err := s.Steward.AddStaff(ctx, "Ada Holt", Administrator, undersigned.Administrator); err != nil {
		return err
	}
	if _, err := s.Steward.AddStaff(ctx, "Moss Reed", Moderator, undersigned.Moderator); err != nil {
		return err
	}
	link, err := s.link(ctx, Administrator, undersigned.LinkRelease)
	if err != nil {
		return err
	}
	return s.Box.Post(ctx, undersigned.Submission{Kind: undersigned.LetterRelease, Link: link.kind, Number: link.number, Token: link.token})
}

type link struct {
	kind   undersigned.LinkKind
	number int64
	token  undersigned.Token
}

var linkPattern = regexp.MustCompile(`/l/([A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22})`)

// link waits for a mail to an address that has a link of a kind.
func (s *Site) link(ctx context.Context, address string, kind undersigned.LinkKind) (link, error) {
	var found link
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, err := s.Mail.Wait(ctx, func(m catcher.Caught) bool {
		if m.To != address {
			return false
		}
		for _, match := range linkPattern.FindAllStringSubmatch(m.Text, -1) {
			if k, number, token, ok := s.mask.Parse(match[1]); ok && k == kind {
				found = link{k, number, token}
				return true
			}
		}
		return false
	})
	if err != nil {
		return found, fmt.Errorf("wait for a mail with a link of kind %d: %w", kind, err)
	}
	return found, nil
}

// signPetitions lets people sign the open petitions: form, mail, button.
func (s *Site) signPetitions(ctx context.Context) error {
	open, err := s.openPetitions(ctx)
	if err != nil {
		return err
	}
	var people []person
	for i := range Signatures {
		// Some petitions are more popular than others.
		p := open[(i*i/7+i)%len(open)]
		one := person{fmt.Sprintf("signer%03d@demo.example", i), p}
		people = append(people, one)
		err := s.Box.Post(ctx, undersigned.Submission{
			Kind: undersigned.LetterSign, Petition: p.ID, Version: p.Version, Language: p.Language,
			Name: madeUpName(i), Address: one.address, Reply: undersigned.Reply(1 + i%2),
		})
		if err != nil {
			return err
		}
	}
	for _, one := range people {
		if err := s.confirm(ctx, one.address, one.petition.Version); err != nil {
			return err
		}
	}
	return nil
}

type person struct {
	address  string
	petition undersigned.Petition
}

func (s *Site) confirm(ctx context.Context, address string, version undersigned.TextVersion) error {
	link, err := s.link(ctx, address, undersigned.LinkConfirm)
	if err != nil {
		return err
	}
	return s.Box.Post(ctx, undersigned.Submission{Kind: undersigned.LetterConfirm, Link: link.kind, Number: link.number, Token: link.token, Version: version})
}

func (s *Site) openPetitions(ctx context.Context) ([]undersigned.Petition, error) {
	list, err := s.DB.Public().List(ctx, store.ListQuery{Filter: store.FilterOpen})
	if err != nil {
		return nil, err
	}
	var open []undersigned.Petition
	for _, p := range list.Petitions {
		if p.Counted.Petition.Accepts(s.DB.Now()) {
			open = append(open, p.Counted.Petition)
		}
	}
	if len(open) == 0 {
		return nil, errors.New("no sample petition is open")
	}
	return open, nil
}

var firstNames = []string{"Ana", "Ben", "Chidi", "Dora", "Emre", "Fatima", "Grace", "Hugo", "Imran", "Joan", "Kofi", "Lena", "Mei", "Nia", "Omar", "Priya", "Rosa", "Sam", "Tomasz", "Uma"}
var lastNames = []string{"Ashworth", "Begum", "Clegg", "Dyson", "Evans", "Farrar", "Greenwood", "Hussain", "Ibrahim", "Jagger", "Khan", "Lister", "Murgatroyd", "Nowak", "Okafor", "Patel", "Quayle", "Rushworth", "Sutcliffe", "Torres"}

func madeUpName(i int) string {
	return firstNames[i%len(firstNames)] + " " + lastNames[(i/len(firstNames)+i)%len(lastNames)]
}
