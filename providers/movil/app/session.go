package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// session is what the browser carries sealed once its device key has signed. What it
// names is read from the store each time.
type session struct {
	Device movil.DeviceID
	// OpenedAt is when the key signed, SeenAt when a page was last asked for.
	OpenedAt, SeenAt time.Time
}

const (
	sessionCookie = "clave_app"
	sessionSealed = "app session"
	// longest is how long a session lasts in all, and movil.AppTime without use. Then the
	// key signs again, which nobody notices: what they bound is how long a stolen cookie
	// reads. Our choice.
	longest = 8 * time.Hour
	// seenEvery is how often use is noted.
	seenEvery = time.Minute
)

func (s session) live(now time.Time) bool {
	return s.Device != "" && now.Before(s.SeenAt.Add(movil.AppTime)) && now.Before(s.OpenedAt.Add(longest))
}

func (a *App) keepSession(w http.ResponseWriter, s session) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	a.Jar.Set(w, sessionCookie, base64.RawURLEncoding.EncodeToString(a.Cookies.Seal(plain, sessionSealed)), movil.AppTime)
	return nil
}

// sessionOf is what the browser brought; the zero value when it is none of ours.
func (a *App) sessionOf(r *http.Request) (s session) {
	if !a.unseal(a.Jar.Get(r, sessionCookie), &s, sessionSealed) {
		return session{}
	}
	return s
}

// unseal reads what the browser carried; false when it is nothing of ours.
func (a *App) unseal(value string, into any, purpose string) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(sealed) == 0 {
		return false
	}
	plain, err := a.Cookies.Open(sealed, purpose)
	return err == nil && json.Unmarshal(plain, into) == nil
}

type deviceKey struct{}

// deviceOf is the device that the guard let in.
func deviceOf(r *http.Request) movil.Device { return r.Context().Value(deviceKey{}).(movil.Device) }

// Guard lets a device pass whose key has signed a while ago and which is still
// activated. Any other browser gets the door in the place of a page, and 401 in that of
// an answer to a script, each with what the key has to sign.
func (a *App) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, now := a.sessionOf(r), a.Now()
		if !s.live(now) {
			a.shut(w, r)
			return
		}
		d, err := a.Movil.DeviceOf(r.Context(), s.Device)
		var denied *movil.Denied
		switch {
		case errors.As(err, &denied):
			a.Jar.Drop(w, sessionCookie)
			a.shut(w, r) // and the door tells why, once the key has signed
			return
		case err != nil:
			a.fail(w, r, err)
			return
		}
		if !isAPI(r) && now.After(s.SeenAt.Add(seenEvery)) {
			s.SeenAt = now
			if err := a.keepSession(w, s); err != nil {
				a.fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), deviceKey{}, d)))
	})
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, apiPath+"/") }

// doorPage is shown to who is not in.
type doorPage struct {
	Challenge string
	// Arriving: the way here was the QR of a login.
	Arriving bool
	page.WayBack
}

func (a *App) shut(w http.ResponseWriter, r *http.Request) {
	switch {
	case isAPI(r):
		a.answer(w, http.StatusUnauthorized, refusal{Cause: "shut", Challenge: a.Movil.OpenChallenge()})
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		route.SeeOther(w, Path) // where the key opens, and what waited still waits
	default:
		data := doorPage{
			Challenge: a.Movil.OpenChallenge(), Arriving: strings.HasPrefix(r.URL.Path, movil.HandlePath), WayBack: page.WayBackOf(r),
		}
		a.Pages.Render(w, a.frame(r), http.StatusOK, a.pages.door, data)
	}
}

// opening is what the door sends: the device's name and its key's signature.
type opening struct {
	Device    movil.DeviceID `json:"device"`
	Challenge string         `json:"challenge"`
	Signature bytesText      `json:"signature"`
}

// enter opens the app to a device whose key signed what the door asked.
func (a *App) enter(w http.ResponseWriter, r *http.Request) {
	var o opening
	if !a.read(w, r, &o) {
		return
	}
	d, err := a.Movil.OpenApp(r.Context(), o.Device, o.Challenge, o.Signature)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	now := a.Now()
	if err := a.keepSession(w, session{Device: d.ID, OpenedAt: now, SeenAt: now}); err != nil {
		a.refuse(w, r, err)
		return
	}
	a.answer(w, http.StatusOK, struct{}{})
}
