package sink_test

import (
	"bufio"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"undersigned/internal/mail/sink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSeesLinks(t *testing.T) {
	const long = "https://calder.example/c/0123456789"
	tests := []struct {
		name string
		msg  string
		want [2]string
	}{
		{"plain text", "To: a@example.org\n\nOpen:\n\n" + long + "\nor http://calder.example/inline\nhttp://calder.example/n?a=3D\nhttps://third.example/\n",
			[2]string{long, "http://calder.example/n?a=3D"}},
		{"quoted-printable, broken over lines", "To: a@example.org\nContent-Transfer-Encoding: quoted-printable\n\nhttps://calder.example/c?a=3Db=\nc=\nd\n" + long + "\n",
			[2]string{"https://calder.example/c?a=bcd", long}},
		{"two parts", "To: a@example.org\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + long + "\n\n--x\nContent-Type: text/html\n\nhttps://html.example/\n--x--\n",
			[2]string{long, ""}},
		{"no text", "To: a@example.org\n\n", [2]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []sink.Message
			s, err := sink.Start("127.0.0.1:0", sink.Options{Each: func(m sink.Message) { got = append(got, m) }})
			if err != nil {
				t.Fatal(err)
			}
			msg := "Message-ID: <1@calder.example>\r\n" + strings.ReplaceAll(test.msg, "\n", "\r\n")
			// The sender of the standard library stuffs dots and speaks in lockstep.
			if err := smtp.SendMail(s.Addr(), nil, "b@calder.example", []string{"a@example.org"}, []byte(msg)); err != nil {
				t.Fatal(err)
			}
			s.Close()
			want := sink.Message{To: "a@example.org", MessageID: "1@calder.example", Links: test.want}
			if len(got) != 1 || got[0] != want || s.Taken() != 1 {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// Commands sent together are answered in their order, also when some are refused.
func TestPipelinedCommands(t *testing.T) {
	s, err := sink.Start("127.0.0.1:0", sink.Options{Fault: func(to string) sink.Fault {
		if strings.HasPrefix(to, "nobody") {
			return sink.RefuseForGood
		}
		return sink.None
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\nRSET\r\n"+
		"RCPT TO:<a@example.org>\r\nMAIL FROM:<b@example.org>\r\nMAIL FROM:<b@example.org>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n"+
		"text\r\n..\r\n.\r\nHELP\r\nQUIT\r\n")
	var codes []string
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		codes = append(codes, lines.Text()[:4])
	}
	const want = "220 250-250-250-250 250 550 503 250 503 250 503 250 354 250 500 221 "
	if got := strings.Join(codes, ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s.Taken() != 1 {
		t.Errorf("%d taken", s.Taken())
	}
}

func TestMixKeepsItsShares(t *testing.T) {
	draw := sink.Mix(1, sink.Share{Fault: sink.RefuseLater, Share: .3}, sink.Share{Fault: sink.Stall, Share: .1})
	again := sink.Mix(1, sink.Share{Fault: sink.RefuseLater, Share: .3}, sink.Share{Fault: sink.Stall, Share: .1})
	counts := map[sink.Fault]int{}
	for range 10000 {
		f := draw("")
		if again("") != f {
			t.Fatal("the same seed draws something else")
		}
		counts[f]++
	}
	if l, s := counts[sink.RefuseLater], counts[sink.Stall]; l < 2800 || l > 3200 || s < 850 || s > 1150 {
		t.Errorf("of 10000: %v", counts)
	}
}

func TestOnlyThisMachine(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost.example.org:0"} {
		if s, err := sink.Start(addr, sink.Options{}); err == nil {
			s.Close()
			t.Errorf("%s is accepted", addr)
		}
	}
}
