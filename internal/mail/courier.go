package mail

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"time"
)

// ErrContent says that a message cannot go on the wire as built: an address that is not
// plain, a bare CR or LF, a line above 998 bytes, or no line end at its end.
var ErrContent = errors.New("mail: message not fit for the wire")

const (
	// A parcel whose line is lost before its content went out tries another; two lines
	// lost in a row say something about the relay, and the caller should know.
	maxLost = 2
	// Senders refused one after another before a line rests: the relay slows us down,
	// or our settings are wrong, and going on would burn through everything waiting.
	maxRefusals = 3
)

// A courier is one goroutine with at most one line. While one message's content is on
// its way, the next is opened and announced in the same write, so that a message costs
// one round trip.
type courier struct {
	pool     *Pool
	line     *line   // nil: none open
	failures int     // lines lost or not had, one after another
	slots    [2]item // the one whose content is due, and the next
}

// An item is an opened parcel.
type item struct {
	parcel
	from, to string
	msg      []byte // kept between messages for its room
}

// settle hands over the result; the item is then empty.
func (it *item) settle(r Result) {
	it.feed.report(r)
	it.parcel = parcel{}
}

func newCourier(p *Pool) *courier { return &courier{pool: p} }

func (c *courier) run() {
	for {
		idle := time.Duration(0)
		if c.line != nil {
			idle = c.pool.config.Timeouts.Idle
		}
		p, ok := c.pool.queue.take(idle, c.pool.stop)
		switch {
		case ok:
			c.handle(p)
		case c.line != nil: // nothing to do for a while, or the end: leave no line and no address behind
			c.hangUp()
		default:
			return // only stop ends a wait without a line
		}
	}
}

// handle sends p and what follows it, over the line that is open or a new one.
func (c *courier) handle(p parcel) {
	if c.line == nil {
		l, err := c.pool.openLine(c.pool.cut)
		if err != nil {
			c.failures++
			c.pool.config.Trouble(err)
			c.giveBack(p, err)
			c.rest()
			return
		}
		c.line = l
	}
	c.carry(p)
	if c.line == nil && c.failures > 0 {
		c.rest()
	}
}

// carry sends p and then whatever waits, until nothing does or the line is lost.
func (c *courier) carry(p parcel) {
	due, next := &c.slots[0], &c.slots[1]
	c.open(p, next)
	for due.feed != nil || next.feed != nil {
		if err := c.round(due, next); err != nil {
			c.lose(due, next, err)
			return
		}
		if c.line.refusals >= maxRefusals {
			c.failures++
			c.hangUp()
			return
		}
		due, next = next, due // next was announced and is due, or was refused and is empty
		for next.feed == nil {
			p, ok := c.pool.queue.tryTake()
			if !ok {
				break
			}
			c.open(p, next)
		}
	}
}

// open builds p's message into the slot it, or reports why it cannot and leaves it empty.
func (c *courier) open(p parcel, it *item) {
	from, to, msg, err := p.Build(it.msg[:0])
	if err == nil && (!ValidAddress(to) || from != "" && !ValidAddress(from) || !validContent(msg)) {
		err = ErrContent
	}
	if err == nil {
		now := time.Now()
		msg, err = sign(msg, c.pool.config.DKIM(now), now)
	}
	if err != nil {
		p.feed.report(Result{ID: p.ID, Status: Withheld, Err: err})
		return
	}
	*it = item{parcel: p, from: from, to: to, msg: msg}
}

// validContent reports whether msg consists of lines that end with CRLF, without another
// CR or LF in them: where servers differ in what ends a line they can be made to see
// two messages in one.
func validContent(msg []byte) bool {
	if len(msg) == 0 {
		return false
	}
	for len(msg) > 0 {
		i := bytes.IndexByte(msg, '\n')
		if i < 1 || i > 999 || bytes.IndexByte(msg[:i], '\r') != i-1 {
			return false
		}
		msg = msg[i+1:]
	}
	return true
}

// round sends the content of due and the envelope of next, and reads the answers. Either
// may be empty. What an answer settles is emptied; next stays when the relay waits for
// its content. An error means that the line is of no more use.
func (c *courier) round(due, next *item) error {
	l, wait := c.line, c.pool.config.Timeouts.Command
	if due.feed != nil {
		l.content(due.msg)
		wait = c.pool.config.Timeouts.Content
	}
	if next.feed != nil && l.pipelining {
		for _, step := range l.steps() {
			l.announce(step, next)
		}
	}
	if len(l.out) > 0 {
		if err := l.flush(wait); err != nil {
			return &LineError{Step: StepContent, Err: err}
		}
	}
	if due.feed != nil {
		r, err := l.readReply(nil)
		if err != nil {
			return &LineError{Step: StepContent, Err: err}
		}
		due.settle(r.result(due.ID, StepContent))
		c.settled()
		if r.code == 421 || r.code/100 == 3 {
			return &LineError{Step: StepContent, Code: r.code, Enhanced: r.enhanced}
		}
	}
	if next.feed == nil {
		return nil
	}
	if l.in.Buffered() == 0 {
		l.allow(c.pool.config.Timeouts.Command)
	}
	return c.hear(next)
}

// hear reads the answers to next's envelope; without pipelining it asks step by step.
func (c *courier) hear(next *item) error {
	l := c.line
	steps := l.steps()
	l.dirty = false
	var refusal Result
	var rcpt, last reply
	for _, step := range steps {
		if !l.pipelining {
			l.announce(step, next)
			if err := l.flush(c.pool.config.Timeouts.Command); err != nil {
				return &LineError{Step: step, Err: err}
			}
		}
		r, err := l.readReply(nil)
		if err != nil {
			return &LineError{Step: step, Err: err}
		}
		if r.code == 421 {
			return &LineError{Step: step, Code: r.code, Enhanced: r.enhanced}
		}
		accepted := r.ok() && step != StepData || r.code == 354 && step == StepData
		if step == StepRcpt {
			rcpt = r
		}
		if !accepted && step != stepReset && refusal.Status == 0 {
			refusal = r.result(next.ID, step)
			if !l.pipelining {
				break
			}
		}
		last = r
	}
	if refusal.Status == 0 {
		l.refusals = 0
		return nil
	}
	next.settle(refusal)
	c.settled()
	l.dirty = true
	if refusal.Step == StepMail {
		if l.refusals++; l.refusals == maxRefusals {
			c.pool.config.Trouble(&LineError{Step: StepMail, Code: refusal.Code, Enhanced: refusal.Enhanced})
		}
	} else {
		l.refusals = 0
	}
	if l.pipelining && last.code == 354 {
		return c.endEmpty(rcpt)
	}
	return nil
}

// endEmpty answers a relay that asks for content though it refused the envelope: a lone
// dot, when no recipient stands (RFC 2920, section 3.1). If one does, the line is given
// up, or the relay would deliver an empty message.
func (c *courier) endEmpty(rcpt reply) error {
	if rcpt.ok() {
		return &LineError{Step: StepData, Err: errProtocol}
	}
	c.line.content(nil)
	if err := c.line.flush(c.pool.config.Timeouts.Command); err != nil {
		return &LineError{Step: StepData, Err: err}
	}
	if r, err := c.line.readReply(nil); err != nil || r.code == 421 {
		return &LineError{Step: StepData, Code: r.code, Err: err}
	}
	return nil
}

const stepReset = "RSET"

var (
	steps      = []string{StepMail, StepRcpt, StepData}
	resetFirst = []string{stepReset, StepMail, StepRcpt, StepData}
)

// steps are the commands that announce the next message.
func (l *line) steps() []string {
	if l.dirty {
		return resetFirst
	}
	return steps
}

// announce adds the command of one step for it.
func (l *line) announce(step string, it *item) {
	switch step {
	case StepMail:
		l.command("MAIL FROM:<", it.from, ">")
	case StepRcpt:
		l.command("RCPT TO:<", it.to, ">")
	default:
		l.command(step)
	}
}

// settled notes that the line has done its work at least once, which ends a back-off.
func (c *courier) settled() {
	c.line.answered = true
	c.failures = 0
}

// lose gives up the line. The item whose content went out may or may not have arrived;
// the other has not and gets another line.
func (c *courier) lose(due, next *item, err error) {
	// Relays end lines as they like between messages; that is no trouble.
	ordinary := due.feed == nil && c.line.answered
	if !ordinary {
		c.pool.config.Trouble(err)
	}
	if !c.line.answered {
		c.failures++
	}
	c.pool.drop(c.line)
	c.line = nil
	defer c.wipe()
	if due.feed != nil {
		due.settle(Result{ID: due.ID, Status: Unknown, Step: StepContent})
	}
	if next.feed != nil {
		p := next.parcel
		next.parcel = parcel{}
		c.giveBack(p, err)
	}
}

// giveBack lets another line have p, or reports it when it has seen enough of them.
func (c *courier) giveBack(p parcel, why error) {
	p.lost++
	if p.lost < maxLost && c.pool.queue.giveBack(p) {
		return
	}
	r := Result{ID: p.ID, Status: Temporary}
	if trouble, ok := errors.AsType[*LineError](why); ok {
		r.Step, r.Code, r.Enhanced = trouble.Step, trouble.Code, trouble.Enhanced
	}
	p.feed.report(r)
}

// rest waits before the next line, longer each time, and never quite as long as the
// other couriers do.
func (c *courier) rest() {
	first, most := c.pool.config.Backoff.First, c.pool.config.Backoff.Max
	d := first
	for i := 1; i < c.failures && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	timer := time.NewTimer(d/2 + rand.N(d/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.pool.stop:
	case <-c.pool.cut.Done():
	}
}

func (c *courier) hangUp() {
	c.pool.hangUp(c.line)
	c.line = nil
	c.wipe()
}

// wipe clears the messages a courier has kept room for.
func (c *courier) wipe() {
	for i := range c.slots {
		clear(c.slots[i].msg[:cap(c.slots[i].msg)])
		c.slots[i].from, c.slots[i].to = "", ""
	}
}
