package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	scenario      = regexp.MustCompile(`\b[USW]\d+\b`)
	scenarioInTag = regexp.MustCompile(`[USWG]\d+`) // in the name of a test, where numbers stand side by side
	goal          = regexp.MustCompile(`\bG\d+\b`)
	testName      = regexp.MustCompile("`(Test\\w+)`")
	span          = regexp.MustCompile(`\d to [USW]\d`)
)

// What docs/scenarios.md says holds, a test must show that names the number, in its name
// or in the comment above it. The tests that the page names must be there.
func TestEveryScenarioThatHoldsIsNamedByATest(t *testing.T) {
	named, tests := numbersOfTests(t, "../..")
	page, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 && len(cells) != 5 {
			continue
		}
		state := strings.TrimSpace(cells[len(cells)-2])
		for _, match := range testName.FindAllStringSubmatch(state, -1) {
			if !tests[match[1]] {
				t.Errorf("docs/scenarios.md names %s, and there is no such test", match[1])
			}
		}
		if !strings.HasPrefix(state, "hold") {
			continue
		}
		rows++
		for _, number := range slices.Concat(scenario.FindAllString(cells[1], -1), scenario.FindAllString(state, -1), goal.FindAllString(state, -1)) {
			if !named[number] {
				t.Errorf("%s holds, says docs/scenarios.md, and no test names it", number)
			}
		}
		if span.MatchString(cells[1]) {
			t.Errorf("docs/scenarios.md names a range, %q: write its numbers out", cells[1])
		}
	}
	if rows < 30 {
		t.Fatalf("only %d rows of docs/scenarios.md were read", rows)
	}
}

// What docs/threat-model.md leans on, a test must name. Two goals it names as not held: G35
// has nothing to find, G46 needs a second machine.
func TestEveryNumberInTheThreatModelIsNamedByATest(t *testing.T) {
	named, _ := numbersOfTests(t, "../..")
	page, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	numbers := append(scenario.FindAllString(string(page), -1), goal.FindAllString(string(page), -1)...)
	for _, number := range numbers {
		if !named[number] && number != "G35" && number != "G46" {
			t.Errorf("docs/threat-model.md leans on %s, and no test names it", number)
		}
	}
	if len(numbers) < 30 {
		t.Fatalf("only %d numbers were read", len(numbers))
	}
}

// The goals that are held so far, each by a test that names it.
func TestEveryGoalThatIsHeldIsNamedByATest(t *testing.T) {
	named, _ := numbersOfTests(t, "../..")
	for _, number := range strings.Fields("G1 G4 G6 G7 G8 G9 G10 G11 G13 G22 G23 G24 G25 G26 G27 G28 G29 G30 G31 G32 G40 G42 G47 G48 G49 G50 G51 G52 G53 G54 G56 G57 G58 G60 G68 G70") {
		if !named[number] {
			t.Errorf("no test names %s", number)
		}
	}
}

// numbersOfTests gathers the numbers in names of tests and in the comments above them, and
// the names.
func numbersOfTests(t *testing.T, root string) (named, tests map[string]bool) {
	t.Helper()
	named, tests = map[string]bool{}, map[string]bool{}
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
			tests[test.Name.Name] = true
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
	return named, tests
}
