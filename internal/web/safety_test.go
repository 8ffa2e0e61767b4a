package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
	"undersigned/internal/web/view"
)

// A whole site with one of everything, and for each route a path that answers.
func furnished(t *testing.T) (v *visitor, p undersigned.Petition, paths map[string][]string) {
	v = visit(t)
	p = v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	v.pressed(v.Link("ana@example.org", undersigned.LinkConfirm), p.Version)
	own := v.Link("ana@example.org", undersigned.LinkOwn).Text
	v.handedOver(p.ID)
	v.mailed(p)
	creator, sponsors := v.started()
	v.sign(p, "Bo Lind", "bo@example.org", "no")
	confirm := v.Link("bo@example.org", undersigned.LinkConfirm).Text
	sheet := v.get("/").body
	sheet = sheet[strings.Index(sheet, "/static/app."):]
	head, err := v.DB.Public().HeadBefore(t.Context(), p.ID, v.Clock.Now().Add(time.Second))
	v.Check(err)
	then := view.PathNumberThen(p.ID, head.Number)
	links := []string{"/l/" + own, "/l/" + confirm, "/l/" + creator.Text, "/l/" + sponsors.Text}
	paths = map[string][]string{
		"GET /healthz": {"/healthz"}, "GET /robots.txt": {"/robots.txt"}, "GET /puzzle.json": {"/puzzle.json"}, "GET /static/{file}": {sheet[:strings.IndexByte(sheet, '"')]},
		"GET /{$}": {"/"}, "GET /petitions": {"/petitions"}, "GET /petitions.json": {"/petitions.json"}, "GET /petitions.csv": {"/petitions.csv"},
		"GET /petitions.atom": {"/petitions.atom"}, "GET /petitions/{id}": {"/petitions/1", "/petitions/1.json"},
		"GET /petitions/{id}/count.json": {"/petitions/1/count.json"}, "GET /petitions/{id}/number": {"/petitions/1/number"},
		"GET /petitions/{id}/history": {"/petitions/1/history"},
		"GET /petitions/{id}/wording": {"/petitions/1/wording"}, "GET /petitions/{id}/poster": {"/petitions/1/poster"},
		"GET /petitions/{id}/sheet": {"/petitions/1/sheet"}, "GET /petitions/{id}/postcards": {"/petitions/1/postcards"}, "GET /petitions/{id}/hand-overs/{no}": {"/petitions/1/hand-overs/1"},
		"GET /petitions/{id}/sheet.pdf": {"/petitions/1/sheet.pdf"}, "GET /petitions/{id}/postcards.pdf": {"/petitions/1/postcards.pdf"},
		"GET /petitions/{id}/hand-overs/{no}/certificate.pdf": {"/petitions/1/hand-overs/1/certificate.pdf"},
		"GET /petitions/{id}/sign":                            {"/petitions/1/sign"}, "POST /petitions/{id}/sign": {"/petitions/1/sign"},
		"POST /petitions/{id}/signatures": {"/petitions/1/signatures"}, "GET /petitions/{id}/sponsor": {"/petitions/2/sponsor"},
		"POST /petitions/{id}/sponsor": {"/petitions/2/sponsor"}, "GET /petitions/start": {"/petitions/start"}, "POST /petitions/start": {"/petitions/start"},
		"GET /l/{link}": links, "POST /l/{link}": links,
		"GET /petitions/{id}/signed": {"/petitions/1/signed"}, "GET /petitions/{id}/backed": {"/petitions/2/backed"}, "GET /started": {"/started"},
		"GET /not-me": {"/not-me"}, "GET /not-me/blocked": {"/not-me/blocked"}, "GET /outcome/{outcome}": {"/outcome/left"},
		"GET /about": {"/about"}, "GET /how-petitions-work": {"/how-petitions-work"}, "GET /standards": {"/standards"}, "GET /privacy": {"/privacy"},
		"GET /accessibility": {"/accessibility"}, "GET /cookies": {"/cookies"}, "GET /one-address": {"/one-address"}, "GET /terms": {"/terms"},
		"GET /contact": {"/contact"}, "POST /contact": {"/contact"}, "GET /my-signatures": {"/my-signatures"}, "POST /my-signatures": {"/my-signatures"},
		"GET /transparency": {"/transparency", "/transparency?what=keys&before=5"}, "GET /transparency.json": {"/transparency.json"}, "GET /transparency.atom": {"/transparency.atom"},
		"GET /transparency/mailings/{no}": {"/transparency/mailings/1"}, "GET /transparency/retention": {"/transparency/retention", "/transparency/retention?gone=1"},
		"GET /petitions/{id}/number/history": {"/petitions/1/number/history"}, "GET /petitions/{id}/number/history.csv": {"/petitions/1/number/history.csv"},
		"GET /petitions/{id}/number/history.json": {"/petitions/1/number/history.json"}, "GET /petitions/{id}/number/at/{entry}": {then},
		"GET /petitions/{id}/number/at/{entry}/proof.txt": {then + "/proof.txt"},
		"GET /transparency/entries/{entry}/proof.txt":     {"/transparency/entries/0/proof.txt"},
		"GET /disclosures": {"/disclosures"}, "GET /promise": {"/promise"}, "GET /petitions/{id}/who-gets-what": {"/petitions/1/who-gets-what"},
		"GET /ledger/checkpoint": {"/ledger/checkpoint"}, "GET /ledger/keys": {"/ledger/keys"}, "GET /ledger/witnesses": {"/ledger/witnesses"}, "GET /ledger/tile/{tile...}": {"/ledger/tile/0/000.p/1", "/ledger/tile/entries/000.p/1"},
		"GET /ledger/petitions/{id}/checkpoint": {"/ledger/petitions/1/checkpoint"}, "GET /ledger/petitions/{id}/tile/{tile...}": {"/ledger/petitions/1/tile/0/000.p/1"},
	}
	return v, p, paths
}

// mailed mails something to who signed a petition and asked for it, and lets the ledger
// tell.
func (v *visitor) mailed(p undersigned.Petition) {
	v.T.Helper()
	ctx := v.T.Context()
	v.Check(v.DB.Steward().InTx(ctx, func(tx *store.StewardTx) error {
		_, err := v.Steward.ReserveMailing(tx, p.ID, 2, undersigned.MailingAnswer, "We will keep it open.")
		return err
	}))
	v.Clock.Move(11 * time.Second)
	v.Work()
	v.Check(v.Steward.Record(ctx))
}

// handedOver hands a petition's number over, so that there is a certificate.
func (v *visitor) handedOver(id int64) {
	now, err := v.DB.Public().Petition(v.T.Context(), id)
	v.Check(err)
	staff := undersigned.Staff{ID: 1, Role: undersigned.Moderator, Active: true}
	v.Check(desk.New(v.DB.Desk()).HandOver(v.T.Context(), staff, desk.Target{Petition: id, Revision: now.Revision},
		desk.HandingOver{To: "Mayor’s office", Behalf: "Readers’ union", Day: "2026-11-20"}))
}

// G49: the list of routes and the list of what is tested are the same, and a route
// without a row here fails.
func TestG49EveryPublicRouteIsKnownToTheTests(t *testing.T) {
	v, _, paths := furnished(t)
	for _, one := range web.AllRoutes() {
		name := one.Method + " " + one.Pattern
		if one.Staff || strings.HasPrefix(one.Pattern, "/staff") || strings.HasPrefix(one.Pattern, "/demo/") {
			continue
		}
		if len(paths[name]) == 0 {
			t.Errorf("no test knows the route %s", name)
		}
		for _, path := range paths[name] {
			if one.Method == http.MethodGet {
				if a := v.get(path); a.status != 200 && !(a.status == 303 && strings.HasSuffix(path, "/sponsor")) {
					t.Errorf("%s answers %d", path, a.status)
				}
				if a := v.ask(http.MethodHead, path, ""); a.status != v.get(path).status {
					t.Errorf("HEAD %s answers %d", path, a.status)
				}
				if paths["POST "+one.Pattern] == nil {
					a := v.post(path, nil).want(t, 405)
					if a.header.Get("Allow") != "GET" {
						t.Errorf("%s allows %q", path, a.header.Get("Allow"))
					}
				}
			}
			for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"} {
				if a := v.ask(method, path, ""); a.status != 405 && a.status != 404 {
					t.Errorf("%s %s answers %d", method, path, a.status)
				}
			}
		}
		delete(paths, name)
	}
	for name := range paths {
		t.Errorf("there is no route %s", name)
	}
}

// G49: nobody reaches a staff page without being signed in.
func TestG49StaffRoutesAreClosedToVisitors(t *testing.T) {
	v, _, _ := furnished(t)
	for _, one := range web.AllRoutes() {
		if !one.Staff {
			continue
		}
		path := strings.ReplaceAll(one.Pattern, "{id}", "1")
		if one.Method == http.MethodGet {
			v.get(path).to(t, view.PathSignIn)
		} else {
			v.post(path, nil).want(t, 403)
		}
	}
}

func TestG51EveryAnswerCarriesItsArmour(t *testing.T) {
	v, p, paths := furnished(t)
	answers := map[string]answer{}
	for name, all := range paths {
		for _, path := range all {
			if strings.HasPrefix(name, "GET ") {
				answers["GET "+path] = v.get(path)
			}
		}
	}
	answers["404"] = v.get("/nonsense")
	answers["405"] = v.post("/", nil)
	answers["421"] = v.get("/", "Host", "other.example")
	answers["400"] = v.get("/petitions?q=a&q=b")
	answers["403"] = v.post("/petitions/1/signatures", nil, "Sec-Fetch-Site", "cross-site")
	answers["415"] = v.post("/petitions/1/signatures", nil, "Content-Type", "application/json")
	answers["413"] = v.post("/petitions/1/signatures", url.Values{"name": {strings.Repeat("a", 70_000)}})
	answers["422"] = v.post("/petitions/1/signatures", url.Values{"version": {p.Version.String()}})
	answers["200"] = v.post("/petitions/1/signatures", signing(p, "Cy Day", "cy@example.org", "yes"))
	answers["304"] = v.get("/", "If-None-Match", answers["GET /"].header.Get("ETag"))
	answers["old link"] = v.get("/l/nonsense")
	for name, a := range answers {
		if status, _, _ := strings.Cut(name, " "); len(status) == 3 && status != "GET" && status != "old" && status != fmt.Sprint(a.status) {
			t.Errorf("%s: status %d", name, a.status)
		}
		policy := a.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", name, policy)
		}
		for key, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		} {
			if got := a.header.Get(key); got != want {
				t.Errorf("%s: %s is %q", name, key, got)
			}
		}
		if a.header.Get("Permissions-Policy") == "" || a.header.Get("Cross-Origin-Resource-Policy") == "" || a.header.Get("Cache-Control") == "" {
			t.Errorf("%s: a header is missing in %v", name, a.header)
		}
		if cookies := a.header.Values("Set-Cookie"); len(cookies) > 0 {
			t.Errorf("%s: a public page sets the cookie %q", name, cookies)
		}
		if strings.HasPrefix(name, "GET /l/") && a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a personal page may be kept: %q", name, a.header.Get("Cache-Control"))
		}
		if a.status >= 400 && a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a failure may be kept: %q", name, a.header.Get("Cache-Control"))
		}
	}
	if got := answers["200"].header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the answer to a form may be kept: %q", got)
	}
}

func TestG52FormsOfOtherSitesDoNothing(t *testing.T) {
	v, p, paths := furnished(t)
	foreign := [][]string{
		{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.org"},
		{"Sec-Fetch-Site", "cross-site", "Origin", ""},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "", "Origin", "null"},
		{"Sec-Fetch-Site", "", "Origin", "http://petitions.example.org"},
		{"Sec-Fetch-Site", "", "Origin", "https://petitions.example.org.evil.example"},
		{"Sec-Fetch-Site", "", "Origin", "https://petitions.example.org:8443"},
	}
	before := v.letters()
	forms := signing(p, "Cy Day", "cy@example.org", "yes")
	for _, deed := range []string{"confirm", "not-me", "withdraw", "message", "stop"} {
		forms.Set("do", deed)
		forms.Set("sure", "yes")
		for name, all := range paths {
			for _, path := range all {
				for _, header := range foreign {
					if !strings.HasPrefix(name, "POST ") {
						continue
					}
					// Of an old browser only the link's token tells, and other sites have none.
					if proof := strings.HasPrefix(path, "/l/") || strings.HasSuffix(path, "/sponsor"); proof && header[3] == "null" {
						if a := v.post(v.guessed(path), forms, header...); a.status != 404 && a.status != 400 {
							t.Fatalf("a guessed link answers %d", a.status)
						}
					} else {
						v.post(path, forms, header...).want(t, 403)
					}
				}
			}
		}
	}
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
}

// guessed is a path as another site would have to guess it: with another token.
func (v *visitor) guessed(path string) string {
	text, linked := strings.CutPrefix(path, "/l/")
	if !linked {
		return path
	}
	kind, number, token, ok := v.Mask.Parse(text)
	if !ok {
		return path
	}
	token[3] ^= 1
	return "/l/" + v.Mask.Link(kind, number, token)
}

// Browsers from before 2023 name no origin on a page behind a link, and say nothing of
// the site. The token of the link is what tells that the form is ours.
func TestAnOldBrowserConfirmsWithTheTokenOfTheLink(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	old := []string{"Sec-Fetch-Site", "", "Origin", "null"}
	form := signing(p, "Ana Torres", "ana@example.org", "yes")
	v.post(view.PathPetition(p.ID)+"/signatures", form, old...).want(t, 403, "use a newer browser")
	// Its sign form names the origin: the page says so, and no page behind a link does.
	const names = `<meta name="referrer" content="same-origin">`
	v.get(view.PathSign(p.ID)).want(t, 200, names)
	v.get(view.PathStart).want(t, 200, names)
	v.post(view.PathPetition(p.ID)+"/signatures", form, "Sec-Fetch-Site", "", "Origin", testkit.URL).want(t, 200, "Check your email", names)
	v.Work()
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	v.get("/l/"+link.Text).want(t, 200).lacks(t, "referrer")
	press := url.Values{"do": {"confirm"}, "version": {p.Version.String()}}
	v.post(v.guessed("/l/"+link.Text), press, old...).want(t, 404)
	v.post("/l/"+link.Text, press, "Sec-Fetch-Site", "cross-site", "Origin", "null").want(t, 403)
	v.post("/l/"+link.Text, press, old...).to(t, view.PathPetition(p.ID)+"/signed")
	v.Work()
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
	_, sponsors := v.started()
	back := v.get("/l/"+sponsors.Text).want(t, 200).lacks(t, "referrer")
	sent := url.Values{"link": {sponsors.Text}, "name": {"Laura Smith"}, "email": {"laura@example.org"}, "answer": {"no"}, "version": {versionFieldIn(back)}}
	v.post(view.PathSponsor(sponsors.Number), sent, old...).want(t, 200, "Check your email")
	sent.Del("link")
	v.post(view.PathSponsor(sponsors.Number), sent, old...).want(t, 404)
}

func TestFormsThatAreNotOurs(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	path := view.PathPetition(p.ID) + "/signatures"
	good := v.worded(signing(p, "Ana Torres", "ana@example.org", "yes")).Encode()
	for name, test := range map[string]struct {
		body   string
		header []string
		status int
	}{
		"a doubled field":   {good + "&email=other%40example.org", nil, 400},
		"too many fields":   {good + strings.Repeat("&a=", 100), nil, 400},
		"a broken escape":   {good + "&x=%zz", nil, 400},
		"too long":          {good + "&x=" + strings.Repeat("a", 70_000), nil, 413},
		"JSON":              {`{"name":"Ana"}`, []string{"Content-Type", "application/json"}, 415},
		"parts":             {"--x", []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		"no type":           {good, []string{"Content-Type", ""}, 415},
		"plain text":        {good, []string{"Content-Type", "text/plain"}, 415},
		"a charset is fine": {good, []string{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"}, 200},
	} {
		t.Run(name, func(t *testing.T) { v.ask(http.MethodPost, path, test.body, test.header...).want(t, test.status) })
	}
	if n := v.letters(); n != 1 {
		t.Fatalf("%d letters came in", n)
	}
}

func TestU97SearchEnginesKeepPetitionsAndNoForms(t *testing.T) {
	v, _, paths := furnished(t)
	kept := []string{"/", "/petitions", "/petitions/1", "/petitions/1/number", "/petitions/1/wording", "/petitions/1/history", "/about", "/how-petitions-work", "/standards",
		"/privacy", "/accessibility", "/cookies", "/one-address", "/terms", "/contact", "/my-signatures",
		"/disclosures", "/transparency", "/transparency?what=keys&before=5", "/transparency/retention", "/transparency/retention?gone=1", "/transparency/mailings/1", "/promise", "/petitions/1/who-gets-what", "/petitions/1/number/history"}
	for name, all := range paths {
		for _, path := range all {
			if !strings.HasPrefix(name, "GET ") {
				continue
			}
			a := v.get(path)
			if a.header.Get("Content-Type") != "text/html; charset=utf-8" {
				continue
			}
			noindex := strings.Contains(a.body, `name="robots" content="noindex"`) || a.header.Get("X-Robots-Tag") == "noindex"
			if noindex == (slices.Contains(kept, path) || strings.Contains(path, "/number/at/")) {
				t.Errorf("%s: noindex is %v", path, noindex)
			}
		}
	}
	v.get("/robots.txt").want(t, 200, "Disallow: /l/", "Disallow: /petitions/start")
}

// G58: other programs leak their files at well-known paths; here they are just missing,
// whatever the host is called.
func TestG58NothingLeaksAtWellKnownPaths(t *testing.T) {
	v := visit(t)
	v.OpenPetition("Keep the library open")
	stems := []string{".env", ".git/config", ".git/HEAD", ".svn/entries", ".hg/hgrc", ".DS_Store", ".htaccess", ".htpasswd", ".aws/credentials", ".ssh/id_rsa",
		".npmrc", ".bash_history", "id_rsa", "backup", "dump", "database", "db", "undersigned.db", "undersigned.db-wal", "undersigned.db-shm", "undersigned.toml",
		"keys/site.age", "keys/identity", "keys-second/site.age", "keys/petitions/00000001.age", "wp-login.php", "wp-config.php", "phpinfo.php", "phpmyadmin",
		"admin", "adminer.php", "server-status", "actuator/env", "actuator/heapdump", "debug/pprof", "debug/pprof/heap", "debug/vars", "metrics", "config",
		"config.json", "config.yml", "docker-compose.yml", "Dockerfile", "go.mod", "go.sum", "main.go", "composer.json", "package.json", "web.config",
		"crossdomain.xml", "console", "graphql", "swagger.json", "api-docs", "v2/_catalog", "solr", "jenkins", "manager/html", "signatures", "signatures.csv",
		"petitions/1/signatures.json", "petitions/1/signatures.csv", "petitions/1/emails", "export", "users", "letters", "static", "static/../server.go"}
	prefixes := []string{"/", "/backup/", "/old/", "/static/", "/petitions/", "/l/", "/~root/", "/%2e%2e/", "/..%2f", "/api/"}
	endings := []string{"", ".bak", "~", ".zip"}
	asked := 0
	for _, prefix := range prefixes {
		for _, stem := range stems {
			for _, ending := range endings {
				for _, host := range []string{"petitions.example.org", "127.0.0.1", "localhost"} {
					path := prefix + stem + ending
					a := v.get(path, "Host", host)
					asked++
					want := 404
					if host != "petitions.example.org" {
						want = 421
					}
					if a.status/100 == 3 { // a path that is written differently: its own one is missing, too
						a = v.get(a.header.Get("Location"), "Host", host)
					}
					if a.status != want && a.status != 429 && !(a.status == 400 && want == 404) {
						t.Fatalf("%s at %s answers %d:\n%.300s", path, host, a.status, a.body)
					}
				}
			}
		}
	}
	if asked < 6000 {
		t.Fatalf("only %d paths were tried", asked)
	}
}

// G56, S11: whatever programs do with a link, only the button counts, and still works.
func TestG56ScannersConfirmNothing(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	_, sponsors := v.started()
	confirm, own := v.Link("ana@example.org", undersigned.LinkConfirm), v.Link("ana@example.org", undersigned.LinkOwn)
	before := v.letters()
	for i := range 1000 {
		method := []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodGet}[i%4]
		for _, link := range []string{confirm.Text, own.Text, sponsors.Text} {
			if a := v.ask(method, "/l/"+link, "", "User-Agent", "scanner"); a.status != 200 && !(method == http.MethodOptions && a.status == 405) {
				t.Fatalf("%s answers %d", method, a.status)
			}
		}
	}
	if n := v.letters(); n != before {
		t.Fatalf("%d letters came in", n-before)
	}
	v.Work()
	if got := v.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d before anybody pressed", got)
	}
	v.pressed(confirm, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

func TestG57WrongLinksAreOnePageAndSlowed(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	v.sign(p, "Ana Torres", "ana@example.org", "yes")
	link := v.Link("ana@example.org", undersigned.LinkConfirm)
	wrong := []string{
		link.Text[:44], link.Text + "A", strings.ToUpper(link.Text), link.Text[:22] + "!" + link.Text[23:], "nonsense", strings.Repeat("A", 45), "%00", strings.Repeat("x", 2000),
		v.Mask.Link(link.Kind, link.Number, undersigned.Token{1}),                 // a guessed token
		v.Mask.Link(link.Kind, link.Number+1, link.Token),                         // another's row
		v.Mask.Link(link.Kind, 1<<62, link.Token),                                 // no row
		v.Mask.Link(undersigned.LinkOwn, link.Number, link.Token),                 // another kind
		v.Mask.Link(undersigned.LinkCreator, p.ID, link.Token),                    // another kind
		v.Mask.Link(undersigned.LinkSponsor, p.ID, link.Token),                    // another kind
		v.Mask.Link(undersigned.LinkSignIn, link.Number, link.Token),              // another kind
		v.Mask.Link(undersigned.LinkRelease, link.Number, link.Token),             // another kind
		v.Mask.Link(undersigned.LinkKind(99), link.Number, link.Token),            // no kind
		v.Mask.Link(undersigned.LinkConfirm, -5, link.Token),                      // no number
		v.Link("ana@example.org", undersigned.LinkOwn).Text[:23] + link.Text[23:], // two halves
	}
	first := v.get("/l/"+wrong[0]).want(t, 404, "This link no longer works")
	for _, one := range wrong {
		for _, a := range []answer{v.get("/l/" + one), v.post("/l/"+one, url.Values{"do": {"confirm"}, "version": {p.Version.String()}})} {
			if a.status != first.status || a.body != first.body || fmt.Sprint(a.header) != fmt.Sprint(first.header) {
				t.Fatalf("the page of %.60q differs", one)
			}
		}
	}
	v.Work()
	if got := v.Number(p.ID); got != 0 {
		t.Fatalf("the number is %d", got)
	}

	// Ten a minute are free, for the whole /24; then each waits. Good links never do.
	v.Clock.Move(time.Minute)
	v.waits = nil
	const guesses = 100_000
	for i := range guesses {
		a := v.get("/l/" + v.Mask.Link(undersigned.LinkConfirm, int64(i%7+1), undersigned.Token{byte(i), byte(i >> 8), byte(i >> 16), 7}))
		if a.status != 404 {
			t.Fatalf("guess %d answers %d", i, a.status)
		}
	}
	if len(v.waits) != guesses-10 || v.waits[0] < time.Second {
		t.Fatalf("%d of %d guesses waited", len(v.waits), guesses)
	}
	v.waits = nil
	v.get("/l/"+link.Text).want(t, 200)
	if len(v.waits) != 0 {
		t.Fatal("a good link waited")
	}
	v.Clock.Move(time.Minute)
	v.get("/l/nonsense").want(t, 404)
	if len(v.waits) != 0 {
		t.Fatal("a new minute did not begin anew")
	}
	v.pressed(link, p.Version).to(t, view.PathPetition(p.ID)+"/signed")
	// Replayed: the button of a used link does nothing more.
	v.pressed(link, p.Version)
	if got := v.Number(p.ID); got != 1 {
		t.Fatalf("the number is %d", got)
	}
}

// G42: over whole flows, also failing ones, no token, address or name reaches the log or
// another site.
func TestG42NothingOfSignersInTheLog(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	var secrets []string
	for i := range 20 {
		address := fmt.Sprintf("ana%d@example.org", i)
		secrets = append(secrets, address, url.QueryEscape(address))
		v.sign(p, fmt.Sprintf("Ana Torres%c", 'a'+i), address, "yes")
		link, own := v.Link(address, undersigned.LinkConfirm), v.Link(address, undersigned.LinkOwn)
		secrets = append(secrets, link.Text, link.Text[23:], own.Text, own.Text[23:])
		shown := v.get("/l/" + link.Text)
		if shown.header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(shown.body, "http://") {
			t.Fatal("a page behind a link could tell another site its address")
		}
		for _, a := range []answer{v.pressed(link, p.Version), v.post("/l/"+own.Text, url.Values{"do": {"stop"}})} {
			if location := a.header.Get("Location"); a.status != 303 || strings.Contains(location, "/l/") {
				t.Fatalf("after the button the address is %q", location)
			}
		}
		v.post("/l/"+own.Text, url.Values{"do": {"nonsense"}}).want(t, 400).lacks(t, own.Text)
		v.get("/l/"+link.Text[:30]).want(t, 404).lacks(t, link.Text[:30])
		v.post("/l/"+own.Text, nil, "Sec-Fetch-Site", "cross-site").want(t, 403).lacks(t, own.Text)
	}
	// Now the store breaks under everything.
	v.DB.Close()
	for _, secret := range secrets {
		v.get("/l/" + url.PathEscape(secret))
		v.post("/l/"+url.PathEscape(secret), url.Values{"do": {"withdraw"}, "sure": {"yes"}, "text": {secret}})
		v.get("/petitions?q="+url.QueryEscape(secret)).lacks(t, "sql")
		v.post("/petitions/1/signatures", signing(p, "Ana Torresx", secret, "yes"))
	}
	if v.log.Len() == 0 {
		t.Fatal("nothing was logged, so nothing was tested")
	}
	for _, secret := range append(secrets, "Torres", "192.0.2.1") {
		if strings.Contains(v.log.String(), secret) {
			t.Fatalf("the log holds %q", secret)
		}
	}
}

func TestHealthIsAskedByAddress(t *testing.T) {
	v := visit(t)
	v.get("/healthz", "Host", "10.0.0.5:8080").want(t, 200, "ok")
	v.get("/", "Host", "PETITIONS.example.org").want(t, 200)
	v.DB.Close()
	v.get("/healthz", "Host", "10.0.0.5:8080").want(t, 500)
}

// Staff have a cookie, and so another site's form could use it: their links take no form
// that does not say where it comes from.
func TestStaffLinksTakeNoFormWithoutItsOrigin(t *testing.T) {
	v := visit(t)
	for _, kind := range []undersigned.LinkKind{undersigned.LinkSignIn, undersigned.LinkRelease} {
		path := "/l/" + v.Mask.Link(kind, 1, undersigned.Token{1})
		v.post(path, url.Values{}, "Sec-Fetch-Site", "", "Origin", "null").want(t, 403, "use a newer browser")
	}
}
