package walls

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "undersigned"

// A graph holds what each package of the module imports, tests left out. Packages of the
// module are named without it: "internal/web"; the root package is "".
type graph map[string][]string

// readGraph parses every Go file below root, whatever it is built for.
func readGraph(t *testing.T, root string) graph {
	t.Helper()
	g := graph{}
	eachFile(t, root, parser.ImportsOnly, func(dir string, file *ast.File) {
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if name == module {
				name = "/"
			}
			name = strings.TrimPrefix(name, module+"/")
			if !slices.Contains(g[dir], name) {
				g[dir] = append(g[dir], name)
			}
		}
		if g[dir] == nil {
			g[dir] = []string{}
		}
	})
	return g
}

func eachFile(t *testing.T, root string, mode parser.Mode, take func(dir string, file *ast.File)) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() && name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, name, nil, mode)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		if dir = filepath.ToSlash(dir); dir == "." {
			dir = "/"
		}
		take(dir, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reaches gives the way by which from comes to a package for which to says yes; nil if
// there is none.
func (g graph) reaches(from string, to func(string) bool) []string {
	before := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at != from && to(at) {
			way := []string{}
			for ; at != ""; at = before[at] {
				way = append([]string{at}, way...)
			}
			return way
		}
		for _, next := range g[at] {
			if _, seen := before[next]; !seen {
				before[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// broken lists what the graph has against the plan.
func (p plan) broken(g graph) (faults []string) {
	for from, forbidden := range p.walls {
		for at := range g {
			if !within(at, from) {
				continue
			}
			if way := g.reaches(at, func(name string) bool { return inAny(name, forbidden) }); way != nil {
				faults = append(faults, fmt.Sprintf("%s must not reach %s: %s", from, way[len(way)-1], strings.Join(way, " → ")))
			}
		}
	}
	for at, imports := range g {
		for _, name := range imports {
			for what, rooms := range p.only {
				if within(name, what) && !inAny(at, rooms) {
					faults = append(faults, fmt.Sprintf("%s imports %s; only %s may", at, name, strings.Join(rooms, ", ")))
				}
			}
			if faultOf := p.roomFault(g, at, name); faultOf != "" {
				faults = append(faults, faultOf)
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// roomFault says whether a room may import another of the house.
func (p plan) roomFault(g graph, at, name string) string {
	if _, ours := g[name]; !ours {
		if at == "/" && strings.Contains(strings.Split(name, "/")[0], ".") {
			return fmt.Sprintf("the root package imports %s; it may import the standard library only", name)
		}
		for _, outside := range []string{"verify", "witness"} {
			if within(at, outside) && strings.Contains(strings.Split(name, "/")[0], ".") && !within(name, "golang.org/x/mod") {
				return fmt.Sprintf("%s imports %s; it may import the standard library and golang.org/x/mod only", outside, name)
			}
		}
		return ""
	}
	room, known := p.roomOf(at)
	if !known {
		return fmt.Sprintf("%s is in no room of the plan; say in plan_test.go what it may import", at)
	}
	if within(name, room) || inAny(name, p.rooms[room]) || slices.Contains(p.rooms[room], "*") {
		return ""
	}
	return fmt.Sprintf("%s imports %s; %s may import only: %s", at, name, room, strings.Join(p.rooms[room], ", "))
}

// roomOf finds the room that a package belongs to: the longest name in the plan that it
// is or is below.
func (p plan) roomOf(at string) (string, bool) {
	for name := at; ; name = path.Dir(name) {
		if _, ok := p.rooms[name]; ok {
			return name, true
		}
		if name == "/" || name == "." {
			return "", false
		}
	}
}

// within reports whether a package is another or below it.
func within(name, room string) bool {
	return name == room || room != "/" && strings.HasPrefix(name, room+"/")
}

func inAny(name string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool { return within(name, room) })
}
