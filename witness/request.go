package witness

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// mostProof is how many hashes a proof may have: a tree of 2^63 entries needs no more.
const mostProof = 63

// errRequest means that a body is no request to add a checkpoint.
var errRequest = errors.New("this is no request to add a checkpoint")

// A request is what a log asks (c2sp.org/tlog-witness, add-checkpoint).
type request struct {
	old        int64 // size of the checkpoint that we are thought to know
	proof      tlog.TreeProof
	checkpoint []byte // signed
}

// parseRequest reads the body of a request: "old N", a proof of growth with a hash in each
// line, an empty line, and the checkpoint.
//
// Errors: errRequest.
func parseRequest(body []byte) (r request, err error) {
	top, checkpoint, ok := strings.Cut(string(body), "\n\n")
	if !ok {
		return r, errRequest
	}
	lines := strings.Split(top, "\n")
	size, ok := strings.CutPrefix(lines[0], "old ")
	if r.old, err = strconv.ParseInt(size, 10, 64); err != nil || !ok || r.old < 0 || strconv.FormatInt(r.old, 10) != size || len(lines) > 1+mostProof {
		return r, errRequest
	}
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		// The decoder passes over ends of lines, and a line has one form.
		if err != nil || len(hash) != tlog.HashSize || base64.StdEncoding.EncodeToString(hash) != line {
			return r, errRequest
		}
		r.proof = append(r.proof, tlog.Hash(hash))
	}
	r.checkpoint = []byte(checkpoint)
	return r, nil
}
