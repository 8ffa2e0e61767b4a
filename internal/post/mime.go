package post

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// Bounds of a mail's structure. A report has three parts; a scanner on the way may have
// wrapped it once.
const (
	mostParts   = 16 // in all
	mostDepth   = 3
	mostHeaders = 512 // fields of one part
	mostField   = 4 << 10
)

// A part is a leaf of a mail's structure, or its root.
type part struct {
	header header
	media  string            // "text/plain", lower case
	params map[string]string // of its media type
	body   []byte            // as sent
}

// A header holds the fields of a part by their names in lower case, each in its order.
type header map[string][]string

func (h header) get(name string) string {
	if len(h[name]) == 0 {
		return ""
	}
	return h[name][0]
}

// readPart takes a part's header off.
func readPart(text []byte) part {
	p := part{media: "text/plain"}
	p.header, p.body = readHeader(text)
	if kind := p.header.get("content-type"); kind != "" {
		if media, params, err := mime.ParseMediaType(kind); err == nil || media != "" {
			p.media, p.params = media, params
		}
	}
	return p
}

// readHeader reads fields up to an empty line. What is beyond the bounds is passed over.
func readHeader(text []byte) (header, []byte) {
	h, last, n := header{}, "", 0
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		line := bytes.TrimRight(text[:end], "\r\n")
		text = text[end:]
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if values := h[last]; len(values) > 0 && len(values[len(values)-1])+len(line) < mostField {
				values[len(values)-1] += " " + string(bytes.TrimSpace(line))
			}
			continue
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		if last = ""; !ok || n == mostHeaders || len(name) > 64 || len(value) > mostField {
			continue
		}
		n++
		last = strings.ToLower(string(bytes.TrimSpace(name)))
		h[last] = append(h[last], string(bytes.TrimSpace(value)))
	}
	return h, text
}

// leaves gives the parts of a mail that hold no others, in order, itself where it holds
// none, and the first part on the way that is a report.
func leaves(root part) (all []part, report part) {
	type level struct {
		part
		depth int
	}
	for queue := []level{{root, 0}}; len(queue) > 0 && len(all) < mostParts; {
		at := queue[0]
		queue = queue[1:]
		if at.media == "multipart/report" && report.media == "" {
			report = at.part
		}
		if !strings.HasPrefix(at.media, "multipart/") || at.params["boundary"] == "" {
			all = append(all, at.part)
			continue
		}
		if at.depth == mostDepth {
			continue
		}
		var inner []level
		for _, text := range split(at.body, at.params["boundary"]) {
			inner = append(inner, level{readPart(text), at.depth + 1})
		}
		queue = append(inner, queue...)
	}
	return all, report
}

// split cuts a multipart body at its boundary, into mostParts parts at most. An end that is
// missing, as of a mail that was cut, ends the last part.
func split(body []byte, boundary string) (parts [][]byte) {
	mark := []byte("--" + boundary)
	begin := -1
	for at := 0; at < len(body) && len(parts) < mostParts; {
		end := bytes.IndexByte(body[at:], '\n') + 1
		if end == 0 {
			end = len(body) - at
		}
		line := bytes.TrimRight(body[at:at+end], " \t\r\n")
		if rest, ok := bytes.CutPrefix(line, mark); ok && (len(rest) == 0 || string(rest) == "--") {
			if begin >= 0 {
				parts = append(parts, body[begin:at])
			}
			if begin = at + end; len(rest) > 0 {
				return parts
			}
		}
		at += end
	}
	if begin >= 0 && len(parts) < mostParts {
		parts = append(parts, body[begin:])
	}
	return parts
}

// text is a part's content, decoded as far as it goes.
func (p part) text() []byte {
	var r io.Reader
	switch strings.ToLower(p.header.get("content-transfer-encoding")) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(p.body))
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(p.body))
	default:
		return p.body
	}
	text, _ := io.ReadAll(io.LimitReader(r, MostRead)) // what can be read of it
	return text
}
