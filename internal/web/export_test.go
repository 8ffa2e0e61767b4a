package web

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
