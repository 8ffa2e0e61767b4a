package backup

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"undersigned/internal/vault"
)

// A stepHead is the first line of a step, in JSON. Pages follow until the end: 4 bytes
// number, big-endian, then the page.
type stepHead struct {
	Format   string    `json:"format"`
	Site     string    `json:"site"`
	Trail    string    `json:"trail"`     // the time in the names of its files
	Step     int       `json:"step"`      // from 1
	After    string    `json:"after"`     // SHA-256 of the sealed file before, hex
	At       time.Time `json:"at"`        // what was acknowledged before is in it
	Pages    int64     `json:"pages"`     // of the database
	PageSize int64     `json:"page_size"` // bytes
}

func (h stepHead) write(w io.Writer) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func writePage(w io.Writer, no int64, page []byte) error {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(no))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(page)
	return err
}

// mostHeadBytes bounds the first line of a step; ours have less than 400 bytes.
const mostHeadBytes = 4096

// readHead reads the first line, and holds it against the trail that the file lies in.
func readHead(r *bufio.Reader, m Manifest, step int) (h stepHead, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil || len(line) > mostHeadBytes || json.Unmarshal(line, &h) != nil {
		return h, fmt.Errorf("its first line: %w", ErrDamaged)
	}
	if h.Format != formatTrail || h.Site != m.Site || h.Trail != m.BeganAt.UTC().Format(stamp) || h.Step != step {
		return h, fmt.Errorf("%w: it belongs elsewhere", ErrDamaged)
	}
	if h.Pages < 1 || h.PageSize < 512 || h.PageSize > 1<<16 || h.PageSize&(h.PageSize-1) != 0 {
		return h, fmt.Errorf("%w: it is of no database", ErrDamaged)
	}
	return h, nil
}

// A trailEnd says how far a trail in a folder goes.
type trailEnd struct {
	steps int
	at    time.Time
	cut   string // why it goes no further than that, though there are later steps; "": there are none
}

// follows finds how far the steps of a trail follow each other without a gap. What comes
// after a gap is of no use.
func (m Manifest) follows(opener *vault.Opener) (end trailEnd, err error) {
	end.at = m.BeganAt
	entries, err := os.ReadDir(m.folder)
	if err != nil {
		return end, fmt.Errorf("look for the steps of a trail: %w", err)
	}
	last := 0
	for _, entry := range entries {
		var step int
		if _, err := fmt.Sscanf(entry.Name(), m.name()+".%06d"+stepEnd, &step); err == nil && entry.Name() == m.stepName(step) {
			last = max(last, step)
		}
	}
	for step := 1; step <= last; step++ {
		head, err := m.headOf(step, opener)
		if err != nil {
			end.cut = fmt.Sprintf("step %d of %d cannot be used: %v", step, last, err)
			return end, nil
		}
		end.steps, end.at = step, head.At
	}
	return end, nil
}

func (m Manifest) headOf(step int, opener *vault.Opener) (h stepHead, err error) {
	err = m.openStep(step, opener, func(r *bufio.Reader, _ *summed) error {
		h, err = readHead(r, m, step)
		return err
	})
	return h, err
}

// openStep hands over what a step holds, in clear.
func (m Manifest) openStep(step int, opener *vault.Opener, take func(*bufio.Reader, *summed) error) error {
	file, err := os.Open(filepath.Join(m.folder, m.stepName(step)))
	if err != nil {
		return err
	}
	defer file.Close()
	all := newSummed(file)
	clear, err := opener.Open(all)
	if err != nil {
		return err
	}
	return take(bufio.NewReaderSize(clear, 1<<17), all)
}

// replay writes the steps of a trail over its whole copy.
func (m Manifest) replay(image *os.File, end trailEnd, opener *vault.Opener) error {
	last := m.SHA256
	for step := 1; step <= end.steps; step++ {
		err := m.openStep(step, opener, func(r *bufio.Reader, all *summed) error {
			head, err := readHead(r, m, step)
			if err != nil {
				return err
			}
			if head.After != last {
				return fmt.Errorf("%w: it does not follow the file before it", ErrDamaged)
			}
			if err := writePages(image, r, head); err != nil {
				return err
			}
			last, err = all.end()
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", m.stepName(step), err)
		}
	}
	return nil
}

// writePages writes pages to their places until the step ends.
func writePages(image *os.File, r io.Reader, head stepHead) error {
	record := make([]byte, 4+head.PageSize)
	for {
		_, err := io.ReadFull(r, record)
		if errors.Is(err, io.EOF) {
			return image.Truncate(head.Pages * head.PageSize)
		}
		if err != nil {
			return fmt.Errorf("read a page: %w", err)
		}
		no := int64(binary.BigEndian.Uint32(record))
		if no < 1 || no > head.Pages {
			return fmt.Errorf("%w: it has a page %d of %d", ErrDamaged, no, head.Pages)
		}
		if _, err := image.WriteAt(record[4:], (no-1)*head.PageSize); err != nil {
			return err
		}
	}
}
