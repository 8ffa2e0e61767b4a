package post

import (
	"regexp"
	"strconv"
	"strings"

	"undersigned"
)

// A reportKind says what a mail is.
type reportKind int

const (
	noReport reportKind = iota // somebody wrote it
	passed                     // nothing follows from it: a delay, a receipt, an automatic answer
	failure                    // class and status say what
)

// A report is what is taken from a mail. The addresses are where a return address may stand.
type report struct {
	kind      reportKind
	class     undersigned.BounceClass
	status    undersigned.Status
	addresses []string
}

// read judges a mail; null says that it came without a sender.
//
// Source: RFC 3464 (delivery reports), RFC 5965 (complaints), RFC 3834 (automatic answers),
// RFC 8098 (receipts).
func read(text []byte, null bool) report {
	root := readPart(text)
	r := report{}
	for _, name := range []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"} {
		for _, value := range root.header[name] {
			r.addresses = append(r.addresses, addressIn(value))
		}
	}
	parts, about := leaves(root)
	kind := strings.ToLower(about.params["report-type"])
	var first []byte // what the report says in words
	for _, p := range parts {
		switch p.media {
		case "message/delivery-status", "message/global-delivery-status":
			if kind == "delivery-status" || kind == "" {
				r.delivery(p.text())
			}
		case "message/feedback-report":
			if kind == "feedback-report" {
				r.feedback(p.text())
			}
		case "text/plain":
			if first == nil {
				first = p.text()
			}
		}
	}
	for _, p := range parts {
		if p.media == "message/rfc822" || p.media == "text/rfc822-headers" || p.media == "message/global-headers" {
			original, _ := readHeader(p.text())
			for _, value := range original["return-path"] {
				r.addresses = append(r.addresses, addressIn(value))
			}
		}
	}
	switch {
	case r.kind == failure:
		if r.class != undersigned.BounceComplaint && r.status[1] == 0 {
			r.refine(first)
		}
	case r.kind == passed:
	case kind != "" && kind != "delivery-status" && kind != "feedback-report":
		r.kind = passed // a receipt
	case kind == "" && automatic(root.header):
		r.kind = passed
	case kind != "" || null || fromServer(root.header):
		r.kind, r.class = failure, undersigned.BounceUnread
		if kind == "" { // of servers that write no reports
			r.refine(first)
		}
	}
	return r
}

// delivery reads the fields of a delivery report: of the whole, then of each recipient. Our
// mails have one.
func (r *report) delivery(text []byte) {
	found := false
	for len(text) > 0 {
		var fields header
		fields, text = readHeader(text)
		action := strings.ToLower(strings.TrimSpace(fields.get("action")))
		switch action {
		case "":
			continue
		case "failed":
			r.kind, r.class = failure, undersigned.BounceUnread
			if status, ok := statusIn(fields.get("status")); ok {
				r.status = status
				r.class = classOf(status)
			}
			if r.status[1] == 0 {
				r.refine([]byte(fields.get("diagnostic-code")))
			}
			return
		}
		found = true // delayed, delivered, relayed, expanded
	}
	if found && r.kind == noReport {
		r.kind = passed
	}
}

// feedback reads a complaint. Only that somebody called a mail unwanted says something about
// what they want.
func (r *report) feedback(text []byte) {
	fields, _ := readHeader(text)
	for _, value := range fields["original-mail-from"] {
		r.addresses = append(r.addresses, addressIn(value))
	}
	switch strings.ToLower(fields.get("feedback-type")) {
	case "":
		r.kind, r.class = failure, undersigned.BounceUnread
	case "abuse":
		r.kind, r.class = failure, undersigned.BounceComplaint
	default: // fraud, virus, not-spam, and others
		r.kind = passed
	}
}

var (
	// As servers quote each other: 550 5.1.1 or 550-5.1.1, and as qmail writes: (#5.1.1).
	quoted = regexp.MustCompile(`\b[45][0-9][0-9][ -]([45]\.[0-9]{1,3}\.[0-9]{1,3})\b`)
	hashed = regexp.MustCompile(`\(#([45]\.[0-9]{1,3}\.[0-9]{1,3})\)`)
	// A reply code alone says hard or soft and no more.
	bare = regexp.MustCompile(`(?m)(?:^|[:;,] ?|said: |<<< )([45])[0-9][0-9][ -]`)
)

// refine takes the status from a server's words, where the fields say no more than that it
// failed. It looks at the first 8 KiB.
func (r *report) refine(words []byte) {
	words = words[:min(len(words), 8<<10)]
	for _, pattern := range []*regexp.Regexp{quoted, hashed} {
		if found := pattern.FindSubmatch(words); found != nil {
			status, _ := statusIn(string(found[1]))
			r.status, r.class = status, classOf(status)
			return
		}
	}
	if r.class == undersigned.BounceUnread {
		if found := bare.FindSubmatch(words); found != nil {
			r.status = undersigned.Status{found[1][0] - '0'}
			r.class = classOf(r.status)
		}
	}
}

// classOf says what a status says of trying again.
func classOf(status undersigned.Status) undersigned.BounceClass {
	switch status[0] {
	case 5:
		return undersigned.BounceHard
	case 4:
		return undersigned.BounceSoft
	}
	return undersigned.BounceUnread
}

// statusIn reads a status code, as in "5.1.1" or "5.1.1 (bad mailbox)".
func statusIn(field string) (s undersigned.Status, ok bool) {
	field, _, _ = strings.Cut(strings.TrimSpace(field), " ")
	numbers := strings.Split(field, ".")
	if len(field) > 11 || len(numbers) != 3 {
		return s, false
	}
	for i, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return undersigned.Status{}, false
		}
		s[i] = uint8(min(n, 255))
	}
	return s, true
}

// automatic reports whether a mail says of itself that a program answered ours.
func automatic(h header) bool {
	if s := strings.ToLower(h.get("auto-submitted")); s != "" && s != "no" && !strings.HasPrefix(s, "auto-generated") {
		return true
	}
	for _, name := range []string{"x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-mail-autoreply", "list-id"} {
		if h.get(name) != "" {
			return true
		}
	}
	precedence := strings.ToLower(h.get("precedence"))
	return precedence == "auto_reply" || precedence == "list"
}

// fromServer reports whether a mail's sender is a server's own name, as of servers that do
// not send what came back without a sender.
func fromServer(h header) bool {
	if path := h.get("return-path"); path != "" && addressIn(path) == "" {
		return true
	}
	local, _, _ := strings.Cut(addressIn(h.get("from")), "@")
	return strings.EqualFold(local, "mailer-daemon") || strings.EqualFold(local, "postmaster")
}
