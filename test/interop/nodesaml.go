package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// nodeSAML is node-saml, on which passport-saml is built.
func nodeSAML() peer {
	return peer{name: "node-saml", find: findNodeSAML, start: startNodeSAML}
}

//go:embed peers/nodesaml.mjs
var nodeSAMLProgram string

func findNodeSAML(_ context.Context, p places) (version, missing string) {
	text, err := os.ReadFile(filepath.Join(p.Node, "node_modules/@node-saml/node-saml/package.json"))
	var about struct{ Version string }
	if err != nil || json.Unmarshal(text, &about) != nil {
		return "", "npm install @node-saml/node-saml in some folder, and say which with --node"
	}
	return about.Version, ""
}

// provider is what services without a reader of metadata are told by hand.
type provider struct {
	EntityID     string   `xml:"entityID,attr"`
	Certificates []string `xml:"IDPSSODescriptor>KeyDescriptor>KeyInfo>X509Data>X509Certificate"`
	SSO          []struct {
		Binding  string `xml:",attr"`
		Location string `xml:",attr"`
	} `xml:"IDPSSODescriptor>SingleSignOnService"`
	SLO []struct {
		Binding  string `xml:",attr"`
		Location string `xml:",attr"`
	} `xml:"IDPSSODescriptor>SingleLogoutService"`
}

// provider reads our metadata.
func (p *product) provider(ctx context.Context) (provider, error) {
	text, err := p.read(ctx, "/saml/metadata")
	if err != nil {
		return provider{}, err
	}
	var us provider
	if err := xml.Unmarshal(text, &us); err != nil {
		return provider{}, fmt.Errorf("reading our metadata: %w", err)
	}
	if len(us.SSO) == 0 || len(us.SLO) == 0 || len(us.Certificates) == 0 {
		return provider{}, errors.New("our metadata lack an address or a certificate")
	}
	return us, nil
}

func startNodeSAML(ctx context.Context, w *world) (*service, error) {
	key, certificate, err := w.keyPair("node-saml")
	if err != nil {
		return nil, err
	}
	idp, err := w.clave.provider(ctx)
	if err != nil {
		return nil, err
	}
	address, err := free()
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(w.places.Node)
	if err != nil {
		return nil, err
	}
	at := "http://" + address
	_, port, _ := net.SplitHostPort(address) // free wrote it
	settings, err := json.Marshal(map[string]any{
		"at": at, "port": port, "node": folder, "key": key, "certificate": certificate, "high": high, "cookie": cookieAt(address),
		"idp": idp.EntityID, "sso": idp.SSO[0].Location, "slo": idp.SLO[0].Location, "idpCertificates": idp.Certificates,
	})
	if err != nil {
		return nil, err
	}
	program, err := w.write("nodesaml.mjs", nodeSAMLProgram)
	if err != nil {
		return nil, err
	}
	if err := w.run(ctx, listens(address), nil, "node", program, string(settings)); err != nil {
		return nil, err
	}
	return &service{
		metadata: at + "/metadata", home: at + "/home", posted: at + "/posted", silent: at + "/silent", high: at + "/high", classic: at + "/classic",
		logout: at + "/logout",
		seen:   seen{nameID: "name", context: line("context"), attribute: uri},
	}, nil
}
