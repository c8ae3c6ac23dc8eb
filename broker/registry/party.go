package registry

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"clave/identity"
	"clave/web/lang"
)

// Our choices: ids stand in logs, URLs and metrics; names fit a phone's screen
// and an SMS.
var (
	wordShape = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// dir3Shape is the code of the common directory of units and offices: nine
	// characters, one or two letters first.
	// Source: RD 4/2010 (ENI), article 9; the directory's published codes.
	dir3Shape = regexp.MustCompile(`^([A-Z][0-9]{8}|[A-Z]{2}[0-9]{7})$`)
)

const maxNameRunes = 100

// party checks what all protocols share, and fills in what the file leaves out.
func (c checker) party(p *RelyingParty) {
	if !wordShape.MatchString(p.ID) {
		c.problem(c.at+".id", "wants an id of 1 to 63 of a-z 0-9 and -, as in demo-town")
	}
	for _, own := range ours() {
		if p.ID == own.ID || p.Sector == own.Sector {
			c.problem(c.at+".id", "and sector cannot be %s: that is this installation itself", own.ID)
		}
	}
	if p.Sector == "" {
		p.Sector = p.ID
	} else if !wordShape.MatchString(p.Sector) {
		c.problem(c.at+".sector", "wants a sector of 1 to 63 of a-z 0-9 and -; the id is a good one")
	}
	c.names(p)
	c.organisation(&p.Organisation)
	c.demands(p)
	c.sso(p)
	c.attributes(p)
	if len(p.OIDC)+len(p.SAML)+len(p.Clave) == 0 {
		c.problem(c.at, "speaks no protocol; add oidc, saml or clave")
	}
}

func (c checker) names(p *RelyingParty) {
	at := c.at + ".name"
	if len(p.Name) == 0 {
		c.problem(at, "wants the name that citizens read, as in {es: Ayuntamiento de Ejemplo}")
	}
	for code, name := range p.Name {
		at := at + "." + code
		if !slices.Contains(lang.All(), lang.Language(code)) {
			c.problem(at, "is no language of the pages; they are es, ca, gl, eu, ca-valencia and en")
		}
		switch {
		case strings.TrimSpace(name) != name || name == "":
			c.problem(at, "is empty or has spaces around it")
		case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
			c.problem(at, "has characters that cannot be shown")
		case utf8.RuneCountInString(name) > maxNameRunes:
			c.problem(at, "is longer than %d characters", maxNameRunes)
		}
	}
}

func (c checker) organisation(o *Organisation) {
	at := c.at + ".organisation"
	nif, err := identity.ParseOrganisationNIF(o.NIF)
	switch {
	case o.NIF == "":
		c.problem(at+".nif", "wants the tax number of the administration, as in P2807900B")
	case errors.Is(err, identity.ErrControlLetter):
		c.problem(at+".nif", "is mistyped: its last character does not fit the others")
	case err != nil:
		c.problem(at+".nif", "is %s", err)
	default:
		o.NIF = string(nif)
	}
	if o.DIR3 != "" && !dir3Shape.MatchString(o.DIR3) {
		c.problem(at+".dir3", "is not a DIR3 code: want one or two capital letters and digits, nine in all, as in L01280796")
	}
}

func (c checker) demands(p *RelyingParty) {
	if p.MinimumLevel == identity.NoLevel {
		if c.given(c.at+".minimum_level") && !c.document.Faulty(c.at+".minimum_level") {
			c.problem(c.at+".minimum_level", "wants low, substantial or high; a login always has a level")
		}
		p.MinimumLevel = identity.Low
	}
	if !c.given(c.at + ".methods") {
		// eIDAS needs a node that this installation may not have: it is asked for.
		p.Methods = []identity.Method{identity.PIN, identity.Movil, identity.Permanente, identity.Certificate}
	}
	for i, m := range p.Methods {
		at := index(c.at+".methods", i)
		oneOf(c, at, m, identity.Methods())
		if slices.Contains(p.Methods[:i], m) {
			c.problem(at, "is there twice; remove one")
		}
	}
	reaches := func(m identity.Method) bool { return slices.Contains(p.Methods, m) }
	switch {
	case len(p.Methods) == 0:
		c.problem(c.at+".methods", "names no method; leave the field out for the usual four")
	case p.MinimumLevel == identity.High && !reaches(identity.Certificate) && !reaches(identity.EIDAS):
		c.problem(c.at+".methods", "cannot reach the minimum level high; add certificate or eidas")
	}
	if p.MinimumRegistration != identity.NoRegistration && reaches(identity.EIDAS) {
		c.problem(c.at+".minimum_registration", "is never satisfied by eidas, whose citizens are not registered here; leave out the one or the other")
	}
}

func (c checker) sso(p *RelyingParty) {
	p.SSO = cmp.Or(p.SSO, SSOAsk)
	oneOf(c, c.at+".sso", p.SSO, []SSO{SSOSilent, SSOAsk, SSONever})
}

func (c checker) attributes(p *RelyingParty) {
	for i, a := range p.Attributes {
		at := index(c.at+".attributes", i)
		oneOf(c, at, a, identity.AllAttributes())
		if slices.Contains(p.Attributes[:i], a) {
			c.problem(at, "is there twice; remove one")
		}
	}
}
