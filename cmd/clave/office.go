package main

// officeCommand is `clave office`.
type officeCommand struct {
	Import officeImportCommand `cmd:"" help:"Replace the directory of registration offices by a file (CSV). Exit status: 0 all imported, 3 some rows rejected, 1 nothing replaced."`
	List   officeListCommand   `cmd:"" help:"List the offices, or those that citizens find for a place or a postal code."`
}
