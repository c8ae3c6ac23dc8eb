package page

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"clave/web/route"
)

// Extended answers the POST of Around.Extend or Around.Stay: to the page's script
// with the seconds that are left now, to a plain form by going back to the page.
func (e *Engine) Extended(w http.ResponseWriter, r *http.Request, ends time.Time) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct {
			Seconds int `json:"seconds"`
		}{Countdown{Left: ends.Sub(e.frame.Now())}.Seconds()}) // a browser that left needs no answer
		return
	}
	back := r.PostFormValue("return")
	if !LocalPath(back) {
		back = "/"
	}
	route.SeeOther(w, back)
}
