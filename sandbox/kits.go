package sandbox

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http"

	"clave/keys"
	"clave/web/page"
	"clave/web/route"
)

// Signers are keys that sign for services.
type Signers interface {
	// Published are all of them.
	Published() []keys.PublicKey
	// Ensure makes an active key for each algorithm that has none yet.
	Ensure(ctx context.Context, algs ...string) error
}

// Kits gives the certificates by which Cl@ve signs as files, since the kits of
// integrators have them in one. A service of production gets them from its operator.
type Kits struct {
	Clave, SAML Signers
	Engine      *page.Engine
}

// Routes are the files.
func (k *Kits) Routes() []route.Route {
	file := func(path string, of Signers) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: route.Sandbox, Handler: func(w http.ResponseWriter, r *http.Request) {
			certificate, err := signing(r.Context(), of)
			if err != nil {
				k.Engine.Failed(w, r, k.Engine.Frame().Log, "page of the sandbox failed", err)
				return
			}
			w.Header().Set("Content-Type", "application/x-pem-file")
			_, _ = w.Write(certificate) // a client that left needs no answer
		}}
	}
	return []route.Route{file("/dev/clave.pem", k.Clave), file("/dev/saml.pem", k.SAML)}
}

// signing is the certificate of the key that signs now, as PEM.
func signing(ctx context.Context, of Signers) ([]byte, error) {
	active := func() []byte {
		for _, key := range of.Published() {
			if key.State == keys.Active && key.Alg == keys.RS256 && key.Certificate != nil {
				return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.Certificate.Raw})
			}
		}
		return nil
	}
	if file := active(); file != nil {
		return file, nil
	}
	if err := of.Ensure(ctx, keys.RS256); err != nil { // nobody has asked for a signature yet
		return nil, err
	}
	file := active()
	if file == nil {
		return nil, errors.New("no key signs for services")
	}
	return file, nil
}
