package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"net"
	"os/exec"
	"strings"
)

// pySAML2 is pysaml2, on which djangosaml2 and SATOSA are built.
func pySAML2() peer {
	return peer{name: "pysaml2", find: findPySAML2, start: startPySAML2}
}

//go:embed peers/pysaml2.py
var pySAML2Program string

func findPySAML2(ctx context.Context, p places) (version, missing string) {
	version, err := output(ctx, p.Python, "-c", "import importlib.metadata as m; print(m.version('pysaml2'))")
	if _, found := exec.LookPath("xmlsec1"); err != nil || found != nil {
		return "", "apt-get install xmlsec1, and pip install pysaml2 for some Python, and say which with --python"
	}
	return version, ""
}

func startPySAML2(ctx context.Context, w *world) (*service, error) {
	key, certificate, err := w.keyPair("pysaml2")
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
	xmlsec1, err := exec.LookPath("xmlsec1")
	if err != nil {
		return nil, err
	}
	at := "http://" + address
	_, port, _ := net.SplitHostPort(address) // free wrote it
	settings, err := json.Marshal(map[string]string{
		"at": at, "port": port, "key": key, "certificate": certificate, "metadata": idp, "xmlsec1": xmlsec1, "high": high, "cookie": cookieAt(address), "password": password,
	})
	if err != nil {
		return nil, err
	}
	program, err := w.write("pysaml2.py", pySAML2Program)
	if err != nil {
		return nil, err
	}
	if err := w.run(ctx, listens(address), nil, w.places.Python, program, string(settings)); err != nil {
		return nil, err
	}
	return &service{
		metadata: at + "/metadata", home: at + "/home", posted: at + "/posted", silent: at + "/silent", high: at + "/high", classic: at + "/classic",
		logout: at + "/logout",
		seen:   seen{nameID: "name", context: line("context"), attribute: eidasByFriendlyName},
	}, nil
}

// eidasByFriendlyName is for who knows the names of eIDAS, and no others.
func eidasByFriendlyName(friendlyName string) string {
	if name := uri(friendlyName); !strings.HasPrefix(name, "http://eidas.europa.eu/") {
		return name
	}
	return friendlyName
}
