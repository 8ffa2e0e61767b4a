package check

// SetMostLeaves makes Check take several passes over few signatures.
func SetMostLeaves(n int64) (old int64) {
	old, mostLeaves = mostLeaves, n
	return old
}
