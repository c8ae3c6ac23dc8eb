package census

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// reject is a line that is not imported. row is empty when the line could not
// be split into its fields: then only the file itself shows it as it is.
type reject struct {
	line   int64
	reason string
	row    string
}

// rejectWriter writes rejects: line, reason, and the columns of the file, so
// that the rows can be put right in place and imported without the first two.
type rejectWriter struct {
	csv   *csv.Writer
	begun bool
}

func newRejectWriter(w io.Writer) *rejectWriter {
	if w == nil {
		w = io.Discard
	}
	return &rejectWriter{csv: csv.NewWriter(w)}
}

func (w *rejectWriter) write(rejects []reject) error {
	if len(rejects) == 0 {
		return nil
	}
	if !w.begun {
		w.begun = true
		if err := w.csv.Write(append([]string{"line", "reason"}, columnNames[:]...)); err != nil {
			return fmt.Errorf("writing the rejects: %w", err)
		}
	}
	for _, r := range rejects {
		record := []string{strconv.FormatInt(r.line, 10), r.reason}
		if r.row != "" {
			record, _ = splitRow(r.row, record) // it was split before
		}
		for len(record) < columnCount+2 {
			record = append(record, "")
		}
		if err := w.csv.Write(record); err != nil {
			return fmt.Errorf("writing the rejects: %w", err)
		}
	}
	return w.flush()
}

func (w *rejectWriter) flush() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return fmt.Errorf("writing the rejects: %w", err)
	}
	return nil
}
