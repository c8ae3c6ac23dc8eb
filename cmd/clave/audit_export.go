package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"clave/audit"
)

// auditExportCommand is `clave audit export`.
type auditExportCommand struct {
	place
	From   time.Time `format:"2006-01-02" required:"" help:"First day, as 2026-03-01, UTC."`
	To     time.Time `format:"2006-01-02" required:"" help:"Day after the last one."`
	Reveal bool      `help:"Write personal values too. Needs --reason."`
	Reason string    `help:"Why; goes into the audit trail."`
}

// Run writes the events to standard output. That it was read, by whom and why,
// becomes an event itself.
func (c *auditExportCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	x := audit.Exporter{Reader: a.db.Audit(), Trail: a.trail, Actor: a.actor, From: c.From, To: c.To, Reason: c.Reason}
	if c.Reveal {
		x.Reveal = a.keys.Columns()
	}
	lines := bufio.NewWriter(out)
	if _, err := x.Export(ctx, lines); err != nil {
		if errors.Is(err, audit.ErrReason) {
			return fmt.Errorf("%w: add --reason", err)
		}
		return err
	}
	return lines.Flush()
}
