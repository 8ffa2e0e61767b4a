package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"

	"undersigned"
	"undersigned/internal/web/words"
)

// PurposeTexts are what a body's sign form asks with, word for word as its page says it:
// first the question about the answer, then the body's other purposes in their order, then
// the box for news of who started the petition.
func (e *Engine) PurposeTexts(body undersigned.Body) ([]undersigned.PurposeText, error) {
	return purposeTexts(e.catalogue, body)
}

var builtIn = sync.OnceValues(func() (*Catalogue, error) { return ReadCatalogue(words.Files) })

// PurposeTexts is Engine.PurposeTexts of the words built in, for who keeps the texts and
// shows no page.
func PurposeTexts(body undersigned.Body) ([]undersigned.PurposeText, error) {
	catalogue, err := builtIn()
	if err != nil {
		return nil, err
	}
	return purposeTexts(catalogue, body)
}

func purposeTexts(c *Catalogue, body undersigned.Body) ([]undersigned.PurposeText, error) {
	lang := body.Language
	if !c.Has(lang) {
		lang = "en-GB" // as the page itself
	}
	var failed error
	say := func(key string, args ...any) string {
		s, err := c.Say(lang, key, args...)
		if err != nil && failed == nil {
			failed = fmt.Errorf("write the text of a purpose: %w", err)
		}
		return s
	}
	all := []undersigned.PurposeText{{
		Code: undersigned.PurposeReply, Language: lang, Sender: body.Controller.Name,
		Words: say("ask.answer", "Body", body.Name) + "\n" + say("ask.answer.yes", "Count", body.MailQuota) + "\n" + say("ask.answer.no"),
	}}
	for _, p := range body.Purposes {
		all = append(all, undersigned.PurposeText{
			Code: p.Code, Language: lang, Sender: p.Sender, Words: say("ask.purpose", "Sender", p.Sender, "Text", p.Words),
		})
	}
	if body.News {
		all = append(all, undersigned.PurposeText{Code: undersigned.PurposeNews, Language: lang, Sender: body.Controller.Name,
			Words: say("ask.news", "Site", body.SiteName, "Count", body.NewsQuota)})
	}
	return all, failed
}

// NewsID is what the box for news sends, as PurposeID.
const NewsID = undersigned.PurposeNews + "/1"

// PurposeID is what the box of a purpose sends: "code/version".
func PurposeID(p undersigned.Purpose) string { return p.Code + "/" + strconv.Itoa(p.Version) }

// FormWording is the Wording of a body's sign form, in the words built in.
func FormWording(body undersigned.Body) (string, error) {
	asked, err := PurposeTexts(body)
	return Wording(asked), err
}

// Wording names all that a sign form asks with, in hexadecimal. A form that was shown
// with other words has another, and is shown again.
func Wording(asked []undersigned.PurposeText) string {
	h := sha256.New()
	for _, text := range asked {
		version := text.Version()
		h.Write(version[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
