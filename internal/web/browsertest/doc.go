// Package browsertest holds tests that look at the site through a real browser: every
// page with sample data, and people's whole ways through a running demo. They need
// Debian's Chromium (apt-get install chromium) and nothing else.
//
//	go test ./internal/web/browsertest                   all of them
//	go test ./internal/web/browsertest -update           write the accessibility trees anew
//	go test ./internal/web/browsertest -shots DIR        also write pictures of the main pages
//
// The demo is built from this tree; UNDERSIGNED_BINARY names one that is built already.
package browsertest
