package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	scenario      = regexp.MustCompile(`\b[USW]\d+\b`)
	scenarioInTag = regexp.MustCompile(`[USWG]\d+`) // in the name of a test, where numbers stand side by side
	goal          = regexp.MustCompile(`\bG\d+\b`)
)

// What docs/scenarios.md says holds, a test must show that names the number, in its name
// or in the comment above it.
func TestEveryScenarioThatHoldsIsNamedByATest(t *testing.T) {
	named := numbersOfTests(t, "../..")
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 && len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[len(cells)-2]), "holds") {
			continue
		}
		rows++
		for _, number := range append(scenario.FindAllString(expand(cells[1]), -1), goal.FindAllString(cells[len(cells)-2], -1)...) {
			if !named[number] {
				t.Errorf("%s holds, says docs/scenarios.md, and no test names it", number)
			}
		}
	}
	if rows < 30 {
		t.Fatalf("only %d rows of docs/scenarios.md were read", rows)
	}
}

// The goals that are held so far, each by a test that names it.
func TestEveryGoalThatIsHeldIsNamedByATest(t *testing.T) {
	named := numbersOfTests(t, "../..")
	for _, number := range strings.Fields("G1 G4 G6 G7 G8 G9 G10 G11 G13 G22 G23 G24 G25 G26 G27 G28 G29 G30 G31 G32 G40 G42 G47 G48 G49 G50 G51 G52 G53 G54 G56 G57 G58 G60 G68 G70") {
		if !named[number] {
			t.Errorf("no test names %s", number)
		}
	}
}

var span = regexp.MustCompile(`U(\d+) to U(\d+)`)

// expand writes "U67 to U70" out.
func expand(numbers string) string {
	return span.ReplaceAllStringFunc(numbers, func(text string) string {
		return strings.ReplaceAll(text, " to ", " ") // those between stand in the state's cell
	})
}

// numbersOfTests gathers the numbers in names of tests and in the comments above them.
func numbersOfTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	named := map[string]bool{}
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			test, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(test.Name.Name, "Test") {
				continue
			}
			for _, number := range scenarioInTag.FindAllString(test.Name.Name, -1) {
				named[number] = true
			}
			for _, pattern := range []*regexp.Regexp{scenario, goal} {
				for _, number := range pattern.FindAllString(test.Doc.Text(), -1) {
					named[number] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(named) < 60 {
		t.Fatalf("only %d numbers were found", len(named))
	}
	return named
}
