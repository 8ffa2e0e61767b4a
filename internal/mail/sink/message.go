package sink

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"sync"
)

// A Message is what load and tests need to know of one taken message.
type Message struct {
	To        string    // the To header
	MessageID string    // without < and >
	Links     [2]string // the first two lines of the text part that begin with http:// or https://
}

// A messageReader reads contents up to the lone dot and picks out a Message cheaply: it
// looks at each line once and decodes only those that carry a link.
type messageReader struct {
	wanted  bool // false: only the end is looked for
	gathers bool // raw is filled

	raw []byte // the message as its sender had it

	message   Message
	found     int
	inHeader  bool
	encoded   bool   // this part is quoted-printable
	ended     bool   // the first text part is over
	link      []byte // a link that continues on the next line
	continues bool
}

// read reads one message. Its lines must fit the reader's buffer.
func (m *messageReader) read(in *bufio.Reader) (Message, error) {
	*m = messageReader{wanted: m.wanted, gathers: m.gathers, raw: m.raw[:0], inHeader: true, link: m.link[:0]}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return Message{}, err
		}
		if line[0] == '.' {
			if len(line) == 3 && line[1] == '\r' {
				return m.message, nil
			}
			line = line[1:]
		}
		if m.gathers {
			m.raw = append(m.raw, line...)
		}
		if m.wanted && !m.ended {
			m.look(bytes.TrimRight(line, "\r\n"))
		}
	}
}

func (m *messageReader) look(line []byte) {
	switch {
	case m.inHeader && len(line) == 0:
		m.inHeader = false
	case m.inHeader:
		m.lookAtHeader(line)
	case m.continues:
		m.appendLink(line)
	case len(line) > 2 && line[0] == '-' && line[1] == '-':
		m.inHeader, m.encoded = true, false // a boundary; the next part's headers follow
	case bytes.HasPrefix(line, []byte("http://")), bytes.HasPrefix(line, []byte("https://")):
		m.link = m.link[:0]
		m.appendLink(line)
	}
}

func (m *messageReader) lookAtHeader(line []byte) {
	if value, ok := cutHeader(line, "to:"); ok {
		m.message.To = string(value)
	} else if value, ok := cutHeader(line, "message-id:"); ok {
		m.message.MessageID = string(bytes.Trim(value, "<>"))
	} else if value, ok := cutHeader(line, "content-transfer-encoding:"); ok {
		m.encoded = bytes.EqualFold(value, []byte("quoted-printable"))
	} else if value, ok := cutHeader(line, "content-type:"); ok && bytes.HasPrefix(value, []byte("text/html")) {
		m.ended = true
	}
}

// cutHeader returns the value of a header line of this name, given in lower case.
func cutHeader(line []byte, name string) ([]byte, bool) {
	if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return bytes.TrimSpace(line[len(name):]), true
}

// appendLink decodes one wire line of a link and keeps the link when it is whole.
func (m *messageReader) appendLink(line []byte) {
	m.continues = m.encoded && bytes.HasSuffix(line, []byte("="))
	if m.continues {
		line = line[:len(line)-1]
	}
	for i := 0; i < len(line); i++ {
		if m.encoded && line[i] == '=' && i+2 < len(line) {
			m.link = append(m.link, unhex(line[i+1])<<4|unhex(line[i+2]))
			i += 2
			continue
		}
		m.link = append(m.link, line[i])
	}
	if m.continues {
		return
	}
	m.message.Links[m.found] = string(m.link)
	m.found++
	m.ended = m.found == len(m.message.Links)
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// A Share is how often a fault happens, from 0 to 1.
type Share struct {
	Fault Fault
	Share float64
}

// Mix returns a Fault function that draws from shares, the same way for the same seed
// and order of calls.
func Mix(seed uint64, shares ...Share) func(to string) Fault {
	var mu sync.Mutex // guards draw: connections ask at once
	draw := rand.New(rand.NewPCG(seed, seed))
	return func(string) Fault {
		mu.Lock()
		x := draw.Float64()
		mu.Unlock()
		for _, s := range shares {
			if x < s.Share {
				return s.Fault
			}
			x -= s.Share
		}
		return None
	}
}
