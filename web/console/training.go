package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"

	"clave/broker"
	"clave/census/staff"
	"clave/notify"
	"clave/web/route"
)

// Apart serves the same addresses to who works and to who practises: practice are the
// routes in the same order on a register of invented citizens, or nil where there is
// none. What is practised never reaches the routes of work, and what would be sent is
// shown on the console's pages instead, see [Unsent].
func (c *Console) Apart(work, practice []route.Route) []route.Route {
	routes := make([]route.Route, len(work))
	for i, r := range work {
		routes[i] = r
		practised := func(w http.ResponseWriter, r *http.Request) {
			c.Engine.ErrorPage(w, r, http.StatusForbidden, "console.no_training", "")
		}
		if practice != nil {
			practised = c.gathering(practice[i].Handler)
		}
		routes[i].Handler = func(w http.ResponseWriter, req *http.Request) {
			if staff.From(req.Context()).Session.Training {
				practised(w, req)
				return
			}
			r.Handler(w, req)
		}
	}
	return routes
}

// Message is what would have been sent to an invented citizen.
type Message struct {
	To   string `json:"to"`
	Text string `json:"text"`
}

// gathered are the messages of one request, by what they replace: a transaction that
// is run again sends its own anew.
type gathered struct {
	messages []Message
	keys     []string
}

type gatheredKey struct{}

// Unsent is the outbox of the training: messages of a request to a route of practice
// go back to its browser, and nowhere else.
type Unsent struct{}

// Send implements the outboxes of census/registrar and census/registration.
func (Unsent) Send(ctx context.Context, m notify.Message) error {
	box, ok := ctx.Value(gatheredKey{}).(*gathered)
	if !ok {
		return nil // nobody is looking
	}
	one, key := Message{m.To, m.Body}, m.Replaces+" "+m.Purpose+" "+m.To
	if i := slices.Index(box.keys, key); i >= 0 {
		box.messages[i] = one
		return nil
	}
	box.messages, box.keys = append(box.messages, one), append(box.keys, key)
	return nil
}

// practisedCookie carries the last messages to the pages that follow. The citizens are
// invented, and so is what they would hear.
const (
	practisedCookie  = "clave_practised"
	practisedShown   = 4
	practisedLongest = 400 // characters of a message; a cookie holds some 4,000 in all
)

// gathering hands the messages of a request to its browser.
func (c *Console) gathering(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		box := &gathered{}
		next(&practisedWriter{ResponseWriter: w, box: box, jar: c.Cookie.Jar}, r.WithContext(context.WithValue(r.Context(), gatheredKey{}, box)))
	}
}

// practisedWriter sets the cookie before the answer begins.
type practisedWriter struct {
	http.ResponseWriter
	box   *gathered
	jar   broker.CookieJar
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *practisedWriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		w.keep()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *practisedWriter) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

func (w *practisedWriter) keep() {
	last := w.box.messages[max(0, len(w.box.messages)-practisedShown):]
	if len(last) == 0 {
		return
	}
	for i := range last {
		if text := []rune(last[i].Text); len(text) > practisedLongest {
			last[i].Text = string(text[:practisedLongest]) + "…"
		}
	}
	if plain, err := json.Marshal(last); err == nil {
		w.jar.Set(w.ResponseWriter, practisedCookie, base64.RawURLEncoding.EncodeToString(plain), 0)
	}
}

// practised are the messages that the browser was handed last.
func (c *Console) practised(r *http.Request) (last []Message) {
	plain, err := base64.RawURLEncoding.DecodeString(c.Cookie.Jar.Get(r, practisedCookie))
	if err != nil || json.Unmarshal(plain, &last) != nil {
		return nil
	}
	return last[:min(len(last), practisedShown)]
}
