package mail_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"undersigned/internal/mail"
)

// An act is one thing a scripted relay waits for and what it then says. It reads lines
// until one begins with wait; "" waits for nothing, "END" for the end of the connection.
type act struct{ wait, say string }

// hello is how a scripted relay opens.
var hello = []act{{"", "220 ready"}, {"EHLO", "250-scripted\r\n250-SIZE 1000000\r\n250 PIPELINING"}}

func acts(more ...act) []act { return append(append([]act(nil), hello...), more...) }

// newScripted plays one list of acts for each connection, the last one for all further
// ones, and returns its address. What does not go by the script is an error of the test.
func newScripted(t *testing.T, scripts ...[]act) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for i := 0; ; i++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			script := scripts[min(i, len(scripts)-1)]
			serving.Go(func() {
				defer conn.Close()
				play(t, conn, script)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

func play(t *testing.T, conn net.Conn, script []act) {
	in := bufio.NewReader(conn)
	for i, a := range script {
		for a.wait != "" {
			line, err := in.ReadString('\n')
			if err != nil {
				if a.wait != "END" && a.wait != "QUIT" {
					t.Errorf("act %d: waited for %q: %v", i, a.wait, err)
				}
				return
			}
			if strings.HasPrefix(line, a.wait) {
				break
			}
			if a.wait == "END" || !strings.HasPrefix(a.wait, ".") {
				t.Errorf("act %d: waited for %q and read %q", i, a.wait, line)
				return
			}
		}
		if a.say != "" {
			fmt.Fprintf(conn, "%s\r\n", a.say)
		}
	}
}

func TestOddRelays(t *testing.T) {
	// take is one message taken as it should be.
	take := []act{{"MAIL", "250 ok"}, {"RCPT", "250 ok"}, {"DATA", "354 go on"}, {".\r\n", "250 2.0.0 signer1@example.org has it"}}
	reset := act{"RSET", "250 ok"}
	quit := act{"QUIT", "221 bye"}
	delivered := "delivered content 250 2.0.0"
	tests := []struct {
		name    string
		scripts [][]act
		want    []string // of the messages 1, 2, …
	}{
		{"asks for content though no recipient stands: a lone dot, then RSET",
			[][]act{acts(append(append([]act{{"MAIL", "250 ok"}, {"RCPT", "550 5.1.1 no"}, {"DATA", "354 go on"}, {".\r\n", "554 no recipients"}, reset}, take...), quit)...)},
			[]string{"permanent RCPT 550 5.1.1", delivered}},
		{"refuses the sender only",
			[][]act{acts(append(append([]act{{"MAIL", "550 5.7.1 no"}, {"RCPT", "503 what"}, {"DATA", "503 what"}, reset}, take...), quit)...)},
			[]string{"temporary MAIL 550 5.7.1", delivered}},
		{"refuses DATA",
			[][]act{acts(append(append([]act{{"MAIL", "250 ok"}, {"RCPT", "250 ok"}, {"DATA", "451 4.3.0 no"}, reset}, take...), quit)...)},
			[]string{"temporary DATA 451 4.3.0", delivered}},
		{"refuses the sender and stands by the recipient: no empty message",
			[][]act{acts(act{"MAIL", "550 no"}, act{"RCPT", "250 ok"}, act{"DATA", "354 go on"}, act{"END", ""}), acts(append(take, quit)...)},
			[]string{"temporary MAIL 550 0.0.0", delivered}},
		{"greets with 421, then is there",
			[][]act{{{"", "421 4.3.2 too many"}}, acts(append(take, quit)...)},
			[]string{delivered}},
		{"closes with 421 at RCPT, then is there",
			[][]act{acts(act{"MAIL", "250 ok"}, act{"RCPT", "421 4.7.0 closing"}), acts(append(take, quit)...)},
			[]string{delivered}},
		{"closes with 421 at RCPT each time",
			[][]act{acts(act{"MAIL", "250 ok"}, act{"RCPT", "421 4.7.0 closing"})},
			[]string{"temporary RCPT 421 4.7.0"}},
		{"closes with 421 after the content",
			[][]act{acts(act{"MAIL", "250 ok"}, act{"RCPT", "250 ok"}, act{"DATA", "354 go on"}, act{".\r\n", "421 4.3.2 closing"})},
			[]string{"temporary content 421 4.3.2"}},
		{"talks of something else after the content",
			[][]act{acts(act{"MAIL", "250 ok"}, act{"RCPT", "250 ok"}, act{"DATA", "354 go on"}, act{".\r\n", "HTTP/1.1 200 OK"})},
			[]string{"unknown content 0 0.0.0"}},
		{"answers in many lines",
			[][]act{acts(append([]act{{"MAIL", "250-2.1.0 well\r\n250-2.1.0 let me see\r\n250 2.1.0 ok"}}, append(take[1:], quit)...)...)},
			[]string{delivered}},
		{"answers without words",
			[][]act{acts(act{"MAIL", "250"}, act{"RCPT", "250"}, act{"DATA", "354"}, act{".\r\n", "250"}, quit)},
			[]string{"delivered content 250 0.0.0"}},
		{"answers without end",
			[][]act{acts(act{"MAIL", strings.Repeat("250-more\r\n", 300) + "250 ok"}, act{"RCPT", ""}, act{"DATA", ""}, act{"END", ""})},
			[]string{"temporary MAIL 0 0.0.0"}},
		{"is no SMTP server",
			[][]act{{{"", "HTTP/1.1 400 Bad Request"}}},
			[]string{"temporary greeting 0 0.0.0"}},
		{"slips words in before TLS",
			[][]act{{{"", "220 ready"}, {"EHLO", "250-scripted\r\n250 STARTTLS"}, {"STARTTLS", "220 go\r\n250 slipped in"}}},
			[]string{"temporary STARTTLS 0 0.0.0"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPool(t, mail.Config{URL: "smtp://" + newScripted(t, test.scripts...), Connections: 1})
			for i, r := range p.Send(t.Context(), envelopes(len(test.want))) {
				got := strings.TrimSpace(fmt.Sprintf("%v %s %d %v", r.Status, r.Step, r.Code, r.Enhanced))
				if got != test.want[i] {
					t.Errorf("message %d: %s, want %s", i+1, got, test.want[i])
				}
				if strings.Contains(fmt.Sprintf("%+v", r), "@") {
					t.Errorf("the result quotes the relay: %+v", r)
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for url, ok := range map[string]bool{
		"smtp://127.0.0.1:2525":                              true,
		"smtp://localhost":                                   true,
		"smtp://mail.example.org":                            true,
		"smtps://mail.example.org":                           true,
		"smtp+starttls://mail.example.org":                   true,
		"smtp://mail.example.org?tls=opportunistic":          true,
		"smtp+starttls://mail.example.org?tls=opportunistic": false,
		"smtp://user:secret@mail.example.org:587":            false, // who lists processes would read it
		"smtps://user:secret@mail.example.org":               false,
		"smtp://user:@mail.example.org":                      false,
		"smtps://mail.example.org?tls=opportunistic":         false,
		"smtp://mail.example.org?tls=off":                    false,
		"smtp://mail.example.org?starttls=required":          false,
		"smtp://user:secret@mail.example.org/inbox":          false,
		"http://user:secret@mail.example.org":                false,
		"user:secret@mail.example.org":                       false,
		"smtp://user:secret@":                                false,
		"smtp://user:sec%ZZret@mail.example.org":             false,
		"smtp://us%00er:secret@mail.example.org":             false,
		"":                                                   false,
	} {
		p, err := mail.NewPool(mail.Config{URL: url})
		if (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
		if err == nil {
			p.Close(t.Context())
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "user:") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	for _, name := range []string{"a b", "a\r\nMAIL FROM:<>", strings.Repeat("a", 300)} {
		if _, err := mail.NewPool(mail.Config{URL: "smtp://localhost", Hello: name}); err == nil {
			t.Errorf("greeting with %q is accepted", name)
		}
	}
}
