// Package faults breaks a real server process in every way a machine breaks one, while
// people sign: kill -9, a failing disk, a full disk, an orderly end under load, parts
// that may not read the keys, a relay that is gone. What people were promised is kept in
// a ledger outside the process, and compared in the end.
//
// It holds tests only. They need strace and the right to mount (root), and say so when
// they have not. `scripts/faults` runs them for longer.
package faults
