package browsertest

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// What a page may weigh on its way, in bytes.
const (
	mostHTML = 14_000 // compressed; fits into what a server sends before it waits for an answer
	mostPage = 60_000 // with all that the page loads, headers too
)

// TestSampleWeight weighs the two pages everybody loads, in their longest shapes.
func TestSampleWeight(t *testing.T) {
	server := sampleServer(t)
	for _, name := range []string{"petition", "petition-answered", "sign-full", "sign-problems"} {
		html := fetch(t, server+"/-/"+name)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(html)
		w.Close()
		t.Logf("%s: %d bytes, %d compressed", name, len(html), packed.Len())
		if packed.Len() > mostHTML {
			t.Errorf("%s: %d bytes of compressed HTML, at most %d are allowed", name, packed.Len(), mostHTML)
		}
	}
}

func fetch(t testing.TB, url string) []byte {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, answer.Status)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

// weigh opens a page with an empty cache and adds up what came over the line: the page
// itself, and everything.
func (b *tab) weigh(url string) (page, all int) {
	b.Helper()
	call(b, network.Enable, network.EnableParams{})
	call(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	kinds := make(map[network.RequestID]network.ResourceType)
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventResponseReceived:
			kinds[e.RequestID] = e.Type
		case *network.EventLoadingFinished:
			all += int(e.EncodedDataLength)
			if kinds[e.RequestID] == network.ResourceTypeDocument {
				page += int(e.EncodedDataLength)
			}
		}
	})
	if err != nil {
		b.Fatalf("listen to the browser: %v", err)
	}
	b.visit(url)
	eval[bool](b, `new Promise((done) => setTimeout(() => done(true), 300))`) // the icon comes last
	return page, all
}
