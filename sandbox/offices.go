package sandbox

import (
	"bytes"
	"context"
	_ "embed" // the file of offices
	"fmt"
	"time"

	"clave/census/office"
)

// officesFile has one invented office in each province, and more around Madrid.
//
//go:embed offices.csv
var officesFile []byte

// SeedOffices fills the directory of offices the way an operator would, by a file.
// A directory that was imported before stays.
func SeedOffices(ctx context.Context, offices office.Store, now func() time.Time) error {
	version, err := offices.Version(ctx)
	if err != nil || version > 0 {
		return err
	}
	var rejects bytes.Buffer
	all, rejected, err := office.Read(bytes.NewReader(officesFile), &rejects)
	if err != nil {
		return fmt.Errorf("reading the sandbox's offices: %w", err)
	}
	if rejected > 0 {
		return fmt.Errorf("reading the sandbox's offices: %d rows rejected: %s", rejected, rejects.String())
	}
	return offices.ReplaceOffices(ctx, all, now())
}
