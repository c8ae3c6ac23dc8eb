package sample

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"

	"github.com/beevik/etree"

	"clave/web/route"
)

// claveSite is a service that is integrated with Cl@ve 2, and sends what the official
// kits send. It knows the address of Cl@ve and its certificates, and nothing else.
type claveSite struct {
	assertions
	key          credential
	certificates fetched[[]*x509.Certificate]
}

// provider is the service's name: NIF, DIR3 code and application.
const provider = "Q2819009H_E00000002;Jobs"

func newClave(s site) (*claveSite, error) {
	s.Tries = claveTries()
	key, err := openCredential(filepath.Join(s.Data, "jobs.pem"), s.Name, s.Now())
	if err != nil {
		return nil, err
	}
	return &claveSite{assertions: assertions{site: s}, key: key}, nil
}

func (s *claveSite) routes() []route.Route {
	return []route.Route{
		get(s.Path, s.show), get(s.Path+"/login", s.ask), posted(s.Path+"/return", s.consume), get(s.Path+"/in", s.enter),
		get(s.Path+"/logout", s.logout), posted(s.Path+"/bye", s.told),
	}
}

// certificate is what the service is registered with, as PEM.
func (s *claveSite) certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.key.certificate.Raw})
}

// The addresses: of Cl@ve, and those of the service that are registered there.
func (s *claveSite) destination() string { return s.Issuer + "/Proxy2/ServiceProvider" }
func (s *claveSite) acs() string         { return s.Home + s.Path + "/return" }
func (s *claveSite) bye() string         { return s.Home + s.Path + "/bye" }

// maxCertificatesBytes bounds the list of Cl@ve's certificates.
const maxCertificatesBytes = 1 << 20

// signers are the certificates by which Cl@ve signs now, or will next. They are fetched
// from this machine; kits have those of another in a file.
func (s *claveSite) signers(ctx context.Context) ([]*x509.Certificate, error) {
	all, err := s.certificates.now(ctx, s.Now(), func(ctx context.Context, client *http.Client) ([]*x509.Certificate, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Issuer+"/Proxy2/Certificates", nil)
		if err != nil {
			return nil, err
		}
		answer, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		document := etree.NewDocument()
		if _, err := document.ReadFrom(io.LimitReader(answer.Body, maxCertificatesBytes)); err != nil {
			return nil, err
		}
		return listed(document)
	})
	if err != nil {
		return nil, fmt.Errorf("fetching the certificates of Cl@ve: %w", err)
	}
	return all, nil
}

// listed reads the list of Cl@ve's certificates.
func listed(document *etree.Document) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, descriptor := range document.FindElements("//KeyDescriptor[@use='signing']") {
		for _, el := range descriptor.FindElements(".//X509Certificate") {
			der, err := base64.StdEncoding.DecodeString(el.Text())
			if err != nil {
				return nil, err
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			all = append(all, certificate)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("it lists none that signs")
	}
	return all, nil
}
