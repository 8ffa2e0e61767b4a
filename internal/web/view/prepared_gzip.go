package view

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A gzip stream may be put together from parts: deflate blocks that were compressed
// beforehand, each ending at a whole byte, and stored blocks for what differs. So the
// busiest page goes out small without being compressed for each person.
// Source: RFC 1951, section 3.2; RFC 1952, section 2.3.

const (
	leastPacked = 200   // bytes of a piece; below, the block's own cost eats the gain
	mostStored  = 65535 // bytes of a stored block
)

var gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}

// gzipEnd is an empty last block.
var gzipEnd = []byte{1, 0, 0, 0xff, 0xff}

// pack compresses the pieces that are worth it.
func (p *PreparedCheckMail) pack() error {
	p.packed = make([][]byte, len(p.pieces))
	for i, piece := range p.pieces {
		if len(piece) < leastPacked {
			continue
		}
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.BestCompression)
		if err != nil {
			return fmt.Errorf("compress a page: %w", err)
		}
		w.Write(piece)
		if err := w.Flush(); err != nil { // ends at a whole byte, and is not the last block
			return fmt.Errorf("compress a page: %w", err)
		}
		p.packed[i] = out.Bytes()
	}
	return nil
}

// AppendGzip appends the page with its values to dst as a gzip stream. scratch is
// memory to work in, and comes back to be used again.
func (p *PreparedCheckMail) AppendGzip(dst, scratch []byte, v CheckMailValues) (page, work []byte) {
	dst = append(dst, gzipHead...)
	sum, size := uint32(0), 0
	scratch = scratch[:0] // what waits for a stored block
	for i, piece := range p.pieces {
		if p.packed[i] == nil {
			scratch = append(scratch, piece...)
		} else {
			dst, sum = appendStored(dst, scratch, sum)
			size += len(scratch) + len(piece)
			scratch = scratch[:0]
			dst, sum = append(dst, p.packed[i]...), crc32.Update(sum, crc32.IEEETable, piece)
		}
		if i < len(p.slots) {
			scratch = p.slots[i].append(scratch, v)
		}
	}
	dst, sum = appendStored(dst, scratch, sum)
	size += len(scratch)
	dst = append(dst, gzipEnd...)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(size)), scratch
}

// appendStored appends text as stored blocks, and goes on with the checksum.
func appendStored(dst, text []byte, sum uint32) ([]byte, uint32) {
	sum = crc32.Update(sum, crc32.IEEETable, text)
	for len(text) > 0 {
		n := min(len(text), mostStored)
		dst = append(dst, 0)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
		dst = binary.LittleEndian.AppendUint16(dst, ^uint16(n))
		dst = append(dst, text[:n]...)
		text = text[n:]
	}
	return dst, sum
}
