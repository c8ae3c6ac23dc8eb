// Package mail hands e-mails to the organisation's own mail server by SMTP
// submission (RFC 6409). It is a notify carrier.
//
//	Deliver ── one connection a batch ── one transaction a message ──► mail server
//
// The connection is encrypted, or nothing is sent: by STARTTLS (RFC 3207) or from
// its first byte (RFC 8314). Texts are plain; there is nothing in them to click on
// but what the text says. Signing for the domain (DKIM) is the mail server's work.
//
// Of the library's errors only the server's status codes are used, because their
// texts quote addresses.
package mail
