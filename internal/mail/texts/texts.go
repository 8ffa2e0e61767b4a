// Package texts holds the words of every mail, one catalogue a language. Whoever sends
// fills in links, dates and names; nothing that a form's sender typed goes into a mail
// to an address that was not proven.
package texts

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed en-GB/*.txt
var files embed.FS

// Fallback is the language of bodies whose own has no catalogue.
const Fallback = "en-GB"

// Facts are what a text may fill in. Which fields are set depends on the mail.
type Facts struct {
	Site, Body, Controller string // names
	URL                    string // of the site
	Link, OwnLink          string // whole links, each alone on its line
	SponsorLink, Page      string
	VoteLink               string // alone on its line, too
	Title                  string // of a published petition, or to its own creator
	DeleteBy               string // a date in full
	Code                   string // of a sign-in
	News                   string // undersigned.News
	Then                   string // of a threshold: "answer" or "debate"
	Debate                 string // the body's word for one: "debate" or "meeting"
	Petition               int64  // its number
	Needed                 int64  // sponsors still missing; percent of the disk that is left
	Reason, Note           string // staff's words to a creator
	Name, Role             string // of a colleague, to staff
	Copy                   Copy
	Receipt                string
	On                     string // a date in full, of what a mailing tells
	Until                  string // likewise, of keys that may live longer
	Number                 int64  // how many held signatures something is about
	Deed                   string // "release" or "remove"
	Protected, Unprotected bool   // of a published petition: protection was asked for, and given or not
	Unit, Quota            int    // which mailing of a petition this is, of how many at most
	ReplyTo                string // where replies to a mailing go
	Subject                string // of a mailing that a second person is asked about
	Minutes                int64  // it takes about; 0: nobody knows

	Waiting, Overdue, Owed, Unread int // numbers of a week's summary

	Found []Found // what an address has signed

	Readings map[string]Reading // how a machine fares, by ReadingNames

	Disclosure Disclosure // what two people are asked about
}

// A Copy is what is held about a signer, for them.
type Copy struct {
	Name, Email, Postcode, Country string
	FormSent, Signed               string   // day and time
	Answer                         bool     // whether the answer may be mailed
	News                           bool     // whether news of the creator's may be
	Voted                          bool     // whether they said if the answer answered the petition; what, nobody keeps
	Ticked                         []string // what else they agreed to, in the words they were asked with
	Hearing                        bool     // they started it, and gave something for a hearing
	Openings                       []string // when staff could see that, in which role and why
}

// A Disclosure is an order to hand data over, as those read it who must agree. The words
// of purposes, bases and kinds are those of the root package.
type Disclosure struct {
	Number                          int64
	Purpose, Basis, Kind, Recipient string
	Fields                          []string
	Sample                          int
	Address, Reference              string
	Document, Key                   string // SHA-256 in hex
}

// A Found is one signature of an address, with the links that its mails had.
type Found struct {
	Number  int64  // the petition's
	Title   string // "" of one that was taken down
	OwnLink string
	Link    string // of who started it; "" for others
}

// A Reading is one number of how a machine fares, and whether somebody should look at it.
// Of backups it is hours; -1: never.
type Reading struct {
	Value int64 `json:"value"`
	Look  bool  `json:"look,omitempty"`
}

// ReadingNames are the readings that the mail about a machine has.
var ReadingNames = []string{"disk", "backup", "trail", "keys", "read_back", "letters", "unopened", "mails", "refused"}

var catalogue = sync.OnceValues(func() (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		key := path.Dir(name) + "/" + strings.TrimSuffix(path.Base(name), ".txt")
		all[key], err = template.New(key).Option("missingkey=error").Funcs(template.FuncMap{"number": number}).Parse(string(text))
		return err
	})
	return all, err
})

// number writes a number as people read it, as in 41,203.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Render writes the subject and the plain text of a mail. The first line of a text is
// its subject.
func Render(language, name string, facts Facts) (subject, text string, err error) {
	all, err := catalogue()
	if err != nil {
		return "", "", fmt.Errorf("read the words of mails: %w", err)
	}
	t := all[language+"/"+name]
	if t == nil {
		t = all[Fallback+"/"+name]
	}
	if t == nil {
		return "", "", fmt.Errorf("there are no words for mail %q", name)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, facts); err != nil {
		return "", "", fmt.Errorf("write mail %q: %w", name, err)
	}
	subject, text, _ = strings.Cut(b.String(), "\n")
	return strings.TrimSpace(subject), strings.TrimLeft(text, "\n"), nil
}
