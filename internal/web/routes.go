package web

import (
	"net/http"
	"slices"

	"undersigned/internal/desk"
	"undersigned/internal/web/view"
)

// A caching says how long others may keep an answer.
type caching string

const (
	// never is for whatever is about a person: it is kept nowhere.
	never caching = "no-store"
	// shared is for pages of a snapshot. A browser or proxy may show one for ten
	// seconds, which is how often the number moves; when we are slow or gone, longer.
	shared caching = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
	// steady is for what changes with a release or a setting.
	steady caching = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400"
	// asked is for what changes with each batch and must be the newest: whoever has it asks
	// whether it still is.
	asked caching = "public, no-cache"
	// forever is for files whose name holds a hash of their content.
	forever caching = "public, max-age=31536000, immutable"
)

// A route is one line of the list: what is not in it does not exist.
type route struct {
	method  string // GET answers HEAD, too
	pattern string
	who     desk.Deed // "": anybody; else signed-in staff whose role may do it
	caching caching
	do      func(*Server, http.ResponseWriter, *http.Request) error
}

// sharedRoutes are served at every listen address.
func sharedRoutes() []route {
	return []route{
		{"GET", "/healthz", "", never, (*Server).health},
		{"GET", "/robots.txt", "", steady, (*Server).robots},
		{"GET", "/static/{file}", "", forever, (*Server).static},
	}
}

// publicRoutes are for everybody. The paths of petitions take a number with an ending:
// /petitions/{id} is also /petitions/{id}.json.
func publicRoutes() []route {
	return append(sharedRoutes(), []route{
		{"GET", "/{$}", "", shared, (*Server).home},
		{"GET", view.PathList, "", shared, (*Server).list},
		{"GET", view.PathList + ".json", "", shared, (*Server).listJSON},
		{"GET", view.PathList + ".csv", "", shared, (*Server).listCSV},
		{"GET", view.PathList + ".atom", "", shared, (*Server).listAtom},

		{"GET", view.PathList + "/{id}", "", shared, (*Server).petition},
		{"GET", view.PathList + "/{id}/count.json", "", shared, (*Server).count},
		{"GET", view.PathList + "/{id}/number", "", shared, (*Server).number},
		{"GET", view.PathList + "/{id}/number/history", "", shared, (*Server).numberHistory},
		{"GET", view.PathList + "/{id}/number/history.csv", "", shared, (*Server).numberHistoryData},
		{"GET", view.PathList + "/{id}/number/history.json", "", shared, (*Server).numberHistoryData},
		{"GET", view.PathList + "/{id}/number/at/{entry}", "", shared, (*Server).numberThen},
		{"GET", view.PathList + "/{id}/number/at/{entry}/proof.txt", "", asked, (*Server).numberProof},
		{"GET", view.PathList + "/{id}/wording", "", shared, (*Server).wording},
		{"GET", view.PathList + "/{id}/history", "", shared, (*Server).history},
		{"GET", view.PathList + "/{id}/poster", "", shared, (*Server).poster},
		{"GET", view.PathList + "/{id}/sheet", "", shared, (*Server).paperSheet},
		{"GET", view.PathList + "/{id}/postcards", "", shared, (*Server).postcards},
		{"GET", view.PathList + "/{id}/hand-overs/{no}", "", shared, (*Server).certificate},
		{"GET", view.PathList + "/{id}/sheet.pdf", "", shared, (*Server).sheetPDF},
		{"GET", view.PathList + "/{id}/postcards.pdf", "", shared, (*Server).postcardsPDF},
		{"GET", view.PathList + "/{id}/hand-overs/{no}/certificate.pdf", "", shared, (*Server).certificatePDF},

		{"GET", view.PathList + "/{id}/sign", "", shared, (*Server).signForm},
		{"POST", view.PathList + "/{id}/sign", "", never, (*Server).changeSign},
		{"POST", view.PathList + "/{id}/signatures", "", never, (*Server).sign},
		{"GET", view.PathList + "/{id}/sponsor", "", never, (*Server).sponsorForm},
		{"POST", view.PathList + "/{id}/sponsor", "", never, (*Server).sponsor},
		{"GET", view.PathPuzzle, "", never, (*Server).puzzle},
		{"GET", view.PathStart, "", steady, (*Server).startForm},
		{"POST", view.PathStart, "", never, (*Server).start},

		// Links from mails: GET shows, POST acts. linkDeeds names what each kind can do.
		{"GET", "/l/{link}", "", never, (*Server).link},
		{"POST", "/l/{link}", "", never, (*Server).linkDeed},
		{"GET", "/petitions/{id}/signed", "", shared, (*Server).done},
		{"GET", "/petitions/{id}/backed", "", shared, (*Server).done},
		{"GET", "/started", "", steady, (*Server).done},
		{"GET", "/not-me", "", steady, (*Server).notMe},
		{"GET", "/not-me/blocked", "", steady, (*Server).notMe},
		{"GET", "/outcome/{outcome}", "", steady, (*Server).outcome},

		{"GET", view.PathAbout, "", steady, (*Server).about},
		{"GET", view.PathHow, "", steady, (*Server).how},
		{"GET", view.PathStandards, "", steady, (*Server).standards},
		{"GET", view.PathPrivacy, "", steady, (*Server).privacy},
		{"GET", view.PathAccessibility, "", steady, (*Server).accessibility},
		{"GET", view.PathCookies, "", steady, (*Server).cookies},
		{"GET", view.PathOneAddress, "", steady, (*Server).oneAddress},
		{"GET", view.PathTerms, "", steady, (*Server).terms},
		{"GET", view.PathContact, "", steady, (*Server).contact},
		{"POST", view.PathContact, "", never, (*Server).sendContact},
		{"GET", view.PathMine, "", steady, (*Server).findForm},
		{"POST", view.PathMine, "", never, (*Server).findMine},

		{"GET", view.PathRecord, "", shared, (*Server).publicRecord},
		{"GET", view.PathRecordJSON, "", shared, (*Server).recordJSON},
		{"GET", view.PathRecordAtom, "", shared, (*Server).recordAtom},
		{"GET", view.PathRecord + "/mailings/{no}", "", shared, (*Server).recordMail},
		{"GET", view.PathRecord + "/entries/{entry}/proof.txt", "", asked, (*Server).recordProof},
		{"GET", view.PathKeyDates, "", shared, (*Server).keyDates},
		{"GET", view.PathDisclosures, "", shared, (*Server).disclosures},
		{"GET", view.PathPromise, "", steady, (*Server).promise},
		{"GET", view.PathList + "/{id}/who-gets-what", "", shared, (*Server).whoGets},

		{"GET", pathLedger + "checkpoint", "", asked, (*Server).checkpoint},
		{"GET", pathLedger + "keys", "", asked, (*Server).ledgerKeys},
		{"GET", pathLedger + "witnesses", "", asked, (*Server).ledgerWitnesses},
		{"GET", pathLedger + "tile/{tile...}", "", forever, (*Server).ledgerTile},
		{"GET", pathPetitionLedgers + "checkpoint", "", asked, (*Server).checkpoint},
		{"GET", pathPetitionLedgers + "tile/{tile...}", "", forever, (*Server).ledgerTile},
	}...)
}

// demoRoutes are there on a demo site, which keeps every mail to be looked at.
func demoRoutes() []route {
	return []route{
		{"GET", "/demo/mail", "", never, (*Server).demoMail},
		{"GET", "/demo/mail.json", "", never, (*Server).demoMail},
	}
}

// deskRoutes are at an address that has staff pages only, beside staffRoutes. Staff
// pages link to public ones by their paths: here those lead to where the public is.
func deskRoutes() []route {
	routes := []route{
		{"GET", "/{$}", "", never, (*Server).deskHome},
		{"GET", "/l/{link}", "", never, (*Server).staffLink},
		{"POST", "/l/{link}", "", never, (*Server).staffLink},
	}
	own := append(sharedRoutes(), routes...)
	for _, public := range publicRoutes() {
		served := slices.ContainsFunc(own, func(r route) bool { return r.pattern == public.pattern })
		if public.method == "GET" && !served {
			routes = append(routes, route{"GET", public.pattern, "", never, (*Server).elsewhere})
		}
	}
	return routes
}

// staffRoutes are the pages of the desk. They are served beside the public ones, or
// alone at an address of their own. Each deed checks its role again in internal/desk.
func staffRoutes() []route {
	const anybody = ""
	return []route{
		{"GET", view.PathSignIn, anybody, never, (*Server).signInForm},
		{"POST", view.PathSignIn, anybody, never, (*Server).askToSignIn},
		{"POST", view.PathSignInCode, anybody, never, (*Server).signInByCode},
		{"POST", view.PathPasskeyAsk, anybody, never, (*Server).askPasskey},
		{"POST", view.PathPasskey, anybody, never, (*Server).signInByPasskey},
		{"POST", view.PathWork, anybody, never, (*Server).askWork},
		{"GET", view.PathWorkBack, anybody, never, (*Server).workBack},
		{"POST", view.PathWorkBack, anybody, never, (*Server).takeWork},
		{"POST", view.PathSignOut, anybody, never, (*Server).signOut},
		{"GET", view.PathReleased, anybody, never, (*Server).released},

		{"GET", view.PathDesk, desk.Enter, never, (*Server).hub},
		{"GET", view.PathAccount, desk.Enter, never, (*Server).account},
		{"POST", view.PathAccount, desk.Enter, never, (*Server).changeAccount},
		{"POST", view.PathAccountAsk, desk.Enter, never, (*Server).askNewPasskey},
		{"GET", view.PathQueue, desk.Read, never, (*Server).queue},
		{"GET", view.PathFind, desk.Read, never, (*Server).find},
		{"POST", view.PathFind, desk.Read, never, (*Server).keepFound},
		{"GET", view.PathStatistics, desk.Read, never, (*Server).statistics},
		{"GET", view.PathStatisticsCSV, desk.Read, never, (*Server).statisticsCSV},
		{"GET", view.PathLate, desk.Read, never, (*Server).late},
		{"POST", view.PathLate, desk.Reply, never, (*Server).tellLate},
		{"POST", view.PathMany, desk.Keep, never, (*Server).many},
		{"GET", view.PathDesk + "/petitions/{id}", desk.ReadOpen, never, (*Server).staffPetition},
		{"POST", view.PathDesk + "/petitions/{id}", desk.Decide, never, (*Server).decide},
		{"POST", view.PathDesk + "/petitions/{id}/file", desk.Keep, never, (*Server).keepFile},
		{"GET", view.PathDesk + "/petitions/{id}/edit", desk.Edit, never, (*Server).editForm},
		{"POST", view.PathDesk + "/petitions/{id}/edit", desk.Edit, never, (*Server).edit},
		{"GET", view.PathDesk + "/petitions/{id}/paper", desk.Read, never, (*Server).paperForm},
		{"POST", view.PathDesk + "/petitions/{id}/paper", desk.CountPaper, never, (*Server).paper},
		{"GET", view.PathDesk + "/petitions/{id}/mailing", desk.Mail, never, (*Server).mailingForm},
		{"POST", view.PathDesk + "/petitions/{id}/mailing", desk.Mail, never, (*Server).mailing},
		{"GET", view.PathDesk + "/petitions/{id}/news", desk.SendNews, never, (*Server).newsForm},
		{"POST", view.PathDesk + "/petitions/{id}/news", desk.SendNews, never, (*Server).decideNews},
		{"GET", view.PathDesk + "/petitions/{id}/mailing/email.html", desk.Mail, never, (*Server).mailingHTML},
		{"GET", view.PathDesk + "/petitions/{id}/hearing", desk.CallFor, never, (*Server).callForm},
		{"POST", view.PathDesk + "/petitions/{id}/hearing", desk.CallFor, never, (*Server).call},
		{"GET", view.PathDesk + "/petitions/{id}/facts", desk.ReadOpen, never, (*Server).factsPage},
		{"POST", view.PathDesk + "/petitions/{id}/facts", desk.Annotate, never, (*Server).facts},
		{"GET", view.PathDesk + "/petitions/{id}/facts/{what}", desk.Decide, never, (*Server).factForm},
		{"POST", view.PathDesk + "/petitions/{id}/facts/{what}", desk.Decide, never, (*Server).fact},
		{"GET", view.PathDesk + "/petitions/{id}/pledges/{no}", desk.Decide, never, (*Server).pledgeForm},
		{"POST", view.PathDesk + "/petitions/{id}/pledges/{no}", desk.Decide, never, (*Server).settle},
		{"GET", view.PathPaperStart, desk.StartOnPaper, never, (*Server).paperStartForm},
		{"POST", view.PathPaperStart, desk.StartOnPaper, never, (*Server).paperStart},
		{"POST", view.PathDesk + "/petitions/{id}/restore", desk.Restore, never, (*Server).restore},
		{"GET", view.PathMails, desk.Enter, never, (*Server).mailsForm},
		{"POST", view.PathMails, desk.Hear, never, (*Server).mails},
		{"GET", view.PathStaff, desk.Read, never, (*Server).people},
		{"POST", view.PathStaff, desk.AddStaff, never, (*Server).changePeople},
		{"GET", view.PathPause, desk.Read, never, (*Server).pauseForm},
		{"POST", view.PathPause, desk.Pause, never, (*Server).pause},
		{"GET", view.PathHeld, desk.Read, never, (*Server).heldList},
		{"GET", view.PathHeld + "/{cluster}", desk.Read, never, (*Server).heldCluster},
		{"POST", view.PathHeld + "/{cluster}", desk.DecideHeld, never, (*Server).orderHeld},
		{"GET", view.PathDesk + "/petitions/{id}/keep", desk.KeepLonger, never, (*Server).extendForm},
		{"POST", view.PathDesk + "/petitions/{id}/keep", desk.KeepLonger, never, (*Server).extend},
		{"GET", view.PathDesk + "/petitions/{id}/hold", desk.DecideHeld, never, (*Server).waveForm},
		{"POST", view.PathDesk + "/petitions/{id}/hold", desk.DecideHeld, never, (*Server).wave},
		{"GET", view.PathSettings, desk.Read, never, (*Server).settings},
		{"GET", view.PathHistory, desk.Read, never, (*Server).settingsHistory},
		{"GET", view.PathSettings + "/{section}", desk.Read, never, (*Server).sectionForm},
		{"POST", view.PathSettings + "/{section}", desk.ChangeSettings, never, (*Server).section},
		{"GET", view.PathSettingsLogo + "/{name}", desk.Read, never, (*Server).logoPicture},
		{"POST", view.PathSettingsLogo, desk.ChangeSettings, never, (*Server).logo},
		{"GET", view.PathReady, desk.Read, never, (*Server).readyPage},
		{"POST", view.PathReady, desk.OpenSite, never, (*Server).open},
		{"GET", setupPattern, anybody, never, (*Server).setup},
		{"POST", setupPattern, anybody, never, (*Server).setup},
	}
}
