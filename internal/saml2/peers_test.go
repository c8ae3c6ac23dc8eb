package saml2_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// ids tells xmlsec1 which attributes are IDs.
func ids() []string {
	var all []string
	for _, name := range []string{"protocol:Response", "protocol:LogoutRequest", "protocol:LogoutResponse", "protocol:AuthnRequest", "assertion:Assertion", "metadata:EntityDescriptor"} {
		all = append(all, "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:"+name)
	}
	return all
}

func keyFile(name string) string { return filepath.Join("testdata", name+".pem") }
func certFile(name string) string {
	return filepath.Join("testdata", name+".crt")
}

// accepted has xmlsec1 check the signature of an element.
func (f folder) accepted(text []byte, by, of string) (bool, string) {
	f.t.Helper()
	args := append([]string{"--verify", "--enabled-reference-uris", "same-doc", "--pubkey-cert-pem", certFile(by)}, ids()...)
	if of != "" {
		args = append(args, "--node-xpath", of)
	}
	out, err := f.run("xmlsec1", append(args, f.file("signed.xml", text))...)
	return err == nil, out
}

// Whatever we sign, xmlsec1 accepts.
func TestXmlsecAcceptsWhatWeSign(t *testing.T) {
	t.Parallel()
	inAssertion := `//*[local-name()="Assertion"]/*[local-name()="Signature"]`
	inMessage := `/*/*[local-name()="Signature"]`
	for _, by := range []string{"idp_rsa", "idp_ec"} {
		s := signer(t, by)
		strong := *s
		strong.Digest = xmlsig.SHA512
		logout, err := logoutRequest().Write(saml2.Prefixes{}, s)
		if err != nil {
			t.Fatal(err)
		}
		metadata, err := provider(t).Write(s)
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name string
			text []byte
			of   []string
		}{
			{"a response", written(t, answer(), saml2.Prefixes{}, saml2.Protection{Message: s}), []string{inMessage}},
			{"an assertion", written(t, answer(), saml2.Prefixes{}, saml2.Protection{Assertion: s}), []string{inAssertion}},
			{"both", written(t, answer(), saml2.DialectPrefixes(), saml2.Protection{Message: &strong, Assertion: s}), []string{inMessage, inAssertion}},
			{"an encrypted one", written(t, answer(), saml2.Prefixes{}, saml2.Protection{Message: s, Encryption: &saml2.Encryption{Certificate: certificate(t, "service_rsa")}}), []string{inMessage}},
			{"a logout", logout, []string{inMessage}},
			{"metadata", metadata, []string{inMessage}},
		}
		for _, test := range tests {
			t.Run(test.name+" by "+by, func(t *testing.T) {
				t.Parallel()
				for _, of := range test.of {
					if ok, said := newFolder(t).accepted(test.text, by, of); !ok {
						t.Errorf("xmlsec1 refuses %s:\n%s\n%s", of, test.text, said)
					}
				}
				if ok, _ := newFolder(t).accepted(bytes.ReplaceAll(test.text, []byte("2026"), []byte("2027")), by, test.of[0]); ok {
					t.Error("xmlsec1 accepts everything")
				}
			})
		}
	}
}

// Whatever xmlsec1 signs for a service, we accept: with its own ID or the whole document
// as reference, and with the signature where the schema wants it or first of all, as
// public clients of Cl@ve 2 do.
func TestWeAcceptWhatXmlsecSigns(t *testing.T) {
	t.Parallel()
	for by, methods := range map[string][]string{
		"service_rsa": {xmlsig.RSASHA256, xmlsig.RSASHA384, xmlsig.RSASHA512}, "idp_ec": {xmlsig.ECDSASHA256, xmlsig.ECDSASHA512},
	} {
		for _, method := range methods {
			t.Run(method, func(t *testing.T) {
				t.Parallel()
				for uri, before := range map[string]string{"#_r1": "<samlp:Extensions>", "": "<saml:Issuer "} {
					f := newFolder(t)
					template := `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + xmlsig.Exclusive +
						`"/><ds:SignatureMethod Algorithm="` + method + `"/><ds:Reference URI="` + uri + `"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="` + xmlsig.Exclusive +
						`"/></ds:Transforms><ds:DigestMethod Algorithm="` + xmlsig.SHA512 + `"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>`
					text := strings.Replace(full, before, template+before, 1)
					out := filepath.Join(f.dir, "out.xml")
					args := append([]string{"--sign", "--enabled-reference-uris", "empty,same-doc", "--privkey-pem", keyFile(by) + "," + certFile(by), "--output", out}, ids()...)
					if said, err := f.run("xmlsec1", append(args, f.file("template.xml", []byte(text)))...); err != nil {
						t.Fatalf("%v\n%s", err, said)
					}
					data, err := os.ReadFile(out)
					if err != nil {
						t.Fatal(err)
					}
					on := terms(t)
					on.Keys = []crypto.PublicKey{key(t, by).Public()}
					if _, err := readPost(post(string(data)), on); err != nil {
						t.Errorf("got %v for\n%s", err, data)
					}
				}
			})
		}
	}
}

// openssl checks and makes signatures of queries, which are over octets. Those by ECDSA
// it writes in another way.
func TestQueriesAndOpenssl(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	query := redirect(t, request, "state", signer(t, "service_rsa"))
	octets, escaped, _ := strings.Cut(query, "&Signature=")
	value, err := url.QueryUnescape(escaped)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	at := f.file("octets", []byte(octets))
	if said, err := f.run("openssl", "dgst", "-sha256", "-prverify", keyFile("service_rsa"), "-signature", f.file("signature", signature), at); err != nil {
		t.Errorf("openssl refuses: %v\n%s", err, said)
	}
	// A service that writes escapes in small letters, as some do.
	small := lowerEscapes(octets)
	made := filepath.Join(f.dir, "made")
	if said, err := f.run("openssl", "dgst", "-sha256", "-sign", keyFile("service_rsa"), "-out", made, f.file("small", []byte(small))); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if signature, err = os.ReadFile(made); err != nil {
		t.Fatal(err)
	}
	if _, err := readRedirect(small+"&Signature="+url.QueryEscape(base64.StdEncoding.EncodeToString(signature)), terms(t)); err != nil {
		t.Errorf("we refuse: %v", err)
	}
}

// encryptedOne is a response whose assertion only the service reads.
func encryptedOne(t testing.TB, e saml2.Encryption) []byte {
	t.Helper()
	e.Certificate = certificate(t, "service_rsa")
	data := written(t, answer(), saml2.DialectPrefixes(), saml2.Protection{Message: signer(t, "idp_rsa"), Assertion: signer(t, "idp_ec"), Encryption: &e})
	if bytes.Contains(data, []byte("00000000T")) || bytes.Contains(data, []byte("AbC-1")) {
		t.Fatalf("in clear:\n%s", data)
	}
	return data
}

// xmlsec1 decrypts what we encrypt, and the signature inside holds for it.
func TestXmlsecDecryptsWhatWeEncrypt(t *testing.T) {
	t.Parallel()
	for _, cipher := range []string{"", saml2.AES256GCM, saml2.AES128GCM, saml2.AES128CBC, saml2.AES256CBC} {
		t.Run("by "+cipher, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			out := filepath.Join(f.dir, "plain.xml")
			data := encryptedOne(t, saml2.Encryption{Cipher: cipher})
			if said, err := f.run("xmlsec1", "--decrypt", "--privkey-pem", keyFile("service_rsa"), "--output", out, f.file("sealed.xml", data)); err != nil {
				t.Fatalf("%v\n%s\n%s", err, said, data)
			}
			plain, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(plain, []byte("<saml2:AttributeValue>00000000T</saml2:AttributeValue>")) {
				t.Errorf("got %s", plain)
			}
			if ok, said := f.accepted(plain, "idp_ec", `//*[local-name()="Assertion"]/*[local-name()="Signature"]`); !ok {
				t.Errorf("the signature inside does not hold:\n%s", said)
			}
		})
	}
}

// OAEP with SHA-256 has SHA-256 in its mask too, and says so. Debian's xmlsec1 does not
// know it, so that openssl opens the key.
func TestOpensslReadsKeysOfBothForms(t *testing.T) {
	t.Parallel()
	for transport, options := range map[string][]string{
		saml2.OAEPMGF1P: {"rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"}, saml2.OAEP: {"rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"},
	} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			f := newFolder(t)
			data := encryptedOne(t, saml2.Encryption{Transport: transport, Cipher: saml2.AES128GCM})
			if says := bytes.Contains(data, []byte("mgf1sha256")); says != (transport == saml2.OAEP) {
				t.Error("its mask is not told as it is")
			}
			if !bytes.Contains(data, []byte(`<xenc:EncryptionMethod Algorithm="`+transport+`">`)) {
				t.Errorf("it is not told in\n%s", data)
			}
			sealed := regexp.MustCompile(`<xenc:CipherValue>([^<]*)`).FindSubmatch(data)
			raw, err := base64.StdEncoding.DecodeString(string(sealed[1]))
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(f.dir, "key")
			args := []string{"pkeyutl", "-decrypt", "-inkey", keyFile("service_rsa"), "-in", f.file("sealed", raw), "-out", out, "-pkeyopt", "rsa_padding_mode:oaep"}
			for _, o := range options {
				args = append(args, "-pkeyopt", o)
			}
			if said, err := f.run("openssl", args...); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if opened, err := os.ReadFile(out); err != nil || len(opened) != 16 {
				t.Errorf("got %d bytes, %v", len(opened), err)
			}
		})
	}
}

func TestEncryptionIsChosen(t *testing.T) {
	t.Parallel()
	reads := func(algorithms ...string) []saml2.EncryptionMethod {
		var all []saml2.EncryptionMethod
		for _, a := range algorithms {
			all = append(all, saml2.EncryptionMethod{Algorithm: a})
		}
		return all
	}
	const sha256, mgf1 = "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2009/xmlenc11#mgf1sha256"
	rsaOne := "service_rsa"
	tests := []struct {
		name, certificate string
		methods           []saml2.EncryptionMethod
		cipher, transport string // empty: refused
	}{
		{"nothing said", rsaOne, nil, saml2.AES256GCM, saml2.OAEPMGF1P},
		{"both GCM", rsaOne, reads(saml2.AES128GCM, saml2.AES256GCM), saml2.AES256GCM, saml2.OAEPMGF1P},
		{"only the short GCM", rsaOne, reads(saml2.AES128CBC, saml2.AES128GCM), saml2.AES128GCM, saml2.OAEPMGF1P},
		{"only CBC", rsaOne, reads(saml2.AES128CBC, saml2.AES256CBC), "", ""},
		{"OAEP with SHA-256", rsaOne, []saml2.EncryptionMethod{{Algorithm: saml2.OAEP, Digest: sha256, MGF: mgf1}}, saml2.AES256GCM, saml2.OAEP},
		{"OAEP with another mask", rsaOne, []saml2.EncryptionMethod{{Algorithm: saml2.OAEP, Digest: sha256}}, saml2.AES256GCM, saml2.OAEPMGF1P},
		{"RSA 1.5 beside OAEP", rsaOne, reads("http://www.w3.org/2001/04/xmlenc#rsa-1_5", saml2.OAEPMGF1P), saml2.AES256GCM, saml2.OAEPMGF1P},
		{"only RSA 1.5", rsaOne, reads("http://www.w3.org/2001/04/xmlenc#rsa-1_5"), "", ""},
		{"a key that cannot encrypt", "idp_ec", nil, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := saml2.EncryptionFor(certificate(t, test.certificate), test.methods)
			if (err != nil) != (test.cipher == "") || err == nil && (e.Cipher != test.cipher || e.Transport != test.transport) {
				t.Errorf("got %s, %s, %v", e.Cipher, e.Transport, err)
			}
		})
	}
	for _, e := range []saml2.Encryption{{}, {Certificate: certificate(t, rsaOne), Cipher: "urn:x"}, {Certificate: certificate(t, rsaOne), Transport: "urn:x"}} {
		if _, err := answer().Write(saml2.Prefixes{}, saml2.Protection{Encryption: &e}); err == nil {
			t.Errorf("%+v is taken", e)
		}
	}
}
