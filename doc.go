// Package undersigned holds the words and rules of petition sites that cannot
// betray a signer: petitions and their states, signatures, purposes, quotas,
// retention, thresholds and reasons. It imports the standard library only and
// knows neither keys nor storage. docs/terms.md explains the words.
package undersigned
