// Command load measures complete PIN logins and registrations against the real
// binary, as `make bench` runs it:
//
//	go run ./test/load                      PostgreSQL, 20,000 citizens, 3,000 logins, 1,000
//	                                        registrations of each kind, 16 browsers
//	go run ./test/load --engine sqlite
//	go run ./test/load --citizens 1000000
//	go run ./test/load --front saml         logins by PIN at services that speak SAML 2.0
//	go run ./test/load --flood 150          nothing but PIN logins while passwords are tried
//
// It starts a throwaway PostgreSQL cluster with durable commits (fsync and
// synchronous_commit on) or a SQLite file, fills it with made-up citizens,
// starts `clave dev` as a process of its own, and lets virtual browsers log in:
//
//	authorize → the pages, as their forms say → PIN from the inbox → code
//	          → token → ID token verified → userinfo
//
// With SAML the services have RSA keys of 2048 bits and sign their requests:
//
//	AuthnRequest by HTTP-Redirect or HTTP-POST → the same pages → a posted response,
//	          verified with the server's key, decrypted, and read
//
// They differ in the server's key that answers them (RSA of 2048 and 3072 bits, ECDSA on
// P-256) and in how the answer is protected; the last one speaks the dialect of Cl@ve 2.
//
// Each login is by another citizen in a browser without cookies. Connections
// are kept and shared, as those of a reverse proxy are.
//
// Then as many logins by each other method as --others says: by password, by password
// and code, and by certificate over mutual TLS. The sandbox is its own OCSP responder,
// so that a login by certificate holds a signature that another party makes elsewhere.
//
// A flood runs logins by PIN at a steady rate, and beside them nothing, forms without a
// password, passwords from many addresses, and passwords from one; what the forms alone
// cost is what any flood of requests costs. Documents are those of citizens who have a
// password and of nobody, in browsers that nobody knows. The parts take turns, so that
// what else the machine does meets them all.
//
// Registrations come in two kinds. The registrar alone, in this process and before
// the server starts, is what every way of registering costs at least. Who holds a
// letter goes through the pages of the server:
//
//	document → datum → code of the letter → phone and address → SMS from the inbox → receipt
//
// Of the logins, a first run goes as fast as it can; a second one starts logins at half that
// rate, whether or not earlier ones are done, and measures each from when it
// should have started. Processor time is what the kernel counts for the
// server's process and for all of PostgreSQL's; commits are the COMMIT records
// of the write-ahead log.
package main
