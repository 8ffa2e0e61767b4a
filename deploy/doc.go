// Package deploy holds what an operator installs beside the binary: service units, the
// Debian package's files, examples for proxies, alerts. Its tests hold them to what they
// say.
package deploy
