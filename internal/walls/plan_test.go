package walls

import (
	"go/ast"
	"maps"
	"strings"
	"testing"
)

// A plan says who may import whom. "/" is the root package.
type plan struct {
	rooms map[string][]string // what of the house a room may import; "*": everything
	walls map[string][]string // what a room must not reach, by whatever way
	only  map[string][]string // which rooms alone may import something
}

// house is the plan of design.md's table, and of ARCHITECTURE.md.
var house = plan{
	rooms: map[string][]string{
		"/":                  {}, // and the standard library only
		"internal/address":   {"/"},
		"internal/seal":      {"/"},
		"internal/vault":     {"/", "internal/seal"},
		"internal/ledger":    {"/"},
		"verify":             {}, // shares no code with what it checks
		"witness":            {"verify"},
		"internal/cosign":    {"internal/ledger"}, // calls out, with what everybody may read
		"internal/store":     {"/"},
		"internal/meter":     {}, // counts, and knows nobody
		"internal/letterbox": {"/", "internal/address", "internal/seal", "internal/store", "internal/meter"},
		"internal/steward":   {"/", "internal/address", "internal/seal", "internal/vault", "internal/ledger", "internal/cosign", "internal/store", "internal/mail", "internal/meter"},
		"internal/desk":      {"/", "internal/store", "internal/passkey"},
		"internal/passkey":   {}, // checks with public keys
		"internal/signon":    {"internal/seal"},
		"internal/mail":      {"/"},
		"internal/post":      {"/", "internal/seal", "internal/meter"},
		"internal/opendata":  {"/"},
		// seal: links are read and cards opened with the token in hand. mail/texts: the page
		// names the subject of the mail to look for.
		"internal/web": {"/", "internal/address", "internal/letterbox", "internal/desk", "internal/ledger", "internal/store",
			"internal/seal", "internal/opendata", "internal/mail/texts", "internal/meter", "internal/passkey", "internal/signon"},
		"internal/importer": {"/", "internal/opendata", "internal/store"},
		"internal/backup":   {"/", "internal/ledger", "internal/store", "internal/vault", "internal/steward"},
		"internal/check":    {"/", "internal/address", "internal/seal", "internal/vault", "internal/ledger", "internal/store"},
		"internal/demo":     {"*"},
		"internal/bench":    {"*"},
		"internal/testkit":  {"*"},
		"internal/vectors":  {},
		"internal/ops":      {"/", "internal/store", "internal/meter"},
		"internal/doctor":   {"/", "internal/ops", "internal/mail", "internal/store"},
		"cmd/undersigned":   {"*"},
		"deploy":            {}, // service files, with tests of them
	},
	walls: map[string][]string{
		// No opening key where the public and the desk are.
		"internal/web":       {"internal/vault", "internal/steward", "filippo.io/age"},
		"internal/desk":      {"internal/vault", "internal/steward", "internal/seal", "filippo.io/age"},
		"internal/letterbox": {"internal/vault", "internal/steward", "filippo.io/age"},
		"internal/post":      {"internal/vault", "internal/steward", "internal/store", "filippo.io/age"},
		// What is shut or stored must not depend on what opens it.
		"internal/store": {"internal/seal", "internal/vault"},
		"internal/seal":  {"internal/vault"},
		// The outsider's checker shares no code with what it checks, and so no fault.
		"verify":  {"/", "internal"},
		"witness": {"/", "internal"},
	},
	only: map[string][]string{
		// Keys and ciphers. SHA-256, constant-time comparison, random numbers and the public
		// half of Ed25519 (pins) are nobody's secret.
		"crypto/aes":          keyed,
		"crypto/cipher":       keyed,
		"crypto/des":          keyed,
		"crypto/rc4":          keyed,
		"crypto/hpke":         keyed,
		"crypto/hkdf":         keyed,
		"crypto/pbkdf2":       keyed,
		"crypto/ecdh":         keyed,
		"crypto/mlkem":        keyed,
		"crypto/ecdsa":        append([]string{"internal/passkey", "internal/signon/signontest"}, keyed...), // passkey: the public half; signontest: of a test
		"crypto/rsa":          append([]string{"internal/passkey"}, keyed...),
		"crypto/hmac":         keyed,
		"golang.org/x/crypto": append([]string{"internal/ops"}, keyed...), // ops: certificates by ACME
		"filippo.io/hpke":     keyed,
		"filippo.io/age":      {"internal/vault"},
		"crypto/ed25519":      {"internal/passkey", "internal/seal", "internal/vault", "internal/ledger", "internal/letterbox", "internal/check", "internal/testkit", "verify", "witness", "cmd/undersigned"},
		// Languages.
		"database/sql":                {"internal/store"},
		"modernc.org/sqlite":          {"internal/store"},
		"github.com/pressly/goose":    {"internal/store"},
		"github.com/jackc/pgx":        {"internal/store"},
		"html/template":               {"internal/web/view", "internal/demo"}, // the demo's page of caught mail
		"net/smtp":                    {},
		"github.com/emersion/go-smtp": {"internal/mail", "internal/post"},
		"github.com/emersion":         {"internal/mail", "internal/post"},
		"github.com/coreos/go-oidc":   {"internal/signon"},
		"github.com/go-jose":          {}, // by way of go-oidc only
		"golang.org/x/oauth2":         {"internal/signon"},
		// Rooms that only some may enter.
		"internal/vault":        {"internal/vault", "internal/steward", "internal/check", "internal/backup", "internal/demo", "internal/bench", "internal/testkit", "cmd/undersigned"},
		"internal/steward":      {"internal/steward", "internal/backup", "internal/demo", "internal/bench", "internal/testkit", "cmd/undersigned"},
		"internal/mail/catcher": {"internal/demo", "internal/testkit", "cmd/undersigned"},
		"internal/testkit":      {},
		"internal/vectors":      {},
		"cmd":                   {},
		"plugin":                {},
		"unsafe":                {},
	},
}

var keyed = []string{"internal/seal", "internal/vault"}

func TestTheHouseKeepsToItsPlan(t *testing.T) {
	g := readGraph(t, "../..")
	for _, room := range []string{"/", "verify", "internal/web", "internal/vault", "internal/steward", "internal/store", "cmd/undersigned"} {
		if _, ok := g[room]; !ok {
			t.Fatalf("%s was not read", room)
		}
	}
	for _, fault := range house.broken(g) {
		t.Error(fault)
	}
}

// Each wall must fall when somebody breaks through it: the true graph with one import more.
func TestEveryForbiddenImportIsFound(t *testing.T) {
	g := readGraph(t, "../..")
	if len(house.broken(g)) > 0 {
		t.Fatal("the house is broken already")
	}
	for _, test := range []struct{ at, imports, says string }{
		{"internal/web", "internal/vault", "internal/web must not reach internal/vault"},
		{"internal/web/view", "internal/vault", "internal/web must not reach internal/vault"},
		{"internal/desk", "internal/steward", "internal/desk must not reach internal/steward"},
		{"internal/letterbox", "internal/vault", "internal/letterbox must not reach internal/vault"},
		{"internal/opendata", "internal/vault", "internal/web must not reach internal/vault: internal/web → internal/opendata → internal/vault"},
		{"internal/store", "internal/seal", "internal/store must not reach internal/seal"},
		{"internal/steward", "crypto/hmac", "internal/steward imports crypto/hmac"},
		{"internal/web", "crypto/aes", "internal/web imports crypto/aes"},
		{"internal/web", "golang.org/x/crypto/nacl/box", "internal/web imports golang.org/x/crypto/nacl/box"},
		{"internal/seal", "filippo.io/age", "internal/seal imports filippo.io/age"},
		{"internal/mail", "crypto/ed25519", "internal/mail imports crypto/ed25519"},
		{"internal/steward", "database/sql", "internal/steward imports database/sql"},
		{"internal/check", "modernc.org/sqlite", "internal/check imports modernc.org/sqlite"},
		{"internal/mail", "html/template", "internal/mail imports html/template"},
		{"internal/steward", "net/smtp", "internal/steward imports net/smtp"},
		{"internal/store", "internal/testkit", "internal/store imports internal/testkit"},
		{"internal/web", "cmd/undersigned", "internal/web imports cmd/undersigned"},
		{"internal/desk", "internal/letterbox", "internal/desk imports internal/letterbox"},
		{"internal/mail", "internal/store", "internal/mail imports internal/store"},
		{"/", "golang.org/x/text/unicode/norm", "the root package imports golang.org/x/text/unicode/norm"},
		{"/", "internal/store", "/ imports internal/store"},
		{"internal/util", "internal/store", "internal/util is in no room"},
		{"verify", "internal/ledger", "verify must not reach internal/ledger"},
		{"verify", "/", "verify must not reach /"},
		{"verify", "github.com/google/uuid", "verify imports github.com/google/uuid"},
		{"witness", "internal/ledger", "witness must not reach internal/ledger"},
		{"witness", "github.com/google/uuid", "witness imports github.com/google/uuid"},
	} {
		broken := maps.Clone(g)
		broken[test.at] = append(append([]string{}, g[test.at]...), test.imports)
		faults := house.broken(broken)
		found := false
		for _, fault := range faults {
			found = found || strings.HasPrefix(fault, test.says)
		}
		if !found {
			t.Errorf("%s imports %s: %q", test.at, test.imports, faults)
		}
	}
}

// The public part and the desk take their own view of the store and no other: the types
// are the database roles.
func TestEachPartTakesItsOwnViewOfTheStore(t *testing.T) {
	forbidden := map[string][]string{
		"internal/web":       {"Steward", "StewardTx", "Inspect", "Inspection", "Checkpoint"},
		"internal/letterbox": {"Steward", "StewardTx", "Desk", "DeskTx", "Inspect", "Inspection", "Checkpoint"},
		"internal/desk":      {"Steward", "StewardTx", "Public", "Inspect", "Inspection", "Checkpoint"},
	}
	found := map[string]bool{}
	eachFile(t, "../..", 0, func(dir string, file *ast.File) {
		for room, names := range forbidden {
			if !within(dir, room) {
				continue
			}
			for _, name := range namesOfTheStore(file) {
				found[room] = true
				for _, no := range names {
					if name == no {
						t.Errorf("%s uses store.%s", dir, name)
					}
				}
			}
		}
	})
	for room := range forbidden {
		if !found[room] {
			t.Errorf("no use of the store was found in %s: this test looks at nothing", room)
		}
	}
}

// namesOfTheStore gives the names X that a file uses as store.X or calls on a database,
// as in db.Steward().
func namesOfTheStore(file *ast.File) (names []string) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			if pkg, ok := node.X.(*ast.Ident); ok && pkg.Name == "store" {
				names = append(names, node.Sel.Name)
			}
		case *ast.CallExpr:
			if call, ok := node.Fun.(*ast.SelectorExpr); ok && len(node.Args) == 0 {
				if name := call.Sel.Name; name == "Steward" || name == "Desk" {
					names = append(names, name)
				}
			}
		}
		return true
	})
	return names
}
