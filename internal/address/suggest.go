package address

import "strings"

// misspellings lists well-known mail domains with the ways people mistype
// them: letters swapped, doubled, dropped or hit beside the right key. The list
// is fixed, and nothing is guessed beyond it: a clever guess would tell people
// at ymail.com, mail.com or gmx.com that they do not know their own address.
var misspellings = map[string]string{
	"gmail.com": "gmial.com gmai.com gmal.com gmil.com gamil.com gmali.com gnail.com gmaill.com ggmail.com gmmail.com " +
		"gmaiil.com gmaul.com gmaol.com gmsil.com gmqil.com gmail.con gmail.cm gmail.om gmail.cmo gmail.ocm gmail.vom " +
		"gmail.xom gmail.comm gmail.coom gmail.cpm gmail.clm gmail.conm gmail.co.uk gmailcom.com gmial.con gmai.con",
	"googlemail.com": "googlemail.con googelmail.com gogglemail.com googlmail.com goglemail.com googlemial.com " +
		"googlemail.co.uk googlemai.com",
	"hotmail.com": "hotmial.com hotmal.com hotmai.com hotmil.com homail.com hotmaill.com hotmali.com hoymail.com hotnail.com " +
		"hormail.com htomail.com hitmail.com hotmsil.com hotamil.com hptmail.com hotmaol.com hotmaul.com hottmail.com " +
		"hotmmail.com hotmail.con hotmail.cm hotmail.cmo hotmail.comm hotmail.ocm hotmail.vom hotmail.xom hotmail.om",
	"hotmail.co.uk": "hotmial.co.uk hotmal.co.uk hotmai.co.uk hotmil.co.uk homail.co.uk hotmaill.co.uk hotmali.co.uk " +
		"hotnail.co.uk hormail.co.uk htomail.co.uk hotamil.co.uk hitmail.co.uk hotmail.couk hotmail.co.ik " +
		"hotmail.co.yk hotmail.uk.co hotmail.co.ukk hotmail.c.uk hotmail.o.uk hotmsil.co.uk",
	"outlook.com": "outlok.com outllok.com outloook.com otlook.com outook.com oulook.com outlool.com outllook.com " +
		"outloo.com outlokk.com putlook.com iutlook.com ooutlook.com utlook.com outlook.con outlook.cm outlook.cmo " +
		"outlook.comm outlook.ocm outlook.vom outlook.xom outlook.om outlock.com oultook.com outlppk.com",
	"yahoo.com": "yaho.com yahooo.com yhoo.com yaoo.com yahho.com yhaoo.com tahoo.com uahoo.com yajoo.com yaboo.com " +
		"yahoi.com yahpp.com yahoo.con yahoo.cm yahoo.cmo yahoo.comm yahoo.ocm yahoo.vom yahoo.xom yahoo.om ayhoo.com",
	"yahoo.co.uk": "yaho.co.uk yahooo.co.uk yhoo.co.uk yaoo.co.uk yahho.co.uk yhaoo.co.uk tahoo.co.uk yajoo.co.uk " +
		"yahoo.couk yahoo.co.ik yahoo.co.yk yahoo.uk.co yahoo.co.ukk yahoo.c.uk yahoo.o.uk",
	"icloud.com": "iclod.com icloid.com iclould.com icoud.com iclou.com icluod.com iclud.com icould.com iclooud.com " +
		"icloud.con icloud.cm icloud.cmo icloud.comm icloud.ocm icloud.vom icloud.xom icloud.om iicloud.com ivloud.com",
	"live.co.uk": "live.couk live.co.ik live.co.yk live.uk.co live.co.ukk live.c.uk",
	"live.com":   "live.con live.cmo live.comm live.ocm live.vom live.xom",
	"aol.com":    "aol.con aol.cmo aol.comm aol.ocm aol.vom aol.xom aoll.com",
	"btinternet.com": "btinernet.com btintenet.com btinterent.com btinternt.com btiternet.com btineternet.com " +
		"btintermet.com btintrnet.com btinternet.con btinternet.cm btinternet.co.uk btinternet.comm btinternet.cmo",
	"ntlworld.com": "ntlword.com ntworld.com ntlwrold.com ntlworld.con",
	"sky.com":      "sky.con sky.cmo sky.comm",
	"virginmedia.com": "virginmedia.con virginmedia.co.uk virgnmedia.com virginmeda.com virginmdia.com virgimedia.com " +
		"virginmeida.com vriginmedia.com",
	"blueyonder.co.uk": "blueyonder.couk bluyonder.co.uk blueyoner.co.uk blueyonder.co.ik blueynder.co.uk",
	"talktalk.net":     "talktalk.con talktak.net taktalk.net talktlk.net",
	"protonmail.com":   "protonmail.con protomail.com protnmail.com protonmial.com protonmai.com protonmal.com",
	"gmx.net":          "gmx.ent gmx.nett gmx.met",
	"web.de":           "web.ed webb.de",
	"orange.fr":        "orage.fr ornage.fr orange.rf oragne.fr",
	"wanadoo.fr":       "wanado.fr wandoo.fr wanadooo.fr",
}

// meant turns the list round: from the mistyped domain to the one meant.
var meant = func() map[string]string {
	meant := make(map[string]string)
	for domain, mistyped := range misspellings {
		for m := range strings.FieldsSeq(mistyped) {
			meant[m] = domain
		}
	}
	return meant
}()

// Suggest returns the well-known domain that somebody who typed this one
// probably meant, for a hint beside the address; false when it has none to
// offer. It never changes an address by itself: some mistyped domains do exist.
func Suggest(domain string) (string, bool) {
	suggestion, ok := meant[strings.ToLower(domain)]
	return suggestion, ok
}
