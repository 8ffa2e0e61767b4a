package browsertest

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"

	"testing"
	"time"
	_ "time/tzdata"

	"undersigned/internal/web/view"
	"undersigned/internal/web/view/viewtest"
)

// sampleServer shows every page with sample data at /-/NAME, with the policy that the
// real pages are sent with: what it forbids must not be missed.
func sampleServer(t testing.TB) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := view.New(view.Config{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		if file, ok := engine.Static()[r.URL.Path]; ok {
			w.Header().Set("Content-Type", file.ContentType)
			w.Header().Set("Cache-Control", "max-age=3600")
			w.Write(file.Bytes)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/-/")
		page := viewtest.Find(name)
		if !ok || page == nil {
			http.NotFound(w, r)
			return
		}
		body, err := engine.Render(page)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestEveryPage looks at each page in each of its shapes: no finding of axe-core at both
// widths, colours that can be told apart in the dark and in the reader's own colours,
// nothing to scroll sideways, nothing too small for a finger. One shape of each page is looked
// at, with -payloads all.
func TestEveryPage(t *testing.T) {
	server := sampleServer(t)
	tabs := make(chan *tab, runtime.GOMAXPROCS(0))
	for range cap(tabs) {
		b := newTab(t)
		b.keepAxe()
		tabs <- b
	}
	seen := map[string]bool{} // templates
	for _, sample := range viewtest.Samples() {
		template := sample.Page.Template()
		if seen[template] && !*everyPage && *shots == "" {
			continue
		}
		seen[template] = true
		t.Run(sample.Name, func(t *testing.T) {
			t.Parallel()
			b := <-tabs
			defer func() { tabs <- b }()
			b.in(t).lookAt(server+"/-/"+sample.Name, sample.Name)
		})
	}
}

func (b *tab) lookAt(url, name string) {
	check := func(state string, found []finding) {
		for _, f := range found {
			b.Errorf("%s: axe: %v", state, f)
		}
	}
	each := func(what, script string) {
		for _, one := range eval[[]string](b, script) {
			b.Errorf("%s: %s", what, one)
		}
	}
	b.visit(url)
	check("wide", b.axe())
	each("smaller than 44 pixels, wide", smallTargets)
	b.lookAtColours(name, check, each)

	b.width(narrow)
	check("narrow", b.axe())
	each("makes the page wider than the window", sideways)
	each("smaller than 44 pixels, narrow", smallTargets)
	b.width(wide)
	if fonts := eval[int](b, `document.fonts.size`); fonts != 0 {
		b.Errorf("the page brings %d fonts of its own", fonts)
	}
	b.shoot(name)
}

// lookAtColours looks at the page that is open in the dark and in the reader's own colours.
func (b *tab) lookAtColours(name string, check func(string, []finding), each func(string, string)) {
	// Without motion colours change at once, and not while they are measured.
	b.media("prefers-color-scheme", "dark", "prefers-reduced-motion", "reduce")
	check("dark", b.axe("color-contrast"))
	b.shootAs(name, "dark")
	b.media("forced-colors", "active", "prefers-reduced-motion", "reduce")
	check("forced colours", b.axe("color-contrast"))
	b.shootAs(name, "forced")
	each("cannot be seen in forced colours", lostInForcedColours)
	each("moves for somebody who asked for no motion", movingThings)
	b.media()
}

// The functions below run in the page. Each gives a list of what is wrong, described so
// that it can be found.

const describe = `const describe = (e) => e.outerHTML.slice(0, 120).replace(/\s+/g, ' ');
	const shown = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
	const box = (e) => e.getBoundingClientRect();`

// sideways: the widest elements, if the page is wider than its window. What stands in a
// box that scrolls by itself is not counted.
const sideways = `(() => { ` + describe + `
	const root = document.documentElement;
	if (root.scrollWidth <= root.clientWidth) return [];
	return [...document.querySelectorAll('body *')].filter((e) => shown(e) && box(e).right > root.clientWidth + 0.5).slice(0, 3).map(describe);
})()`

// smallTargets: whatever can be pressed and is under 44 pixels in a direction. A radio
// button counts together with its label. Links within a sentence may be as high as the
// sentence (WCAG 2.2, success criterion 2.5.8).
const smallTargets = `(() => { ` + describe + `
	const least = 43.9;
	const inSentence = (e) => {
		if (e.tagName !== 'A' || getComputedStyle(e).display !== 'inline') return false;
		const block = e.closest('p, li, dd, td, div, span');
		return block && block.textContent.trim().length > e.textContent.trim().length;
	};
	return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((e) => {
		if (e.type === 'hidden' || !shown(e) || inSentence(e)) return false;
		if (e.closest('.govuk-visually-hidden, .govuk-skip-link')) return false;
		let {width, height, left, right} = box(e);
		for (const label of e.labels || []) {
			if (e.type !== 'radio' && e.type !== 'checkbox') break;
			height = Math.max(height, box(label).height);
			width = Math.max(right, box(label).right) - Math.min(left, box(label).left);
		}
		return width < least || height < least;
	}).map((e) => describe(e) + ' is ' + Math.round(box(e).width) + ' by ' + Math.round(box(e).height));
})()`

// lostInForcedColours: where the reader's own colours replace ours, what is told by a
// background alone is gone. Buttons and fields then need a border.
const lostInForcedColours = `(() => { ` + describe + `
	return [...document.querySelectorAll('.u-button, input:not([type=hidden]), select, textarea')].filter((e) => {
		if (!shown(e) || e.closest('.govuk-visually-hidden') || e.matches('.u-button--link, [type=radio], [type=checkbox]')) return false;
		const style = getComputedStyle(e);
		return style.borderTopStyle === 'none' || parseFloat(style.borderTopWidth) === 0;
	}).map(describe);
})()`

const movingThings = `(() => { ` + describe + `
	return [...document.querySelectorAll('body *')].filter((e) => {
		const style = getComputedStyle(e);
		return style.animationName !== 'none' || style.transitionDuration.split(',').some((d) => parseFloat(d) > 0);
	}).slice(0, 5).map(describe);
})()`
