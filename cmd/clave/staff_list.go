package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"clave/store"
)

// staffListCommand is `clave staff list`.
type staffListCommand struct{ place }

// Run writes one member a line, those whose membership ended with its end. The names
// are those that receipts tell every citizen.
func (c *staffListCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	all, err := store.NewStaff(a.db, a.keys.Columns()).Members(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return exitStatus{1, "nobody works at the console; add the first with `clave staff add DOCUMENT --role administrator`"}
	}
	const day = "2006-01-02"
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PERSON\tROLE\tOFFICES\tSINCE\tUNTIL\tNAME")
	for _, m := range all {
		until := "-"
		if !m.Until.IsZero() {
			until = m.Until.Format(day)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", m.Person, m.Role, cmp.Or(strings.Join(m.Offices, ","), "-"), m.Since.Format(day), until, m.Name)
	}
	return table.Flush()
}
