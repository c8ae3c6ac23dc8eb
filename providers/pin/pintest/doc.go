// Package pintest has what tests of Cl@ve PIN need: stores in memory, the suite
// that every store of the method passes, and a world with sample citizens.
package pintest
