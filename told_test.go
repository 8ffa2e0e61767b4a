package undersigned_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"undersigned"
)

// Every act that has a name has a decision what the public hears of it.
func TestEveryActIsDecidedAbout(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "act.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Act") {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		if _, known := undersigned.Tells(name); !known {
			t.Errorf("%s: nobody decided what the public hears of %q", spec.Names[0].Name, name)
		}
		return true
	})
	if found < 40 {
		t.Errorf("act.go names only %d acts", found)
	}
	if _, known := undersigned.Tells(""); known {
		t.Error("an act without a name is decided about")
	}
}
