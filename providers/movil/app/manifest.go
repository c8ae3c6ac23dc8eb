package app

import (
	"encoding/json"
	"net/http"

	"clave/web/lang"
)

// manifest is what a browser needs to install the app.
// Source: W3C Web Application Manifest.
type manifest struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	ShortName       string `json:"short_name"`
	Description     string `json:"description"`
	Lang            string `json:"lang"`
	StartURL        string `json:"start_url"`
	Scope           string `json:"scope"`
	Display         string `json:"display"`
	BackgroundColor string `json:"background_color"`
	ThemeColor      string `json:"theme_color"`
	Icons           []icon `json:"icons"`
}

type icon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

// languageAsked is the one in the address: browsers fetch manifest and worker without
// what tells them apart otherwise, and keep them by address.
func (a *App) languageAsked(r *http.Request) lang.Language {
	if l, ok := lang.Parse(r.URL.Query().Get("lang")); ok {
		return l
	}
	return a.Pages.Language(r)
}

func (a *App) showManifest(w http.ResponseWriter, r *http.Request) {
	l := a.languageAsked(r)
	text := func(key string) string { return a.Pages.Texts().Text(l, key) }
	body, err := json.Marshal(manifest{
		ID: Path, Name: text("app.name"), ShortName: text("app.name"), Description: text("app.door.text"), Lang: string(l),
		StartURL: Path, Scope: Path, Display: "standalone", BackgroundColor: "#f5f7f7", ThemeColor: "#0d5266",
		Icons: []icon{
			{Src: a.Pages.Asset("app-192.png"), Sizes: "192x192", Type: "image/png"},
			{Src: a.Pages.Asset("app-512.png"), Sizes: "512x512", Type: "image/png"},
			{Src: a.Pages.Asset("app-maskable-512.png"), Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(body) // a browser that left needs no answer
}
