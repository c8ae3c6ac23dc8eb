package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/internal/onetime"
	"clave/providers/certificate/profile"
	"clave/providers/certificate/trust"
)

// Presentation is what was seen of a certificate that was shown for a login.
type Presentation struct {
	Login broker.LoginID
	// Asked is when the handle was made that it came by.
	Asked time.Time
	// Ticket is the hash of the secret that only the browser at hand knows.
	Ticket    []byte
	ExpiresAt time.Time
	// Spent: the ticket was used; Seen is erased then.
	Spent bool
	Seen  Seen
}

// Seen is the sealed part of a Presentation.
type Seen struct {
	Cause  Cause // why it logs nobody in; empty for a good one
	Holder profile.Holder
	Proof  Proof
}

// Proof names the certificate, for the audit trail.
type Proof struct {
	Issuer string // common name of the authority
	Serial string // number, hexadecimal
	// Authority is the whole name of the authority, as RFC 2253 writes it.
	Authority string
	// NotBefore and NotAfter are when the certificate is in force.
	NotBefore, NotAfter time.Time
	// Checked is false when nobody could say whether it was revoked and the
	// installation takes that.
	Checked bool
}

// Present keeps what is seen of the certificates that a browser shows with a
// handle, and gives the login that the handle names and the ticket for the way
// back. Errors: errForged, errLate with the login, ErrHandleUsed with the login,
// and those of the store.
func (p *Provider) Present(ctx context.Context, handleText string, shown []*x509.Certificate) (login broker.LoginID, ticket string, err error) {
	h, ok := p.openHandle(handleText)
	if !ok {
		return "", "", errForged
	}
	now := p.Now()
	if now.Sub(h.Asked) >= HandleLifetime {
		return h.Login, "", errLate
	}
	seen := p.examine(ctx, shown, now)
	p.Log.InfoContext(ctx, "certificate presented", "login_id", string(h.Login), "cause", string(seen.Cause), "issuer", seen.Proof.Issuer)
	ticket = onetime.NewToken()
	err = p.Presentations.KeepPresentation(ctx, Presentation{
		Login: h.Login, Asked: h.Asked, Ticket: onetime.Hash(ticket), ExpiresAt: p.Now().Add(TicketLifetime), Seen: seen,
	})
	if err != nil {
		return h.Login, "", fmt.Errorf("keeping a presentation for login %s: %w", h.Login, err)
	}
	return h.Login, ticket, nil
}

var (
	errForged = errors.New("the handle is none of ours")
	errLate   = errors.New("the handle is too old")
)

// examine decides whether the certificate logs its holder in. Revocation comes
// last: the addresses where it is asked stand in the certificate, and nobody but an
// authority that we trust may choose whom we call.
func (p *Provider) examine(ctx context.Context, shown []*x509.Certificate, now time.Time) Seen {
	if len(shown) == 0 {
		return Seen{Cause: NoCertificate}
	}
	if weak(shown[0]) {
		return Seen{Cause: Weak}
	}
	chain, err := p.Trust.Chain(shown, now)
	switch {
	case errors.Is(err, trust.ErrExpired):
		return Seen{Cause: Expired}
	case errors.Is(err, trust.ErrNotYetValid):
		return Seen{Cause: NotYetValid}
	case err != nil && weakBetween(shown):
		return Seen{Cause: Weak}
	case err != nil:
		return Seen{Cause: UnknownIssuer}
	case weakChain(chain):
		return Seen{Cause: Weak}
	}
	proof := Proof{
		Issuer: chain[0].Issuer.CommonName, Serial: chain[0].SerialNumber.Text(16), Authority: chain[0].Issuer.String(),
		NotBefore: chain[0].NotBefore.UTC(), NotAfter: chain[0].NotAfter.UTC(), Checked: true,
	}
	holder, flaw := p.Table.Read(chain)
	if flaw != "" {
		return Seen{Cause: Cause(flaw), Proof: proof}
	}
	revoked, err := p.Revocation.Revoked(ctx, chain)
	switch {
	case err != nil && !p.AcceptUnchecked:
		p.Log.WarnContext(ctx, "revocation unknown, certificate refused", "issuer", proof.Issuer, "error", err.Error())
		return Seen{Cause: Unchecked, Proof: proof}
	case err != nil:
		p.Log.WarnContext(ctx, "revocation unknown, certificate accepted", "issuer", proof.Issuer, "error", err.Error())
		proof.Checked = false
	case revoked:
		return Seen{Cause: Revoked, Proof: proof}
	}
	return Seen{Holder: holder, Proof: proof}
}
