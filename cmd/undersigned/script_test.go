package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"undersigned": func() {
		var said bytes.Buffer
		code := run(os.Args[1:], streams{os.Stdin, os.Stdout, io.MultiWriter(os.Stderr, &said)})
		// Every error says what to do. One that does not is made a success, so that the
		// script which expects the error fails.
		if code != 0 && !strings.Contains(said.String(), "hint: ") {
			fmt.Fprintln(os.Stderr, "this error does not say what to do")
			code = 0
		}
		os.Exit(code)
	}})
}

// TestScripts runs testdata/script: commands as people type them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sql": inDatabase,
		},
	})
}

// inDatabase is the script command `sql FILE STATEMENT`: it changes a database behind the
// program's back.
func inDatabase(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	result, err := db.Exec(args[1])
	ts.Check(err)
	changed, err := result.RowsAffected()
	ts.Check(err)
	if changed == 0 {
		ts.Fatalf("sql: no row was changed")
	}
}

func TestEveryOptionCanBeGivenByTheEnvironment(t *testing.T) {
	var c commands
	parser, err := kong.New(&c, kong.Name("undersigned"))
	if err != nil {
		t.Fatal(err)
	}
	flags := 0
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Name != "help" {
			flags++
			if len(flag.Envs) == 0 || !strings.HasPrefix(flag.Envs[0], "UNDERSIGNED_") {
				t.Errorf("--%s has no environment variable", flag.Name)
			}
			if flag.Help == "" {
				t.Errorf("--%s has no help", flag.Name)
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if flags < 20 {
		t.Fatalf("only %d flags were looked at", flags)
	}
}
