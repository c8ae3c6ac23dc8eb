// Package registrartest is the suite that shows what a registrar does over real
// stores: what each act changes and refuses, that one phone belongs to one citizen
// whatever happens at once, and that no order of acts breaks what must always hold.
package registrartest
