package portal

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"clave/identity"
	"clave/web/page"
)

// way is one way to register, as this installation offers it.
type way struct {
	Channel identity.Channel
	// Path is where it begins; empty when it is not offered.
	Path string
}

// Advanced tells whether it gives the advanced level.
func (w way) Advanced() bool {
	return w.Channel == identity.ByCertificate || w.Channel == identity.ByOffice
}

// closed orders what is not offered behind what is.
func (w way) closed() int {
	if w.Path == "" {
		return 1
	}
	return 0
}

// channels are the ways in the order in which the page shows them: those that are
// done at once and give the most come first.
func channels() []identity.Channel {
	return []identity.Channel{identity.ByCertificate, identity.ByOffice, identity.ByLetter, identity.ByVideo}
}

// ways finds out what is offered now.
func (p *Pages) ways(ctx context.Context) (map[identity.Channel]way, error) {
	ways := map[identity.Channel]way{}
	for _, channel := range channels() {
		ways[channel] = way{channel, p.Ways[channel]}
	}
	if ways[identity.ByOffice].Path == "" {
		provinces, err := p.Offices.Provinces(ctx)
		if err != nil {
			return nil, err
		}
		if len(provinces) > 0 {
			ways[identity.ByOffice] = way{identity.ByOffice, OfficesPath}
		}
	}
	return ways, nil
}

type registerData struct {
	page.WayBack
	Ways  []way
	Links []link
}

// link leads to another page; Text is a key.
type link struct{ Path, Text string }

// already are the pages for who is registered.
func (p *Pages) already() []link {
	links := []link{
		{ChangePath, "portal.change.title"},
		{LevelPath, "portal.level.title"},
		{WithdrawPath, "portal.withdraw.title"},
		{QuestionsPath, "portal.questions.title"},
		{PhonesPath, "portal.phones.title"},
	}
	if p.App != "" {
		links = append([]link{{p.App, "portal.app.title"}}, links...)
	}
	if p.Account != "" {
		links = append([]link{{p.Account, "account.overview.title"}}, links...)
	}
	return links
}

func (p *Pages) showRegister(w http.ResponseWriter, r *http.Request) {
	ways, err := p.ways(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := registerData{WayBack: page.WayBackOf(r), Links: p.already()}
	for _, channel := range channels() {
		data.Ways = append(data.Ways, ways[channel])
	}
	slices.SortStableFunc(data.Ways, func(a, b way) int { return cmp.Compare(a.closed(), b.closed()) })
	p.Engine.Render(w, r, http.StatusOK, p.register, data)
}
