package seal_test

import (
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"undersigned/internal/seal"
)

var puzzleKey = seal.NewPuzzleKey([16]byte{1})

// byNode runs a script with ALTCHA's own library at hand and gives what it prints.
func byNode(t *testing.T, script string, args ...string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is missing; install it with: apt-get install nodejs")
	}
	command := exec.CommandContext(t.Context(), node, append([]string{"-e", `
		globalThis.crypto ??= require('crypto').webcrypto;
		const altcha = require('./testdata/altcha');
		const [key, given] = process.argv.slice(1);
		const payload = (p, s) => btoa(JSON.stringify({ algorithm: p.algorithm, challenge: p.challenge, number: s.number, salt: p.salt, signature: p.signature, took: s.took }));
		(async () => { ` + script + ` })().catch((e) => { console.error(e); process.exit(1); });`, puzzleKey.Text()}, args...)...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// solve finds the number, as anybody can.
func solve(p seal.Puzzle) (number int, payload string) {
	for !p.Solves(number) {
		number++
	}
	return number, solution(p, number, nil)
}

// quick makes puzzles until one has a small number: node tries a thousand in the time in which
// we try a million.
func quick(until time.Time) seal.Puzzle {
	for {
		p := puzzleKey.Puzzle(until)
		for n := range 500 {
			if p.Solves(n) {
				return p
			}
		}
	}
}

func solution(p seal.Puzzle, number int, change func(map[string]any)) string {
	said := map[string]any{"algorithm": p.Algorithm, "challenge": p.Challenge, "number": number, "salt": p.Salt, "signature": p.Signature, "took": 12}
	if change != nil {
		change(said)
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

// ALTCHA's own library solves our puzzles and takes our solutions, and we take its own.
func TestPuzzlesAreThoseOfAltcha(t *testing.T) {
	now := time.Now()
	ours, err := json.Marshal(quick(now.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	theirs := byNode(t, `
		const p = JSON.parse(given);
		const s = await altcha.solveChallenge(p.challenge, p.salt, p.algorithm, p.maxnumber).promise;
		if (!await altcha.verifySolution(payload(p, s), key)) throw 'their check refuses it';
		console.log(payload(p, s));`, string(ours))
	first, _, ok := puzzleKey.Solved(theirs, now)
	if !ok {
		t.Fatal("what their library found does not solve our puzzle")
	}
	foreign := byNode(t, `
		const p = await altcha.createChallenge({ hmacKey: key, maxnumber: 500, expires: new Date(Date.now() + 3600e3) });
		console.log(payload(p, await altcha.solveChallenge(p.challenge, p.salt, p.algorithm, p.maxnumber).promise));`)
	second, until, ok := puzzleKey.Solved(foreign, now)
	if left := time.Until(until); !ok || second == first || left > time.Hour || left < time.Hour/2 {
		t.Errorf("a puzzle of their library: solved %v, until %v", ok, until)
	}
	_, own := solve(puzzleKey.Puzzle(now.Add(time.Hour)))
	if got := byNode(t, `console.log(await altcha.verifySolution(given, key));`, own); got != "true" {
		t.Errorf("their library says %q of our solution", got)
	}
}

// The worker that our pages load finds the number, too.
func TestOurWorkerSolvesPuzzles(t *testing.T) {
	puzzle, err := json.Marshal(quick(time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	got := byNode(t, `
		const source = require('fs').readFileSync('../web/static/work.js', 'utf8');
		globalThis.onmessage = null; // as a worker has it
		const found = new Promise((done) => { globalThis.postMessage = done; });
		(0, eval)(source);
		globalThis.onmessage({ data: JSON.parse(given) });
		console.log(await found);`, string(puzzle))
	if _, _, ok := puzzleKey.Solved(got, time.Now()); !ok {
		t.Errorf("what the worker found is none: %q", got)
	}
}

func TestWhatSolvesNoPuzzle(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := puzzleKey.Puzzle(now.Add(time.Minute))
	number, right := solve(p)
	_, foreign := solve(seal.NewPuzzleKey([16]byte{2}).Puzzle(now.Add(time.Minute)))
	if _, _, ok := puzzleKey.Solved(right, now); !ok {
		t.Fatal("the right number is refused")
	}
	set := func(name string, value any) string {
		return solution(p, number, func(said map[string]any) { said[name] = value })
	}
	for name, text := range map[string]string{
		"nothing":            "",
		"no base64":          "?",
		"no JSON":            base64.StdEncoding.EncodeToString([]byte("1")),
		"another number":     solution(p, number+1, nil),
		"a negative number":  set("number", -1),
		"no number":          set("number", nil),
		"another algorithm":  set("algorithm", "SHA-1"),
		"another salt":       set("salt", strings.Replace(p.Salt, "?expires=", "?expires=9", 1)),
		"a salt with no end": set("salt", strings.SplitN(p.Salt, "?", 2)[0]),
		"another signature":  set("signature", strings.Repeat("0", 64)),
		"another key":        foreign,
		"too long":           right + strings.Repeat("A", 1024),
		// Digits that move from the number to the end of its time would make it last longer.
		"digits of the number in the salt": solution(p, number, func(said map[string]any) {
			said["salt"] = strings.TrimSuffix(p.Salt, "&") + "1"
		}),
	} {
		if _, _, ok := puzzleKey.Solved(text, now); ok {
			t.Errorf("%s solves it", name)
		}
	}
	if _, _, ok := puzzleKey.Solved(right, now.Add(time.Minute)); ok {
		t.Error("it is solved after its time")
	}
}

// Nothing that is sent solves the puzzles of a key that never signed it.
func FuzzSolved(f *testing.F) {
	_, foreign := solve(seal.NewPuzzleKey([16]byte{2}).Puzzle(time.Unix(1<<40, 0)))
	f.Add(foreign)
	f.Add(strings.ToLower(foreign))
	f.Add("e30=")
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, ok := puzzleKey.Solved(text, time.Unix(0, 0)); ok {
			t.Errorf("%q solves a puzzle", text)
		}
	})
}
