package viewtest

import (
	"reflect"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Payloads are texts that run a script, or load something, on a page that shows them
// without care: 1,000 at least, each once.
func Payloads() []string {
	var all []string
	known := map[string]bool{}
	for _, out := range breakouts {
		for _, run := range runners {
			text := strings.ReplaceAll(out, "*", run)
			if !known[text] {
				known[text] = true
				all = append(all, text)
			}
		}
	}
	return all
}

// breakouts are ways out of where a text may stand; the star is what runs then.
var breakouts = []string{
	`*`, `">*`, `'>*`, "`>*", `</textarea>*`, `</title>*`, `</script>*`, `</style>*`, `-->*`, `<!--><!-- -->*`, `]]>*`, `</option></select>*`,
	`<noscript><p title="</noscript>*">`, `<math><mtext></p><style><a title="</style>*">`, `<svg><desc><![CDATA[</desc>*]]>`, "\x00*", "\u202e*", `&quot;&gt;*`,
	`%22%3E*`, `\u003e*`, "\n\n*\n\n", `[x](*)`, `{{*}}`, `${*}`,
}

// runners run alert(1) as elements, handlers, addresses or what is taken for one of them.
var runners = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`, "<script\x0c>alert(1)</script >",
	`<script type=module>import("data:text/javascript,alert(1)")</script>`, `<svg><script>alert(1)</script></svg>`, `<svg><script href=data:,alert(1) />`,
	`<img src=x onerror=alert(1)>`, `<img/src=x/onerror=alert(1)//`, "<img\nsrc=x\nonerror\n=\nalert(1)>", `<img src="x" OnErRoR="alert(1)">`, `<image src=x onerror=alert(1)>`,
	`<svg onload=alert(1)>`, `<svg/onload=alert(1)//`, `<svg><animate onbegin=alert(1) attributeName=x dur=1s>`, `<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a></svg>`,
	`<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>#x">`,
	`<body onload=alert(1)>`, `<body onpageshow=alert(1)>`, `<input autofocus onfocus=alert(1)>`, `<select autofocus onfocus=alert(1)>`, `<textarea autofocus onfocus=alert(1)>`,
	`<video src=x onerror=alert(1)>`, `<audio src=x onerror=alert(1)>`, `<video><source onerror=alert(1)></video>`, `<details open ontoggle=alert(1)>`, `<marquee onstart=alert(1)>`,
	`<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<frameset onload=alert(1)>`, `<object data="javascript:alert(1)">`,
	`<embed src="javascript:alert(1)">`, `<form action="javascript:alert(1)"><button>x</button></form>`, `<button form=x formaction="javascript:alert(1)">x</button>`,
	`<base href="//evil.example/">`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, `<link rel=stylesheet href=//evil.example/x.css>`, `<style>@import "//evil.example/x.css"</style>`,
	`<a href="javascript:alert(1)">x</a>`, "<a href=\"java\tscript:alert(1)\">x</a>", `<a href="&#106;avascript:alert(1)">x</a>`, `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`javascript:alert(1)`, `JaVaScRiPt:alert(1)//https://example.org`, `vbscript:msgbox(1)`, `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
	`https://example.org/"onmouseover="alert(1)`, `https://example.org/'><script>alert(1)</script>`, `" onmouseover=alert(1) x="`, `' autofocus onfocus=alert(1) x='`, `x onmouseover=alert(1)`,
	`<x onclick=alert(1)>`, `<math href="javascript:alert(1)">x</math>`, `<template><script>alert(1)</script></template>`, `<isindex type=image src=1 onerror=alert(1)>`, `<a@example.org onclick=alert(1)>`,
}

// Fill puts texts into every string of a page that people could have written: next gives
// the one for each. Named string types are codes and keys, and stay.
func Fill(page any, next func() string) { fill(reflect.ValueOf(page), next) }

func fill(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			v.SetString(next())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), next)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	}
}

// Harm lists what could run, load or send something elsewhere on a page: scripts that are
// not files of ours, handlers, addresses that are scripts, frames and their like.
func Harm(page string) []string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "iframe", "frame", "frameset", "object", "embed", "applet", "base", "portal", "style", "marquee", "math", "video", "audio", "template", "noscript":
			found = append(found, "<"+n.Data+">")
		case "script":
			if src := attrOf(n, "src"); !strings.HasPrefix(src, "/static/") || n.FirstChild != nil {
				found = append(found, "<script> of "+src)
			}
		case "link":
			if href := attrOf(n, "href"); attrOf(n, "rel") == "stylesheet" && !strings.HasPrefix(href, "/static/") {
				found = append(found, "a style sheet of "+href)
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "srcdoc", a.Key == "style", a.Key == "formaction", a.Key == "ping", a.Key == "http-equiv":
				found = append(found, "<"+n.Data+" "+a.Key+">")
			case addresses[a.Key] && !harmless(a.Val):
				found = append(found, "<"+n.Data+" "+a.Key+"="+a.Val+">")
			}
		}
	}
	return found
}

var addresses = map[string]bool{"href": true, "src": true, "action": true, "data": true, "poster": true, "cite": true, "background": true, "manifest": true, "srcset": true}

// harmless reports whether a browser would fetch or follow an address, and run nothing. As
// browsers do, it passes over blanks and control characters.
func harmless(address string) bool {
	address = strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, address))
	scheme, _, has := strings.Cut(address, ":")
	if !has || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "" { // a path
		return true
	}
	return scheme == "http" || scheme == "https" || scheme == "mailto"
}

func attrOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// WithoutStyle takes out how mails look: their style attributes are ours.
func WithoutStyle(page string) string {
	for _, ours := range []string{` style="color-scheme:light dark;margin:0;padding:16px"`, ` style="max-width:34em;margin:0 auto;font:16px/1.5 system-ui,sans-serif"`, ` style="display:inline-block;padding:10px 0;word-break:break-all"`} {
		page = strings.ReplaceAll(page, ours, "")
	}
	return page
}
