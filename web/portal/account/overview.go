package account

import (
	"net/http"

	"clave/broker"
	"clave/identity"
)

// overviewData is a citizen's registration as they see it: the number whole, phone
// and e-mail as far as their owner needs to recognise them.
type overviewData struct {
	here
	Name, Document string
	State          identity.State
	Registration   identity.Registration
	Channel        identity.Channel
	Phone, Email   string
	// Confirmed: a code that went to Email came back. Confirm is where that is done,
	// empty where it cannot be.
	Confirmed bool
	Confirm   string
	Methods   []reach
	// Level is what this visit has proven.
	Level identity.Level
	// Changes are what can be done about the registration now.
	Changes []Link
	// Lost is where another phone is given by who lost theirs to somebody else, Rise
	// where the registration rises; empty where nothing is to be done.
	Lost, Rise string
	// Enter: not registered now, but could be.
	Enter bool
}

// reach is a method and the level it reaches with this registration; NoLevel when
// it does not work.
type reach struct {
	Method identity.Method
	Level  identity.Level
}

func (p *Pages) showOverview(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	st := c.Standing
	known, err := p.Register.Candidate(r.Context(), st.Identity.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := overviewData{
		here: p.at(Path), Name: c.Session.State.Name, Document: st.Identity.Document.Reveal(), // shown to its owner alone
		State: st.State, Registration: st.Registration, Channel: st.Channel, Phone: known.Phone.String(), Email: known.Email.String(), Confirmed: known.EmailConfirmed,
		Level: c.Level, Enter: st.State == identity.Unregistered || st.State == identity.Withdrawn,
	}
	data.Changes = p.Changes(st, c.Evidence.Method)
	if st.State == identity.PhoneRevoked {
		data.Lost = begins(c.Evidence.Method, "/my/phone", "/register/change")
	}
	if st.Registration == identity.Basic {
		data.Rise = begins(c.Evidence.Method, "/my/level", "/register/level")
	}
	if !known.Email.IsZero() && (st.State == identity.Registered || st.State == identity.PhoneRevoked) {
		data.Confirm = p.ConfirmEmail
	}
	for _, m := range p.Methods {
		if !m.NeedsRegistration() || st.State == identity.Registered {
			data.Methods = append(data.Methods, reach{m, broker.Best(m, st.Registration)})
			continue
		}
		data.Methods = append(data.Methods, reach{m, identity.NoLevel})
	}
	p.Engine.Render(w, r, http.StatusOK, p.overview, data)
}

// begins is where something begins for who is logged in with a certificate, or the page
// that tells the others how it is done.
func begins(by identity.Method, online, explained string) string {
	if by == identity.Certificate {
		return online
	}
	return explained
}
