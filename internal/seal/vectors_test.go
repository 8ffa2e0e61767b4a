package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	goflag "flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/vectors"
)

const page = "../../docs/formats.md"

// withoutNonce begins the vectors that vault, steward and root compute.
const withoutNonce = "# Computed without a nonce\n"

var update = goflag.Bool("update", false, "seal the vectors of docs/formats.md anew")

// The fixed inputs of all vectors.
var (
	vectorSite    = [16]byte(counting(0x10, 16))
	vectorID      = undersigned.ID(append([]byte{0x00, 0x07, 0xa1, 0x20}, counting(0x01, 12)...))
	vectorVersion = undersigned.VersionOf("Keep the library open", "Because it matters.", "More about it.")
	vectorWording = undersigned.PurposeText{
		Code: undersigned.PurposeReply, Language: "en-GB", Sender: "Open Petitions Trust", Words: "When the council answers, shall we email you?\nYes\nNo",
	}.Version()
	vectorToken  = undersigned.Token(counting(0x40, 16))
	vectorKey    = counting(0x80, 32)
	vectorKeyID  = KeyID(counting(0xd0, 8))
	vectorWindow = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
)

func counting(from byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

// A sealedVector is one thing sealed in a fixed context under a fixed key.
type sealedVector struct {
	name    string
	format  Format
	keyID   []byte
	key     []byte
	kind    byte
	about   int64
	purpose Purpose
	version undersigned.TextVersion
	content []byte
}

func sealedVectors() []sealedVector {
	submission := undersigned.Submission{
		Name: "Ana Torres", Address: "ana@example.org", Postcode: "HX1 1UJ", Language: "en-GB", Reply: undersigned.ReplyYes, Version: vectorVersion,
		Wordings: []undersigned.TextVersion{vectorWording},
	}
	audit := Audit{Wordings: []undersigned.TextVersion{vectorWording}, Name: "Ana Torres", Address: "ana@example.org", Postcode: "HX1 1UJ", SignedAt: 1795338000000000, ConfirmedAt: 1795338060000000, Salt: [16]byte(counting(0x60, 16))}
	contact := Contact{Name: "Ana Torres", Address: "ana@example.org", Language: "en-GB"}
	hearing := undersigned.Hearing{Phone: "+44 1422 350000", Postal: "1 Mill Lane\nHalifax HX1 1UJ"}
	card := writer{}
	card.bytes(fieldVersion, vectorVersion[:])
	card.number(fieldPetition, 7)
	card.text(fieldInitials, "A. T.")
	mac := hmac.New(sha256.New, vectorToken[:])
	mac.Write([]byte("undersigned card v1"))
	none := undersigned.TextVersion{}
	partKey := []byte{0xaa, 0xbb, 0xcc, 0xdd}
	suspicious := submission
	suspicious.Suspicions, suspicious.Cluster = []undersigned.Suspicion{undersigned.SuspectFast, undersigned.SuspectMany}, undersigned.Cluster(counting(0x70, 8))
	return []sealedVector{
		{"suspicious letter", FormatLetter, vectorKeyID[:], vectorKey, byte(undersigned.LetterSign), 7, PurposeLetter, none, EncodeSubmission(suspicious)},
		{"letter", FormatLetter, vectorKeyID[:], vectorKey, byte(undersigned.LetterSign), 7, PurposeLetter, none, EncodeSubmission(submission)},
		{"card", FormatCard, nil, mac.Sum(nil), byte(undersigned.LinkConfirm), 0, PurposeCard, none, card.b},
		{"reply part", FormatReply, partKey, vectorKey, 0, 7, PurposeReply, vectorVersion, Contact{Address: "ana@example.org"}.Encode()},
		{"audit part", FormatAudit, partKey, vectorKey, 0, 7, PurposeAudit, vectorVersion, audit.Encode()},
		{"creator's part", FormatReply, partKey, vectorKey, 0, 7, PurposeCreator, none, contact.Encode()},
		{"staff part", FormatStaff, make([]byte, 4), vectorKey, 1, 7, PurposeStaff, none, contact.Encode()},
		{"request", FormatRequest, make([]byte, 4), vectorKey, 0, 0, PurposeRelease, none, []byte(`{"name":"Jo Reed"}`)},
		{"hearing part", FormatHearing, partKey, vectorKey, 0, 7, PurposeHearing, none, EncodeHearing(hearing)},
		{"news part", FormatNews, partKey, vectorKey, 0, 7, PurposeNews, vectorVersion, Contact{Address: "ana@example.org"}.Encode()},
		{"hearing card", FormatHeard, nil, mac.Sum(nil), byte(undersigned.LinkHearing), 7, PurposeHearing, none, EncodeHearing(hearing)},
	}
}

func (v sealedVector) context() Context {
	return Context{Site: vectorSite, Kind: v.kind, Petition: v.about, ID: vectorID, Purpose: v.purpose, Version: v.version}
}

// byThePage seals as docs/formats.md says, step by step, sharing nothing with Seal but
// AES-GCM itself.
func (v sealedVector) byThePage(aead cipher.AEAD, nonce []byte) []byte {
	header := append([]byte{byte(v.format)}, v.keyID...)
	aad := slices.Concat([]byte("undersigned/1\x00"), vectorSite[:], []byte{v.kind},
		binary.BigEndian.AppendUint64(nil, uint64(v.about)), vectorID[:], []byte{byte(v.purpose)}, v.version[:], header)
	sizes := map[Format][]int{1: {512, 4096}, 2: {64}, 3: {64, 320}, 4: {192, 640}, 5: {320}, 6: {640}, 7: {1024}, 8: {1024}, 9: {64, 320}}[v.format]
	padded := append(slices.Clone(v.content), 0x80)
	for _, size := range sizes {
		if len(padded) <= size {
			padded = append(padded, make([]byte, size-len(padded))...)
			break
		}
	}
	return slices.Concat(header, nonce, aead.Seal(nil, nonce, padded, aad))
}

func TestVectorsOfWhatIsSealed(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	page := vectors.Read(t, page)
	for _, v := range sealedVectors() {
		aead, err := NewAEAD(v.key)
		if err != nil {
			t.Fatal(err)
		}
		page.Same(v.name+" key", v.key)
		page.Same(v.name+" content", v.content)
		sealed := page.Bytes(v.name)
		opened, err := Open(aead, v.format, v.context(), sealed)
		if err != nil || !bytes.Equal(opened, v.content) {
			t.Errorf("%s does not open to its content: %v", v.name, err)
		}
		nonce := sealed[1+len(v.keyID) : 1+len(v.keyID)+12]
		page.Same(v.name, v.byThePage(aead, nonce))
	}
}

func TestVectorsOfForms(t *testing.T) {
	page := vectors.Read(t, page)
	key := NewStampKey([16]byte(page.Bytes("link mask")))
	page.Same("stamp key", key[:])
	if got := key.Stamp(undersigned.LetterSign, 7, vectorWindow); got != page.Text("stamp") {
		t.Errorf("stamp: %s", got)
	}
	if at, ok := key.Read(undersigned.LetterSign, 7, page.Text("stamp")); !ok || !at.Equal(vectorWindow) {
		t.Errorf("the stamp reads as %v, %v", at, ok)
	}
	for name, ok := range map[string]bool{
		"another form": readable(key, undersigned.LetterSponsor, 7, page.Text("stamp")), "another petition": readable(key, undersigned.LetterSign, 8, page.Text("stamp")),
		"another site": readable(NewStampKey([16]byte{1}), undersigned.LetterSign, 7, page.Text("stamp")), "cut": readable(key, undersigned.LetterSign, 7, page.Text("stamp")[:15]),
		"no base64": readable(key, undersigned.LetterSign, 7, strings.Repeat("!", 16)), "empty": readable(key, undersigned.LetterSign, 7, ""),
	} {
		if ok {
			t.Errorf("a stamp of %s is taken", name)
		}
	}
	a, same, b := PlaceKey{1}, PlaceKey{1}, PlaceKey{2}
	if a.Cluster([]byte("x")) == b.Cluster([]byte("x")) || a.Cluster([]byte("x")) == a.Cluster([]byte("y")) || a.Cluster([]byte("x")) != same.Cluster([]byte("x")) {
		t.Error("clusters are not of key and place")
	}
}

func readable(key StampKey, kind undersigned.LetterKind, petition int64, text string) bool {
	_, ok := key.Read(kind, petition, text)
	return ok
}

func TestVectorOfAKeyStatement(t *testing.T) {
	page := vectors.Read(t, page)
	private, err := KEM().NewPrivateKey(page.Bytes("letterbox private key"))
	if err != nil {
		t.Fatal(err)
	}
	site := ed25519.NewKeyFromSeed(page.Bytes("site key seed"))
	s := Statement{Site: vectorSite, Key: KeyID(counting(0xe0, 8)), NotBefore: vectorWindow, NotAfter: vectorWindow.AddDate(0, 0, 1), Public: private.PublicKey().Bytes()}
	signed := SignStatement(site, s)
	sum := sha256.Sum256(signed)
	page.Same("site public key", site.Public().(ed25519.PublicKey))
	page.Same("statement head", signed[:69])
	page.Same("statement SHA-256", sum[:])
	page.Same("statement signature", signed[len(signed)-64:])
	read, err := VerifyStatement([]ed25519.PublicKey{site.Public().(ed25519.PublicKey)}, vectorSite, signed)
	if err != nil || !reflect.DeepEqual(read, s) {
		t.Fatalf("it reads back as %+v: %v", read, err)
	}
	key, err := Unwrap(private, vectorSite, s.Key, vectorKeyID, page.Bytes("wrapped data key"))
	if err != nil || !bytes.Equal(key, vectorKey) {
		t.Fatalf("the wrapped data key opens to %x: %v", key, err)
	}
}

func TestVectorsOfLinks(t *testing.T) {
	page := vectors.Read(t, page)
	mask, err := NewLinkMask([16]byte(page.Bytes("link mask")))
	if err != nil {
		t.Fatal(err)
	}
	if got := mask.Link(undersigned.LinkConfirm, 1234567, vectorToken); got != page.Text("link") {
		t.Errorf("link: %s", got)
	}
	page.Same("link token", vectorToken[:])
	hash := HashToken(vectorToken)
	page.Same("token hash", hash[:])
	if got := SignInCode(vectorToken); got != page.Text("sign-in code") {
		t.Errorf("sign-in code: %s", got)
	}
	code := HashCode(page.Text("sign-in code"), [32]byte(page.Bytes("browser")))
	page.Same("sign-in code hash", code[:])
}

// writeVectors replaces the lines of sealed things in the page. Nonces are random, so
// this is for a change of formats only.
func writeVectors(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\n```vectors\n")
	_, tail, found := strings.Cut(rest, withoutNonce) // what other packages compute stays
	if !found {
		t.Fatalf("the block of vectors has no line %q", withoutNonce)
	}
	var b strings.Builder
	line := func(name string, value []byte) { fmt.Fprint(&b, wrapped(name, fmt.Sprintf("%x", value))) }
	for _, v := range sealedVectors() {
		aead, err := NewAEAD(v.key)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := Seal(aead, v.format, v.keyID, v.context(), v.content)
		if err != nil {
			t.Fatal(err)
		}
		line(v.name+" key", v.key)
		line(v.name+" content", v.content)
		line(v.name, sealed)
	}
	seed := counting(0x20, 32)
	private, err := KEM().NewPrivateKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	site := ed25519.NewKeyFromSeed(counting(0xa0, 32))
	s := Statement{Site: vectorSite, Key: KeyID(counting(0xe0, 8)), NotBefore: vectorWindow, NotAfter: vectorWindow.AddDate(0, 0, 1), Public: private.PublicKey().Bytes()}
	signed := SignStatement(site, s)
	sum := sha256.Sum256(signed)
	wrappedKey, err := wrap(s, vectorKeyID, vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	line("site key seed", counting(0xa0, 32))
	line("site public key", site.Public().(ed25519.PublicKey))
	line("letterbox private key", seed)
	line("statement head", signed[:69])
	line("statement SHA-256", sum[:])
	line("statement signature", signed[len(signed)-64:])
	line("wrapped data key", wrappedKey)
	mask, err := NewLinkMask([16]byte(counting(0x30, 16)))
	if err != nil {
		t.Fatal(err)
	}
	hash := HashToken(vectorToken)
	browser := [32]byte(counting(0x50, 32))
	code := HashCode(SignInCode(vectorToken), browser)
	line("link mask", counting(0x30, 16))
	line("link token", vectorToken[:])
	fmt.Fprintf(&b, "link = %s\n", mask.Link(undersigned.LinkConfirm, 1234567, vectorToken))
	line("token hash", hash[:])
	fmt.Fprintf(&b, "sign-in code = %s\n", SignInCode(vectorToken))
	line("browser", browser[:])
	line("sign-in code hash", code[:])
	out := head + "\n```vectors\n" + b.String() + withoutNonce + tail
	if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

func wrapped(name, value string) string {
	const width = 96
	line := name + " = "
	if len(line)+len(value) <= 110 {
		return line + value + "\n"
	}
	var b strings.Builder
	b.WriteString(line)
	for first := true; len(value) > 0; first = false {
		n := min(width, len(value))
		if !first {
			b.WriteString("  ")
		}
		b.WriteString(value[:n] + "\n")
		value = value[n:]
	}
	return b.String()
}
