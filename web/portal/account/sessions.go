package account

import (
	"net/http"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/route"
)

type sessionsData struct {
	here
	Sessions []session
	// Others: there are more than the one that shows this page.
	Others bool
}

// session is a line of the list.
type session struct {
	ID      broker.SessionID
	Since   time.Time
	Used    time.Time
	Ends    time.Time
	Methods []identity.Method
	This    bool
	Number  int
}

func (p *Pages) showSessions(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	live, err := p.Sessions.LiveSessions(r.Context(), c.Session.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := sessionsData{here: p.at(sessionsPath), Others: len(live) > 1}
	for i, s := range live {
		line := session{ID: s.ID, Since: s.CreatedAt, Used: s.SeenAt, Ends: s.Deadline(), This: s.ID == c.Session.ID, Number: i + 1}
		for _, ev := range s.State.Evidence {
			line.Methods = append(line.Methods, ev.Method)
		}
		data.Sessions = append(data.Sessions, line)
	}
	p.Engine.Render(w, r, http.StatusOK, p.sessions, data)
}

// endSessions ends the session that the form names, or all but this one. Sessions
// of other people are not found among the citizen's own.
func (p *Pages) endSessions(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	named := broker.SessionID(r.PostFormValue("session"))
	err := p.Sessions.EndSessions(r.Context(), c.Session.Person, "by_citizen", func(id broker.SessionID) bool {
		return id == named || named == "" && id != c.Session.ID
	})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	route.SeeOther(w, sessionsPath)
}
