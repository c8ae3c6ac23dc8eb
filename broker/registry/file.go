package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clave/internal/yamlfile"
	"clave/keys"
)

// Rules say under which circumstances a file is read.
type Rules struct {
	// Sandbox allows what only `clave dev` may have: http redirects to loopback,
	// short secrets, loopback_redirects.
	Sandbox bool
	// Now is when certificates must be in force.
	Now time.Time
	// ReadFile gives the certificate and metadata files that a registration names,
	// relative to the file that names them. Nil refuses such names.
	ReadFile func(name string) ([]byte, error)
	// Kept tells whether a key of ours, by its use and id, is one that signs or did, so
	// that a service can stay on it. Nil does not look: a service that names another is
	// answered by an error at the end of each login.
	Kept func(use keys.Use, id string) bool
}

// File is a file of relying parties, read and checked as far as it can be alone.
// [Prepare] checks it against the others and tells everything that is wrong.
type File struct {
	document *yamlfile.Document
	parties  []*RelyingParty
}

// entry is a relying party as its file writes it: the names are those of
// RelyingParty, with the client secrets in clear.
type entry struct {
	RelyingParty
	OIDC []clientEntry `json:"oidc"`
}

type clientEntry struct {
	OIDCClient
	Secret string `json:"client_secret"`
}

// Read reads a file of relying parties. name is for the problems.
func Read(name string, data []byte, rules Rules) *File {
	var entries []entry
	f := &File{document: yamlfile.Read(name, data, &entries)}
	f.refusePrivateKeys()
	for i := range entries {
		p := entries[i].RelyingParty
		p.OIDC = nil
		for _, c := range entries[i].OIDC {
			p.OIDC = append(p.OIDC, c.OIDCClient)
		}
		check := checker{rules: rules, document: f.document, at: fmt.Sprintf("[%d]", i)}
		check.party(&p)
		for j := range p.OIDC {
			check.client(fmt.Sprintf("%s.oidc[%d]", check.at, j), &p.OIDC[j], entries[i].OIDC[j].Secret)
		}
		for j := range p.SAML {
			check.saml(fmt.Sprintf("%s.saml[%d]", check.at, j), &p.SAML[j])
		}
		for j := range p.Clave {
			check.clave(fmt.Sprintf("%s.clave[%d]", check.at, j), &p.Clave[j], p.Attributes)
		}
		f.parties = append(f.parties, &p)
	}
	return f
}

// Builtin makes a file of relying parties that a program brings along.
func Builtin(name string, parties ...*RelyingParty) *File {
	return &File{document: yamlfile.Read(name, nil, &[]entry{}), parties: parties}
}

// checker reports what is wrong with one relying party.
type checker struct {
	rules    Rules
	document *yamlfile.Document
	at       string
}

func (c checker) problem(path, format string, args ...any) {
	c.document.Problem(path, format, args...)
}

// given tells whether the file says anything about the field.
func (c checker) given(path string) bool { return c.document.Given(path) }

// oneOf reports a value outside a closed list, with the nearest word of it.
func oneOf[S ~string](c checker, path string, value S, list []S) {
	if slices.Contains(list, value) {
		return
	}
	words := make([]string, len(list))
	for i := range list {
		words[i] = string(list[i])
	}
	if near := yamlfile.Nearest(string(value), words); near != "" {
		c.problem(path, "is unknown; did you mean %q? Known are %s", near, strings.Join(words, ", "))
		return
	}
	c.problem(path, "is unknown; known are %s", strings.Join(words, ", "))
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// read gives a file that the registration names.
func (c checker) read(name string) ([]byte, error) {
	if c.rules.ReadFile == nil {
		return nil, errors.New("files cannot be named here; write what the file holds")
	}
	data, err := c.rules.ReadFile(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	case len(data) > maxFileBytes:
		return nil, fmt.Errorf("the file is larger than %d MB", maxFileBytes>>20)
	}
	return data, nil
}

// maxFileBytes is the largest metadata file that is read. Our choice: metadata of
// one provider has a few kilobytes, of a whole federation far more than that.
const maxFileBytes = 1 << 20
