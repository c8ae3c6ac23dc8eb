// Package account is My Cl@ve: what a citizen sees of their own registration, of
// where they logged in, and of where they are logged in now. Citizens reach it by
// logging in like at any other service.
package account

import (
	"context"
	"embed"
	"net/http"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/broker/registry"
	"clave/census"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Path is where My Cl@ve begins.
const Path = "/my"

// Addresses below it.
const (
	activityPath = Path + "/activity"
	sessionsPath = Path + "/sessions"
	endPath      = Path + "/sessions/end"
	receiptsPath = Path + "/receipts"
)

// Register tells what is known about a citizen's document.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// Sessions are where a citizen is logged in.
type Sessions interface {
	// LiveSessions gives those that still count, the last used first.
	LiveSessions(ctx context.Context, person identity.PersonID) ([]broker.Session, error)
	// EndSessions ends those that which picks, with all that depends on them.
	EndSessions(ctx context.Context, person identity.PersonID, why string, which func(broker.SessionID) bool) error
}

// Parties finds services by id.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Config is what the pages need. Every field is required, but for Devices and ConfirmEmail.
type Config struct {
	Engine   *page.Engine
	Register Register
	Sessions Sessions
	Parties  Parties
	Receipts Receipts
	Papers   Papers
	Diary    audit.Diary
	Cipher   audit.Cipher
	// Devices are those of Cl@ve Móvil; nil where it is not offered.
	Devices Devices
	// ConfirmEmail is where citizens confirm their address; empty where no mails go out.
	ConfirmEmail string
	// Changes are the procedures that are possible for a registration that stands so,
	// whose citizen is logged in by the method.
	Changes func(st broker.Standing, by identity.Method) []Link
	// Methods are those of this installation, in the chooser's order.
	Methods []identity.Method
	Now     func() time.Time
}

// Link leads to a page elsewhere; Text is a key.
type Link struct{ Path, Text string }

// Pages are the pages of My Cl@ve.
type Pages struct {
	Config
	overview, activity, sessions, receipts, receipt, devices, device *page.Template
}

// New makes the pages.
func New(c Config) *Pages {
	parse := func(name string) *page.Template {
		return c.Engine.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return &Pages{
		Config: c, overview: parse("overview"), activity: parse("activity"), sessions: parse("sessions"),
		receipts: parse("receipts"), receipt: parse("receipt"), devices: parse("devices"), device: parse("device"),
	}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	low := route.Citizen(identity.Low)
	return append([]route.Route{
		{Method: http.MethodGet, Path: Path, Access: low, Handler: p.showOverview},
		{Method: http.MethodGet, Path: activityPath, Access: low, Handler: p.showActivity},
		{Method: http.MethodGet, Path: sessionsPath, Access: low, Handler: p.showSessions},
		{Method: http.MethodGet, Path: receiptsPath, Access: low, Handler: p.showReceipts},
		{Method: http.MethodGet, Path: receiptsPath + "/{code}", Access: low, Handler: p.showReceipt},
		{Method: http.MethodGet, Path: receiptsPath + "/{code}/pdf", Access: low, Handler: p.sendReceipt},
		{Method: http.MethodPost, Path: endPath, Access: low, Handler: p.endSessions},
		// Who has to log in again when sending the form comes back here.
		{Method: http.MethodGet, Path: endPath, Access: low, Handler: func(w http.ResponseWriter, _ *http.Request) { route.SeeOther(w, sessionsPath) }},
	}, p.deviceRoutes()...)
}

// here marks the line of the menu that is shown.
type here struct {
	Here string
	// WithDevices: there is a line for them.
	WithDevices bool
}

func (p *Pages) at(path string) here { return here{path, p.Devices != nil} }

// fail shows an error of ours to a person and logs it once.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Engine.Failed(w, r, p.Engine.Frame().Log, "page of My Cl@ve failed", err)
}
