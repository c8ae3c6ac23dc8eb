package sample

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crewjam/saml"
)

// assertions is what services have in common that get assertions by posted forms.
type assertions struct {
	site
	asked    shelf[asked]         // by the request's ID
	received shelf[received]      // until the browser that asked fetches it
	logins   shelf[assertedLogin] // by the browser's cookie
	leaving  shelf[leaving]       // by the logout request's ID
}

// asked is a login on its way.
type asked struct {
	Browser, RelayState string
	// Class is the least that was asked for; empty for any.
	Class string
	Fresh bool
	At    time.Time
}

// received is an answer that was verified, and waits for the browser that asked.
type received struct {
	Browser string
	// Login is who logged in; nil when Cl@ve refused, and then Status says why.
	Login  *assertedLogin
	Status saml.Status
}

// assertedLogin is who is logged in, with what names them and their session in a logout.
type assertedLogin struct {
	login
	Name    saml.NameID
	Session string
}

// leaving is a logout on its way.
type leaving struct{ RelayState string }

func (s *assertions) current(r *http.Request) (assertedLogin, bool) {
	return s.logins.get(cookie(r, cookieLogin))
}

func (s *assertions) show(w http.ResponseWriter, r *http.Request) {
	v := view{}
	if l, ok := s.current(r); ok {
		v.Login = &l.login
	} else if r.URL.Query().Has("out") {
		v.Notice = "You are logged out, here and at Cl@ve."
	} else if r.URL.Query().Has("partly") {
		v.Notice = "You are logged out here, and perhaps not everywhere: close the browser."
	}
	s.render(w, r, http.StatusOK, v)
}

// arrived sends the browser to fetch what was received. The form of Cl@ve came without
// our cookies, since it is another site: whose answer it is shows now.
func (s *assertions) arrived(w http.ResponseWriter, r *http.Request, got received) {
	http.Redirect(w, r, s.Path+"/in?answer="+s.received.put(got), http.StatusSeeOther)
}

// refuse shows that a message of somebody was not taken.
func (s *assertions) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.WarnContext(r.Context(), "sample service refused a message", "error", err.Error())
	s.render(w, r, http.StatusBadRequest, view{Error: "refused_by_service", Description: "The service does not take this message: " + err.Error()})
}

// enter logs the browser in that asked.
func (s *assertions) enter(w http.ResponseWriter, r *http.Request) {
	got, ok := s.received.take(r.URL.Query().Get("answer"))
	if !ok || got.Browser != cookie(r, cookieBrowser) {
		s.refuse(w, r, errors.New("it does not belong to a login of this browser"))
		return
	}
	s.dropCookie(w, cookieBrowser)
	if got.Login == nil {
		s.render(w, r, http.StatusOK, refusedView(got.Status))
		return
	}
	s.setCookie(w, cookieLogin, s.logins.put(*got.Login))
	http.Redirect(w, r, s.Path, http.StatusSeeOther)
}

// refusedView shows a refusal of Cl@ve: the second status is what to decide by, the
// message is for whoever develops the service.
func refusedView(status saml.Status) view {
	v := view{Error: status.StatusCode.Value, Details: []claim{{"StatusCode", status.StatusCode.Value}}}
	if second := status.StatusCode.StatusCode; second != nil {
		v.Error = second.Value
		v.Details = append(v.Details, claim{"second StatusCode", second.Value})
	}
	if status.StatusMessage != nil {
		v.Description = status.StatusMessage.Value
	}
	v.Error = v.Error[strings.LastIndexByte(v.Error, ':')+1:]
	return v
}

// loggedOut goes on after a logout that Cl@ve answered.
func (s *assertions) loggedOut(w http.ResponseWriter, r *http.Request, status saml.Status) {
	how := "out"
	if code := status.StatusCode; code.Value != saml.StatusSuccess || code.StatusCode != nil {
		how = "partly"
	}
	http.Redirect(w, r, s.Path+"?"+how, http.StatusSeeOther)
}

// attributes are those of an assertion, by the names that people read.
func attributes(a *saml.Assertion) []claim {
	var all []claim
	for _, statement := range a.AttributeStatements {
		for _, attribute := range statement.Attributes {
			for _, value := range attribute.Values {
				all = append(all, claim{attribute.FriendlyName, value.Value})
			}
		}
	}
	return all
}

// classes begins the levels of assurance. Source: eIDAS SAML Message Format 1.2, section 3.2.
const classes = "http://eidas.europa.eu/LoA/"

// rank orders levels; what is none is below all of them.
func rank(class string) int {
	return slices.Index([]string{classes + "low", classes + "substantial", classes + "high"}, class)
}

// fetched is something of Cl@ve that is fetched again after a while, so that the
// certificate which will sign next is known before it does.
type fetched[T any] struct {
	mu   sync.Mutex
	kept T
	at   time.Time
}

// How long it is kept, and how long fetching may take.
const (
	fetchedAge     = time.Minute // an hour would do outside of tests
	fetchedPatient = 10 * time.Second
)

func (f *fetched[T]) now(ctx context.Context, now time.Time, fetch func(context.Context, *http.Client) (T, error)) (T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.at.IsZero() && now.Sub(f.at) < fetchedAge {
		return f.kept, nil
	}
	kept, err := fetch(ctx, &http.Client{Timeout: fetchedPatient})
	if err == nil {
		f.kept, f.at = kept, now
	}
	return kept, err
}
