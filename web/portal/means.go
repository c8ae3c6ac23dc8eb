package portal

import (
	"net/http"

	"clave/identity"
	"clave/web/page"
)

// means is a way to get something done; Text is a key.
type means struct {
	way
	Text string
}

// meansOf are the channels through which a thing can be done, each with its text
// below the prefix.
func meansOf(ways map[identity.Channel]way, prefix string, channels ...identity.Channel) []means {
	list := make([]means, len(channels))
	for i, channel := range channels {
		list[i] = means{ways[channel], prefix + string(channel)}
	}
	return list
}

// explained is a page that explains how a registration changes.
type explained struct {
	page.WayBack
	// How is the only list of means on the page, or that of the first thing.
	How, Email, Code []means
}

// changing: the phone only where we can be sure who it is, and after it was lost to
// somebody else by a new letter too.
// Source: BOE-A-2015-14215, annex I, section 1.6.
func changing(ways map[identity.Channel]way) explained {
	return explained{
		How:   meansOf(ways, "portal.change.phone.", identity.ByCertificate, identity.ByOffice, identity.ByLetter),
		Email: meansOf(ways, "portal.change.email.", identity.ByCertificate, identity.ByOffice),
		Code:  meansOf(ways, "portal.change.code.", identity.ByCertificate, identity.ByOffice),
	}
}

// rising: what proves in person, or by certificate, who somebody is.
// Source: BOE-A-2015-14215, annex I, section 1.5.
func rising(ways map[identity.Channel]way) explained {
	return explained{How: meansOf(ways, "portal.level.", identity.ByCertificate, identity.ByOffice)}
}

func withdrawing(ways map[identity.Channel]way) explained {
	return explained{How: meansOf(ways, "portal.withdraw.how.", identity.ByCertificate, identity.ByOffice)}
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
		data.WayBack = page.WayBackOf(r)
		p.Engine.Render(w, r, http.StatusOK, t, data)
	}
}
