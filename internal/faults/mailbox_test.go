package faults

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"undersigned/internal/mail/sink"
)

// A mailbox is what the relay took, for everybody.
type mailbox struct {
	mu      sync.Mutex // guards what follows
	people  map[string]*mails
	ids     map[string]string // Message-ID → what the mail with it was about
	unread  []link
	strange []string // what contradicts itself
	returns []string // the envelope senders that name a mail, each once
	taken   int
	again   int // mails that came a second time
}

// mails are those to one address as it was typed.
type mails struct {
	confirm int // different links that came
	links   map[string]string
	other   int // without a link to press: "you have signed already"
}

// A link is the button's address in a mail, without scheme and host.
type link struct {
	to, path string
}

func newMailbox() *mailbox {
	return &mailbox{people: map[string]*mails{}, ids: map[string]string{}}
}

// take is for sink.Options.Each: it runs before the relay acknowledges the mail.
func (m *mailbox) take(message sink.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken++
	path := ""
	if u, err := url.Parse(message.Links[0]); err == nil && strings.HasPrefix(u.Path, "/l/") {
		path = u.Path
	}
	about := message.To + " " + path
	if before, ok := m.ids[message.MessageID]; ok {
		m.again++
		if before != about {
			m.strange = append(m.strange, "two mails of one Message-ID differ")
		}
		return
	}
	m.ids[message.MessageID] = about
	p := m.people[message.To]
	if p == nil {
		p = &mails{links: map[string]string{}}
		m.people[message.To] = p
	}
	if path == "" {
		p.other++
		return
	}
	if _, ok := p.links[path]; ok {
		m.strange = append(m.strange, "one link came in mails of two Message-IDs")
	}
	p.links[path] = message.MessageID
	p.confirm++
	m.unread = append(m.unread, link{message.To, path})
}

// heard keeps the envelope sender of a mail, which may take it back. It refuses none.
func (m *mailbox) heard(from string) (refuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.Contains(from, "+") && !slices.Contains(m.returns, from) {
		m.returns = append(m.returns, from)
	}
	return false
}

// returnAddresses gives the envelope senders of all mails so far.
func (m *mailbox) returnAddresses() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.returns)
}

// next gives a link that nobody pressed yet.
func (m *mailbox) next() (link, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.unread) == 0 {
		return link{}, false
	}
	first := m.unread[0]
	m.unread = m.unread[1:]
	return first, true
}

// linkTo gives a link to press that came to an address.
func (m *mailbox) linkTo(address string) (link, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.people[address]; p != nil {
		for path := range p.links {
			return link{address, path}, true
		}
	}
	return link{}, false
}

// to says how many different mails came to an address: with a link to press, and others.
func (m *mailbox) to(address string) (confirm, other int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.people[address]; p != nil {
		return p.confirm, p.other
	}
	return 0, 0
}

func (m *mailbox) report() (taken, again int, strange []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.taken, m.again, m.strange
}
