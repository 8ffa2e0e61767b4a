package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/bench"
	"undersigned/internal/testkit"
	"undersigned/internal/web/view"
)

// parts writes fields as mail programs do.
func parts(t testing.TB, fields ...string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

// program posts to a link as a mail program does: from nowhere, without cookies.
func (v *visitor) program(path, contentType, body string) answer {
	v.T.Helper()
	return v.ask(http.MethodPost, path, body, "Content-Type", contentType, "Origin", "", "Sec-Fetch-Site", "")
}

const urlencoded = "application/x-www-form-urlencoded"

// G20: one click in a mail program stops mails, without a cookie or a redirect; whatever
// only looks at the address stops none.
func TestG20OneClickStopsMails(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	const people = 1000
	links := v.filled(p, 2*people)
	if len(links) != people {
		t.Fatalf("%d people asked for mail", len(links))
	}
	for _, link := range links {
		v.get("/l/"+link.Text+"?stop").want(t, 200, "Stop emails about this petition", "Keep the library open")
		v.ask(http.MethodHead, "/l/"+link.Text+"?stop", "").want(t, 200)
	}
	v.Work()
	if left := v.wanting(links); left != people {
		t.Fatalf("looking stopped the mails of %d", people-left)
	}
	kind, body := parts(t, "List-Unsubscribe", "One-Click")
	for i, link := range links {
		a := v.program("/l/"+link.Text+"?stop", kind, body)
		if i%2 == 1 {
			a = v.program("/l/"+link.Text, urlencoded, "List-Unsubscribe=One-Click")
		}
		a.want(t, 200, "No more emails")
		if len(a.header.Values("Set-Cookie")) > 0 || a.header.Get("Location") != "" {
			t.Fatalf("the answer has %v", a.header)
		}
	}
	v.Work()
	if left := v.wanting(links); left != 0 {
		t.Fatalf("%d of %d still get mails", left, people)
	}
	if got := v.Number(p.ID); got != 2*people {
		t.Fatalf("the number is %d: stopping mails takes no name off", got)
	}
	v.program("/l/"+links[0].Text, kind, body).want(t, 200) // once more changes nothing
}

// U63: whoever opens the address meets a button, because programs open links, too.
func TestU63StoppingMailsFromTheLinkInAMail(t *testing.T) {
	v := visit(t)
	links := v.filled(v.OpenPetition("Keep the library open"), 2)
	v.get("/l/"+links[0].Text+"?stop").want(t, 200, `name="do" value="stop"`)
	v.post("/l/"+links[0].Text, url.Values{"do": {"stop"}}).to(t, "/outcome/stopped")
	v.get("/outcome/stopped").want(t, 200, "Your signature still counts.")
	v.Work()
	if v.wanting(links) != 0 {
		t.Fatal("mails go on")
	}
}

func TestU66OneClickNeedsTheRightLink(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	links := v.filled(p, 4)
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	kind, body := parts(t, "List-Unsubscribe", "One-Click")
	before := v.letters()
	wrong := links[0].Text[:22] + links[1].Text[22:]
	v.program("/l/"+wrong, kind, body).want(t, 404)
	v.program("/l/"+v.Link("ana@example.org", undersigned.LinkConfirm).Text, kind, body).want(t, 400)
	v.program("/l/"+v.Link("ana@example.org", undersigned.LinkOwn).Text, kind, body).want(t, 400) // nothing signed yet
	foreign := []string{"Content-Type", kind, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	v.ask(http.MethodPost, "/l/"+links[0].Text, body, foreign...).want(t, 403)
	// As parts nothing else is taken.
	kind, body = parts(t, "do", "withdraw", "sure", "yes")
	v.program("/l/"+links[0].Text, kind, body).want(t, 415)
	v.program("/l/"+links[0].Text, kind, "no parts at all").want(t, 400)
	v.program("/l/"+links[0].Text, "multipart/form-data", body).want(t, 400)
	many := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", 200) + "--x--\r\n"
	v.program("/l/"+links[0].Text, `multipart/form-data; boundary=x`, many).want(t, 400)
	v.program(view.PathContact, kind, body).want(t, 415)
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
}

// filled gives a petition n signers and the own-page links of those who asked for mail.
func (v *visitor) filled(p undersigned.Petition, n int) (links []testkit.Link) {
	v.T.Helper()
	site, err := v.DB.Site(v.T.Context())
	v.Check(err)
	keys, err := v.Vault.Petition(site.ID, p.ID)
	v.Check(err)
	v.Check(bench.Fill(v.T.Context(), v.DB, keys, p, n, v.Steward.Count))
	for number := int64(1); number <= int64(n)+1; number++ {
		signature, err := v.DB.Steward().Signature(v.T.Context(), number)
		if err != nil || signature.ReplySealed == nil {
			continue
		}
		token := keys.Token(undersigned.LinkOwn, signature.ID)
		links = append(links, testkit.Link{Text: v.Mask.Link(undersigned.LinkOwn, number, token), Kind: undersigned.LinkOwn, Number: number, Token: token})
	}
	return links
}

// wanting counts who of some signers gets mails.
func (v *visitor) wanting(links []testkit.Link) (n int) {
	v.T.Helper()
	for _, link := range links {
		signature, err := v.DB.Steward().Signature(v.T.Context(), link.Number)
		v.Check(err)
		if signature.ReplySealed != nil {
			n++
		}
	}
	return n
}

// The page of a petition says which mails went to who signed it, from the moment one is
// reserved.
func TestThePetitionPageSaysWhichMailsWent(t *testing.T) {
	v := visit(t)
	creator, sponsors := v.started()
	for i := range 5 {
		v.back(sponsors, fmt.Sprintf("sponsor%d@example.org", i))
	}
	p := v.change(creator.Number, func(p *undersigned.Petition) {
		p.State, p.OpenedAt, p.ClosesAt = undersigned.Open, v.Clock.Now(), v.Clock.Now().AddDate(0, 0, 90)
		p.RetainTo = undersigned.RetentionFor(p.ClosesAt)
	})
	for i := range 3 {
		address := fmt.Sprintf("signer%d@example.org", i)
		v.sign(p, "A Signer", address, "yes")
		v.pressed(v.Link(address, undersigned.LinkConfirm), p.Version)
	}
	page := view.PathPetition(p.ID)
	v.get(page).want(t, 200).lacks(t, "Emails to people who signed")
	v.get(page+".json").want(t, 200, `"mailings":[]`)
	v.post("/l/"+creator.Text, url.Values{"do": {"withdraw"}, "sure": {"yes"}}).to(t, "/outcome/petition-withdrawn")
	v.Check(v.Steward.Drain(t.Context()))
	v.get(page).want(t, 200, "Emails to people who signed", "took it back", "We start to send it soon.", "Email 1 of at most 2")
	v.get(page+".json").want(t, 200, `"mailings":[{"unit":1,"quota":2,"reason":"withdrawn","state":"reserved",`)
	kind, body := parts(t, "List-Unsubscribe", "One-Click")
	v.program("/l/"+v.Link("signer0@example.org", undersigned.LinkOwn).Text, kind, body).want(t, 200)
	v.Clock.Move(11e9)
	v.Mail.Refuse(func(to string) bool { return to == "signer1@example.org" })
	v.Work()
	v.get(page).want(t, 200, "We sent it to 1 person. It could not reach 1 person.").lacks(t, "before it was sent", "signer1@")
	v.get(page+".json").want(t, 200, `"state":"done"`, `"sent":1,"failed":1,"skipped":0`)
}
