package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"undersigned/internal/importer"
)

type importCommand struct {
	Petitions importPetitionsCommand `cmd:"" help:"Import petitions from the JSON of the UK Parliament's site: .json, .ndjson, or either as .gz."`
}

type importPetitionsCommand struct {
	dataFlag
	File string `arg:"" help:"The file." type:"path"`
}

func (c *importPetitionsCommand) Run(ctx context.Context, std streams) error {
	if err := requireSite(c.Data); err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return hinted{fmt.Errorf("open the file: %w", err), "check its name"}
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return hinted{fmt.Errorf("%s is a folder", c.File), "name one file in it"}
	}
	db, err := openLive(ctx, c.Data)
	if err != nil {
		return err
	}
	defer db.Close()
	desk := db.Desk()
	body, err := desk.FirstBody(ctx)
	if err != nil {
		return err
	}
	// By the bytes read: nobody knows beforehand how many petitions a file holds.
	var in io.Reader = file
	if info, err := file.Stat(); err == nil && isTerminal(std.err) {
		bar := progressbar.DefaultBytes(info.Size(), "importing")
		defer bar.Close()
		in = io.TeeReader(file, bar)
	}
	report, err := importer.Import(ctx, desk, in, importer.Options{Body: body, Now: db.Now()})
	for _, skipped := range report.Skipped {
		fmt.Fprintf(std.err, "line %d: skipped: %s\n", skipped.Line, skipped.Reason)
	}
	fmt.Fprintf(std.out, "%d read: %d added (%d of them past their date, so closed), %d were here already, %d skipped\n",
		report.Read, report.Added, report.Closed, report.Known, len(report.Skipped))
	if err != nil {
		return hinted{err, "what was added is kept; mend the file and run the same command again"}
	}
	if report.Added+report.Known == 0 {
		return hinted{errors.New("there is no petition in this file"), "give a file as /petitions.json of the UK Parliament's site has it: one JSON object a line, or a list"}
	}
	return nil
}

// isTerminal reports whether somebody watches w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
