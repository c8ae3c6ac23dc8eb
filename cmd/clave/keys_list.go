package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"clave/keys"
)

// keysListCommand is `clave keys list`.
type keysListCommand struct{ place }

// Run writes one key a line.
func (c *keysListCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	records := a.keys.Records()
	slices.SortFunc(records, func(a, b keys.Record) int {
		return cmp.Or(cmp.Compare(a.Use, b.Use), cmp.Compare(a.Alg, b.Alg), a.CreatedAt.Compare(b.CreatedAt))
	})
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tUSE\tALG\tSTATE\tCREATED\tACTIVE SINCE\tRETIRED")
	for _, r := range records {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Use, r.Alg, r.State, day(r.CreatedAt), day(r.ActivatesAt), day(r.RetiresAt))
	}
	return table.Flush()
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04Z")
}
