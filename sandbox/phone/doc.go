// Package phone is a phone in software: it makes a passkey and a device key and signs
// with them what browsers would have signed. Who holds one is a citizen with a device
// for the sandbox and in tests; the product treats it like any other, and checks all
// that it says.
package phone
