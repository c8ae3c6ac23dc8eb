package identity

import "fmt"

// Level is how sure we are of who somebody is. Levels compare by < and >; the
// zero value satisfies no demand but "none".
// Source: Regulation (EU) 910/2014 (eIDAS), article 8; Implementing Regulation
// (EU) 2015/1502.
type Level int8

// The levels of assurance.
const (
	NoLevel Level = iota
	Low
	Substantial
	High
)

const levelURI = "http://eidas.europa.eu/LoA/"

// ParseLevel reads low, substantial or high.
func ParseLevel(s string) (Level, error) {
	for l := Low; l <= High; l++ {
		if l.String() == s {
			return l, nil
		}
	}
	return NoLevel, fmt.Errorf("unknown level %q: want low, substantial or high", s)
}

// ParseLevelURI reads the eIDAS URI of a level, exactly as published.
// Source: eIDAS SAML Message Format 1.2, section 3.2.
func ParseLevelURI(uri string) (Level, error) {
	for l := Low; l <= High; l++ {
		if l.URI() == uri {
			return l, nil
		}
	}
	return NoLevel, fmt.Errorf("unknown level of assurance %q: want %slow, %ssubstantial or %shigh", uri, levelURI, levelURI, levelURI)
}

// String returns none, low, substantial or high.
func (l Level) String() string {
	switch l {
	case NoLevel:
		return "none"
	case Low:
		return "low"
	case Substantial:
		return "substantial"
	case High:
		return "high"
	}
	return fmt.Sprintf("level(%d)", int8(l))
}

// URI returns the eIDAS URI of the level, or "" for none.
func (l Level) URI() string {
	switch l {
	case Low:
		return levelURI + "low"
	case Substantial:
		return levelURI + "substantial"
	case High:
		return levelURI + "high"
	case NoLevel:
	}
	return ""
}

// MarshalText writes what String gives.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads low, substantial, high or none.
func (l *Level) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*l = NoLevel
		return nil
	}
	parsed, err := ParseLevel(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

// Registration is how surely a citizen was identified when registering. It
// compares by < and >; the zero value is "not registered".
// Source: BOE-A-2015-14215, annex, section 1 (basic and advanced registration).
type Registration int8

// The registration levels.
const (
	NoRegistration Registration = iota
	Basic
	Advanced
)

// ParseRegistration reads basic or advanced.
func ParseRegistration(s string) (Registration, error) {
	for r := Basic; r <= Advanced; r++ {
		if r.String() == s {
			return r, nil
		}
	}
	return NoRegistration, fmt.Errorf("unknown registration level %q: want basic or advanced", s)
}

// String returns none, basic or advanced.
func (r Registration) String() string {
	switch r {
	case NoRegistration:
		return "none"
	case Basic:
		return "basic"
	case Advanced:
		return "advanced"
	}
	return fmt.Sprintf("registration(%d)", int8(r))
}

// MarshalText writes what String gives.
func (r Registration) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads basic, advanced or none.
func (r *Registration) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*r = NoRegistration
		return nil
	}
	parsed, err := ParseRegistration(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
