package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// longestItem is the most bytes one petition may have. The longest of the UK
// Parliament's are 83 kB, with signatures by constituency.
const longestItem = 4 << 20

// An item is one petition of a file, or why there is none.
type item struct {
	line     int // of the file, from 1; in a JSON list the place in the list
	document []byte
	err      error
}

// errTooLong is said of an item, not of the file: reading goes on after it.
var errTooLong = errors.New("it is longer than 4 MiB")

// items reads a file in whatever form it has: one JSON object a line, a JSON list, or a
// document with the list under "data"; each perhaps compressed with gzip. An error of
// the second kind ends the reading: the file itself cannot be read further.
func items(r io.Reader) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		buffered := bufio.NewReaderSize(r, 64<<10)
		if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			unpacked, err := gzip.NewReader(buffered)
			if err != nil {
				yield(item{}, fmt.Errorf("unpack the file: %w", err))
				return
			}
			buffered = bufio.NewReaderSize(unpacked, 64<<10)
		}
		if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
			buffered.Discard(3) // the mark that some editors put before UTF-8
		}
		switch shapeOf(buffered) {
		case aList:
			list(buffered, yield)
		case anObject:
			object(buffered, yield)
		default:
			lines(buffered, yield)
		}
	}
}

type shape int

const (
	aLineEach shape = iota // one petition a line
	aList                  // [ … ]
	anObject               // { … } laid out over lines
)

func shapeOf(r *bufio.Reader) shape {
	head, _ := r.Peek(r.Size())
	head = bytes.TrimLeft(head, " \t\r\n")
	first, _, _ := bytes.Cut(head, []byte("\n"))
	switch {
	case bytes.HasPrefix(head, []byte("[")):
		return aList
	case string(bytes.TrimSpace(first)) == "{":
		return anObject
	}
	return aLineEach
}

// lines reads one petition a line. Empty lines are not counted as petitions.
func lines(r *bufio.Reader, yield func(item, error) bool) {
	for number := 1; ; number++ {
		line, err := readLine(r)
		if errors.Is(err, errTooLong) {
			if !yield(item{line: number, err: err}, nil) {
				return
			}
			continue
		}
		if len(bytes.TrimSpace(line)) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			for _, document := range unfold(line) {
				if !yield(item{line: number, document: document}, nil) {
					return
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(item{}, fmt.Errorf("read line %d: %w", number, err))
			return
		}
	}
}

// readLine reads up to the end of a line. Of a line that is too long it reads the rest
// too, and keeps nothing.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			line = append(line, part...)
		}
		if len(line) > longestItem {
			line, long = nil, true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if long && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errTooLong
		}
		return line, err
	}
}

// list reads a list piece by piece, so that a bad piece harms no other. Where the text
// itself stops being JSON, nothing after it can be found.
func list(r io.Reader, yield func(item, error) bool) {
	decoder := json.NewDecoder(r)
	decoder.Token() // the bracket that shapeOf has seen
	for place := 1; decoder.More(); place++ {
		var document json.RawMessage
		if err := decoder.Decode(&document); err != nil {
			yield(item{}, fmt.Errorf("the list is not JSON from byte %d on, after %d petitions", decoder.InputOffset(), place-1))
			return
		}
		one := item{line: place, document: document}
		if len(document) > longestItem {
			one = item{line: place, err: errTooLong}
		}
		if !yield(one, nil) {
			return
		}
	}
	if _, err := decoder.Token(); err != nil {
		yield(item{}, errors.New("the list does not end: the file was cut off"))
	}
}

// object reads a document of one petition, or of a page of a list.
func object(r io.Reader, yield func(item, error) bool) {
	const longest = 64 << 20 // a page of a list holds 50 petitions or so
	text, err := io.ReadAll(io.LimitReader(r, longest))
	if err != nil {
		yield(item{}, fmt.Errorf("read the file: %w", err))
		return
	}
	for i, document := range unfold(text) {
		if !yield(item{line: i + 1, document: document}, nil) {
			return
		}
	}
}

// unfold takes the petitions out of a document that holds a list of them under "data";
// anything else is one petition, or so opendata.Decode will say.
func unfold(document []byte) []json.RawMessage {
	trimmed := bytes.TrimSpace(document)
	if bytes.HasPrefix(trimmed, []byte(`{"type"`)) {
		return []json.RawMessage{document} // as all but lists begin: saves reading it twice
	}
	var page struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(trimmed, &page); err != nil || page.Data == nil {
		return []json.RawMessage{document}
	}
	return page.Data
}
