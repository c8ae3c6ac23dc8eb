package sandbox

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/providers/certificate"
	"clave/sandbox/authority"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
	"software.sslmate.com/src/go-pkcs12"
)

// Certificates are those of the citizens, and the authority that issued them, with
// its responder and lists.
type Certificates struct {
	CA     *authority.CA
	Host   string // origin of the host of the certificates
	Now    func() time.Time
	Engine *page.Engine
}

// Password of every PKCS#12 file.
const Password = "clave"

// Where the authority is asked, below the issuer.
const (
	ocspPath = "/dev/ca/ocsp"
	listPath = "/dev/ca/citizens.crl"
	rootPath = "/dev/ca/root.crl"
	certPath = "/dev/ca.pem"
)

// Addresses are what stands in certificates.
func Addresses(issuer string) authority.Addresses {
	return authority.Addresses{OCSP: issuer + ocspPath, CRL: issuer + listPath, RootCRL: issuer + rootPath}
}

// Routes are the downloads, and what relying systems ask the authority.
func (c *Certificates) Routes() []route.Route {
	one := func(method, path string, h http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: path, Access: route.Sandbox, Handler: h}
	}
	return []route.Route{
		one(http.MethodGet, certPath, c.root),
		one(http.MethodPost, ocspPath, c.respond),
		one(http.MethodGet, listPath, c.list(false)),
		one(http.MethodGet, rootPath, c.list(true)),
		one(http.MethodGet, "/dev/certificates/{kind}/{file}", c.download),
	}
}

func (c *Certificates) root(w http.ResponseWriter, _ *http.Request) {
	page.Download(w, "application/x-pem-file", "clave-sandbox-ca.pem", c.CA.RootPEM())
}

// fail shows an error of ours to a person and logs it once.
func (c *Certificates) fail(w http.ResponseWriter, r *http.Request, err error) {
	c.Engine.Failed(w, r, c.Engine.Frame().Log, "certificate of the sandbox not given", err)
}

// respond is the responder. Source: RFC 6960, appendix A.
func (c *Certificates) respond(w http.ResponseWriter, r *http.Request) {
	question, err := io.ReadAll(r.Body) // limited by the guards
	if err != nil {
		return
	}
	answer, err := c.CA.Respond(question, authority.Answer{At: c.Now(), Revoked: isRevoked})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	_, _ = w.Write(answer) // who left needs no answer
}

// isRevoked tells the revoked certificates, one for each citizen.
func isRevoked(number *big.Int) bool {
	return slices.ContainsFunc(revoked(), func(n *big.Int) bool { return n.Cmp(number) == 0 })
}

func revoked() []*big.Int {
	var numbers []*big.Int
	for _, citizen := range Citizens() {
		numbers = append(numbers, authority.SerialOf(authority.Revoked, citizen.Holder()))
	}
	return numbers
}

func (c *Certificates) list(ofRoot bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l := authority.List{At: c.Now(), OfRoot: ofRoot}
		if !ofRoot {
			l.Revoked = revoked()
		}
		body, err := c.CA.Revocations(l)
		if err != nil {
			c.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/pkix-crl")
		_, _ = w.Write(body) // who left needs no answer
	}
}

// download gives a citizen's certificate of a kind, as PKCS#12 for browsers or, with
// its key and chain, as PEM for other programs.
func (c *Certificates) download(w http.ResponseWriter, r *http.Request) {
	kind, file := authority.Kind(mux.Vars(r)["kind"]), mux.Vars(r)["file"]
	document, format := file, ""
	if len(file) > 4 {
		document, format = file[:len(file)-4], file[len(file)-4:]
	}
	citizen, known := citizenOf(document)
	if !known || !slices.Contains(authority.Kinds(), kind) || format != ".p12" && format != ".pem" {
		c.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
		return
	}
	issued, err := c.CA.Issue(kind, citizen.Holder())
	var body []byte
	contentType := "application/x-pkcs12"
	if err == nil && format == ".p12" {
		body, err = pkcs12.Modern2023.Encode(issued.Key, issued.Certificate, issued.Chain[1:], Password)
	} else if err == nil {
		contentType = "application/x-pem-file"
		body, err = asPEM(issued)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	page.Download(w, contentType, string(kind)+"-"+file, body)
}

func asPEM(issued *authority.Issued) ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(issued.Key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	body := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for _, certificate := range issued.Chain {
		body = append(body, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	return body, nil
}

func path(kind authority.Kind, c Citizen) string {
	return "/dev/certificates/" + string(kind) + "/" + c.Document + ".p12"
}

// secrets are what a test needs to log a citizen in by certificate.
func (c *Certificates) secrets(citizen Citizen) map[string]string {
	secrets := map[string]string{}
	if c == nil {
		return secrets
	}
	for i, kind := range citizen.Certificates {
		name := "pkcs12"
		if i > 0 {
			name = string(kind) + "_pkcs12"
		}
		secrets[name+"_path"], secrets[name+"_password"] = path(kind, citizen), Password
	}
	return secrets
}

type certificatesData struct {
	Host, Root, Password string
	Good, Bad            []certificateView
}

type certificateView struct {
	Kind authority.Kind
	Path string
}

// showCertificates is the page with a certificate of every kind.
func (p *Pages) showCertificates(w http.ResponseWriter, r *http.Request) {
	d := certificatesData{Host: p.papers.Host, Root: certPath, Password: Password}
	juan, _ := citizenOf("99999999R")
	for _, kind := range authority.Kinds() {
		v := certificateView{kind, path(kind, juan)}
		switch kind {
		case authority.Citizen, authority.CitizenNew, authority.CitizenRSA, authority.CitizenP384, authority.DNIe, authority.Card, authority.Software,
			authority.IdCAT, authority.ACCV, authority.Camerfirma, authority.Izenpe:
			d.Good = append(d.Good, v)
		default:
			d.Bad = append(d.Bad, v)
		}
	}
	p.engine.Render(w, r, http.StatusOK, p.certificates, d)
}

// Certificate is the method certificate without its pages.
type Certificate interface {
	Handle(l *broker.Login) string
	Present(ctx context.Context, handle string, shown []*x509.Certificate) (broker.LoginID, string, error)
	Accept(ctx context.Context, l *broker.Login, ticket string) error
}

// byCertificate shows the citizen's certificates to the method's own checks, the one
// for everyday use first, until one reaches the level.
func (h *Handsfree) byCertificate(ctx context.Context, l *broker.Login, c Citizen) (broker.Reason, error) {
	if h.Certificate == nil || len(c.Certificates) == 0 || !slices.Contains(h.Broker.Demand(l).Methods, identity.Certificate) {
		return broker.LevelUnmet, nil
	}
	var reason broker.Reason
	for _, kind := range c.Certificates {
		issued, err := h.Certificates.CA.Issue(kind, c.Holder())
		if err != nil {
			return "", err
		}
		_, ticket, err := h.Certificate.Present(ctx, h.Certificate.Handle(l), issued.Chain)
		if err == nil {
			err = h.Certificate.Accept(ctx, l, ticket)
		}
		var denied *certificate.Denied
		if !errors.As(err, &denied) {
			return "", err
		}
		if denied.Cause == certificate.Over {
			return "", nil
		}
		if reason = denied.Cause.Reason(); denied.Cause != certificate.TooLow {
			return reason, nil
		}
	}
	return reason, nil
}
