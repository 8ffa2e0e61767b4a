// Package secrecy tries to learn from a site what nobody may learn: it scans everything
// written for what people typed, plays the thief of a database, and changes what is
// sealed. It has tests only.
package secrecy
