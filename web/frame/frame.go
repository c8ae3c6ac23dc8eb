// Package frame holds the pages about the installation itself, which every other
// page links to: help and contact, legal notice, accessibility statement, cookies
// and site map. What they say of the body that runs it comes from page.Frame.
package frame

import (
	"embed"
	"net/http"
	"time"

	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Link is a line of the site map; Text is a text key.
type Link struct{ Path, Text string }

// Pages are the pages about the installation.
type Pages struct {
	engine *page.Engine
	links  []Link
}

// New makes the pages; more are the links that other rooms want in the site map.
func New(engine *page.Engine, more ...Link) *Pages {
	links := []Link{{"/", "frame.sitemap.home"}}
	links = append(links, more...)
	links = append(links,
		Link{"/help", "frame.help.title"},
		Link{"/legal", "frame.legal.title"},
		Link{"/accessibility", "frame.accessibility.title"},
		Link{"/cookies", "frame.cookies.title"},
	)
	return &Pages{engine: engine, links: links}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	return []route.Route{
		p.page("/help", "help"),
		p.page("/legal", "legal"),
		p.page("/accessibility", "accessibility"),
		p.page("/cookies", "cookies"),
		p.page("/sitemap", "sitemap"),
	}
}

// facts are what the pages say: the frame and the links.
type facts struct {
	page.Frame
	Links []Link
	// Reviewed is the day of the accessibility statement's last review, in words.
	Reviewed string
}

// Reachable tells whether there is any way of contact to show.
func (f facts) Reachable() bool { return f.Telephone != "" || f.Mailbox != "" || f.OfficeSearch != "" }

func (p *Pages) page(path, name string) route.Route {
	template := p.engine.Parse(templates, "templates/"+name+".html", "templates/contact.html")
	show := func(w http.ResponseWriter, r *http.Request) {
		data := facts{Frame: p.engine.Frame(), Links: p.links}
		if data.Responsible == "" {
			data.Responsible = data.Name
		}
		// A day, not an instant: read in the zone in which it is shown.
		if day, err := time.ParseInLocation(time.DateOnly, data.Accessibility.Reviewed, data.Zone); err == nil {
			data.Reviewed = p.engine.Day(p.engine.Language(r), day)
		}
		p.engine.Render(w, r, http.StatusOK, template, data)
	}
	return route.Route{Method: http.MethodGet, Path: path, Access: route.Public, Handler: show}
}
