package main

import (
	"context"
	"errors"
	"os/exec"
	"strings"
)

// shibboleth is Shibboleth SP: a module of Apache and a process behind it, which are
// built on OpenSAML for C++.
func shibboleth() peer {
	return peer{name: "shibboleth", find: findApacheModule("libapache2-mod-shib"), start: startShibboleth}
}

// shibbolethFiles are settings of Debian's package that stay as they are.
const shibbolethFiles = "/etc/shibboleth/"

func startShibboleth(ctx context.Context, w *world) (*service, error) {
	key, certificate, err := w.keyPair("shibboleth")
	if err != nil {
		return nil, err
	}
	idp, err := w.ours(ctx)
	if err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	at := "http://" + address
	socket := w.folder + "/shibd.sock"
	settings, err := w.shibbolethSettings(at, socket, idp, key, certificate)
	if err != nil {
		return nil, err
	}
	shibd, err := exec.LookPath("shibd")
	if err != nil {
		shibd = "/usr/sbin/shibd"
	}
	if err := w.run(ctx, exists(socket), nil, shibd, "-F", "-f", "-c", settings, "-p", w.folder+"/shibd.pid"); err != nil {
		return nil, err
	}
	err = w.runApache(ctx, address, "mod_shib "+apacheModules+"mod_shib.so", `ShibConfig `+settings+`
<Location /show>
  AuthType shibboleth
  ShibRequestSetting requireSession true
  Require shib-session
</Location>
`)
	if err != nil {
		return nil, err
	}
	login := at + "/Shibboleth.sso/Login?target=" + at + "/show/home"
	return &service{
		metadata: at + "/Shibboleth.sso/Metadata", home: at + "/show/home",
		posted:  at + "/Shibboleth.sso/Posted?target=" + at + "/show/home",
		silent:  login + "&isPassive=true",
		classic: login + "&authnContextClassRef=" + password,
		high:    login + "&authnContextComparison=minimum&authnContextClassRef=" + high,
		logout:  at + "/Shibboleth.sso/Logout",
		seen:    seen{nameID: "name", context: line("Shib_AuthnContext_Class"), attribute: itself},
	}, nil
}

// shibbolethSettings writes the settings and gives the path of the main file.
func (w *world) shibbolethSettings(at, socket, idp, key, certificate string) (string, error) {
	var attributes strings.Builder
	for _, a := range ourAttributes {
		attributes.WriteString(`  <Attribute name="` + a.name + `" id="` + a.friendlyName + "\"/>\n")
	}
	_, err1 := w.write("attribute-map.xml", `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Attribute name="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" id="name">
    <AttributeDecoder xsi:type="NameIDAttributeDecoder" formatter="$Name"/>
  </Attribute>
`+attributes.String()+`</Attributes>
`)
	logger, err2 := w.write("logger", `log4j.rootCategory=INFO, log
log4j.appender.log=org.apache.log4j.FileAppender
log4j.appender.log.fileName=`+w.folder+`/shibboleth.log
log4j.appender.log.layout=org.apache.log4j.PatternLayout
log4j.appender.log.layout.ConversionPattern=%d{%Y-%m-%d %H:%M:%S} %p %c %x: %m%n
`)
	settings, err3 := w.write("shibboleth2.xml", `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" clockSkew="180">
  <OutOfProcess logger="`+logger+`"/>
  <InProcess logger="`+logger+`"/>
  <UnixListener address="`+socket+`"/>
  <ApplicationDefaults entityID="`+at+`/shibboleth" REMOTE_USER="name" signing="true">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerSSL="false" cookieProps="http" redirectLimit="exact">
      <SSO entityID="`+w.clave.issuer+`/saml/metadata" NameIDFormat="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">SAML2</SSO>
      <Logout>SAML2 Local</Logout>
      <SessionInitiator type="SAML2" Location="/Posted" id="posted" acsIndex="1" outgoingBindings="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        entityID="`+w.clave.issuer+`/saml/metadata" NameIDFormat="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>
      <Handler type="MetadataGenerator" Location="/Metadata" signing="false"/>
    </Sessions>
    <Errors supportContact="root@localhost" session="`+shibbolethFiles+`sessionError.html" metadata="`+shibbolethFiles+`metadataError.html" access="`+shibbolethFiles+`attrChecker.html"
      globalLogout="`+shibbolethFiles+`globalLogout.html" localLogout="`+shibbolethFiles+`localLogout.html" partialLogout="`+shibbolethFiles+`partialLogout.html"/>
    <MetadataProvider type="XML" validate="true" path="`+idp+`"/>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="`+w.folder+`/attribute-map.xml"/>
    <CredentialResolver type="File" key="`+key+`" certificate="`+certificate+`"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="`+shibbolethFiles+`security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="`+shibbolethFiles+`protocols.xml"/>
</SPConfig>
`)
	return settings, errors.Join(err1, err2, err3)
}
