// Package samples logs citizens in and out at the sample services of the sandbox,
// through the whole product: what integrators see first has to work, by each protocol
// and each of the ways that the services' pages offer.
//
//	main_test.go     one sandbox for all tests
//	browser_test.go  a browser without scripts, which keeps Lax cookies to itself
//	person_test.go   what a citizen does with the pages
//	*_test.go        one file for each kind of service
package samples
