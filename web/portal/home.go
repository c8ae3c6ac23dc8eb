package portal

import (
	"net/http"

	"clave/web/page"
	"clave/web/route"
)

// card is a choice of the home page; Title and Text are keys.
type card struct{ Path, Title, Text string }

type homeData struct {
	page.WayBack
	Cards []card
}

// Home is the page at the installation's own address. The sandbox has another one.
func (p *Pages) Home() route.Route {
	return route.Route{Method: http.MethodGet, Path: "/", Access: route.Public, Handler: p.showHome}
}

func (p *Pages) showHome(w http.ResponseWriter, r *http.Request) {
	data := homeData{WayBack: page.WayBackOf(r), Cards: []card{{RegisterPath, "portal.register.title", "portal.home.register"}}}
	if p.Account != "" {
		data.Cards = append(data.Cards, card{p.Account, "account.overview.title", "portal.home.account"})
	}
	if p.App != "" {
		data.Cards = append(data.Cards, card{p.App, "portal.app.title", "portal.home.app"})
	}
	data.Cards = append(data.Cards, card{p.Engine.Frame().OfficeSearch, "portal.offices.title", "portal.home.offices"})
	if p.Verify != "" {
		data.Cards = append(data.Cards, card{p.Verify, "portal.verify", "portal.home.verify"})
	}
	data.Cards = append(data.Cards, card{"/help", "frame.help.title", "portal.home.help"})
	p.Engine.Render(w, r, http.StatusOK, p.home, data)
}
