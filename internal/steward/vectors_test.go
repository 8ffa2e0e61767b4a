package steward

import (
	"testing"

	"undersigned"
	"undersigned/internal/vectors"
)

func TestVectorsOfLeaves(t *testing.T) {
	page := vectors.Read(t, "../../docs/formats.md")
	version := undersigned.TextVersion(page.Bytes("text version"))
	signature := leafOf(undersigned.Signature{Version: version, AuditSealed: page.Bytes("audit part")}, 1)
	page.Same("leaf of the audit part", signature.Hash[:])
	for name, kind := range map[string]int{"leaf of a withdrawal": LeafWithdrawal, "leaf of a removal": LeafRemoval} {
		got := removalLeaf(7, kind, version, 1)
		page.Same(name, got.Hash[:])
	}
}
