package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// mostBytes bounds an answer: a bundle of 256 entries has at most 16 MiB.
const mostBytes = 17 << 20

// errGone means that the site has no such page.
var errGone = errors.New("there is no such page")

// get reads what stands at a path of the site.
//
// Errors: errGone; ErrUnread.
func (c *checker) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+"/"+path, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	answer, err := c.config.Client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBytes+1))
	switch {
	case answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusGone:
		return nil, fmt.Errorf("/%s: %w", path, errGone)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: /%s answers %s", ErrUnread, path, answer.Status)
	case err != nil:
		return nil, fmt.Errorf("%w: /%s: %w", ErrUnread, path, err)
	case len(body) > mostBytes:
		return nil, fmt.Errorf("%w: /%s is too long", ErrUnread, path)
	}
	return body, nil
}

// ahead is how many bundles are asked for at once.
const ahead = 8

// A bundle is a tile's entries, and its hashes as the site serves them.
type bundle struct {
	entries, hashes []byte
	err             error
}

// bundles reads the entries of a log and their hashes, in order. take gets each once.
func (c *checker) bundles(ctx context.Context, log string, size int64, take func(number int64, width int, b bundle) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	line := make(chan chan bundle, ahead)
	go func() {
		defer close(line)
		for number := int64(0); number*tileWidth < size; number++ {
			one := make(chan bundle, 1)
			select {
			case line <- one:
			case <-ctx.Done():
				return
			}
			width := int(min(size-number*tileWidth, tileWidth))
			go func() {
				var b bundle
				if b.entries, b.err = c.get(ctx, log+tilePath(entriesLevel, number, width)); b.err == nil {
					b.hashes, b.err = c.get(ctx, log+tilePath(0, number, width))
				}
				one <- b
			}()
		}
	}()
	number := int64(0)
	for one := range line {
		b := <-one
		if b.err != nil {
			return b.err
		}
		if err := take(number, int(min(size-number*tileWidth, tileWidth)), b); err != nil {
			return err
		}
		number++
	}
	return ctx.Err()
}
