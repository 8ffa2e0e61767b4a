package catcher

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// parse reads what a message shows. It never fails: what it cannot read stays empty, and
// Raw has it all.
func parse(raw []byte) Caught {
	m := Caught{Raw: raw}
	head, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		head, body = raw, nil
	}
	m.Headers = parseHeaders(string(head))
	m.From, m.Subject = decodeWords(m.Header("From")), decodeWords(m.Header("Subject"))
	m.addPart(m.Header("Content-Type"), m.Header("Content-Transfer-Encoding"), bytes.NewReader(body))
	return m
}

func parseHeaders(head string) []Header {
	var headers []Header
	for line := range strings.SplitSeq(head, "\r\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') && len(headers) > 0 {
			headers[len(headers)-1].Value += line
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		headers = append(headers, Header{name, strings.TrimSpace(value)})
	}
	return headers
}

func decodeWords(s string) string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return decoded
}

// addPart keeps the first plain and the first HTML part, also from inside a multipart.
func (m *Caught) addPart(contentType, encoding string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain" // the default of RFC 2045, section 5.2
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.addPart(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, _ := io.ReadAll(body)
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
}
