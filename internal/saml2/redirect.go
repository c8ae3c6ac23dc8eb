package saml2

import (
	"bytes"
	"compress/flate"
	"crypto"
	"encoding/base64"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"clave/internal/xmlsig"
)

// Parameters of a query beside the message. Source: SAML 2.0 Bindings, section 3.4.4.1.
const (
	paramAlgorithm = "SigAlg"
	paramSignature = "Signature"
	paramEncoding  = "SAMLEncoding"
)

// encodingDeflate is the only encoding there is. Source: SAML 2.0 Bindings, section 3.4.4.1.
const encodingDeflate = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

// querySignature is how a query was signed; the zero value is not at all.
type querySignature struct {
	octets    []byte
	signature []byte
	method    string
}

// present tells whether there is any, good or bad.
func (q querySignature) present() bool { return q.method != "" }

func (q querySignature) verify(keys []crypto.PublicKey) error {
	return verdict(xmlsig.VerifyOctets(q.octets, q.signature, q.method, keys))
}

// ReadRedirect reads a message from a query as it stood in the URL. Exactly one of the
// parameters has to be in it, and none of SAML's twice, however it is written. Who has
// a query only in decoded form cannot check its signature, and does not call this.
// Error: ErrMalformed; ErrSignature for half a signature.
func ReadRedirect(rawQuery string, l xmlsig.Limits, fields ...string) (*Incoming, error) {
	if len(rawQuery) > 3*l.Bytes {
		return nil, malformed("a query of more than %d bytes", 3*l.Bytes)
	}
	raw, err := parameters(rawQuery, fields)
	if err != nil {
		return nil, err
	}
	in := &Incoming{Binding: BindingRedirect, limits: l}
	for _, field := range fields {
		if _, stands := raw[field]; stands {
			if in.Field != "" {
				return nil, malformed("two messages in one query")
			}
			in.Field = field
		}
	}
	if in.Field == "" {
		return nil, malformed("no parameter %s", strings.Join(fields, " or "))
	}
	decoded := make(map[string]string, len(raw))
	for name, v := range raw {
		if decoded[name], err = url.QueryUnescape(v); err != nil {
			return nil, malformed("%s is not encoded as parameters are", name)
		}
	}
	if e, stands := decoded[paramEncoding]; stands && e != encodingDeflate {
		return nil, malformed("an unknown SAMLEncoding")
	}
	in.RelayState = decoded[FieldRelayState]
	if err := acceptable(in.RelayState); err != nil {
		return nil, err
	}
	if in.query, err = signatureOf(in.Field, raw, decoded); err != nil {
		return nil, err
	}
	packed, err := base64Of(decoded[in.Field], l)
	if err != nil {
		return nil, err
	}
	data, err := inflated(packed, l.Bytes)
	if err != nil {
		return nil, err
	}
	return in.read(data)
}

// parameters finds SAML's parameters as they are written. What others are in the query
// does not matter, but for names that are one of ours in disguise: somebody else could
// read the other one of two.
func parameters(rawQuery string, fields []string) (map[string]string, error) {
	ours := append([]string{FieldRequest, FieldResponse, FieldRelayState, paramAlgorithm, paramSignature, paramEncoding}, fields...)
	found := map[string]string{}
	for pair := range strings.SplitSeq(rawQuery, "&") {
		name, v, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			return nil, malformed("a parameter is not encoded as parameters are")
		}
		if !slices.Contains(ours, plain) {
			continue
		}
		if _, twice := found[name]; twice || plain != name {
			return nil, malformed("%s twice, or not under its plain name", plain)
		}
		found[name] = v
	}
	for _, other := range []string{FieldRequest, FieldResponse} {
		if _, stands := found[other]; stands && !slices.Contains(fields, other) {
			return nil, malformed("%s does not belong here", other)
		}
	}
	return found, nil
}

// signatureOf puts together the octets that were signed, as they came and in the order
// that counts. Source: SAML 2.0 Bindings, section 3.4.4.1.
func signatureOf(field string, raw, decoded map[string]string) (querySignature, error) {
	method, named := decoded[paramAlgorithm]
	given, signed := decoded[paramSignature]
	switch {
	case !named && !signed:
		return querySignature{}, nil
	case method == "" || given == "":
		return querySignature{}, verdict(xmlsig.ErrForm)
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(given)
	if err != nil {
		return querySignature{}, verdict(xmlsig.ErrForm)
	}
	octets := field + "=" + raw[field]
	if state, stands := raw[FieldRelayState]; stands {
		octets += "&" + FieldRelayState + "=" + state
	}
	octets += "&" + paramAlgorithm + "=" + raw[paramAlgorithm]
	return querySignature{octets: []byte(octets), signature: signature, method: method}, nil
}

// base64Of decodes a message; line ends in it are left out.
func base64Of(s string, l xmlsig.Limits) ([]byte, error) {
	if len(s) > 2*l.Bytes {
		return nil, malformed("more than %d bytes", l.Bytes)
	}
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(data) == 0 {
		return nil, malformed("it is no base64")
	}
	return data, nil
}

// inflaters wait for the next message: each has 40 kB of tables, many times what a
// message has.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}

// inflated unpacks at most so many bytes, and wants nothing behind them.
func inflated(packed []byte, most int) ([]byte, error) {
	from := bytes.NewReader(packed)
	unpacking := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(unpacking)
	if err := unpacking.(flate.Resetter).Reset(from, nil); err != nil {
		return nil, err
	}
	var unpacked bytes.Buffer
	unpacked.Grow(min(3*len(packed), most) + bytes.MinRead)
	_, err := unpacked.ReadFrom(io.LimitReader(unpacking, int64(most)+1))
	data := unpacked.Bytes()
	switch {
	case err != nil:
		return nil, malformed("it is not packed by DEFLATE")
	case len(data) > most:
		return nil, malformed("more than %d bytes when unpacked", most)
	case from.Len() > 0:
		return nil, malformed("something stands behind the packed message")
	}
	return data, nil
}

// acceptable refuses a RelayState that could not go back as it came.
func acceptable(state string) error {
	if len(state) > maxRelayState || !utf8.ValidString(state) || strings.ContainsRune(state, 0) {
		return malformed("a RelayState of more than %d bytes, or no text", maxRelayState)
	}
	return nil
}

// PostValue is how a message stands in a form. Source: SAML 2.0 Bindings, section 3.5.4.
func PostValue(message []byte) string { return base64.StdEncoding.EncodeToString(message) }

// deflaters wait for the next message: each has 800 kB of tables.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestCompression)
	if err != nil {
		panic(err) // of a level that does not exist
	}
	return w
}}

// RedirectURL is the address to which a browser takes a message, which must not be
// signed itself. With a signer its octets are; the field is such as FieldResponse; an
// empty RelayState is left out. Source: SAML 2.0 Bindings, section 3.4.4.1.
func RedirectURL(location, field string, message []byte, relayState string, s *xmlsig.Signer) (string, error) {
	var packed bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&packed)
	if _, err := w.Write(message); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	query := field + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed.Bytes()))
	if relayState != "" {
		query += "&" + FieldRelayState + "=" + url.QueryEscape(relayState)
	}
	if s != nil {
		query += "&" + paramAlgorithm + "=" + url.QueryEscape(s.Method)
		signature, err := s.SignOctets([]byte(query))
		if err != nil {
			return "", err
		}
		query += "&" + paramSignature + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	}
	between := "?"
	if strings.Contains(location, "?") {
		between = "&"
	}
	return location + between + query, nil
}
