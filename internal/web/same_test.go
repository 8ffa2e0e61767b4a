package web_test

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/web/view"
)

// G32: whoever sends a form learns nothing about the address: new, pending, signed,
// blocked, wanting no mail or at a dead domain, the answer is the same in status,
// headers and size, and takes as long.
func TestG32TheAnswerIsTheSameForEveryAddress(t *testing.T) {
	v := visit(t)
	p := v.OpenPetition("Keep the library open")
	const each = 1000
	classes := []string{"new00", "pend0", "sign0", "block", "stop0", "dead0"}
	address := func(class string) string { return class + "@example.org" }
	for _, class := range classes[1:] {
		if class == "dead0" {
			continue
		}
		v.sign(p, "Ana Torres", address(class), "yes")
		switch class {
		case "sign0", "stop0":
			v.pressed(v.Link(address(class), undersigned.LinkConfirm), p.Version)
		case "block":
			v.post("/l/"+v.Link(address(class), undersigned.LinkConfirm).Text, url.Values{"do": {"not-me"}, "block": {"yes"}}).to(t, "/not-me/blocked")
		}
		if class == "stop0" {
			v.post("/l/"+v.Link(address(class), undersigned.LinkOwn).Text, url.Values{"do": {"stop"}}).to(t, "/outcome/stopped")
		}
		v.Work()
	}
	path := view.PathPetition(p.ID) + "/signatures"
	var first answer
	var firstSize int
	times := map[string][]time.Duration{}
	for i := range each {
		for j := range classes {
			class := classes[(i+j)%len(classes)]
			who := address(class)
			switch class {
			case "new00":
				who = fmt.Sprintf("n%04d@example.org", i)
			case "dead0":
				who = fmt.Sprintf("d%03d@dead.example", i)
			}
			start := time.Now()
			a := v.post(path, signing(p, "Ana Torres", who, "yes"))
			times[class] = append(times[class], time.Since(start))
			size := len(a.body)
			if first.header == nil {
				first, firstSize = a, size
			}
			if a.status != 200 || size != firstSize || fmt.Sprint(a.header) != fmt.Sprint(first.header) {
				t.Fatalf("%s: status %d, %d bytes instead of %d, headers %v instead of %v", class, a.status, size, firstSize, a.header, first.header)
			}
		}
	}
	for _, class := range classes[1:] {
		if auc := separates(times["new00"], times[class]); auc > 0.55 {
			t.Errorf("time tells new addresses from %s: AUC %.3f", class, auc)
		}
	}
}

// separates is how well time tells two classes apart: the area under the ROC curve of
// the better of the two directions, 0.5 for not at all.
func separates(a, b []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(b))
	var wins float64
	for _, one := range a {
		below, _ := slices.BinarySearch(sorted, one)
		upTo, _ := slices.BinarySearch(sorted, one+1)
		wins += float64(below) + float64(upTo-below)/2
	}
	auc := wins / float64(len(a)*len(b))
	return math.Max(auc, 1-auc)
}
