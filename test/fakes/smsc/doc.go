// Package smsc is a message centre for tests: a server on loopback that speaks
// SMPP 3.4 over TCP, stores what it is given, sends delivery receipts, and
// misbehaves when a test tells it to.
//
// It has its own reading and writing of the protocol, apart from the library
// that the product uses, so that one proves the other.
//
// Source: Short Message Peer to Peer Protocol Specification v3.4, issue 1.2.
package smsc
