package profile

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"

	"clave/identity"
)

// Means is what a certificate under a policy is for.
type Means string

// What certificates are for. Only Citizen logs in, and Employee where the caller
// lets them.
const (
	Citizen        Means = "citizen"         // a natural person acting for themself
	Employee       Means = "public_employee" // a natural person acting for an administration
	Representative Means = "representative"  // a natural person acting for an organisation
	Signature      Means = "signature"       // for signing documents, not for logging in
	Seal           Means = "seal"            // an organisation
	Pseudonym      Means = "pseudonym"       // a person whose name is not told
)

// Known tells whether it is one of the list.
func (m Means) Known() bool {
	switch m {
	case Citizen, Employee, Representative, Signature, Seal, Pseudonym:
		return true
	}
	return false
}

// Row says what a policy means.
type Row struct {
	// Organisation is the O of the trust anchor's subject; empty stands for any
	// anchor, which suits only policies that mean the same everywhere.
	Organisation string
	// Policy is the object identifier in dots; with .* at its end all below it, for
	// issuers that write the version of a policy behind it.
	Policy string
	Means  Means
	// Level is what certificates under the policy reach whatever else they say;
	// NoLevel leaves it to their statements: high on a qualified device,
	// substantial otherwise.
	Level identity.Level
}

// Table is the rows; the first that fits counts.
type Table []Row

// For gives every row that names an organisation to another one: what an authority
// for trying out needs to issue all of them.
func (t Table) For(organisation string) Table {
	out := make(Table, len(t))
	for i, row := range t {
		if row.Organisation != "" {
			row.Organisation = organisation
		}
		out[i] = row
	}
	return out
}

// Policies of qualified certificates. Source: ETSI EN 319 411-2, section 5.3.
const (
	// PolicyNaturalDevice is for natural persons whose key is on a qualified device.
	PolicyNaturalDevice = "0.4.0.194112.1.2"
	policyNatural       = "0.4.0.194112.1.0"
	policyLegal         = "0.4.0.194112.1.1"
	policyLegalDevice   = "0.4.0.194112.1.3"
)

// row finds the first row for one of the leaf's policies.
func (t Table) row(leaf, anchor *x509.Certificate) (Row, bool) {
	for _, row := range t {
		if row.Organisation != "" && !slices.Contains(anchor.Subject.Organization, row.Organisation) {
			continue
		}
		for _, policy := range leaf.Policies {
			if row.covers(policy.String()) {
				return row, true
			}
		}
	}
	return Row{}, false
}

func (r Row) covers(policy string) bool {
	if arc, all := strings.CutSuffix(r.Policy, "*"); all {
		return strings.HasPrefix(policy, arc)
	}
	return policy == r.Policy
}

// oidQCTypeWeb is the statement of certificates for web sites.
// Source: ETSI EN 319 412-5, section 4.2.3.
var oidQCTypeWeb = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6, 3}
