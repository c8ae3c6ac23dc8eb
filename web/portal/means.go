package portal

import (
	"net/http"

	"clave/identity"
	"clave/web/page"
)

// means is a way to get something done, with the path where it begins, if it is
// offered; Text is a key.
type means struct{ Path, Text string }

// meansOf are the ways to do a thing, each with its text below the prefix: online, where
// that begins, and then the channels.
func meansOf(ways map[identity.Channel]way, prefix, online string, channels ...identity.Channel) []means {
	list := []means{{online, prefix + "online"}}
	for _, channel := range channels {
		list = append(list, means{ways[channel].Path, prefix + string(channel)})
	}
	return list
}

// explained is a page that explains how a registration changes.
type explained struct {
	page.WayBack
	// How is the only list of means on the page, or that of the first thing.
	How, Email, Code []means
	// App is where a device is activated that needs no SMS; empty for nowhere.
	App string
	// Letter is where who cannot log in does it with a letter; empty for nowhere.
	Letter string
}

// changing: the phone only where we can be sure who it is, and after it was lost to
// somebody else by a new letter too.
// Source: BOE-A-2015-14215, annex I, section 1.6.
func (p *Pages) changing(ways map[identity.Channel]way) explained {
	return explained{
		How:   meansOf(ways, "portal.change.phone.", p.Online.Phone, identity.ByOffice, identity.ByLetter),
		Email: meansOf(ways, "portal.change.email.", p.Online.Email, identity.ByOffice),
		Code:  meansOf(ways, "portal.change.code.", p.Online.Activation, identity.ByOffice),
	}
}

// rising: what proves in person, or by certificate, who somebody is.
// Source: BOE-A-2015-14215, annex I, section 1.5.
func (p *Pages) rising(ways map[identity.Channel]way) explained {
	return explained{How: meansOf(ways, "portal.level.", p.Online.Level, identity.ByOffice)}
}

func (p *Pages) withdrawing(ways map[identity.Channel]way) explained {
	return explained{How: meansOf(ways, "portal.withdraw.how.", p.Online.Withdraw, identity.ByOffice), Letter: p.Online.WithdrawByLetter}
}

// showing shows a page that explains; about may be nil when it lists no means.
func (p *Pages) showing(t *page.Template, about func(map[identity.Channel]way) explained) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var data explained
		if about != nil {
			ways, err := p.ways(r.Context())
			if err != nil {
				p.fail(w, r, err)
				return
			}
			data = about(ways)
		}
		data.App = p.App
		data.WayBack = page.WayBackOf(r)
		p.Engine.Render(w, r, http.StatusOK, t, data)
	}
}
