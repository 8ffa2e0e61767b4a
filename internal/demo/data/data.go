// Package data holds a sample of real petitions, for the demo and for tests. Its README
// says where they come from.
package data

import (
	_ "embed"
	"time"
)

// Petitions is the sample: one JSON object a line, packed with gzip.
//
// Contains Parliamentary information licensed under the Open Parliament Licence v3.0.
//
//go:embed petitions.ndjson.gz
var Petitions []byte

// AsOf is the day the sample shows: 24 of its petitions are open then, one waits for a
// debate, and none closes within two weeks. A demo moves it to today.
var AsOf = time.Date(2022, time.December, 30, 12, 0, 0, 0, time.UTC)

// ShiftDays is by how many days dates must move for the sample to look as of now.
func ShiftDays(now time.Time) int { return int(now.Sub(AsOf).Hours() / 24) }
