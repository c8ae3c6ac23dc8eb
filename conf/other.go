package conf

// OIDC is what the discovery document says beyond the protocol.
type OIDC struct {
	// Documentation is the address of the documentation for integrators.
	Documentation string `yaml:"documentation" example:"https://clave.example/docs"`

	// Policy is the address of the policy on the use of citizens' data.
	Policy string `yaml:"policy" example:"https://clave.example/datos"`

	// Terms is the address of the terms of service.
	Terms string `yaml:"terms" example:"https://clave.example/condiciones"`
}

// Audit is how long it can be told who did what.
type Audit struct {
	// KeepDays is for how many days at least the events of the audit trail stay,
	// 180 or more; 0 keeps them for ever. What is older is deleted once a day, and
	// that is told in the trail. The default, five years, is how long claims may
	// still be raised (Código Civil, article 1964.2), beyond the three of the
	// gravest breaches of data protection (Ley Orgánica 3/2018, article 72). Too
	// short, and a misuse that comes out late can no longer be looked into; for
	// ever, and data about people stay without a purpose.
	KeepDays int `yaml:"keep_days"`
}

// Log is how the log is written, to standard output. It holds nothing personal.
type Log struct {
	// Format is json for collectors or text for people.
	Format string `yaml:"format"`

	// Level is what is written: debug, info (each step of a login), warn (somebody
	// should look this week) or error (somebody should look now).
	Level string `yaml:"level"`
}

func (c checker) oidc(o OIDC) {
	c.link("oidc.documentation", o.Documentation)
	c.link("oidc.policy", o.Policy)
	c.link("oidc.terms", o.Terms)
}

// The shortest time that the trail stays, and the longest but for ever. Our choice:
// misuse is often found half a year later.
const (
	leastAuditDays = 180
	mostAuditDays  = 36_500
)

func (c checker) audit(a Audit) {
	if a.KeepDays != 0 && (a.KeepDays < leastAuditDays || a.KeepDays > mostAuditDays) {
		c.problem("audit.keep_days", "wants %d to %d, or 0 to keep everything", leastAuditDays, mostAuditDays)
	}
}

func (c checker) log(l Log) {
	if l.Format != "json" && l.Format != "text" {
		c.problem("log.format", "is unknown; give json or text")
	}
	switch l.Level {
	case "debug", "info", "warn", "error":
	default:
		c.problem("log.level", "is unknown; give debug, info, warn or error")
	}
}
