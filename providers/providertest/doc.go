// Package providertest is the suite that every provider passes, and a broker in
// memory that providers are tested against.
//
// A provider's own tests say how its method works. This suite says what must be
// true of all of them, from the attacker's side: whatever a browser sends,
// evidence is given once, for the person of the login, for the right answer to
// that login's own challenge, and never above the method's level.
package providertest
