package meter

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// PageType is the content type of a Page.
const PageType = "text/plain; version=0.0.4; charset=utf-8"

// A Page is a text of metrics in Prometheus' exposition format 0.0.4. Each metric is
// written by one call, so that its samples stand together.
type Page struct{ text bytes.Buffer }

// Bytes is the whole page.
func (p *Page) Bytes() []byte { return p.text.Bytes() }

// A Sample is one value of a metric with a label: a word of the program's own, never
// anything that came from outside.
type Sample struct {
	Label string
	Value float64
}

// Gauge writes a value that goes up and down.
func (p *Page) Gauge(name, help string, value float64) { p.one(name, help, "gauge", value) }

// Counter writes a value that only rises.
func (p *Page) Counter(name, help string, value float64) { p.one(name, help, "counter", value) }

// Gauges writes one gauge with a sample for each value of label.
func (p *Page) Gauges(name, help, label string, samples []Sample) {
	p.many(name, help, "gauge", label, samples)
}

// Counters writes one counter with a sample for each value of label.
func (p *Page) Counters(name, help, label string, samples []Sample) {
	p.many(name, help, "counter", label, samples)
}

// Histogram writes h in seconds.
func (p *Page) Histogram(name, help string, h *Histogram) {
	p.head(name, help, "histogram")
	total := int64(0)
	for i := range h.counts {
		total += h.counts[i].Load()
		end := "+Inf"
		if i < len(h.bounds) {
			end = number(h.bounds[i].Seconds())
		}
		p.text.WriteString(name + `_bucket{le="` + end + `"} ` + strconv.FormatInt(total, 10) + "\n")
	}
	p.text.WriteString(name + "_sum " + number(time.Duration(h.sum.Load()).Seconds()) + "\n")
	p.text.WriteString(name + "_count " + strconv.FormatInt(total, 10) + "\n")
}

func (p *Page) one(name, help, kind string, value float64) {
	p.head(name, help, kind)
	p.text.WriteString(name + " " + number(value) + "\n")
}

func (p *Page) many(name, help, kind, label string, samples []Sample) {
	p.head(name, help, kind)
	for _, sample := range samples {
		p.text.WriteString(name + "{" + label + `="` + escapeLabel.Replace(sample.Label) + `"} ` + number(sample.Value) + "\n")
	}
}

func (p *Page) head(name, help, kind string) {
	p.text.WriteString("# HELP " + name + " " + escapeHelp.Replace(help) + "\n# TYPE " + name + " " + kind + "\n")
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// number writes a value without an exponent, so that people can read it, too.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Names writes every metric's name once, in the order of the page: for tests and for the
// page of docs that explains them.
func Names(page []byte) (names []string) {
	for line := range strings.SplitSeq(string(page), "\n") {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			names = append(names, strings.Fields(rest)[0])
		}
	}
	return names
}
