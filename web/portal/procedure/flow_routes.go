package procedure

import (
	"net/http"
	"slices"

	"clave/census/registration"
	"clave/web/route"
)

func (f *flow) get(path string, handler http.HandlerFunc) route.Route {
	return route.Route{Method: http.MethodGet, Path: f.path + path, Access: f.access, Handler: handler}
}

func (f *flow) post(path string, handler http.HandlerFunc) route.Route {
	return route.Route{Method: http.MethodPost, Path: f.path + path, Access: f.access, Handler: handler}
}

// step serves the page of a step and its form.
func (f *flow) step(name registration.StepName, show shower, take http.HandlerFunc) []route.Route {
	path := "/" + string(name)
	return []route.Route{f.get(path, f.at(name, show)), f.post(path, take)}
}

// contacting are the pages of contact and code, and of a phone that is another
// citizen's where one is typed.
func (f *flow) contacting() []route.Route {
	routes := f.step(registration.StepContact, f.showContact, f.takeContact)
	if slices.Contains(f.Procedures.Asks(f.name, registration.StepContact), registration.FieldPhone) {
		routes = append(routes, f.step(registration.StepClaim, f.showClaim, f.takeClaim)...)
	}
	return append(routes, f.coding()...)
}

// coding are those of the code alone.
func (f *flow) coding() []route.Route {
	routes := append(f.step(f.codeStep(), f.showSMS, f.takeSMS), f.post("/again", f.again))
	if f.mine() {
		routes = append(routes, f.backTo("again")...)
	}
	return routes
}

// common are what every procedure has while it runs.
func (f *flow) common() []route.Route {
	routes := []route.Route{f.post("/extend", f.extend), f.post("/leave", f.leave)}
	if f.mine() {
		routes = append(routes, f.backTo("extend", "leave")...)
	}
	return routes
}

// ending are the pages of the end.
func (f *flow) ending() []route.Route {
	return []route.Route{
		f.get("/done", f.at(registration.StepDone, f.showDone)),
		f.get("/receipt", f.at(registration.StepDone, f.sendReceipt)),
	}
}

// begin are the page on which a procedure of who is logged in begins, and its form.
func (f *flow) begin(show, take http.HandlerFunc) []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: f.first, Access: f.fresh, Handler: show},
		{Method: http.MethodPost, Path: f.first, Access: f.fresh, Handler: take},
	}
}

// confirming are those of who only has to want it.
func (f *flow) confirming() []route.Route {
	return f.step(registration.StepConfirm, f.showConfirm, f.takeConfirm)
}

// explained is the page before a certificate is shown.
func (f *flow) explained() []route.Route {
	return []route.Route{{Method: http.MethodGet, Path: f.path, Access: route.Public, Handler: f.showCertificate}}
}

// identifying are the pages of the datum beside a certificate.
func (f *flow) identifying() []route.Route {
	at := func(show shower) http.HandlerFunc { return f.at(registration.StepContrast, show) }
	routes := []route.Route{f.get(pathPrinted, at(f.showPrinted)), f.post(pathPrinted, at(f.takePrinted))}
	for _, d := range printed() {
		routes = append(routes, f.get(d.path, at(f.showContrast(d))), f.post(d.path, f.takeContrast(d)))
	}
	return routes
}

// finishing is the button of the end.
func (f *flow) finishing() []route.Route { return []route.Route{f.post("/done", f.leave)} }

// left are the pages of the end of a withdrawal: nobody is logged in any more, and the
// procedure belongs to the browser.
func (f *flow) left() []route.Route {
	after := *f
	after.access, after.first, after.home = route.Public, registerPath, registerPath
	return append(after.ending(), after.finishing()...)
}
