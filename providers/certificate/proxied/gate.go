package proxied

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"
)

// MinSecretBytes is how long a secret is at least. Our choice: 256 bits, when it is
// random bytes, and more than anybody guesses in base64.
const MinSecretBytes = 32

// Options of NewGate. All are required.
type Options struct {
	// Networks are where the proxies connect from.
	Networks []netip.Prefix
	// Secrets are what the proxies know: any one of them, so that a new one can come
	// before the old one goes.
	Secrets [][]byte
	Log     *slog.Logger
	Now     func() time.Time
}

// Gate lets in the proxies alone. It is safe for concurrent use.
type Gate struct {
	networks []netip.Prefix
	secrets  [][sha256.Size]byte
	bell     bell
}

// NewGate returns a gate; one without networks or secrets lets nobody in.
func NewGate(o Options) *Gate {
	g := &Gate{bell: bell{log: o.Log, now: o.Now}}
	for _, n := range o.Networks {
		g.networks = append(g.networks, n.Masked())
	}
	for _, s := range o.Secrets {
		g.secrets = append(g.secrets, sha256.Sum256(s))
	}
	return g
}

// Admit hands requests of the proxies on, whose certificates [Shown] gives then, and
// refuses all others: 403 for whoever is no proxy of ours, 400 for a proxy that says
// what nobody can understand. There is no page: citizens come by the proxy, and
// only the operator can help.
func (g *Gate) Admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerOf(r)
		switch {
		case !slices.ContainsFunc(g.networks, func(n netip.Prefix) bool { return n.Contains(peer) }):
			g.bell.ring(r.Context(), slog.LevelWarn, "certificate request refused: not from a proxy", "peer", name(peer))
			refuse(w, http.StatusForbidden)
			return
		case !g.knows(r.Header.Values(SecretHeader)):
			g.bell.ring(r.Context(), slog.LevelError, "certificate request refused: the proxy's secret is missing or wrong", "peer", name(peer))
			refuse(w, http.StatusForbidden)
			return
		}
		shown, err := read(r.Header)
		if err != nil {
			g.bell.ring(r.Context(), slog.LevelError, "certificate request refused: what the proxy says cannot be read", "peer", name(peer), "error", err.Error())
			refuse(w, http.StatusBadRequest)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), shownKey{}, shown))
		r.Header = r.Header.Clone()
		for _, header := range []string{CertificateHeader, ChainHeader, SecretHeader} {
			r.Header.Del(header) // nothing further in has any business with them
		}
		next.ServeHTTP(w, r)
	})
}

// knows compares with every secret, in a time that tells nothing of either.
func (g *Gate) knows(said []string) bool {
	if len(said) != 1 {
		return false
	}
	sum, found := sha256.Sum256([]byte(said[0])), 0
	for _, s := range g.secrets {
		found |= subtle.ConstantTimeCompare(sum[:], s[:])
	}
	return found == 1
}

// peerOf is the other end of the connection, whatever headers say; the zero address
// is in no network.
func peerOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// name is the address for the log, when it is a machine's of ours: others may be
// a citizen's.
func name(a netip.Addr) string {
	if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() {
		return a.String()
	}
	return "a public address"
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Connection", "close")
	http.Error(w, http.StatusText(status), status)
}

type shownKey struct{}

// Shown are the certificates of a request that a Gate let in: the browser's first, and
// those that it sent along; none when it showed none, or when there was no Gate.
// Nothing about them was checked but that the proxy has seen the first one's key at
// work. One that cannot be read has neither key nor names.
func Shown(ctx context.Context) []*x509.Certificate {
	shown, _ := ctx.Value(shownKey{}).([]*x509.Certificate)
	return shown
}

// ErrSecret is why a secret does not do.
var ErrSecret = errors.New("wants 32 characters or more, letters, digits and signs without spaces; make one with: openssl rand -base64 32")

// CheckSecret tells whether a secret is long enough and can stand in a header as it
// is; otherwise it gives ErrSecret.
func CheckSecret(secret []byte) error {
	unfit := func(b byte) bool { return b <= ' ' || b > '~' }
	if len(secret) < MinSecretBytes || slices.ContainsFunc(secret, unfit) {
		return ErrSecret
	}
	return nil
}
