package inbound

import (
	"embed"
	"log/slog"
	"net/http"

	"clave/web/page"
)

// Mistake is why a request gets a page instead of an answer to its service: nothing
// proves where an answer would have to go, or that the service asked.
type Mistake struct {
	// Code is stable, and what integrators look up; Text says why, and what to do.
	Code, Text string
	// Again tells that starting again at the service helps.
	Again bool
}

//go:embed templates
var embedded embed.FS

// MistakePage tells the citizen what to do and the integrator what is wrong. It leads
// nowhere.
type MistakePage struct {
	pages         *page.Engine
	template      *page.Template
	documentation string
	log           *slog.Logger
}

// NewMistakePage makes the page; documentation is an address for integrators, or empty.
// It panics when the template is broken, which is a mistake of ours.
func NewMistakePage(pages *page.Engine, documentation string, log *slog.Logger) *MistakePage {
	return &MistakePage{pages, pages.Parse(embedded, "templates/mistake.html"), documentation, log}
}

type mistakeData struct {
	Mistake
	Documentation string
}

// Show answers r with the page.
func (p *MistakePage) Show(w http.ResponseWriter, r *http.Request, m Mistake) {
	p.log.InfoContext(r.Context(), "request refused by page", "path", r.URL.Path, "reason", m.Code)
	p.pages.Render(w, r, http.StatusBadRequest, p.template, mistakeData{m, p.documentation})
}
