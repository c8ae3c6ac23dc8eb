// Package sms hands text messages to the outside: to a message centre by SMPP
// 3.4, or to a gateway by HTTP. Both are notify carriers.
//
//	SMPP.Run ── keeps one bound link: dial, bind, enquire, reconnect
//	SMPP.Deliver ── parts ── window ── submit_sm ──► message centre
//	                                 deliver_sm ◄── receipts ──► notify.Receipts
//
// Of the SMPP library it uses the reading and writing of PDUs; the session is
// our own, because the library's answers nobody when a connection breaks
// between a submit_sm and its response, and may meet a quick response before it
// has noted the request.
package sms
