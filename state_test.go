package undersigned

import (
	"os"
	"strings"
	"testing"
)

// TestMovesAreThoseOfThePage holds the table of docs/petition-states.md against CheckMove,
// both ways.
func TestMovesAreThoseOfThePage(t *testing.T) {
	page, err := os.ReadFile("docs/petition-states.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| From | To |\n|---|---|\n")
	if !found {
		t.Fatal("the page has no table of moves")
	}
	drawn := map[[2]State]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			break
		}
		for to := range strings.SplitSeq(cells[2], ",") {
			drawn[[2]State{State(strings.TrimSpace(cells[1])), State(strings.TrimSpace(to))}] = true
		}
	}
	for from := range moves {
		for to := range moves {
			move := [2]State{from, to}
			if allowed := CheckMove(from, to) == nil; allowed != drawn[move] {
				t.Errorf("from %s to %s: allowed %v, on the page %v", from, to, allowed, drawn[move])
			}
			delete(drawn, move)
		}
	}
	for move := range drawn {
		t.Errorf("the page names a state that there is not: %s", move)
	}
}
