package browsertest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/webauthn"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/testkit"
	"undersigned/internal/web"
)

const clerk = "moira@calderdale.example"

var codeAlone = regexp.MustCompile(`(?m)^([0-9A-HJKMNP-TV-Z]{8})\s*$`)

// deskSite serves a site of one administrator at a name: browsers know no passkeys for a
// bare network address.
func deskSite(t *testing.T) (*testkit.Site, string) {
	t.Helper()
	s := testkit.New(t)
	_, err := s.Steward.AddStaff(context.Background(), "Moira Kent", clerk, undersigned.Administrator)
	s.Check(err)
	s.Work()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.Check(err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	s.Check(err)
	url := "http://localhost:" + port
	server, err := web.New(web.Config{Public: s.DB.Public(), Box: s.Box, Desk: desk.New(s.DB.Desk()), URL: url, From: "Petitions <no-reply@petitions.example.org>"})
	s.Check(err)
	running := &httptest.Server{Listener: listener, Config: &http.Server{Handler: server.Handler()}}
	running.Start()
	t.Cleanup(running.Close)
	return s, url
}

// poke presses a button whose script may stay on the page.
func (b *tab) poke(name string) {
	b.Helper()
	b.click("“"+name+"”", `pressable(`+quoted(name)+`)`)
}

// TestPasskey signs in by mail, adds a passkey, signs out, and signs in with it alone;
// once it is taken away it is no way in.
func TestPasskey(t *testing.T) {
	t.Parallel()
	s, url := deskSite(t)
	b := newTab(t)
	call(b, webauthn.Enable, webauthn.EnableParams{})
	device := call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	console := b.console()
	b.visit(url + "/staff/sign-in")
	b.reads("Or use a passkey")
	b.clean("sign in, passkey")
	b.poke("Sign in with a passkey")
	await(b, "word that there is no passkey", func() bool { return b.says("That did not work.") })
	b.fill("Your work email address", clerk)
	b.press("Send me a link")
	b.at("Check your email")
	s.Work()
	var code string
	for _, m := range s.Mail.Messages() {
		if found := codeAlone.FindStringSubmatch(m.Text); m.To == clerk && found != nil {
			code = found[1]
			break
		}
	}
	b.fill("Code from the email", code)
	b.press("Sign in")
	b.at("Desk")

	b.press("Your account")
	b.at("Your account")
	b.reads("You have none yet.")
	b.clean("account")
	b.press("Ask this device for a passkey")
	await(b, "the question for a name", func() bool { return b.says("There is a problem") })
	b.reads("Type a name for the passkey")
	b.fill("Name of the passkey", "Office computer")
	b.press("Ask this device for a passkey")
	await(b, "the new passkey", func() bool { return b.says("The passkey is added.") })
	b.reads("Office computer", "never used")
	b.clean("account with a passkey")
	b.shoot("staff-account")
	b.press("Sign out")
	b.reads("You are signed out.")
	b.shoot("staff-sign-in")

	b.press("Sign in with a passkey")
	await(b, "the desk", func() bool { return b.says("You are Moira Kent, Administrator.") })
	b.at("Desk")
	call(b, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device.AuthenticatorID, IsUserVerified: false})
	b.press("Sign out")
	b.poke("Sign in with a passkey")
	await(b, "word that its holder was not checked", func() bool { return b.says("That did not work.") })
	call(b, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device.AuthenticatorID, IsUserVerified: true})
	b.press("Sign in with a passkey")
	await(b, "the desk again", func() bool { return b.says("You are Moira Kent, Administrator.") })
	b.visit(url + "/staff/account")
	b.reads("last used on")
	b.press("Take away Office computer")
	b.reads("The passkey no longer works here.", "You have none yet.")
	b.press("Sign out")
	b.press("Sign in with a passkey")
	await(b, "word that it does not work here", func() bool { return b.says("This passkey does not work here.") })
	for _, said := range console() {
		if !regexp.MustCompile(`^info:|status of 422`).MatchString(said) {
			t.Errorf("on the console: %s", said)
		}
	}
}
