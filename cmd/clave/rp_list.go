package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
)

// rpListCommand is `clave rp list`.
type rpListCommand struct{ place }

// Run writes one relying party a line.
func (c *rpListCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	register, err := a.db.Registrations().Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the relying parties: %w", err)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNIF\tSECTOR\tLEVEL\tOIDC\tSAML\tCLAVE\tNAME")
	for _, p := range register.Parties {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", p.ID, p.Organisation.NIF, p.Sector, p.MinimumLevel,
			len(p.OIDC), len(p.SAML), len(p.Clave), p.Name.In("es"))
	}
	return table.Flush()
}
