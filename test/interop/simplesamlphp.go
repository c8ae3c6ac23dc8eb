package main

import (
	"context"
	_ "embed"
	"errors"
	"os/exec"
)

// simpleSAMLphp is SimpleSAMLphp of Debian, in PHP's own web server.
func simpleSAMLphp() peer {
	return peer{name: "simplesamlphp", find: findSimpleSAMLphp, start: startSimpleSAMLphp}
}

// simpleSAMLphpFolder is where Debian's package is.
const simpleSAMLphpFolder = "/usr/share/simplesamlphp"

func findSimpleSAMLphp(ctx context.Context, _ places) (version, missing string) {
	version = debianVersion(ctx, "simplesamlphp")
	if _, err := exec.LookPath("php"); err != nil || version == "" {
		return "", "apt-get install --no-install-recommends simplesamlphp php-cli php-xml php-mbstring"
	}
	return version, ""
}

// showPHP is the application.
//
//go:embed peers/show.php
var showPHP string

func startSimpleSAMLphp(ctx context.Context, w *world) (*service, error) {
	key, certificate, err := w.keyPair("simplesamlphp")
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
	source := `['saml:SP', 'entityID' => '` + at + `/module.php/saml/sp/metadata.php/sp', 'idp' => '` + w.clave.issuer + `/saml/metadata',
    'privatekey' => '` + key + `', 'certificate' => '` + certificate + `', 'sign.authnrequest' => true, 'sign.logout' => true,
    'WantAssertionsSigned' => true, 'assertion.encryption' => true,
    'NameIDPolicy' => ['Format' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'AllowCreate' => true]]`
	if err := w.runSimpleSAMLphp(ctx, address, source, `['type' => 'xml', 'file' => '`+idp+`']`, showPHP); err != nil {
		return nil, err
	}
	return &service{
		metadata: at + "/module.php/saml/sp/metadata.php/sp?output=xml", home: at + "/show",
		classic: at + "/show?saml:AuthnContextClassRef=" + password,
		silent:  at + "/show?isPassive=1",
		high:    at + "/show?saml:AuthnContextComparison=minimum&saml:AuthnContextClassRef=" + high,
		logout:  at + "/show?logout",
		seen:    seen{nameID: "name", context: line("context"), attribute: uri},
	}, nil
}

// runSimpleSAMLphp runs it with a source of logins named sp, metadata of identity
// providers, and an application, which leaves to it what is not its own.
func (w *world) runSimpleSAMLphp(ctx context.Context, address, source, metadata, application string) error {
	_, err1 := w.write("config/config.php", `<?php
$config = [
  'baseurlpath' => 'http://`+address+`/', 'tempdir' => '`+w.folder+`', 'loggingdir' => '`+w.folder+`', 'datadir' => '`+w.folder+`', 'certdir' => '`+w.folder+`',
  'logging.handler' => 'file', 'logging.level' => SimpleSAML\Logger::DEBUG, 'secretsalt' => 'only for a moment', 'technicalcontact_email' => 'root@localhost',
  'store.type' => 'phpsession', 'session.phpsession.savepath' => '`+w.folder+`', 'session.cookie.secure' => false, 'session.phpsession.cookiename' => '`+cookieAt(address)+`',
  'session.authtoken.cookiename' => '`+cookieAt(address)+`-token',
  'enable.saml20-idp' => false, 'language.default' => 'en', 'metadatadir' => '`+w.folder+`/metadata', 'metadata.sources' => [`+metadata+`],
];
`)
	_, err2 := w.write("config/authsources.php", "<?php\n$config = ['sp' => "+source+"];\n")
	router, err3 := w.write("router.php", application)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	return w.run(ctx, listens(address), []string{"SIMPLESAMLPHP_CONFIG_DIR=" + w.folder + "/config", "SIMPLESAMLPHP=" + simpleSAMLphpFolder},
		"php", "-d", "error_reporting=E_ALL & ~E_DEPRECATED", "-d", "display_errors=stderr", "-S", address, "-t", simpleSAMLphpFolder+"/www", router)
}
