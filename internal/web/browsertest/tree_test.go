package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/google/go-cmp/cmp"
)

// TestTrees holds what a screen reader is told about the nine main pages: role and name
// of everything, indented as it is nested.
func TestTrees(t *testing.T) {
	server := sampleServer(t)
	b := newTab(t)
	for file, sample := range map[string]string{
		"home": "home", "list": "list", "petition": "petition", "sign": "sign-full", "check-mail": "check-mail",
		"confirm": "confirm", "own": "own", "start": "start-check", "review": "desk-review",
	} {
		t.Run(file, func(t *testing.T) {
			b := b.in(t)
			b.visit(server + "/-/" + sample)
			golden(t, filepath.Join("testdata", "ax", file+".txt"), b.tree())
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what a screen reader is told has changed; if that is meant, run with -update (-want +got):\n%s", diff)
	}
}

// tree writes the accessibility tree of the open page.
func (b *tab) tree() string {
	b.Helper()
	all := call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes
	nodes := make(map[accessibility.NodeID]*accessibility.Node, len(all))
	for _, n := range all {
		nodes[n.NodeID] = n
	}
	var out strings.Builder
	var walk func(n *accessibility.Node, depth int, around string)
	walk = func(n *accessibility.Node, depth int, around string) {
		line, name := told(n)
		// Text is told once: not again below the link or heading that it names.
		if line != "" && !(strings.HasPrefix(line, "StaticText") && strings.Contains(around, name)) {
			fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", depth), line)
			depth++
			if !strings.HasPrefix(line, "RootWebArea") {
				around = name
			}
		}
		for _, id := range n.ChildIDs {
			if child := nodes[id]; child != nil {
				walk(child, depth, around)
			}
		}
	}
	walk(all[0], 0, "")
	return out.String()
}

// told is one node's line: role, name, and the states that matter.
func told(n *accessibility.Node) (line, name string) {
	if n.Ignored || n.Role == nil {
		return "", ""
	}
	role := text(n.Role)
	name = text(n.Name)
	switch role {
	case "none", "generic", "InlineTextBox", "LineBreak", "ListMarker":
		return "", ""
	case "paragraph", "LabelText", "Legend", "group", "form", "strong", "list", "listitem", "term", "definition":
		if name == "" && role != "list" {
			return "", ""
		}
	}
	line = role
	if name != "" {
		line += fmt.Sprintf(" %q", name)
	}
	for _, p := range n.Properties {
		value := text(p.Value)
		switch p.Name {
		case "level":
			line += " level " + value
		case "invalid", "checked", "expanded", "required", "disabled", "pressed", "selected":
			if value != "false" {
				line += fmt.Sprintf(" %s=%s", p.Name, value)
			}
		}
	}
	if value := text(n.Value); value != "" && role != "heading" {
		line += fmt.Sprintf(" value %q", value)
	}
	if about := text(n.Description); about != "" {
		line += fmt.Sprintf(" described %q", about)
	}
	return line, name
}

func text(v *accessibility.Value) string {
	if v == nil || len(v.Value) == 0 {
		return ""
	}
	var value any
	if err := json.Unmarshal(v.Value, &value); err != nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(value))
}
