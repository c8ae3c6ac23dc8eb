package portal

import (
	"slices"

	"clave/identity"
)

// asked is a question of the guide, by the name of its parameter.
type asked string

// The questions, in their order.
const (
	aboutCertificate asked = "certificate"
	aboutIcon        asked = "icon"
	aboutOffice      asked = "office"
)

// The answers.
const (
	yes    = "yes"
	no     = "no"
	unsure = "unsure"
)

// choices are the answers that a question takes.
func (q asked) choices() []string {
	if q == aboutIcon {
		return []string{yes, no, unsure}
	}
	return []string{yes, no}
}

// answers are those given so far.
type answers map[asked]string

// next is the question to ask now; false when nothing more has to be known. Who
// can register with a certificate at once is asked nothing else.
func (a answers) next(ways map[identity.Channel]way) (asked, bool) {
	for _, q := range []asked{aboutCertificate, aboutIcon, aboutOffice} {
		if !slices.Contains(q.choices(), a[q]) {
			return q, true
		}
		if q == aboutCertificate && a[q] == yes && ways[identity.ByCertificate].Path != "" {
			break
		}
	}
	return "", false
}

// advice is the recommended way with its reasons, which are parts of text keys.
// The zero channel means that nothing is offered.
type advice struct {
	Channel identity.Channel
	Reasons []string
}

// recommend picks one way among those offered. It is pure; that it never
// recommends what is not offered, and never too low a level where another way is
// open, is tested for every combination.
func recommend(a answers, ways map[identity.Channel]way) advice {
	offered := func(c identity.Channel) bool { return ways[c].Path != "" }
	needsMore, has := a[aboutIcon] == yes, a[aboutCertificate] == yes
	switch {
	case has && offered(identity.ByCertificate):
		return advice{identity.ByCertificate, []string{"certificate_now", "advanced"}}
	case a[aboutOffice] == yes && offered(identity.ByOffice):
		return advice{identity.ByOffice, []string{"office_now", "advanced", aside(has)}}
	case !needsMore && offered(identity.ByLetter):
		if a[aboutIcon] == no {
			return advice{identity.ByLetter, []string{"letter_home", "letter_basic"}}
		}
		return advice{identity.ByLetter, []string{"letter_home", "letter_later"}}
	case a[aboutOffice] != yes && offered(identity.ByCertificate):
		return advice{identity.ByCertificate, []string{"certificate_get", "advanced", "certificate_dnie"}}
	case offered(identity.ByOffice):
		return advice{identity.ByOffice, []string{"office_only", "advanced", aside(has)}}
	case offered(identity.ByCertificate):
		return advice{identity.ByCertificate, []string{"certificate_get", "advanced", "certificate_dnie"}}
	case offered(identity.ByLetter):
		return advice{identity.ByLetter, []string{"letter_home", "letter_start"}}
	}
	return advice{}
}

// aside says to who goes to an office what a certificate has to do with it.
func aside(has bool) string {
	if has {
		return "certificate_missing"
	}
	return "office_no_certificate"
}
