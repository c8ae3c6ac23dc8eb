package trustedlist

import (
	"bytes"

	"clave/test/fakes/host"
)

// Manners beyond those of every host.
const (
	Changed  host.Manner = "changed"  // the list with another word
	Unsigned host.Manner = "unsigned" // the list without its signature
)

// Host is that of a list.
func Host() host.Kind {
	return host.Kind{
		Path: "/TSL.xml", Type: "application/vnd.etsi.tsl+xml",
		Forged: map[host.Manner]func([]byte) []byte{
			Changed: func(list []byte) []byte { return bytes.Replace(list, []byte("EJEMPLO"), []byte("EJEMPLA"), 1) },
			Unsigned: func(list []byte) []byte {
				return append(bytes.Clone(list[:bytes.Index(list, []byte("<ds:Signature"))]), "</TrustServiceStatusList>"...)
			},
		},
	}
}
