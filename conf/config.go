package conf

// Config is everything that an operator may decide.
type Config struct {
	Server      Server      `yaml:"server"`
	Operations  Operations  `yaml:"operations"`
	Database    Database    `yaml:"database"`
	Keys        Keys        `yaml:"keys"`
	Page        Page        `yaml:"page"`
	SMS         SMS         `yaml:"sms"`
	Mail        Mail        `yaml:"mail"`
	Letters     Letters     `yaml:"letters"`
	Certificate Certificate `yaml:"certificate"`
	Permanente  Permanente  `yaml:"permanente"`
	Movil       Movil       `yaml:"movil"`
	Limits      Limits      `yaml:"limits"`
	Lifetimes   Lifetimes   `yaml:"lifetimes"`
	OIDC        OIDC        `yaml:"oidc"`
	Audit       Audit       `yaml:"audit"`
	Log         Log         `yaml:"log"`
}

// Default is what holds where the file says nothing.
func Default() Config {
	return Config{
		Server:      defaultServer(),
		Operations:  Operations{Listen: "127.0.0.1:9090"},
		Database:    Database{Connections: 16},
		Page:        Page{Name: "Cl@ve", Telephone: "060", TimeZone: "Europe/Madrid"},
		SMS:         defaultSMS(),
		Mail:        defaultMail(),
		Letters:     defaultLetters(),
		Certificate: defaultCertificate(),
		Permanente:  defaultPermanente(),
		Movil:       defaultMovil(),
		Limits:      defaultLimits(),
		Lifetimes:   defaultLifetimes(),
		Audit:       Audit{KeepDays: 5*365 + 2},
		Log:         Log{Format: "json", Level: "info"},
	}
}
