package sandbox

import (
	"context"
	"embed"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"clave/identity"
	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates parties.yaml
var files embed.FS

// Parties is the file of the relying parties that the sandbox registers.
func Parties(port string) []byte {
	b, err := files.ReadFile("parties.yaml")
	if err != nil {
		panic("sandbox: " + err.Error()) // it is embedded
	}
	return []byte(strings.ReplaceAll(string(b), "{port}", port))
}

// Pages are the sandbox's own pages: home, citizens, inbox, documentation.
type Pages struct {
	engine    *page.Engine
	inbox     *Inbox
	register  Register
	installed []identity.Method
	papers    *Certificates
	phones    *Phones
	port      string

	home, citizens, messages, docs, certificates *page.Template
}

// NewPages makes the pages. phones may be nil where Cl@ve Móvil is not installed; port
// is the sandbox's.
func NewPages(engine *page.Engine, inbox *Inbox, register Register, papers *Certificates, phones *Phones, installed []identity.Method, port string) *Pages {
	return &Pages{
		engine: engine, inbox: inbox, register: register, installed: installed, papers: papers, phones: phones, port: port,
		certificates: engine.Parse(files, "templates/certificates.html"),
		home:         engine.Parse(files, "templates/home.html"),
		citizens:     engine.Parse(files, "templates/citizens.html"),
		messages:     engine.Parse(files, "templates/inbox.html"),
		docs:         engine.Parse(files, "templates/docs.html"),
	}
}

// Routes of the sandbox on the issuer's host.
func (p *Pages) Routes() []route.Route {
	get := func(path string, h http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: route.Sandbox, Handler: h}
	}
	return []route.Route{
		get("/", p.showHome),
		get("/docs", p.showDocs),
		get("/dev/citizens", p.showCitizens),
		get("/dev/citizens.json", p.citizensJSON),
		get("/dev/certificates", p.showCertificates),
		get("/dev/inbox", p.showInbox),
		get("/dev/inbox.json", p.inboxJSON),
		get(lettersPath+"{file}", p.letterFile),
	}
}

type homeData struct {
	Town, Tax, University, Jobs string // sample services

	Issuer   string
	Citizens []citizenView
	Staff    []postView
}

func (p *Pages) address(host string) string { return "http://" + host + ":" + p.port }

func (p *Pages) showHome(w http.ResponseWriter, r *http.Request) {
	views, err := p.views(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := p.places()
	data.Citizens, data.Staff = views[:3], posts()
	p.engine.Render(w, r, http.StatusOK, p.home, data)
}

// places are the addresses that pages lead to.
func (p *Pages) places() homeData {
	services := p.address("127.0.0.1")
	return homeData{
		Town: services + "/town", Tax: services + "/tax", University: services + "/university", Jobs: services + "/jobs",
		Issuer: p.address("localhost"),
	}
}

func (p *Pages) showDocs(w http.ResponseWriter, r *http.Request) {
	p.engine.Render(w, r, http.StatusOK, p.docs, p.places())
}

// citizenView is a citizen as the contract of the sandbox shows them.
type citizenView struct {
	Document      string                `json:"document"`
	Contrast      contrastView          `json:"contrast"`
	Kind          identity.DocumentKind `json:"kind"`
	ValidityDate  string                `json:"validity_date"`
	IssueDate     string                `json:"issue_date"`
	SupportNumber string                `json:"support_number"`
	GivenName     string                `json:"given_name"`
	FirstSurname  string                `json:"first_surname"`
	SecondSurname string                `json:"second_surname"`
	BirthDate     string                `json:"birth_date"`
	Phone         string                `json:"phone"`
	Email         string                `json:"email"`
	State         identity.State        `json:"state"`
	Level         string                `json:"level,omitempty"`
	Channel       identity.Channel      `json:"channel,omitempty"`
	Methods       []identity.Method     `json:"methods"`
	Secrets       map[string]string     `json:"secrets"`
	Note          string                `json:"note"`
}

type contrastView struct {
	Kind  identity.ContrastKind `json:"kind"`
	Value string                `json:"value"`
}

// views are the citizens as they are registered now, whatever a tester changed.
func (p *Pages) views(ctx context.Context) ([]citizenView, error) {
	var views []citizenView
	for _, c := range Citizens() {
		document, err := identity.ParseDocument(c.Document)
		if err != nil {
			return nil, err
		}
		held, err := p.register.Candidate(ctx, document)
		if err != nil {
			return nil, err
		}
		c = c.registered(held)
		device, err := p.phones.of(ctx, c)
		if err != nil {
			return nil, err
		}
		c.Device = device.ID != ""
		kind, value := c.Contrast()
		v := citizenView{
			Document: c.Document, Contrast: contrastView{kind, value}, Kind: c.Kind, ValidityDate: c.ValidityDate,
			IssueDate: c.IssueDate, SupportNumber: c.SupportNumber, GivenName: c.GivenName, FirstSurname: c.FirstSurname,
			SecondSurname: c.SecondSurname, BirthDate: c.BirthDate, Phone: c.Phone, Email: c.Email, State: c.State,
			Channel: c.Channel, Methods: c.Methods(p.installed), Secrets: p.secrets(c, device), Note: c.Note,
		}
		if c.Level != identity.NoRegistration {
			v.Level = c.Level.String()
		}
		views = append(views, v)
	}
	return views, nil
}

// secrets are what only the citizen has.
func (p *Pages) secrets(c Citizen, device movil.Device) map[string]string {
	secrets := p.papers.secrets(c)
	maps.Copy(secrets, p.phones.secrets(c, device))
	if c.Password != "" {
		secrets["password"] = c.Password
	}
	if c.Activation != "" {
		secrets["activation_code"] = c.Activation
	}
	return secrets
}

// fail says that something went wrong with us.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.engine.Failed(w, r, p.engine.Frame().Log, "page of the sandbox failed", err)
}

func (p *Pages) showCitizens(w http.ResponseWriter, r *http.Request) {
	if views, err := p.views(r.Context()); err != nil {
		p.fail(w, r, err)
	} else {
		p.engine.Render(w, r, http.StatusOK, p.citizens, struct{ Citizens []citizenView }{views})
	}
}

func (p *Pages) citizensJSON(w http.ResponseWriter, r *http.Request) {
	if views, err := p.views(r.Context()); err != nil {
		p.fail(w, r, err)
	} else {
		answerJSON(w, views)
	}
}

// shownMessages is how many messages the page and the list give unless asked
// for less or more.
const shownMessages = 100

func (p *Pages) showInbox(w http.ResponseWriter, r *http.Request) {
	p.engine.Render(w, r, http.StatusOK, p.messages, struct{ Messages []Received }{p.newest(r)})
}

func (p *Pages) inboxJSON(w http.ResponseWriter, r *http.Request) { answerJSON(w, p.newest(r)) }

func (p *Pages) newest(r *http.Request) []Received {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > inboxSize {
		limit = shownMessages
	}
	to := q.Get("to")
	if strings.HasPrefix(to, " ") {
		to = "+" + to[1:] // a plus that was not escaped
	}
	return p.inbox.Newest(to, limit)
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that left needs no answer
}
