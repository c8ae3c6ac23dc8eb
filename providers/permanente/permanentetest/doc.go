// Package permanentetest has what tests of Cl@ve Permanente share: a world with sample
// citizens, stores in memory, and the suite that stores pass.
package permanentetest
