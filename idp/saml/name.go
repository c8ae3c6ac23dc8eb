package saml

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clave/broker"
	"clave/broker/registry"
)

// maxCalledRunes is how long a name may be that a request brings along. Our choice: as
// those of registrations.
const maxCalledRunes = 100

// calls is what the service calls itself in the request, if it signed that: anybody can
// write another name into one that is not signed.
func (a *ask) calls() string {
	if a.request == nil { // it was not taken
		return ""
	}
	name := strings.TrimSpace(a.request.ProviderName)
	if !a.request.Signed || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxCalledRunes ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return ""
	}
	return name
}

// ServiceName implements broker.NameTeller.
func (f *Front) ServiceName(req broker.Request) registry.Names {
	t, err := decodeTicket(req.Return)
	if err != nil {
		return nil
	}
	service, err := f.Parties.Snapshot().SAML(t.Service, f.Now())
	if err != nil {
		return nil
	}
	return shown(service, t.Calls)
}

// shown is what pages call a service: by its metadata, or else by its request, and
// always with the registered name of whose it is.
func shown(service *registry.SAMLService, calls string) registry.Names {
	party, own := service.Party.Name, service.Called
	if len(own) == 0 && calls != "" {
		own = registry.Names{"es": calls}
	}
	if len(own) == 0 {
		return party
	}
	names := registry.Names{}
	for _, each := range [...]registry.Names{own, party} {
		for language := range each {
			if name, of := own.In(language), party.In(language); name != of {
				names[language] = name + " (" + of + ")"
			} else {
				names[language] = of
			}
		}
	}
	return names
}
