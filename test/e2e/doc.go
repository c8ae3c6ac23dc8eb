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
// The words of a script, beside those of testscript (env, exec, stdout …). Nodes:
//
//	start [N [FLAG…]]     start node N (1) of the sandbox and wait until it answers
//	installation          what follows is no sandbox; serve [N]: a node of clave serve
//	front                 a proxy in front of each does the TLS of the certificates' host
//	crash [N]             kill -9; restart [N]: that, and start; shutdown [N]: ask it to end
//	use N                 requests go to node N from here
//	between restart|swap|nothing
//	                      before every step of a browser kill and start the node, or take
//	                      the other one
//	lose                  the answer to the next request gets lost after the node began to
//	                      write it; ! before the step that meets it
//	rotated USE…          wait until the keys of these uses were replaced
//	backup                save database and master key; restore: lose all else, nodes too,
//	                      and bring them back elsewhere
//
// Browsers. The first is ana's:
//
//	browser NAME          another person's; tab NAME: another tab of it
//	reads LANGUAGES       Accept-Language
//	keep NAME             keep a copy of the cookies; bring NAME [PREFIX]: put those whose
//	                      name begins so back, or take them from another browser
//	graft LOGIN LOGIN     the second login gets the cookie of the first
//
// Trusted lists, of nodes that serve:
//
//	list NUMBER granted|withdrawn
//	                      publish one that says so of the authority of the tests; nodes that
//	                      are served from then on trust the list and no files
//	list MANNER           how its host behaves; listed NUMBER: wait until the node has it
//	hangup [N]            tell the node to look for changed authorities
//	trusts ours|another|broken
//	                      replace the node's file of authorities, and that
//
// Steps. Each ends on a page of ours or at the relying party:
//
//	login [POST] [client=C] [name=value…]
//	                      a relying party asks; name= leaves a parameter out
//	soon client=C         that, until the client is known; unknown: until it is not
//	open ADDRESS, click PATH, back, reload, resend
//	submit PATH [name=value…]
//	                      send the form of the page whose action ends so, as it stands there
//	patiently PATH KEY [name=value…]
//	                      the same, as long as the page asks to wait by this text
//	attack PATH [name=value…]
//	                      another site sends a form with all cookies
//	document D, contrast [VALUE], obtain [HALF], code [D], enter [PIN|wrong]
//	                      the steps of Cl@ve PIN with the data of citizen D; code waits for
//	                      the message
//	pin D                 all of them
//	app D                 the browser in front is the phone of citizen D, and opens the app
//	pins N                the app shows so many PINs; the newest is $CODE
//	subscribes ADDRESS    the phone takes pushes there; pushed KIND: wait for one, which
//	                      says that and nothing more
//	scan NAME             the phone reads the QR that a browser shows
//	digits NAME [wrong]   it types the digits that a browser shows, or others
//	approve [elsewhere|locked]
//	                      both its keys sign what the app asks: on a page elsewhere, or
//	                      without being unlocked; ! when it is refused
//	here [alone]          they sign on the first page of a login, or the passkey alone
//	await TO              wait for a code to a phone, or on paper to a name: $CODE, and
//	                      $WRONG, which is another one
//	hears TO TEXT         wait for a message with the text to a phone or an address
//	personal VALUE        typed in this script and nobody's in the sandbox: it leaks nowhere
//
// Certificates:
//
//	chooses [METHOD]      where a page offers several methods; nothing looks at the page
//	holds [KIND DOCUMENT] a certificate of sandbox/authority, or none any more
//	show                  follow the link to the host of the certificates
//	authority HOW HOW     how responder and lists behave: test/fakes/ca; well is as they should
//	forges [KIND DOCUMENT]
//	                      the browser writes that certificate into the headers of proxies
//	knock STATUS proxy|stranger today|next|wrong
//	                      bring that to the node's own port: from which address, with which
//	                      secret
//
// What is to be seen; ! for the contrary of says, sees and same:
//
//	page STATUS [KEY]     status, and the text that is the heading
//	says KEY, sees TEXT   a text by its key, in the page's language, or as it is
//	speaks TAG, header NAME REGEXP
//	remember NAME, like NAME
//	                      the page is the same as that one, but for what is the login's own
//	answer code|name=value…
//	                      the browser came back to the relying party; state, iss, response
//	                      mode and browser are always checked
//	over                  the login is: at most the browser got the same answer again
//	hops MAX              it came there by redirects alone, at most so many
//
// The relying party's calls: token, refresh, userinfo, introspect, revoke. Words such
// as code=, token=, auth=, scope= say what is sent; the others what must come back: *
// for anything, nothing for absent, error= for a refusal. The ID token is always
// verified; claim name=value… looks into it. handsfree logs every citizen in by hint.
//
//	reports D METHOD[:KIND] -|ASKED LEVEL|refused|denied REGISTRATION|none
//	                      a row of the table of levels
//
// By SAML 2.0. A service is a relying party with metadata at https://NAME.example/saml:
//
//	service NAME [field=value…]
//	                      register it, or change it, and wait until the nodes know. The
//	                      fields are those of a registration; requests=signed,
//	                      wants=assertion, format=F, decrypts=yes, displays=TEXT, key=ec|both,
//	                      slo=yes and lists='A B,C' change its metadata
//	saml login [POST|REDIRECT] [sp=NAME] [name=value…]
//	                      it asks, by a link or by a form; town does unless another is
//	                      named. id, issuer, destination, at=-6m, acs, acs_index, binding,
//	                      force, passive, format, qualifier, subject, idp, audience, list,
//	                      sptype, attributes, needs, calls, and exact, minimum, better or maximum
//	                      with classes are parts of the request; key=own|rsa|ec|stranger|none and
//	                      alg=A sign it; change=old→new replaces a text before that, and
//	                      forge=old→new after it; relay=S or relay=bytes:N and login_hint
//	                      go beside it
//	saml logout [POST] [sp=NAME] [name=N] [session=I] [name=value…]
//	                      it asks to log out whom it knows so; id, at, destination, relay,
//	                      format and key as above
//	saml told [name=value…]
//	                      the browser came to a service with our request to log out, which
//	                      is always checked: sp, binding, name, format, session, reason
//	saml confirms [POST] [status=S] [key=…] [sp=NAME] [to=ID]
//	                      it answers that
//	saml loggedout [name=value…]
//	                      the browser came to a service with our answer, which is always
//	                      checked: sp, binding, status, second
//	saml start NAME       somebody else's page leads to it, and it has not asked
//	saml handsfree        every citizen logs in by hint
//	saml unknown […]      ask until the service is not known any more
//	saml home NAME        the browser came to its front page
//	saml pin NAME         the service stays with the certificates that we publish now
//	saml publishes N [TEXT…]
//	                      our metadata have so many certificates, and the texts; publishing:
//	                      wait until they have
//	saml key              the ID of the key that signs is $SAMLKEY
//	assertion [name=value…]
//	                      the browser posted a response with one to the service. Signature,
//	                      issuer, addresses, audience, times, RelayState and browser are
//	                      always checked, by xmlsec1 and, where it can, crewjam/saml too. The names are
//	                      class, nameid, format, session, authenticated, alg, cipher,
//	                      signed=twice, and attributes by their FriendlyName
//	status TOP [SECOND [TEXT]]
//	                      it posted a refusal, which is checked in the same way
//
// $NAMEID, $SESSIONINDEX, $ASSERTED and $AUTHENTICATED are those of the last assertion.
//
// By the dialect of Cl@ve 2. A service has the provider name P2807900B_L01280796;NAME and
// the addresses https://NAME.example/clave/acs and …/logout:
//
//	dialect service NAME [field=value…]
//	                      register it, or change it: fields of a registration, and
//	                      decrypts=yes, signing_key, until
//	dialect login [sp=NAME] [name=value…]
//	                      it asks, by a form; town does unless another is named. id,
//	                      issuer, provider, destination, at=-6m, acs, force, passive, format,
//	                      minimum, off='AEATIdP …', asks and needs are parts of the
//	                      request; key=own|stranger|none signs it, forge=old→new changes it
//	                      after that; relay=S and state=S, or bytes:N, are the two relay states,
//	                      login_hint goes beside it
//	dialect logout [sp=NAME] [to=URL] [relay=S] [key=…]
//	                      it asks to log out
//	dialect said [name=value…]
//	                      the browser posted an assertion to the service: attributes,
//	                      nameid, format, class, cipher, and what is said of a certificate.
//	                      All that kits look at is always checked
//	dialect refused TOP SECOND [TEXT]
//	                      it posted a refusal; dialect loggedout [second=S]: the answer to
//	                      a logout
//	dialect pin           services stay with the certificate that signs now, $CLAVEKEY;
//	                      unpin: they know those that are published
//	dialect publishes active=N next=N retired=N
//
// $ACTIVATION is the activation code that a page showed last.
//
// $LOGIN, $CODE, $AUTHCODE, $ACCESS, $REFRESH, $IDTOKEN, $SUB, $SID, $KID, $ASSERTION,
// $ISSUER and $PORT are those of the last step.
//
// Every answer to a browser is looked at for unsafe cookies and headers. At the end
// of every script nothing personal may be found in what the nodes logged and measured,
// in addresses, or in the files of SQLite, and no own half of a PIN in a message.
//
// CLAVE_TEST_BINARY names a binary to test instead of one built from the source. The
// tests need Linux, whose loopback has more addresses than one, and PostgreSQL.
package e2e
