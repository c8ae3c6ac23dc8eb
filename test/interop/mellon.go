package main

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
)

// mellon is mod_auth_mellon, which is built on Lasso.
func mellon() peer {
	return peer{name: "mellon", find: findApacheModule("libapache2-mod-auth-mellon"), start: startMellon}
}

func startMellon(ctx context.Context, w *world) (*service, error) {
	key, certificate, err := w.keyPair("mellon")
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
	var named strings.Builder
	for _, a := range ourAttributes {
		named.WriteString("  MellonSetEnvNoPrefix " + a.friendlyName + " " + a.name + "\n")
	}
	err = w.runApache(ctx, address, "auth_mellon_module "+apacheModules+"mod_auth_mellon.so", `<Location />
  MellonEnable info
  MellonEndpointPath /mellon
  MellonSPentityId `+at+`/mellon/metadata
  MellonSPPrivateKeyFile `+key+`
  MellonSPCertFile `+certificate+`
  MellonIdPMetadataFile `+idp+`
  MellonSignatureMethod rsa-sha256
  MellonSecureCookie Off
  MellonSessionDump On
  MellonUser NAME_ID
`+named.String()+`</Location>
<Location /show>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
</Location>
`)
	if err != nil {
		return nil, err
	}
	home := at + "/show/home"
	return &service{
		metadata: at + "/mellon/metadata", home: home,
		silent: at + "/mellon/login?IsPassive=true&ReturnTo=" + home,
		logout: at + "/mellon/logout?ReturnTo=" + at + "/mellon/metadata",
		seen:   seen{nameID: "MELLON_NAME_ID", transient: true, context: dumpedContext, attribute: itself},
	}, nil
}

var classRef = regexp.MustCompile(`AuthnContextClassRef>([^<]*)<`)

// dumpedContext finds the class in the session as Lasso writes it, since the module gives
// it to applications in no other way.
func dumpedContext(values map[string]string) string {
	text, err := base64.StdEncoding.DecodeString(values["MELLON_SESSION"])
	if found := classRef.FindSubmatch(text); err == nil && found != nil {
		return string(found[1])
	}
	return ""
}
