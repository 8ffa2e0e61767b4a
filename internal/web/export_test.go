package web

import (
	"net/netip"
	"time"

	"undersigned"
)

// AllRoutes lists every route for tests: method and pattern, and whether only staff
// reach it.
func AllRoutes() (all []struct {
	Method, Pattern string
	Staff           bool
}) {
	for _, one := range append(append(publicRoutes(), staffRoutes()...), demoRoutes()...) {
		all = append(all, struct {
			Method, Pattern string
			Staff           bool
		}{one.method, one.pattern, one.who != ""})
	}
	return all
}

// DelayMinutes is what people are told of a measured delay.
var DelayMinutes = delayMinutes

// CountForms counts forms as a public part does, with room for as many places.
func CountForms(now func() time.Time, most int) func(netip.Addr, undersigned.Floor) (undersigned.Cluster, bool) {
	c := newFormCounter(now)
	c.most = most
	return func(from netip.Addr, floor undersigned.Floor) (undersigned.Cluster, bool) {
		place, _, many := c.count(from, "", floor, false)
		return place, many
	}
}
