package app

import (
	"net/http"
	"time"

	"clave/providers/movil"
)

// refreshEvery is how often the start asks what is new. Source: clave.gob.es, help of
// Cl@ve PIN (ten seconds).
const refreshEvery = 10 * time.Second

// homePage is the start.
type homePage struct {
	Name    string
	Seconds int
}

func (a *App) showHome(w http.ResponseWriter, r *http.Request) {
	a.Pages.Render(w, r, http.StatusOK, a.pages.home, homePage{Name: deviceOf(r).Name, Seconds: int(refreshEvery / time.Second)})
}

// news is what the start shows: the service whose request waits, and the PINs.
type news struct {
	Request string    `json:"request,omitempty"`
	PINs    []pinNews `json:"pins"`
}

type pinNews struct {
	ID      string `json:"id"`
	Service string `json:"service"`
	PIN     string `json:"pin"`
	Sent    string `json:"sent"`
	Seconds int    `json:"seconds"`
}

func (a *App) now(w http.ResponseWriter, r *http.Request) {
	d := deviceOf(r)
	waiting, err := a.Movil.Pending(r.Context(), d)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	var pins []PIN
	if a.PINs != nil {
		if pins, err = a.PINs.PINsOf(r.Context(), d); err != nil {
			a.refuse(w, r, err)
			return
		}
	}
	said := news{PINs: []pinNews{}}
	if waiting.ID != "" {
		said.Request = a.Movil.Shown(waiting, d, movil.PlaceOf(r.Context()), a.language(r)).Service
	}
	for _, p := range pins {
		if left := p.ExpiresAt.Sub(a.Now()); left > 0 {
			said.PINs = append(said.PINs, pinNews{
				ID: p.ID, Service: p.Service, PIN: p.Code, Sent: a.Pages.Clock(p.SentAt), Seconds: int(left / time.Second),
			})
		}
	}
	a.answer(w, http.StatusOK, said)
}
