package demo

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"undersigned/internal/mail/catcher"
)

// MailPage shows every mail the demo's site sent: /demo/mail, and the same as JSON at
// /demo/mail.json. A real site has no such page, because it keeps no mail. The paths are
// those of the site's own style sheet and mark.
func MailPage(caught *catcher.Catcher, stylesheet, mark string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/mail.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		encoder.Encode(append([]catcher.Caught{}, caught.Messages()...)) // [] and not null
	})
	mux.HandleFunc("GET /demo/mail", func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		var mails []shown
		for _, m := range caught.Messages() {
			mails = append(mails, shown{m, linked(m.Text)})
		}
		if err := mailTemplate.Execute(&page, struct {
			Stylesheet, Mark string
			Mails            []shown
		}{stylesheet, mark, mails}); err != nil {
			http.Error(w, "the mail page could not be written", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write(page.Bytes())
	})
	return mux
}

type shown struct {
	catcher.Caught
	Body template.HTML
}

var linkLine = regexp.MustCompile(`(?m)^https?://\S+$`)

// linked escapes a mail's text and makes links of the lines that are one.
func linked(text string) template.HTML {
	escaped := template.HTMLEscapeString(strings.ReplaceAll(text, "\r\n", "\n"))
	return template.HTML(linkLine.ReplaceAllString(escaped, `<a class="govuk-link" href="$0">$0</a>`))
}

var mailTemplate = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="en-GB" class="govuk-template">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Mail of the demo</title>
<link rel="icon" href="{{.Mark}}" type="image/svg+xml">
<link rel="stylesheet" href="{{.Stylesheet}}">
</head>
<body class="govuk-template__body">
<header class="u-header"><div class="govuk-width-container u-header__inner">
<a class="u-header__name" href="/"><img src="{{.Mark}}" alt="" width="40" height="40"><span>Sample petitions</span></a>
</div></header>
<div class="u-page"><div class="govuk-width-container"><main class="govuk-main-wrapper" id="main">
<h1 class="govuk-heading-xl">Mail of the demo</h1>
<p class="govuk-body">Every email that this demo sends lands here, the newest first. Nothing leaves this machine. A real site has no such page.</p>
<p class="govuk-body"><a class="govuk-link u-alone" href="/demo/mail">Look again</a> <a class="govuk-link u-alone" href="/demo/mail.json">As JSON</a></p>
{{range .Mails}}
<article class="u-box">
<h2 class="govuk-heading-m">{{.Subject}}</h2>
<p class="govuk-body u-muted">To {{.To}} · {{.At.Format "15:04:05"}} UTC</p>
<pre class="u-mail">{{.Body}}</pre>
</article>
{{else}}
<p class="govuk-body">No email yet. Sign a petition, then look here again.</p>
{{end}}
</main></div></div>
</body>
</html>
`))
