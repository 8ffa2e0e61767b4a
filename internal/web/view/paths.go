package view

import (
	"fmt"
	"net/url"
	"strconv"
)

// The paths of the site. Routes and templates both take them from here.
const (
	PathHome          = "/"
	PathList          = "/petitions"
	PathStart         = "/petitions/start"
	PathAbout         = "/about"
	PathHow           = "/how-petitions-work"
	PathStandards     = "/standards"
	PathPrivacy       = "/privacy"
	PathAccessibility = "/accessibility"
	PathCookies       = "/cookies"
	PathOneAddress    = "/one-address"
	PathTerms         = "/terms"
	PathContact       = "/contact"
	PathMine          = "/my-signatures"
	PathDisclosures   = "/disclosures"
	PathPuzzle        = "/puzzle.json"
	PathSignIn        = "/staff/sign-in"
	PathSignOut       = "/staff/sign-out"
	PathSignInCode    = "/staff/sign-in/code"
	PathPasskeyAsk    = "/staff/sign-in/passkey/ask"
	PathPasskey       = "/staff/sign-in/passkey"
	PathWork          = "/staff/sign-in/work"
	PathWorkBack      = "/staff/sign-in/work/back" // where the issuer of work accounts sends people
	PathAccount       = "/staff/account"
	PathAccountAsk    = "/staff/account/passkey"
	PathReleased      = "/staff/released"
	PathDesk          = "/staff"
	PathQueue         = "/staff/queue"
	PathFind          = "/staff/find"
	PathStaff         = "/staff/people"
	PathPause         = "/staff/pause"
	PathHeld          = "/staff/held"
	PathSettings      = "/staff/settings"
	PathSettingsLogo  = "/staff/settings/look/logo"
	PathHistory       = "/staff/settings/history"
	PathReady         = "/staff/ready"
	PathSetup         = "/staff/setup"
)

var named = map[string]string{
	"list": PathList, "start": PathStart, "about": PathAbout, "how": PathHow, "standards": PathStandards,
	"privacy": PathPrivacy, "accessibility": PathAccessibility, "cookies": PathCookies,
	"one-address": PathOneAddress, "terms": PathTerms, "contact": PathContact, "mine": PathMine, "puzzle": PathPuzzle, "disclosures": PathDisclosures,
	"sign-in": PathSignIn, "sign-out": PathSignOut, "desk": PathDesk, "queue": PathQueue, "find": PathFind, "many": PathMany, "statistics": PathStatistics, "statistics-csv": PathStatisticsCSV, "late": PathLate,
	"staff": PathStaff, "pause": PathPause, "mails": PathMails, "held": PathHeld, "settings": PathSettings, "history": PathHistory, "ready": PathReady, "paper-start": PathPaperStart,
	"record": PathRecord, "record-json": PathRecordJSON, "record-atom": PathRecordAtom, "key-dates": PathKeyDates, "checkpoint": PathCheckpoint, "promise": PathPromise,
	"passkey": PathPasskey, "passkey-ask": PathPasskeyAsk, "work": PathWork, "work-back": PathWorkBack, "account": PathAccount, "account-ask": PathAccountAsk,
}

// Paths of one petition.
func PathPetition(number int64) string { return PathList + "/" + strconv.FormatInt(number, 10) }
func PathSign(number int64) string     { return PathPetition(number) + "/sign" }
func PathSponsor(number int64) string  { return PathPetition(number) + "/sponsor" }
func PathNumber(number int64) string   { return PathPetition(number) + "/number" }
func PathWording(number int64) string  { return PathPetition(number) + "/wording" }
func PathPoster(number int64) string   { return PathPetition(number) + "/poster" }
func PathJSON(number int64) string     { return PathPetition(number) + ".json" }
func PathCount(number int64) string    { return PathPetition(number) + "/count.json" }

// PathCluster is the page of a cluster of held signatures.
func PathCluster(number int64) string { return PathHeld + "/" + strconv.FormatInt(number, 10) }

// PathAdmin is a petition's page for staff, whatever its state: what it offers depends
// on where the petition stands.
func PathAdmin(number int64) string {
	return PathDesk + PathList + "/" + strconv.FormatInt(number, 10)
}

// PathSection is a page of the settings.
func PathSection(section Section) string { return PathSettings + "/" + string(section) }

var numbered = map[string]func(int64) string{
	"petition": PathPetition, "sign": PathSign, "number": PathNumber, "wording": PathWording,
	"poster": PathPoster, "json": PathJSON, "count": PathCount, "admin": PathAdmin, "admin-paper": PathAdminPaper, "facts": PathFacts, "told": PathPetitionHistory, "record-mail": PathRecordMail, "record-proof": PathRecordProof, "who-gets": PathWhoGets, "number-history": PathNumberHistory, "admin-mailing": PathAdminMailing, "mailing-html": PathMailingHTML, "admin-hearing": PathAdminHearing, "admin-news": PathAdminNews, "sheet": PathSheet, "postcards": PathPostcards, "cluster": PathCluster, "wave": PathWave, "extend": PathExtend, "edit": PathEdit, "file": PathFile,
}

// path_ gives a template the path of a page, or of a petition's page by number.
func path_(name string, number ...int64) (string, error) {
	if p, ok := named[name]; ok && len(number) == 0 {
		return p, nil
	}
	if p, ok := numbered[name]; ok && len(number) == 1 {
		return p(number[0]), nil
	}
	return "", fmt.Errorf("no path %q with %d numbers", name, len(number))
}

// PathEdit is where staff change the text of a petition in the queue, PathRestore where
// administrators bring one back.
func PathEdit(number int64) string { return PathAdmin(number) + "/edit" }

// PathAdminMailing is where a petition's answer is mailed to its signers from.
func PathAdminMailing(number int64) string { return PathAdmin(number) + "/mailing" }

// PathAdminNews is where staff decide about news of who started a petition.
func PathAdminNews(number int64) string { return PathAdmin(number) + "/news" }

// PathMailingHTML is that mail's HTML form, as a file.
func PathMailingHTML(number int64) string { return PathAdminMailing(number) + "/email.html" }

// PathAdminHearing is where staff ask how to reach who started a petition.
func PathAdminHearing(number int64) string { return PathAdmin(number) + "/hearing" }

func PathRestore(number int64) string { return PathAdmin(number) + "/restore" }

// Link returns the list's path with one part of its query changed: "state",
// "sort", "topic" (from the first page on again), "page", or "as" with "json",
// "csv" or "atom" for the same list as data.
func (p *ListPage) Link(part string, value any) string {
	query := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			query.Set(name, value)
		}
	}
	set("q", p.Query, "")
	set("state", string(p.Filter), string(FilterAll))
	set("topic", p.Topic, "")
	set("sort", string(p.Sort), "")
	if part == "page" {
		set("page", fmt.Sprint(value), "1")
	} else if part != "as" {
		query.Del(part)
		set(part, fmt.Sprint(value), "")
	}
	path := PathList
	if part == "as" {
		path += "." + fmt.Sprint(value)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Link returns the queue's path with its page changed.
func (p *QueuePage) Link(part string, value any) string {
	return PathQueue + "?" + url.Values{part: {fmt.Sprint(value)}}.Encode()
}
