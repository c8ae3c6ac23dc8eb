package procedure

import (
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/registration"
	"clave/web/page"
	"clave/web/route"
)

// flow is one procedure as people walk it: where its pages stand, and who sees them.
type flow struct {
	*Pages
	name registration.Name
	path string // below which its pages stand
	// first is the page on which it begins.
	first string
	// access of its pages. Unless that is Public, a procedure belongs to the session
	// that began it: nobody who comes to the browser later goes on with it.
	access route.Access
	// matched is the step behind that of the contrast datum.
	matched registration.StepName
}

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

// contacting are the pages of phone, e-mail and code, and those of every procedure.
func (f *flow) contacting() []route.Route {
	routes := append(f.step(registration.StepContact, f.showContact, f.takeContact),
		f.step(registration.StepClaim, f.showClaim, f.takeClaim)...)
	routes = append(routes, f.step(registration.StepSMS, f.showSMS, f.takeSMS)...)
	return append(routes,
		f.post("/again", f.again), f.post("/extend", f.extend), f.post("/leave", f.leave),
		f.get("/done", f.at(registration.StepDone, f.showDone)),
		f.get("/receipt", f.at(registration.StepDone, f.sendReceipt)))
}

// cookie is the name of what holds the handle: each procedure has its own, so that two
// tabs do two things.
func (f *flow) cookie() string {
	if f.name == registration.Letter {
		return "clave_procedure"
	}
	return "clave_procedure_" + string(f.name)
}

func (f *flow) handle(r *http.Request) registration.Handle {
	return registration.Handle(f.Jar.Get(r, f.cookie())).Of(f.owner(r))
}

// owner is whose procedures the pages show: those of the citizen's session, which are
// gone with it.
func (f *flow) owner(r *http.Request) string {
	if f.access == route.Public {
		return ""
	}
	return string(broker.CitizenFrom(r.Context()).Session.ID)
}

// hand gives the browser its handle, until it closes: what the handle names ends
// sooner on a computer that others use too.
func (f *flow) hand(w http.ResponseWriter, h registration.Handle) {
	f.Jar.Set(w, f.cookie(), string(h.Token()), 0)
}

// open reads the procedure that this browser runs here.
func (f *flow) open(r *http.Request) (*registration.Running, error) {
	running, err := f.Procedures.Open(r.Context(), f.handle(r))
	if err == nil && running.Name() != f.name {
		return nil, registration.ErrNone
	}
	return running, err
}

// shower shows the page of a step of a running procedure.
type shower func(w http.ResponseWriter, r *http.Request, running *registration.Running)

// at shows the page of a step where the procedure may be there, and otherwise leads
// to where it stands.
func (f *flow) at(step registration.StepName, show shower) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		running, err := f.open(r)
		if err == nil && !running.May(step) {
			err = registration.ErrStep
		}
		if err != nil {
			f.lead(w, r, err)
			return
		}
		show(w, r, running)
	}
}

// lead answers an error of a step: it leads to where the procedure stands, to the
// beginning when there is none, or says that something went wrong.
func (f *flow) lead(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, registration.ErrNone):
		route.SeeOther(w, f.first+"?gone=1")
	case errors.Is(err, registration.ErrStep):
		f.forward(w, r)
	default:
		f.fail(w, r, err)
	}
}

// forward leads to where the procedure stands.
func (f *flow) forward(w http.ResponseWriter, r *http.Request) {
	running, err := f.open(r)
	if err != nil {
		f.lead(w, r, err)
		return
	}
	route.SeeOther(w, f.pathOf(running))
}

// pathOf is the page where a procedure stands.
func (f *flow) pathOf(running *registration.Running) string {
	switch at := running.At(); at {
	case registration.StepDocument:
		return f.path
	case registration.StepContrast:
		return f.contrastPath(running.Document())
	default:
		return f.path + "/" + string(at)
	}
}

// answered leads to the next page, or says why not.
func (f *flow) answered(w http.ResponseWriter, r *http.Request, err error, next, here string) {
	var denied *registration.Denied
	switch {
	case err == nil:
		route.SeeOther(w, f.path+next)
	case errors.As(err, &denied):
		f.stop(w, r, denied, f.path+here)
	default:
		f.lead(w, r, err)
	}
}

// leave forgets the procedure and goes back to the service that waits, or to the
// front door.
func (f *flow) leave(w http.ResponseWriter, r *http.Request) {
	if h := f.handle(r); h != "" {
		if err := f.Procedures.Leave(r.Context(), h); err != nil {
			f.fail(w, r, err)
			return
		}
		f.Jar.Drop(w, f.cookie())
	}
	to := page.From(r.Context()).Waiting
	if to == "" {
		to = "/register"
	}
	route.SeeOther(w, to)
}

// extend gives the procedure more time, because the citizen asked for it.
func (f *flow) extend(w http.ResponseWriter, r *http.Request) {
	ends, err := f.Procedures.Extend(r.Context(), f.handle(r))
	if err != nil {
		f.lead(w, r, err)
		return
	}
	f.Engine.Extended(w, r, ends)
}

// show renders a page of a step: the frame knows where it is shown by GET and how
// to give up.
func (f *flow) show(w http.ResponseWriter, r *http.Request, status int, t *page.Template, path string, data any) {
	around := page.From(r.Context())
	around.Here = path
	if t != f.document && t != f.requested && t != f.done {
		around.Cancel = f.path + "/leave"
	}
	f.Engine.Render(w, r.WithContext(page.With(r.Context(), around)), status, t, data)
}

// place is to which flow a page belongs.
type place struct {
	Path string // below which the pages stand
}

func (f *flow) place() place { return place{f.path} }

// subject is whom a page is about, and until when what is typed there is kept.
type subject struct {
	place
	Document string // masked
	Ends     time.Time
	Left     int // seconds
	Here     string
}

func (f *flow) subjectOf(running *registration.Running, path string) subject {
	left := page.Countdown{Left: running.ExpiresAt.Sub(f.Now())}
	return subject{f.place(), running.Document().String(), running.ExpiresAt, left.Seconds(), f.path + path}
}
