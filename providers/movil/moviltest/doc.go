// Package moviltest has what tests of Cl@ve Móvil share: a world with sample citizens
// and phones in software, stores in memory, and the suites that stores pass.
package moviltest
