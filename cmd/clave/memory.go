package main

import (
	"os"
	"runtime/debug"
)

// collectAt is by how many percent memory may grow over what lives before the
// collector runs. What lives is small, so that twice Go's default costs 20 MB and
// spares half of the collector's work; see docs/performance.md.
const collectAt = 200

// settle gives back what the start took, and sets the collector for serving, unless
// the operator did by GOGC.
func settle() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	debug.FreeOSMemory()
}
