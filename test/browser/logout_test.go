package browser

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/internal/onetime"
	"clave/keys"
	"clave/store"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// rounds are logouts whose services take the browser and keep it.
type rounds struct {
	*logout.Logouts
	kept    *store.Logouts
	pages   *page.Engine
	service string
}

// addLogouts makes logouts that tell services.
func (w *workshop) addLogouts(ring *keys.Keyring, service string) {
	columns := ring.Columns()
	w.rounds = &rounds{kept: store.NewLogouts(w.db, columns), pages: w.engine, service: service}
	w.rounds.Logouts = logout.New(logout.Config{
		Broker: w.broker, Store: w.rounds.kept, Parties: w, Cookies: ring.Cookies(), Pages: w.engine, Log: w.broker.Log, Now: w.now,
	})
	w.rounds.AddTeller(w.rounds)
	w.rounds.AddAsker(w.rounds)
}

func (*rounds) Name() string { return "short" }

func (*rounds) Reaches(p logout.Participant) bool { return p.Service != "far" }

func (o *rounds) Tell(w http.ResponseWriter, r *http.Request, id logout.ID, p logout.Participant) {
	o.pages.Leave(w, r, o.service+"/slo?"+url.Values{"logout": {string(id)}, "service": {p.Service}}.Encode())
}

func (o *rounds) LoggedOut(w http.ResponseWriter, r *http.Request, _ []byte, _ bool, _ broker.Via) {
	o.pages.Leave(w, r, o.service+"/back")
}

// logoutDoors begin a session of two services, and logouts of it.
func (w *workshop) logoutDoors() []route.Route {
	start := func(proven bool) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			w.rounds.Start(rw, r, logout.After{Front: "short", Service: "little", RelyingParty: "little", Proven: proven})
		}
	}
	return []route.Route{
		{Method: http.MethodGet, Path: "/log-in", Access: route.Public, Handler: w.beginSession},
		{Method: http.MethodGet, Path: "/log-out/proven", Access: route.Peer, Handler: start(true)},
		{Method: http.MethodGet, Path: "/log-out/asked", Access: route.Peer, Handler: start(false)},
		{Method: http.MethodGet, Path: "/log-out/told/{id}/{service}", Access: route.Peer, Handler: func(rw http.ResponseWriter, r *http.Request) {
			w.rounds.Told(rw, r, logout.ID(mux.Vars(r)["id"]), mux.Vars(r)["service"], logout.Confirmed)
		}},
	}
}

func (w *workshop) beginSession(rw http.ResponseWriter, r *http.Request) {
	ctx, token, now := r.Context(), onetime.NewToken(), w.now()
	s := broker.Session{
		ID: broker.SessionID(onetime.NewID()), TokenHash: onetime.Hash(token), Person: "somebody", State: broker.SessionState{Name: "CARMEN ESPAÑOLA"},
		CreatedAt: now, SeenAt: now, IdleEndsAt: now.Add(time.Hour), EndsAt: now.Add(time.Hour),
	}
	err := w.db.Tx(ctx, func(ctx context.Context) error {
		for i, service := range []string{"little", "much", "near", "far"} {
			err := w.rounds.kept.AddParticipant(ctx, logout.Participant{
				Session: s.ID, Front: "short", Service: service, RelyingParty: map[string]string{"near": "little"}[service] + map[string]string{"much": "much"}[service],
				At: now.Add(time.Duration(i)), EndsAt: s.EndsAt,
			})
			if err != nil {
				return err
			}
		}
		return w.broker.Sessions.SaveSession(ctx, s)
	})
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	w.broker.Jar.Set(rw, "clave_session", token, 0)
	route.SeeOther(rw, "/logged-out")
}

func TestLogoutPages(t *testing.T) {
	inWorkshop(t, func(b *tab, w *workshop) {
		b.open("/log-in")
		b.open("/log-out/asked")
		b.look("logout", "ask")
		b.arrive(b.service+"/back", b.activate("button[value=no]"))
		b.open("/log-out/asked")
		b.stay("/logout/*", b.activate("button[value=yes]"))
		b.look("logout", "onward")
		here := b.path()
		b.arrive(b.service+"/slo", b.activate("main a.button"))
		b.arrive(b.service+"/slo", command(pageNavigate, navigateParams{URL: b.issuer + "/log-out/told" + here[len("/logout"):] + "/much"}))
		b.open(here)
		b.look("logout", "partly")
		b.arrive(b.service+"/back", b.activate("main a.button"))

		b.open("/log-in")
		b.open("/logged-out")
		b.arrive(b.service+"/slo", b.activate(".account button"))
		b.open("/logout/AAAAAAAAAAAAAAAAAAAAAA")
		b.look("logout", "unknown")
	})
}
