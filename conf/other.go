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
