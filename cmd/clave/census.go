package main

// censusCommand is `clave census`.
type censusCommand struct {
	Import censusImportCommand `cmd:"" help:"Bring in a file of reference data (CSV). Exit status: 0 all imported, 3 some rows rejected, 1 nothing imported."`
	Show   censusShowCommand   `cmd:"" help:"Show what is held about a document. It is noted in the audit trail."`
}
