package procedure

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// flow is one procedure as people walk it: where its pages stand, and who sees them.
type flow struct {
	*Pages
	name registration.Name
	path string // below which its pages stand
	// first is the page on which it begins, home the one for who leaves it.
	first, home string
	// access of its pages. Unless that is Public, a procedure belongs to the session
	// that began it: nobody who comes to the browser later goes on with it.
	access route.Access
	// fresh is the proof that its beginning demands, where access is not Public.
	fresh route.Access
	// matched is the step behind that of the contrast datum, and ask the page that
	// begins it.
	matched registration.StepName
	ask     func(identity.DocumentID) string
}

// mine tells whether the procedure is of who is logged in.
func (f *flow) mine() bool { return f.access != route.Public }

// enters tells whether it registers.
func (f *flow) enters() bool {
	return f.name == registration.Letter || f.name == registration.Certificate
}

// finish is the address that the button of the end is sent to.
func (f *flow) finish() string {
	if f.place().Typed() {
		return f.path + "/leave"
	}
	return f.path + "/done"
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
	if !f.mine() {
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
	return f.running(r, f.handle(r))
}

func (f *flow) running(r *http.Request, h registration.Handle) (*registration.Running, error) {
	running, err := f.Procedures.Open(r.Context(), h)
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
func (f *flow) forward(w http.ResponseWriter, r *http.Request) { f.forwardTo(w, r, f.handle(r)) }

// forwardTo is forward for a handle that the browser may not have yet.
func (f *flow) forwardTo(w http.ResponseWriter, r *http.Request, h registration.Handle) {
	running, err := f.running(r, h)
	if errors.Is(err, registration.ErrNone) {
		running, err = f.running(r, h.Token()) // a withdrawal belongs to nobody any more once it is done
	}
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
		return f.path + f.ask(running.Document())
	case registration.StepConfirm:
		if f.name == registration.ConfirmEmail {
			return f.path // nothing was sent yet
		}
		return f.path + "/" + string(at)
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

// leave forgets the procedure and goes back to the service that waits, or home.
func (f *flow) leave(w http.ResponseWriter, r *http.Request) {
	if h := f.handle(r); h != "" {
		if err := f.Procedures.Leave(r.Context(), h); err != nil {
			f.fail(w, r, err)
			return
		}
		f.Jar.Drop(w, f.cookie())
	}
	route.SeeOther(w, cmp.Or(page.From(r.Context()).Waiting, f.home))
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
	begins := t == f.document || t == f.leaving || t == f.certificate || t == f.wishes
	if ends := t == f.requested || t == f.done || t == f.confirmed; !begins && !ends {
		around.Cancel = f.path + "/leave"
	}
	f.Engine.Render(w, r.WithContext(page.With(r.Context(), around)), status, t, data)
}

// place is to which flow a page belongs.
type place struct {
	Path string // below which the pages stand
	Name registration.Name
}

// Letter tells whether it is the registration with a letter.
func (p place) Letter() bool { return p.Name == registration.Letter }

// Typed tells whether the citizen typed the document, and is not logged in.
func (p place) Typed() bool { return p.Letter() || p.Name == registration.LeaveByLetter }

// Leaves tells whether the citizen withdraws.
func (p place) Leaves() bool {
	return p.Name == registration.Withdraw || p.Name == registration.LeaveByLetter
}

func (f *flow) place() place { return place{f.path, f.name} }

// subject is whom a page is about, and until when what is typed there is kept.
type subject struct {
	place
	Document string    // masked
	Ends     time.Time // zero where nothing is kept yet
	Left     int       // seconds
	Here     string
}

func (f *flow) subjectOf(running *registration.Running, path string) subject {
	left := page.Countdown{Left: running.ExpiresAt.Sub(f.Now())}
	return subject{f.place(), running.Document().String(), running.ExpiresAt, left.Seconds(), f.path + path}
}
