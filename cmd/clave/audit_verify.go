package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"clave/audit"
	"clave/keys"
	"clave/store"
)

// auditCommand is `clave audit`.
type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check that no audit event was changed, removed or added."`
	Export auditExportCommand `cmd:"" help:"Write audit events as JSON lines."`
}

// auditPlace says where a trail is.
type auditPlace struct {
	Database string `required:"" help:"sqlite:///path/file.db or postgres://…"`
	Master   string `type:"existingfile" help:"File with the master key; default for SQLite is the database's file with .key at the end."`
}

// open opens the database and its keys.
func (p auditPlace) open(ctx context.Context) (*store.DB, *keys.Keyring, error) {
	file := p.Master
	if file == "" {
		u, err := url.Parse(p.Database)
		if err != nil || u.Scheme != "sqlite" {
			return nil, nil, fmt.Errorf("which master key? name its file with --master")
		}
		file = u.Path + ".key"
	}
	master, err := keys.ReadMasterFile(file)
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, p.Database, store.Options{Connections: 4})
	if err != nil {
		return nil, nil, err
	}
	ring, err := keys.Open(ctx, db.Keys(), master, time.Now)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, ring, nil
}

// auditVerifyCommand is `clave audit verify`.
type auditVerifyCommand struct {
	auditPlace
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
	db, ring, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	v.Book, v.Keys = db.Audit(), ring.Audit()
	report, err := v.Verify(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "events %d, not sealed yet %d, batches %d, pruned through batch %d\n", report.Events, report.Waiting, report.Batches, report.Pruned)
	if report.Batches > 0 {
		fmt.Fprintf(out, "head %s\n", report.Last.Name())
	}
	if report.Findings > 0 {
		return fmt.Errorf("the audit trail is not intact: %d findings", report.Findings)
	}
	return nil
}
