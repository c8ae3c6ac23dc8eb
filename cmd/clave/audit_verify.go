package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"clave/audit"
)

// auditCommand is `clave audit`.
type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check that no audit event was changed, removed or added."`
	Export auditExportCommand `cmd:"" help:"Write audit events as JSON lines."`
}

// auditVerifyCommand is `clave audit verify`.
type auditVerifyCommand struct {
	place
	ExpectHead string        `placeholder:"SEQ:HEAD" help:"A head that was kept elsewhere, as this command and the log print it: shows a tail that was cut off."`
	Grace      time.Duration `help:"How young an event may be and not be sealed yet. Default ${default}." default:"2m20s"`
}

// Run prints a line for each finding and a summary, and fails if there is any
// finding.
func (c *auditVerifyCommand) Run(ctx context.Context, out io.Writer) error {
	v := audit.Verifier{Now: time.Now, Grace: c.Grace, Found: func(f audit.Finding) { fmt.Fprintln(out, f) }}
	if c.ExpectHead != "" {
		var err error
		if v.ExpectSeq, v.ExpectHead, err = audit.ParseHead(c.ExpectHead); err != nil {
			return fmt.Errorf("reading --expect-head: %w", err)
		}
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	v.Book, v.Keys = a.db.Audit(), a.keys.Audit()
	report, err := v.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "events %d, not sealed yet %d, batches %d, pruned through batch %d\n", report.Events, report.Waiting, report.Batches, report.Pruned)
	if report.Batches > 0 {
		fmt.Fprintf(out, "head %s\n", report.Last.Name())
	}
	if report.Findings > 0 {
		return fmt.Errorf("the audit trail is not intact; findings: %d", report.Findings)
	}
	return nil
}
