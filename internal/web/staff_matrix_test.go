package web

import "undersigned"

// Who gets in, as the matrix says it.
var (
	anybody  = append(undersigned.Roles, "") // also who is not signed in
	everyone = undersigned.Roles
	readers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Administrator, undersigned.Auditor}
	keepers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Administrator}
	deciders = []undersigned.Role{undersigned.Moderator, undersigned.Administrator}
	answers  = []undersigned.Role{undersigned.Moderator, undersigned.Responder, undersigned.Administrator}
	senders  = []undersigned.Role{undersigned.Responder, undersigned.Administrator}
	hearers  = []undersigned.Role{undersigned.Reviewer, undersigned.Moderator, undersigned.Responder, undersigned.Administrator}
	chiefs   = []undersigned.Role{undersigned.Administrator}
)

// matrix is every route of staff, a line each, with who gets in. A route without a line
// fails TestG49EveryStaffRouteAsEverybody. It is written by hand, apart from the table
// that the routes ask.
var matrix = map[string][]undersigned.Role{
	"GET /staff/sign-in":              anybody,
	"POST /staff/sign-in":             anybody,
	"POST /staff/sign-in/code":        anybody,
	"POST /staff/sign-in/passkey/ask": anybody,
	"POST /staff/sign-in/passkey":     anybody,
	"POST /staff/sign-in/work":        anybody,
	"GET /staff/sign-in/work/back":    anybody,
	"POST /staff/sign-in/work/back":   anybody,
	"POST /staff/sign-out":            anybody,
	"GET /staff/released":             anybody,

	"GET /staff/account":          everyone,
	"POST /staff/account":         everyone,
	"POST /staff/account/passkey": everyone,
	"GET /staff":                  everyone,
	"GET /staff/queue":            readers,
	"GET /staff/find":             readers,
	"POST /staff/find":            readers,
	"POST /staff/many":            keepers,
	"GET /staff/statistics":       readers,
	"GET /staff/statistics.csv":   readers,
	"GET /staff/late":             readers,
	"POST /staff/late":            deciders,
	"GET /staff/mails":            everyone, "POST /staff/mails": hearers,
	"POST /staff/petitions/{id}/file":              keepers,
	"GET /staff/petitions/{id}":                    everyone,
	"POST /staff/petitions/{id}":                   answers,
	"GET /staff/petitions/{id}/edit":               deciders,
	"POST /staff/petitions/{id}/edit":              deciders,
	"GET /staff/petitions/{id}/paper":              readers,
	"POST /staff/petitions/{id}/paper":             deciders,
	"GET /staff/petitions/{id}/mailing":            senders,
	"POST /staff/petitions/{id}/mailing":           senders,
	"GET /staff/petitions/{id}/mailing/email.html": senders,
	"GET /staff/petitions/{id}/news":               deciders,
	"POST /staff/petitions/{id}/news":              deciders,
	"GET /staff/petitions/{id}/hearing":            deciders,
	"POST /staff/petitions/{id}/hearing":           deciders,
	"GET /staff/paper":                             deciders,
	"POST /staff/paper":                            deciders,
	"POST /staff/petitions/{id}/restore":           chiefs,
	"GET /staff/people":                            readers,
	"POST /staff/people":                           chiefs,
	"GET /staff/pause":                             readers,
	"POST /staff/pause":                            deciders,
	"GET /staff/held":                              readers,
	"GET /staff/held/{cluster}":                    readers,
	"POST /staff/held/{cluster}":                   deciders,
	"GET /staff/petitions/{id}/keep":               chiefs,
	"POST /staff/petitions/{id}/keep":              chiefs,
	"GET /staff/petitions/{id}/hold":               deciders,
	"POST /staff/petitions/{id}/hold":              deciders,
	"GET /staff/petitions/{id}/facts":              everyone,
	"POST /staff/petitions/{id}/facts":             deciders,
	"GET /staff/petitions/{id}/facts/{what}":       answers,
	"POST /staff/petitions/{id}/facts/{what}":      answers,
	"GET /staff/petitions/{id}/pledges/{no}":       answers,
	"POST /staff/petitions/{id}/pledges/{no}":      answers,

	"GET /staff/settings":                  readers,
	"GET /staff/settings/history":          readers,
	"GET /staff/settings/{section}":        readers,
	"POST /staff/settings/{section}":       chiefs,
	"POST /staff/settings/look/logo":       chiefs,
	"GET /staff/settings/look/logo/{name}": readers,
	"GET /staff/ready":                     readers,
	"POST /staff/ready":                    chiefs,
	"GET /staff/setup/{token}":             anybody,
	"POST /staff/setup/{token}":            anybody,
}
