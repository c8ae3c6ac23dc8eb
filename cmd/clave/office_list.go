package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"clave/census/office"
	"clave/store"
)

// officeListCommand is `clave office list`.
type officeListCommand struct {
	place
	Query string `arg:"" optional:"" help:"Place or postal code, as citizens type it."`
}

// Run writes one office a line, in the order in which citizens find them.
func (c *officeListCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	offices, err := c.find(ctx, store.NewOffices(a.db))
	if err != nil {
		return err
	}
	if len(offices) == 0 {
		return exitStatus{1, "no office; bring in a directory with `clave office import FILE`, or ask for another place"}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, o := range offices {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", o.Code, o.PostalCode, o.City, o.Province, o.Name)
	}
	return table.Flush()
}

func (c *officeListCommand) find(ctx context.Context, offices *store.Offices) ([]office.Office, error) {
	if c.Query == "" {
		all, _, err := offices.Offices(ctx)
		return all, err
	}
	directory := office.NewDirectory(offices)
	var found []office.Office
	for page := 1; ; page++ {
		one, err := directory.Search(ctx, c.Query, page)
		if err != nil {
			return nil, err
		}
		found = append(found, one.Offices...)
		if page >= one.Pages {
			return found, nil
		}
	}
}
