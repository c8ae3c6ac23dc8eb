package broker

import (
	"embed"
	"net/http"
	"time"

	"clave/identity"
	"clave/web/page"
)

//go:embed templates
var templates embed.FS

type pages struct {
	chooser, inform, refusal, over, expired *page.Template
}

func parsePages(e *page.Engine) pages {
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/demand.html")
	}
	return pages{
		chooser: parse("chooser"), inform: parse("inform"), refusal: parse("refusal"), over: parse("over"),
		expired: parse("expired"),
	}
}

// fail shows an error of ours to a person and logs it once.
func (b *Broker) fail(w http.ResponseWriter, r *http.Request, err error) {
	b.Pages.Failed(w, r, b.Log, "login step failed", err)
}

// showUnknown tells a browser that does not hold the login: another browser, a
// bookmark, or a login from long ago.
func (b *Broker) showUnknown(w http.ResponseWriter, r *http.Request) {
	b.Pages.ErrorPage(w, r, http.StatusNotFound, "broker.unknown", "")
}

type offer struct {
	Method  identity.Method
	Path    string
	Best    identity.Level // for who is registered as surely as can be
	IfBasic identity.Level // for who is registered by letter or video only; NoLevel where that is not enough
	Any     bool           // it needs no registration
}

type chooserData struct {
	Demand  Demand
	Service string
	Offers  []offer
	Login   string
}

func (b *Broker) showChooser(w http.ResponseWriter, r *http.Request, l *Login, methods []identity.Method) {
	d := chooserData{Demand: b.Demand(l), Service: page.From(r.Context()).Service, Login: l.Request.path()}
	for _, m := range methods {
		o := offer{Method: m, Path: l.Request.path() + "/" + string(m), Best: Best(m, identity.Advanced), Any: !m.NeedsRegistration()}
		if basic := Best(m, identity.Basic); basic >= d.Demand.Level && satisfies(m, identity.Basic, d.Demand.Registration) {
			o.IfBasic = basic
		}
		d.Offers = append(d.Offers, o)
	}
	b.Pages.Render(w, r, http.StatusOK, b.pages.chooser, d)
}

type datum struct {
	Name  identity.Attribute
	Value string
}

// IsKind tells whether the value is a kind of document, which has a text.
func (d datum) IsKind() bool { return d.Name == identity.DocumentType }

type informData struct {
	Service, Organisation, Person, Login string
	Level                                identity.Level
	Data                                 []datum
	Certificate                          bool // what it says of itself goes along
}

func (b *Broker) showInform(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	s, err := b.situation(r.Context(), l)
	if err != nil {
		b.fail(w, r, err)
		return
	}
	step := Next(s)
	if step.Kind != Inform {
		b.Return(w, r, l)
		return
	}
	out := b.outcome(l, *s.Session, *s.Standing, step.Evidence)
	d := informData{
		Service: page.From(r.Context()).Service, Organisation: l.Party.Organisation.DIR3, Login: l.Request.path(),
		Person: s.Session.State.Name, Level: out.Level, Certificate: out.Certificate != nil,
	}
	for _, name := range out.Attributes.Names() {
		d.Data = append(d.Data, datum{name, b.inWords(r, out.Attributes.Value(name))})
	}
	b.Pages.Render(w, r, http.StatusOK, b.pages.inform, d)
}

// inWords writes a date as people do, and leaves everything else as it is.
func (b *Broker) inWords(r *http.Request, value string) string {
	day, err := time.ParseInLocation(time.DateOnly, value, b.Pages.Frame().Zone)
	if err != nil {
		return value
	}
	return b.Pages.Day(b.Pages.Language(r), day)
}

// informed finishes the login after the citizen saw what is released.
func (b *Broker) informed(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	if err := b.finishNow(r.Context(), l, Inform, Finish); err != nil {
		b.fail(w, r, err)
		return
	}
	b.Return(w, r, l)
}

type refusalData struct {
	Reason   Reason
	Service  string
	Login    string
	Register bool // the way on is to register
	Phone    bool // the way on is to give a new phone
	Raise    bool // the way on is to raise the level
	Again    bool // trying again may help
	Minutes  int  // that a login lasts
	Demand   Demand
}

// ShowRefusal is the page that explains why a login cannot go on, shows the
// ways on, and leads back to the service, which then gets the reason in its
// protocol.
func (b *Broker) ShowRefusal(w http.ResponseWriter, r *http.Request, l *Login, reason Reason) {
	around := page.From(r.Context())
	around.Cancel, around.LoginEnds = "", time.Time{} // what is to be done takes longer
	d := refusalData{Reason: reason, Service: around.Service, Login: l.Request.path(), Demand: b.Demand(l), Minutes: b.minutes()}
	switch reason {
	case NotRegistered, HasWithdrawn:
		d.Register = true
	case LostPhone:
		d.Phone = true
	case LevelUnmet, RegistrationUnmet:
		d.Raise = true
	case OtherSubject, Unavailable:
		d.Again = l.Row.Reason == ""
	case Cancelled, LoginRequired, InteractionRequired, IsRevoked, TooManyTries, MethodLocked, Expired, SessionGone, Internal:
	}
	b.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), http.StatusForbidden, b.pages.refusal, d)
}

type loginData struct{ Service, Login string }

func (b *Broker) loginData(r *http.Request, l *Login) loginData {
	return loginData{Service: page.From(r.Context()).Service, Login: l.Request.path()}
}

type overData struct {
	loginData
	Home string // of the service; empty when nobody knows it
}

func (b *Broker) showOver(w http.ResponseWriter, r *http.Request, l *Login) {
	data := overData{loginData: b.loginData(r, l)}
	if f, ok := b.fronts[l.Request.Front].(HomeTeller); ok {
		data.Home = f.Home(l.Request)
	}
	b.Pages.Render(w, r, http.StatusOK, b.pages.over, data)
}

func (b *Broker) showExpired(w http.ResponseWriter, r *http.Request, l *Login) {
	around := page.From(r.Context())
	around.Cancel, around.LoginEnds, around.Extend = "", time.Time{}, ""
	b.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), http.StatusGone, b.pages.expired, expiredData{b.loginData(r, l), b.minutes()})
}

type expiredData struct {
	loginData
	Minutes int // that a login lasts
}

func (b *Broker) minutes() int { return int(b.Lifetimes.Login.Minutes()) }
