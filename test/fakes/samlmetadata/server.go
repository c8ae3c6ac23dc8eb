package samlmetadata

import (
	"bytes"

	"clave/test/fakes/host"
)

// Manners beyond those of every host.
const (
	Changed host.Manner = "changed" // the metadata with another address
	Doctype host.Manner = "doctype" // the metadata after a document type
)

// Host is that of metadata.
func Host() host.Kind {
	return host.Kind{
		Path: "/sp", Type: "application/samlmetadata+xml",
		Forged: map[host.Manner]func([]byte) []byte{
			Changed: func(metadata []byte) []byte { return bytes.ReplaceAll(metadata, []byte("/acs"), []byte("/evl")) },
			Doctype: func(metadata []byte) []byte {
				return append([]byte(`<!DOCTYPE x [<!ENTITY a "aaaa">]>`), metadata...)
			},
		},
	}
}
