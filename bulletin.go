package undersigned

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Bulletin is news that who started a petition writes to the signers who asked for it. It
// goes to them as a mailing, once staff have read it and one of them agreed to its words.
// (News is what staff hear of by mail.)
type Bulletin struct {
	Number     int64 // given by the store
	PetitionID int64
	Title      string // one line of plain text
	Text       string // plain text with line breaks
	State      BulletinState
	Why        string // of one that was refused: what its creator reads
	Assent     []byte // what only the steward's key makes of it: nobody else writes in its creator's name
	At         time.Time
}

// A BulletinState is where it stands.
type BulletinState int

// The states, as they are stored. What staff ordered about one that waits, its MailOrder
// says.
const (
	BulletinWaiting BulletinState = 0 // for staff
	BulletinRefused BulletinState = 1
	BulletinMailed  BulletinState = 2 // its mailing is reserved
)

// Bounds of a bulletin, in characters: both fit a letter.
const (
	MostBulletinTitle = 80
	MostBulletinText  = 2000
	MostBulletinWhy   = 300 // why it is refused
	// MostNewsQuota is how many bulletins a petition may mail, whatever a body wants.
	MostNewsQuota = 4
	// UsualNewsQuota is how many where nobody chose.
	UsualNewsQuota = 2
)

// ErrBulletin means that news has no title of one line, or no text.
var ErrBulletin = errors.New("news has a title of one line, and a text")

// Words are what goes to signers, and what is published.
func (b Bulletin) Words() string { return b.Title + "\n\n" + b.Text }

// Check reports why it cannot be mailed.
//
// Errors: ErrBulletin, those of CheckMailText, and of CheckText but for ErrTextFormula: news
// is in no spreadsheet.
func (b Bulletin) Check() error {
	if b.Title == "" || b.Text == "" || strings.Contains(b.Title, "\n") {
		return ErrBulletin
	}
	for _, err := range []error{CheckText(b.Title, MostBulletinTitle), CheckText(b.Text, MostBulletinText)} {
		if err != nil && !errors.Is(err, ErrTextFormula) {
			return err
		}
	}
	return CheckMailText(b.Words())
}

// AssentText is what the steward's assent to a bulletin is made of: that the creator of this
// petition wrote these words then.
func (b Bulletin) AssentText() []byte {
	return fmt.Appendf(nil, "%d:%d:%d:%s", b.Number, b.PetitionID, Micros(b.At), b.Words())
}

// BulletinWords takes the words of a mailing of news apart.
func BulletinWords(words string) (title, text string) {
	title, text, _ = strings.Cut(words, "\n\n")
	return title, text
}

// TakesNews reports whether who started p may write to signers at all: they must have been
// able to sign, and nobody took the petition back or down.
func (p *Petition) TakesNews() bool {
	return (p.State == Open || p.State == Closed) && p.Source == "" && !p.OpenedAt.IsZero() && p.KeysGoneAt.IsZero()
}

// NewsLeft is how many more bulletins a petition may mail, after the mailings it has had.
func NewsLeft(body Body, had []Mailing) int {
	if !body.News {
		return 0
	}
	left := min(body.NewsQuota, MostNewsQuota)
	for _, m := range had {
		if m.Kind.News() {
			left--
		}
	}
	return max(left, 0)
}

// NewsRoles are the roles that may agree to what a creator wrote.
var NewsRoles = []Role{Moderator, Administrator}

// Tens rounds how many people down to tens, where fewer than ten might be guessed.
func Tens(n int64) int64 { return n / 10 * 10 }
