package procedure

import (
	"slices"

	"clave/census/registration"
	"clave/web/route"
)

// LetterPath is where the registration with a letter begins.
const LetterPath = "/register/letter"

// Letter serves the pages of the registration with a letter.
func (p *Pages) Letter() []route.Route {
	f := &flow{
		Pages: p, name: registration.Letter, path: LetterPath, first: LetterPath, home: registerPath, access: route.Public,
		matched: registration.StepChoice, ask: letterDatum,
	}
	routes := []route.Route{
		f.get("", f.showDocument), f.post("", f.takeDocument),
		f.get("/requested", f.at(registration.StepRequested, f.showRequested)),
	}
	for _, d := range letterData() {
		routes = append(routes, f.get(d.path, f.at(registration.StepContrast, f.showContrast(d))), f.post(d.path, f.takeContrast(d)))
	}
	return slices.Concat(routes,
		f.step(registration.StepChoice, f.showChoice, f.takeChoice),
		f.step(registration.StepCode, f.showCode, f.takeCode),
		f.contacting(), f.common(), f.ending())
}
