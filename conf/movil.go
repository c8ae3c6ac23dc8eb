package conf

// Movil is Cl@ve Móvil: a phone with a passkey and a key of its own, and the app on it.
type Movil struct {
	// Enabled offers the method, and the app at /movil. Its passkeys belong to the host
	// of server.issuer: with another host, every citizen activates their devices again.
	Enabled bool `yaml:"enabled"`

	// SyncedPasskeys is what a passkey proves that may be copied, where no activated
	// device proves itself beside it: "low", or nothing with "refuse".
	SyncedPasskeys string `yaml:"synced_passkeys"`

	// Push is how the app is woken.
	Push Push `yaml:"push"`
}

// The words for synced passkeys.
const (
	syncedLow    = "low"
	syncedRefuse = "refuse"
)

func defaultMovil() Movil { return Movil{SyncedPasskeys: syncedLow, Push: defaultPush()} }

// RefusesSynced tells whether a passkey that may be copied proves nothing alone.
func (m Movil) RefusesSynced() bool { return m.SyncedPasskeys != syncedLow }

func (c checker) movil(m Movil, issuer string) {
	if m.Enabled {
		c.push(m.Push, issuer)
	}
	if m.SyncedPasskeys != syncedLow && m.SyncedPasskeys != syncedRefuse {
		c.problem("movil.synced_passkeys", "wants %q or %q", syncedLow, syncedRefuse)
	}
}
