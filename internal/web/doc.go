// Package web is what people and their programs see: routes, forms, pages, open data.
// It reads what is published and the links in mails, and everything it does for
// somebody is a letter put into the letterbox. It holds no key that opens anything but
// the card behind a link, and that only with the token from the link itself.
//
// A request goes through Server.front (which host, which page is ready), then through
// the row of routes.go that names it, then to one handler: read, act, answer. What a
// handler cannot do it returns as an error, and fail picks the status and the page.
package web
