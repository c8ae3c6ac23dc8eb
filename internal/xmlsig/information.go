package xmlsig

import (
	"crypto"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// information is a SignedInfo element: how it was signed, and what.
// Source: XML Signature 1.1, section 4.4.
type information struct{ el *etree.Element }

// reference is what a signature covers, with the digest of it.
type reference struct {
	id     string // empty for the whole document
	form   form
	hash   crypto.Hash
	digest []byte
}

// methods are how the information itself was signed.
func (i information) methods() (form, scheme, crypto.Hash, error) {
	parts := i.el.ChildElements()
	if len(parts) < 3 || !is(parts[0], spaceSignature, "CanonicalizationMethod") || !is(parts[1], spaceSignature, "SignatureMethod") {
		return form{}, 0, 0, fmt.Errorf("%w: other parts than it should have", ErrForm)
	}
	how, err := formIn(parts[0])
	if err != nil {
		return form{}, 0, 0, err
	}
	scheme, hash, ok := methodOf(attribute(parts[1], "Algorithm"))
	if !ok || len(parts[1].ChildElements()) > 0 {
		return form{}, 0, 0, fmt.Errorf("%w: an algorithm that is not taken", ErrForm)
	}
	return how, scheme, hash, nil
}

// references are the one to the element and, where they may be, the one to the
// signature's properties.
func (i information) references(properties bool) (about reference, of *reference, err error) {
	all := i.el.ChildElements()[2:]
	most := 1
	if properties {
		most = 2
	}
	if len(all) == 0 || len(all) > most {
		return reference{}, nil, fmt.Errorf("%w: %d references", ErrForm, len(all))
	}
	found := 0
	for _, el := range all {
		r, err := i.reference(el)
		switch {
		case err != nil:
			return reference{}, nil, err
		case attribute(el, "Type") == typeProperties && properties && of == nil:
			of = &r
		default:
			about = r
			found++
		}
	}
	if found != 1 {
		return reference{}, nil, fmt.Errorf("%w: not one reference to the element", ErrForm)
	}
	return about, of, nil
}

func (i information) reference(el *etree.Element) (reference, error) {
	wrong := func(what string) (reference, error) { return reference{}, fmt.Errorf("%w: %s", ErrForm, what) }
	at := slices.IndexFunc(el.Attr, func(a etree.Attr) bool { return a.Space == "" && a.Key == "URI" })
	if !is(el, spaceSignature, "Reference") || at < 0 {
		return wrong("a reference that names nothing")
	}
	var r reference
	if uri := el.Attr[at].Value; uri != "" {
		id, local := strings.CutPrefix(uri, "#")
		// Others take brackets for an expression, and spaces for several IDs.
		if !local || id == "" || strings.ContainsAny(id, "()'\" \t\r\n") {
			return wrong("a reference to something else than an ID")
		}
		r.id = id
	}
	parts := el.ChildElements()
	r.form = form{inclusive: true, inherits: true, inheritsAll: true} // what counts when nothing is said
	properties := attribute(el, "Type") == typeProperties
	switch {
	case len(parts) > 0 && is(parts[0], spaceSignature, "Transforms"):
		how, err := transforms(parts[0], properties)
		if err != nil {
			return reference{}, err
		}
		if how != nil {
			r.form = *how
		}
		parts = parts[1:]
	case !properties:
		return wrong("a reference that does not leave out the signature")
	}
	if len(parts) != 2 || !is(parts[0], spaceSignature, "DigestMethod") || !is(parts[1], spaceSignature, "DigestValue") {
		return wrong("a reference with other parts than it should have")
	}
	var ok bool
	if r.hash, ok = digestOf(attribute(parts[0], "Algorithm")); !ok {
		return wrong("a digest that is not taken")
	}
	var err error
	r.digest, err = decoded(parts[1])
	return r, err
}

// transforms takes two at most: the signature is left out, unless it is about its
// properties, and a canonical form. Source: our choice; SAML core, section 5.4.4, has
// the same list, and with any other nobody could say what was signed.
func transforms(el *etree.Element, properties bool) (*form, error) {
	all := el.ChildElements()
	for _, t := range all {
		if !is(t, spaceSignature, "Transform") {
			return nil, fmt.Errorf("%w: transforms with other parts than they should have", ErrForm)
		}
	}
	if !properties {
		if len(all) == 0 || attribute(all[0], "Algorithm") != transformEnveloped || len(all[0].ChildElements()) > 0 {
			return nil, fmt.Errorf("%w: its first transform does not leave out the signature", ErrForm)
		}
		all = all[1:]
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		how, err := formIn(all[0])
		return &how, err
	}
	return nil, fmt.Errorf("%w: transforms that are not taken", ErrForm)
}

// formIn reads the canonical form that an element names.
// Source: Exclusive XML Canonicalization 1.0, section 4, for the prefixes.
func formIn(el *etree.Element) (form, error) {
	prefixes := ""
	switch inner := el.ChildElements(); len(inner) {
	case 0:
	case 1:
		if !is(inner[0], Exclusive, "InclusiveNamespaces") {
			return form{}, fmt.Errorf("%w: a canonical form with other parts than it should have", ErrForm)
		}
		prefixes = attribute(inner[0], "PrefixList")
	default:
		return form{}, fmt.Errorf("%w: a canonical form with other parts than it should have", ErrForm)
	}
	return formOf(attribute(el, "Algorithm"), prefixes)
}
