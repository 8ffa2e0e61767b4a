package browsertest

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, unchanged; its licence (MPL-2.0) stands beside it.
//
//go:embed testdata/axe.min.js
var axeSource string

// A finding is one rule of axe-core that a page breaks.
type finding struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"` // where, and why
}

func (f finding) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t%s", f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n\t"))
}

// loadAxe makes axe-core known to the page that is open.
func (b *tab) loadAxe() {
	b.Helper()
	do(b, chromedp.Evaluate[chromedp.Void](axeSource))
}

// keepAxe makes axe-core known to every page that is opened from now on. It is half a
// megabyte, which the browser then gets once.
func (b *tab) keepAxe() {
	b.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: axeSource})
}

// axe runs all rules, best practice too, or only those named. Shown are the findings.
func (b *tab) axe(rules ...string) []finding {
	b.Helper()
	options := "{resultTypes: ['violations']}"
	if len(rules) > 0 {
		options = "{resultTypes: ['violations'], runOnly: {type: 'rule', values: ['" + strings.Join(rules, "', '") + "']}}"
	}
	return eval[[]finding](b, `axe.run(document, `+options+`).then(r => r.violations.map(v => ({
		id: v.id, impact: v.impact, help: v.help,
		nodes: v.nodes.map(n => n.html.slice(0, 160) + ' — ' + n.failureSummary.replace(/\s+/g, ' '))})))`)
}

// clean fails the test if the page that is open breaks a rule.
func (b *tab) clean(what string) {
	b.Helper()
	b.loadAxe()
	for _, f := range b.axe() {
		b.Errorf("%s: axe: %v", what, f)
	}
}
