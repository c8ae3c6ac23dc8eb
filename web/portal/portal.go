// Package portal is the public front door of registration: the ways to register
// with what each needs and gives, a guide that recommends one, how to change data,
// raise the level or withdraw, advice, and the search for an office. It explains
// and leads on; whatever changes a registration is done elsewhere.
//
// A page links only to what this installation offers. What it does not offer is
// still named, and marked as not offered yet.
package portal

import (
	"embed"
	"net/http"

	"clave/census/office"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Addresses of the front door.
const (
	RegisterPath  = "/register"
	GuidePath     = "/register/guide"
	ChangePath    = "/register/change"
	LevelPath     = "/register/level"
	WithdrawPath  = "/register/withdraw"
	QuestionsPath = "/register/questions"
	PhonesPath    = "/register/phones"
	OfficesPath   = "/offices"
)

// Config is what the pages need.
type Config struct {
	Engine *page.Engine
	// Ways are the addresses where registering begins, by channel. A channel
	// without one is not offered. Without one for the office, OfficesPath is offered
	// as soon as the directory holds offices.
	Ways map[identity.Channel]string
	// Online are the procedures of who is logged in.
	Online Online
	// Verify is the path of the page that verifies receipts; empty without one.
	Verify string
	// Account is the path of My Cl@ve; empty without it.
	Account string
	// App is where a device is activated for Cl@ve Móvil; empty where it is not offered.
	App     string
	Offices *office.Directory
}

// Online are the addresses where procedures begin for who logs in; empty for what this
// installation does not offer.
type Online struct {
	// Phone and Level ask for a certificate, the others for any login.
	Phone, Level, Email, Activation, Withdraw string
	// WithdrawByLetter is for who cannot log in.
	WithdrawByLetter string
}

// Pages are the pages of the front door.
type Pages struct {
	Config
	home, register, question, advice, change, level, withdraw, questions, phones, offices *page.Template
}

// New makes the pages.
func New(c Config) *Pages {
	parse := func(name string) *page.Template {
		return c.Engine.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return &Pages{
		Config: c, home: parse("home"), register: parse("register"), question: parse("question"), advice: parse("advice"), change: parse("change"),
		level: parse("level"), withdraw: parse("withdraw"), questions: parse("questions"), phones: parse("phones"), offices: parse("offices"),
	}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	get := func(path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: route.Public, Handler: handler}
	}
	return []route.Route{
		get(RegisterPath, p.showRegister),
		get(GuidePath, p.showGuide),
		get(ChangePath, p.showing(p.change, p.changing)),
		get(LevelPath, p.showing(p.level, p.rising)),
		get(WithdrawPath, p.showing(p.withdraw, p.withdrawing)),
		get(QuestionsPath, p.showQuestions),
		get(PhonesPath, p.showing(p.phones, nil)),
		get(OfficesPath, p.showOffices),
	}
}

// fail shows an error of ours to a person and logs it once.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Engine.Failed(w, r, p.Engine.Frame().Log, "portal page failed", err)
}
