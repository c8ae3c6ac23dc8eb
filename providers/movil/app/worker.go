package app

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"

	"clave/web/page"
)

// workerSource is the service worker, but for what it is told in the place of SETTINGS.
//
//go:embed worker.js
var workerSource string

// worker are the settings of the service worker.
type worker struct {
	Lang string `json:"lang"`
	// Offline is the page that is shown without a connection, Files what it needs.
	Offline string   `json:"offline"`
	Files   []string `json:"files"`
	Icon    string   `json:"icon"`
	// Texts are the words for each kind of what is pushed.
	Texts map[string]notification `json:"texts"`
}

type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// showWorker gives the service worker in a language. Its bytes change with any file
// that it keeps, which is how browsers see that there is a new one.
func (a *App) showWorker(w http.ResponseWriter, r *http.Request) {
	l := a.languageAsked(r)
	text := func(key string) string { return a.Pages.Texts().Text(l, key) }
	told := func(title, body string) notification { return notification{Title: text(title), Body: text(body)} }
	settings, err := json.Marshal(worker{
		Lang: string(l), Offline: offlinePath + "?lang=" + string(l), Icon: a.Pages.Asset("app-192.png"),
		Files: []string{
			a.Pages.Asset("page.css"), a.Pages.Asset("page.js"), a.Pages.Asset("favicon.svg"),
			a.Pages.Asset("wordmark.svg"), a.Pages.Asset("wordmark-dark.svg"),
		},
		Texts: map[string]notification{
			"request": told("app.push.request.title", "app.push.request.text"),
			"pin":     told("app.push.pin.title", "app.push.pin.text"),
			"notice":  told("app.push.notice.title", "app.push.notice.text"),
		},
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Service-Worker-Allowed", Path) // the app's own start is no folder of the script
	_, _ = w.Write([]byte(strings.Replace(workerSource, "SETTINGS", string(settings), 1)))
}

// offlinePage is what the service worker shows without a connection. The worker keeps
// it for whoever uses the browser next, whatever Cache-Control says: so it is the same
// for everybody, and nothing stands around it of who is logged in or of what waits.
type offlinePage struct{}

func (a *App) showOffline(w http.ResponseWriter, r *http.Request) {
	l := string(a.languageAsked(r))
	around := page.Around{Locales: []string{l}, Here: Path, Home: Path, Manifest: manifestPath + "?lang=" + l}
	r = r.WithContext(page.With(r.Context(), around))
	a.Pages.Render(w, r, http.StatusOK, a.pages.offline, offlinePage{})
}
