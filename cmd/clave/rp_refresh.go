package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"clave/broker/registry"
	"clave/store"
)

// rpRefreshCommand is `clave rp refresh`.
type rpRefreshCommand struct{ place }

// Run asks all addresses of metadata now, and tells what each service has and what is
// wrong with it. Running nodes take what is new within seconds.
func (c *rpRefreshCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	kind, err := a.db.Kind(ctx)
	if err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler) // all of it is told below
	parties, err := registry.Open(ctx, a.db.Registrations(), quiet)
	if err != nil {
		return err
	}
	trouble := newMetadata(a.db, parties, kind == store.Sandbox, settings{Log: quiet, Now: a.now}).RefreshNow(ctx)
	if err := services(out, parties.Snapshot(), a.now()); err != nil {
		return err
	}
	return trouble
}

// services lists the SAML services and what is known of them.
func services(out io.Writer, s *registry.Snapshot, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tENTITY\tKEYS\tADDRESSES\tENCRYPTED\tUNTIL")
	for _, p := range s.Parties() {
		for i := range p.SAML {
			name := p.SAML[i].EntityID
			service, err := s.SAML(name, now)
			if err != nil {
				fmt.Fprintf(table, "%s\t%s\t%s\n", p.ID, name, err)
				continue
			}
			until, encrypted := "-", "no"
			if !service.Metadata.ValidUntil.IsZero() {
				until = service.Metadata.ValidUntil.Format(time.RFC3339)
			}
			if service.Encryption != nil {
				encrypted = "yes"
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\n", p.ID, name, len(service.Keys), len(service.Metadata.ACS), encrypted, until)
		}
	}
	return table.Flush()
}
