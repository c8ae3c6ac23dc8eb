// Package e2e holds whole conversations between citizens, relying parties and the
// real binary. Each file in testdata is one, and is read from top to bottom like a
// play; it is performed on both databases, each time in a world of its own.
//
// A world has a load balancer at the issuer's address, and behind it one node or
// several, each a process of its own that can be killed:
//
//	browser ──► balancer 127.0.0.1:P ──► node 1 127.0.0.2:P ──► database
//	                                └──► node 2 127.0.0.3:P ──┘
//
// The words of a script, beside those of testscript (env, exec, cp, stdout …):
//
//	start [N] [FLAG…]       start node N (1) and wait until it answers
//	crash [N]               kill -9; restart [N]: kill -9 and start; shutdown [N]: ask it to end
//	use N                   requests go to node N from here
//	between restart|swap|nothing
//	                        before every step of the browser kill and restart the node, or
//	                        take the other node
//	lose                    the next answer gets lost after the node wrote it; the step before
//	                        it fails in the browser; resend sends the same again
//
//	browser NAME            another person's browser; tab NAME: another tab of it
//	keep NAME; bring NAME [PREFIX]
//	                        keep a copy of the cookies, and put those that begin with PREFIX
//	                        back; bring also knows the browsers' names
//
//	login [POST] [client=C] [name=value…]
//	                        a relying party sends the browser to /authorize
//	open PATH, click PATH, back, reload, resend
//	submit PATH [name=value…]
//	                        send the form of the page whose action ends so, as it stands there
//	leave                   send the browser away, without ending anything
//
//	document D, contrast [VALUE], obtain [HALF], code [D], enter [PIN]
//	                        the steps of Cl@ve PIN with the data of citizen D; code puts the
//	                        PIN that came into $CODE; wrong PIN: enter wrong
//	pin D                   all of them
//
//	page STATUS [KEY]       what the browser shows: status, and the text that is its heading
//	says KEY, sees TEXT     the page holds a text, by key in the page's language, or as it is;
//	                        ! for neither
//	answer code|error=E     the browser is back at the relying party with that; state and iss
//	                        are always checked
//	hops MAX                it got there by redirects alone, at most so many
//
//	token, userinfo, refresh, revoke, introspect, logout
//	                        the relying party's calls; name=value says what must come back,
//	                        name= that it must be absent
//	claim NAME=VALUE…       of the ID token
//	handsfree               every citizen of the sandbox logs in without hands
//	forget                  the relying party's tokens are another login's from here: see save
//
// At the end of every script nothing personal may be found in what the nodes
// logged, in the addresses that the browsers asked for, or in the files of SQLite.
package e2e
