package vault

import (
	"testing"

	"undersigned"
	"undersigned/internal/seal"
	"undersigned/internal/vectors"
)

func TestVectorsOfTokensAndTags(t *testing.T) {
	page := vectors.Read(t, "../../docs/formats.md")
	id := undersigned.ID{0x00, 0x07, 0xa1, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	key := page.Bytes("link key")
	for name, kind := range map[string]undersigned.LinkKind{
		"confirm token": undersigned.LinkConfirm, "own-page token": undersigned.LinkOwn, "creator token": undersigned.LinkCreator,
		"hearing token": undersigned.LinkHearing,
	} {
		got := token(key, kind, id)
		page.Same(name, got[:])
	}
	key = page.Bytes("tag key")
	for _, label := range []string{"address", "stop", "limit", "staff"} {
		got := tag(key, label, "ana@example.org")
		page.Same(label+" tag of ana@example.org", got[:])
	}
	keys := &PetitionKeys{address: key}
	domain, mark := keys.DomainTag("example.org"), keys.ClusterMark(page.Bytes("cluster"))
	page.Same("domain tag of example.org", domain[:])
	page.Same("cluster mark", mark[:])
	for _, use := range []string{"contact", "release", "release link", "hearing"} {
		page.Same("key derived for "+use, derive(key, use))
	}
}

func TestVectorsOfReturnAddresses(t *testing.T) {
	page := vectors.Read(t, "../../docs/formats.md")
	keys := newReturnKeys(page.Bytes("link key"))
	holder := seal.Holder{Kind: seal.HolderSignature, Number: 1234567, ID: undersigned.ID{0x00, 0x07, 0xa1, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
	token := keys.token(20779, holder) // 22 November 2026
	page.Same("return token", token[:])
	if got := seal.ReturnAddress("bounces@example.org", token); got != page.Text("return address") {
		t.Errorf("return address: %s", got)
	}
}
