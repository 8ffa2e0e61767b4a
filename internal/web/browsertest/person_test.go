package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// This file is a person in front of the browser: they find things by the words on them,
// press them with the mouse, and read what comes.

// finders run in the page. They find what a person means by a word: a button, link or
// summary by its text, a field by its label or legend's answer.
const finders = describe + `
	const words = (e) => e.textContent.replace(/\s+/g, ' ').trim();
	const pressable = (name) => [...document.querySelectorAll('a[href], button, summary')].find((e) => words(e) === name && shown(e) && !e.closest('.govuk-skip-link'));
	const field = (name) => {
		const label = [...document.querySelectorAll('label')].find((l) => words(l) === name && shown(l));
		return label && label.control;
	};
`

func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// click presses the mouse over what an expression finds, without waiting for more.
func (b *tab) click(what, expression string) {
	b.Helper()
	at := eval[[]float64](b, `(() => { `+finders+`
		const e = `+expression+`;
		if (!e) return [];
		const target = e.labels && e.labels.length && /radio|checkbox/.test(e.type) ? e.labels[0] : e;
		target.scrollIntoView({block: 'center', behavior: 'instant'});
		const line = target.getClientRects()[0]; // a link over two lines is pressed in its first
		return [line.left + line.width / 2, line.top + line.height / 2];
	})()`)
	if len(at) != 2 {
		b.Fatalf("%s is not on the page:\n%s", what, b.page())
	}
	do(b, chromedp.MouseClickXY(at[0], at[1]))
}

// press presses a button or a link with these words, and waits for the next page.
func (b *tab) press(name string) {
	b.Helper()
	b.leaving(func() { b.click("“"+name+"”", `pressable(`+quoted(name)+`)`) })
}

// leaving does what leads to another page, and waits until that one has loaded.
func (b *tab) leaving(deed func()) {
	b.Helper()
	eval[bool](b, `window.theOldPage = true`)
	deed()
	end := time.Now().Add(patience)
	for time.Now().Before(end) {
		there, err := try(b, func(ctx context.Context) (bool, error) {
			return chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.theOldPage && document.readyState === 'complete'`))
		})
		if err == nil && there {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.Fatalf("no other page came:\n%s", b.page())
}

// fill types into the field with this label, in place of what stood there.
func (b *tab) fill(label, value string) {
	b.Helper()
	b.click("the field “"+label+"”", `field(`+quoted(label)+`)`)
	eval[bool](b, `(document.activeElement.select(), true)`)
	call(b, input.InsertText, input.InsertTextParams{Text: value})
	if got := b.filled(label); got != value {
		b.Fatalf("typed %q into “%s”, and it holds %q", value, label, got)
	}
}

// filled reads what stands in the field with this label.
func (b *tab) filled(label string) string {
	b.Helper()
	return eval[string](b, `(() => { `+finders+` const e = field(`+quoted(label)+`); return e ? e.value : 'no such field'; })()`)
}

// choose presses a radio button or a box by its label.
func (b *tab) choose(label string) {
	b.Helper()
	b.click("the choice “"+label+"”", `field(`+quoted(label)+`)`)
	if !b.chosen(label) {
		b.Fatalf("pressed “%s”, and it is not chosen", label)
	}
}

func (b *tab) chosen(label string) bool {
	b.Helper()
	return eval[bool](b, `(() => { `+finders+` const e = field(`+quoted(label)+`); return Boolean(e && e.checked); })()`)
}

// pick takes an entry of a list by its words.
func (b *tab) pick(label, entry string) {
	b.Helper()
	if !eval[bool](b, `(() => { `+finders+`
		const list = field(`+quoted(label)+`);
		const entry = list && [...list.options].find((o) => words(o) === `+quoted(entry)+`);
		if (entry) list.value = entry.value;
		return Boolean(entry);
	})()`) {
		b.Fatalf("there is no entry “%s” in “%s”", entry, label)
	}
}

// at fails the test unless the page has this heading.
func (b *tab) at(heading string) {
	b.Helper()
	if got := b.heading(); got != heading {
		b.Fatalf("the page is “%s”, not “%s”:\n%s", got, heading, b.page())
	}
}

func (b *tab) heading() string {
	b.Helper()
	return eval[string](b, `(document.querySelector('h1') || document.body).textContent.replace(/\s+/g, ' ').trim()`)
}

// reads fails the test unless the page says all of this.
func (b *tab) reads(words ...string) {
	b.Helper()
	page := b.words()
	for _, one := range words {
		if !strings.Contains(page, one) {
			b.Errorf("the page does not say “%s”:\n%s", one, b.page())
		}
	}
}

// says reports whether the page says this.
func (b *tab) says(words string) bool {
	b.Helper()
	return strings.Contains(b.words(), words)
}

func (b *tab) words() string {
	b.Helper()
	return eval[string](b, `document.body.innerText.replace(/\s+/g, ' ')`)
}

// page tells where the browser is and what the person reads, for messages.
func (b *tab) page() string {
	b.Helper()
	return eval[string](b, `location.href + '\n' + document.body.innerText`)
}

func (b *tab) address() string {
	b.Helper()
	return eval[string](b, `location.pathname`)
}

// key presses a key by itself.
func (b *tab) key(keys string) {
	b.Helper()
	do(b, chromedp.KeyEvent(keys))
}

// tabTo presses Tab until the focus is on what has this name, as somebody without a
// mouse does. The focus must be seen on the way.
func (b *tab) tabTo(name string) {
	b.Helper()
	for range 60 {
		b.key(kb.Tab)
		focus := eval[[]string](b, `(() => { `+finders+`
			const e = document.activeElement;
			const label = e.labels && e.labels[0];
			const style = getComputedStyle(e), ring = label && /radio|checkbox/.test(e.type) ? getComputedStyle(label, '::before') : style;
			const seen = ring.outlineStyle !== 'none' || ring.boxShadow !== 'none' || ring.borderTopWidth === '4px';
			return [label ? words(label) : words(e), seen ? '' : describe(e)];
		})()`)
		if focus[1] != "" {
			b.Errorf("the focus cannot be seen on %s", focus[1])
		}
		if focus[0] == name {
			return
		}
	}
	b.Fatalf("pressed Tab 60 times and did not come to “%s”:\n%s", name, b.page())
}

// cookies tells of all cookies of this window.
func (b *tab) cookies() []string {
	b.Helper()
	answer := must(b, func(ctx context.Context) (storage.GetCookiesResult, error) {
		return chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID})
	})
	var all []string
	for _, c := range answer.Cookies {
		all = append(all, fmt.Sprintf("%s, HttpOnly %v, SameSite %s", c.Name, c.HTTPOnly, c.SameSite))
	}
	return all
}
