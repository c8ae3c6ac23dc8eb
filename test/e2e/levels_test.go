package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// loaPrefix begins the names of levels. Source: Commission Implementing Regulation (EU)
// 2015/1501, node specifications: eIDAS message format, LevelOfAssurance.
const loaPrefix = "http://eidas.europa.eu/LoA/"

// reports is a row of the table of levels: a citizen logs in by a method, in a browser
// of their own, where a level is asked for, and the service hears level and registration;
// or that the level is refused, or the method denied. A certificate's kind stands after a colon, and is shown by the
// browser; all else goes by hint.
func reports(w *world, args []string) error {
	if len(args) != 5 {
		return errors.New("usage: reports DOCUMENT METHOD[:KIND] -|ASKED LEVEL|refused|denied REGISTRATION|none")
	}
	document, asked, level, registration := args[0], args[2], args[3], args[4]
	method, kind, byPages := strings.Cut(args[1], ":")
	w.face(strings.Join(args, " "))
	login := url.Values{}
	if asked != "-" {
		login.Set("acr_values", loaPrefix+asked)
	}
	var err error
	if byPages {
		err = w.showing(kind, document, login)
	} else {
		login.Set("login_hint", "test:"+document+":"+method)
		err = w.logIn(false, login)
	}
	if err != nil {
		return err
	}
	switch level {
	case "refused":
		return w.checkAnswer(url.Values{"error": {"unmet_authentication_requirements"}})
	case "denied":
		return w.checkAnswer(url.Values{"error": {"access_denied"}})
	}
	if err := w.redeem(url.Values{}); err != nil {
		return err
	}
	claims := url.Values{"acr": {loaPrefix + level}, "method": {method}, "registration_level": {registration}}
	if registration == "none" {
		claims.Set("registration_level", "")
	}
	return w.claim(claims)
}

// showing logs a citizen in with a certificate, by the pages; where it reaches too
// little, the citizen goes back to the service.
func (w *world) showing(kind, document string, login url.Values) error {
	before := w.chooses
	defer func() { w.chooses = before }()
	w.chooses = "certificate"
	if err := hold(w, []string{kind, document}); err != nil {
		return err
	}
	if err := w.logIn(false, login); err != nil {
		return err
	}
	if err := w.show(); err != nil {
		return err
	}
	p, err := w.shown()
	if err != nil {
		return err
	}
	steps := []string{"/certificate/confirm", "inform"}
	if p.status >= 400 {
		steps = []string{"/leave"}
	}
	for _, step := range steps {
		if err := w.submit(step, nil); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}
