package address

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// sharedDomains give mailboxes to anybody who asks: many signatures from one say nothing.
// The domains of DefaultRules are among them. Whoever is missing can be set for a site.
var sharedDomains = setOf(`yahoo.com yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.de
	yahoo.es yahoo.fr yahoo.gr yahoo.ie yahoo.in yahoo.it yahoo.pl yahoo.se ymail.com rocketmail.com aol.com aol.co.uk aol.de aim.com
	gmx.at gmx.ch gmx.com gmx.de gmx.net gmx.fr gmx.co.uk web.de mail.com email.de t-online.de magenta.de freenet.de arcor.de posteo.de posteo.net
	mailbox.org tutanota.com tutanota.de tuta.com tuta.io tutamail.com keemail.me hushmail.com zoho.com zohomail.com zohomail.eu runbox.com
	btinternet.com btopenworld.com ntlworld.com sky.com virginmedia.com virgin.net blueyonder.co.uk talktalk.net tiscali.co.uk plus.com plusnet.com
	o2.co.uk orange.net bt.com eircom.net
	orange.fr wanadoo.fr free.fr sfr.fr laposte.net bbox.fr neuf.fr numericable.fr libero.it virgilio.it tiscali.it alice.it tin.it tim.it
	telenet.be skynet.be proximus.be ziggo.nl kpnmail.nl kpnplanet.nl planet.nl home.nl xs4all.nl hetnet.nl upcmail.nl bluewin.ch hispeed.ch sunrise.ch
	aon.at chello.at a1.net telia.com telenor.no online.no comhem.se bredband.net spray.se mail.dk stofanet.dk luukku.com elisanet.fi
	wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg inbox.lv ukr.net
	yandex.com yandex.ru mail.ru bk.ru list.ru inbox.ru rambler.ru comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
	earthlink.net optonline.net shaw.ca rogers.com bell.net sympatico.ca telus.net videotron.ca bigpond.com bigpond.net.au optusnet.com.au iinet.net.au
	xtra.co.nz uol.com.br bol.com.br terra.com.br terra.es telefonica.net movistar.es sapo.pt qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net
	rediffmail.com duck.com privaterelay.appleid.com mozmail.com simplelogin.com simplelogin.io aleeas.com slmail.me anonaddy.com anonaddy.me addy.io
	passmail.net passmail.com passinbox.com relay.firefox.com`)

// throwAway lend addresses for minutes, to anybody and without a password.
var throwAway = setOf(`10minutemail.com 10minutemail.net 20minutemail.com 33mail.org dispostable.com emailondeck.com fakeinbox.com fakemailgenerator.com
	getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org
	guerrillamailblock.com inboxbear.com inboxkitten.com mailcatch.com maildrop.cc mailinator.com mailinator.net mailnesia.com mailnull.com
	mailsac.com mintemail.com moakt.com mohmal.com mytemp.email nada.email pokemail.net sharklasers.com spam4.me spambog.com spamgourmet.com
	temp-mail.io temp-mail.org tempail.com tempmail.dev tempmailo.com tempr.email throwawaymail.com trash-mail.com trashmail.com trashmail.de
	wegwerfmail.de wegwerfmail.net wegwerfemail.de yopmail.com yopmail.fr yopmail.net`)

// nobodys are the names that RFC 2606 and RFC 6761 keep for examples and tests: no mail
// arrives there, so nobody signs from there but on a site that only shows itself.
var nobodys = setOf("example.com example.net example.org test example invalid localhost")

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for domain := range strings.FieldsSeq(list) {
		set[domain] = true
	}
	return set
}

// House gives the registered domain that a mail domain, in lower-case ASCII, belongs to:
// whoever runs it can read and make up every address below it. It is "" where the domain
// gives mailboxes to anybody, in open, or where no mail arrives.
func House(domain string, open []string) string {
	if _, known := DefaultRules[domain]; known || sharedDomains[domain] || slices.Contains(open, domain) {
		return ""
	}
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; nobodys[last] {
		return ""
	}
	house, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain // a public suffix itself
	}
	if nobodys[house] || slices.Contains(open, house) {
		return ""
	}
	if rule := DefaultRules[house]; rule.UserSubdomain {
		return ""
	}
	return house
}

// IsThrowAway reports whether a mail domain, in lower-case ASCII, lends addresses for
// minutes. It knows the best-known ones; the cap on domains holds for the others.
func IsThrowAway(domain string) bool {
	for {
		if throwAway[domain] {
			return true
		}
		_, parent, more := strings.Cut(domain, ".")
		if !more {
			return false
		}
		domain = parent
	}
}
