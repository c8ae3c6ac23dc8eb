package procedure

import (
	"slices"

	"clave/census/registration"
	"clave/web/route"
)

// Where what needs a letter begins: the registration, and the withdrawal of who cannot
// log in.
const (
	LetterPath        = "/register/letter"
	LeaveByLetterPath = "/register/withdraw/letter"
)

// Letter serves the pages of the registration with a letter.
func (p *Pages) Letter() []route.Route {
	f := p.holding(registration.Letter, LetterPath)
	return slices.Concat(f.inviting(), f.contacting(), f.common(), f.ending())
}

// LeaveByLetter serves those of the withdrawal with one.
func (p *Pages) LeaveByLetter() []route.Route {
	f := p.holding(registration.LeaveByLetter, LeaveByLetterPath)
	return slices.Concat(f.inviting(), f.confirming(), f.common(), f.ending())
}

// holding is a flow of who holds a letter, or will.
func (p *Pages) holding(name registration.Name, path string) *flow {
	return &flow{
		Pages: p, name: name, path: path, first: path, home: registerPath, access: route.Public,
		matched: registration.StepChoice, ask: letterDatum,
	}
}

// inviting are the pages up to the code of the letter.
func (f *flow) inviting() []route.Route {
	routes := []route.Route{
		f.get("", f.showDocument), f.post("", f.takeDocument),
		f.get("/requested", f.at(registration.StepRequested, f.showRequested)),
	}
	for _, d := range letterData() {
		routes = append(routes, f.get(d.path, f.at(registration.StepContrast, f.showContrast(d))), f.post(d.path, f.takeContrast(d)))
	}
	return slices.Concat(routes,
		f.step(registration.StepChoice, f.showChoice, f.takeChoice),
		f.step(registration.StepCode, f.showCode, f.takeCode))
}
