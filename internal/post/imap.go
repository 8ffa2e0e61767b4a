package post

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what is heard from a mailbox's server.
const (
	mostLine    = 1 << 20 // an answer to SEARCH names every mail that is new
	mostAnswers = 1000    // lines before a command is done
	commandWait = time.Minute
)

// errIMAP means that the server did not say what the protocol provides for. What it said
// instead may quote a mail and is dropped.
var errIMAP = errors.New("the mailbox's server does not answer as IMAP servers do")

// A refusedError is a command that the server refuses.
type refusedError struct{ command string }

func (e refusedError) Error() string { return "the mailbox's server refuses " + e.command }

// An imapConn speaks as much of IMAP4rev1 (RFC 3501) as it takes to read new mails, mark
// them and remove them.
type imapConn struct {
	conn net.Conn
	in   *bufio.Reader
	tag  int
	uid  bool // mails are removed by number (RFC 4315)
}

// dialIMAP opens a mailbox.
func dialIMAP(ctx context.Context, m Mailbox) (*imapConn, error) {
	ctx, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Address)
	if err != nil {
		return nil, err
	}
	if m.TLS != nil {
		secure := tls.Client(conn, m.TLS)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("begin TLS with %s: %w", m.TLS.ServerName, err)
		}
		conn = secure
	}
	c := &imapConn{conn: conn, in: bufio.NewReader(conn)}
	if err := c.open(m); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *imapConn) open(m Mailbox) error {
	c.conn.SetDeadline(time.Now().Add(commandWait))
	greeting, _, err := c.line(0)
	if err != nil || !strings.HasPrefix(greeting, "* OK") {
		return errors.Join(err, errIMAP)
	}
	if _, err := c.command("LOGIN", nil, "LOGIN ", quote(m.User), " ", quote(m.Password)); err != nil {
		return err
	}
	answers, err := c.command("CAPABILITY", nil, "CAPABILITY")
	if err != nil {
		return err
	}
	for _, answer := range answers {
		c.uid = c.uid || strings.HasPrefix(answer, "* CAPABILITY ") && slices.Contains(strings.Fields(strings.ToUpper(answer)), "UIDPLUS")
	}
	_, err = c.command("SELECT", nil, "SELECT ", quote(m.Folder))
	return err
}

// unseen gives the numbers of the mails that nobody has read, oldest first.
func (c *imapConn) unseen() (uids []uint32, err error) {
	answers, err := c.command("SEARCH", nil, "UID SEARCH UNSEEN UNDELETED")
	if err != nil {
		return nil, err
	}
	for _, answer := range answers {
		rest, ok := strings.CutPrefix(answer, "* SEARCH")
		if !ok {
			continue
		}
		for word := range strings.FieldsSeq(rest) {
			uid, err := strconv.ParseUint(word, 10, 32)
			if err != nil {
				return nil, errIMAP
			}
			uids = append(uids, uint32(uid))
		}
	}
	return uids, nil
}

// fetch reads the beginning of a mail. It stays unread.
func (c *imapConn) fetch(uid uint32) (text []byte, err error) {
	_, err = c.command("FETCH", func(literal []byte) { text = literal }, fmt.Sprintf("UID FETCH %d (BODY.PEEK[]<0.%d>)", uid, MostRead))
	return text, err // nothing where a mail is empty, or gone meanwhile
}

// mark says of a mail that it was read and, where it is to go, that it may.
func (c *imapConn) mark(uid uint32, flags string) error {
	_, err := c.command("STORE", nil, fmt.Sprintf("UID STORE %d +FLAGS.SILENT (%s)", uid, flags))
	return err
}

// remove removes a mail that was marked. Servers without UIDPLUS know only to remove all
// that are marked.
func (c *imapConn) remove(uid uint32) error {
	if !c.uid {
		_, err := c.command("EXPUNGE", nil, "EXPUNGE")
		return err
	}
	_, err := c.command("EXPUNGE", nil, fmt.Sprintf("UID EXPUNGE %d", uid))
	return err
}

func (c *imapConn) close() {
	c.conn.SetDeadline(time.Now().Add(5 * time.Second))
	c.command("LOGOUT", nil, "LOGOUT")
	c.conn.Close()
}

// command sends a command and reads up to its own answer. Literals go to take.
func (c *imapConn) command(name string, take func([]byte), words ...string) (answers []string, err error) {
	c.tag++
	tag := fmt.Sprintf("a%d", c.tag)
	c.conn.SetDeadline(time.Now().Add(commandWait))
	if _, err := io.WriteString(c.conn, tag+" "+strings.Join(words, "")+"\r\n"); err != nil {
		return nil, err
	}
	room := mostLine
	for range mostAnswers {
		answer, literal, err := c.line(room)
		if err != nil {
			return nil, err
		}
		if literal != nil && take != nil {
			take(literal)
		}
		if status, ok := strings.CutPrefix(answer, tag+" "); ok {
			if strings.HasPrefix(status, "OK") {
				return answers, nil
			}
			return nil, refusedError{name}
		}
		if !strings.HasPrefix(answer, "* ") {
			return nil, errIMAP
		}
		if room -= len(answer); room <= 0 {
			return nil, errIMAP
		}
		answers = append(answers, answer)
	}
	return nil, errIMAP
}

// line reads an answer of at most room bytes, and the last literal in it.
func (c *imapConn) line(room int) (answer string, literal []byte, err error) {
	if room <= 0 {
		room = 4 << 10
	}
	var text []byte
	for {
		piece, err := c.in.ReadSlice('\n')
		text = append(text, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(text) < room:
			continue
		case err != nil:
			return "", nil, err
		case len(text) > room:
			return "", nil, errIMAP
		}
		n, ok := literalAt(text)
		if !ok {
			return strings.TrimRight(string(text), "\r\n"), literal, nil
		}
		if n > MostRead || literal != nil {
			return "", nil, errIMAP
		}
		literal = make([]byte, n)
		if _, err := io.ReadFull(c.in, literal); err != nil {
			return "", nil, err
		}
	}
}

// literalAt reads the length of the literal that follows a line, as in "… {123}".
func literalAt(line []byte) (int, bool) {
	text, ok := strings.CutSuffix(strings.TrimRight(string(line[max(0, len(line)-16):]), "\r\n"), "}")
	open := strings.LastIndexByte(text, '{')
	if !ok || open < 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[open+1:], 10, 31)
	return int(n), err == nil
}

// quote writes a string as IMAP quotes it; ValidMailbox has seen that it can be.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
