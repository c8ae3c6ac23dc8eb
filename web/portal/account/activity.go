package account

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
)

// pageLines is how many logins a page shows.
const pageLines = 20

type activityData struct {
	here
	Lines []login
	// First: these are the newest. Next is the address of older ones; empty when
	// there are none.
	First bool
	Next  string
}

// login is a line of the activity.
type login struct {
	At      time.Time
	Service string
	Method  identity.Method
	Level   identity.Level
	Fresh   bool
	Network string
	Browser string
}

func (p *Pages) showActivity(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	before, first := placeOf(r.URL.Query().Get("before"))
	if first {
		before = audit.Place{At: p.Now().Add(time.Hour)} // clocks of other nodes may be ahead
	}
	// One more than is shown tells whether there are older ones.
	found, err := audit.ReadActivity(r.Context(), p.Diary, p.Cipher, c.Session.Person, before, pageLines+1)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := activityData{here: p.at(activityPath), First: first}
	if len(found) > pageLines {
		found = found[:pageLines]
		data.Next = activityPath + "?before=" + mark(found[pageLines-1].Place)
	}
	language := string(p.Engine.Language(r))
	parties := p.Parties.Snapshot()
	for _, a := range found {
		line := login{At: a.At, Service: a.RelyingParty, Method: a.Method, Level: a.Level, Fresh: a.Fresh, Browser: string(a.Browser)}
		if party, ok := parties.Party(a.RelyingParty); ok {
			line.Service = party.Name.In(language)
		}
		if a.Network.IsValid() {
			line.Network = a.Network.String()
		}
		data.Lines = append(data.Lines, line)
	}
	p.Engine.Render(w, r, http.StatusOK, p.activity, data)
}

// mark writes a place into an address. Whose logins are shown is the session's
// matter, so that a mark of somebody else's page shows nothing of theirs.
func mark(p audit.Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.At.UnixMicro(), 36) + "." + p.ID))
}

// placeOf reads a mark; first for none, or for what is none.
func placeOf(text string) (place audit.Place, first bool) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(plain) > 100 {
		return audit.Place{}, true
	}
	at, id, found := strings.Cut(string(plain), ".")
	micros, err := strconv.ParseInt(at, 36, 64)
	if !found || err != nil {
		return audit.Place{}, true
	}
	return audit.Place{At: time.UnixMicro(micros), ID: id}, false
}
