package page

import (
	"net/http"
	"strings"

	"clave/web/lang"
	"clave/web/route"
)

// LanguagePath takes the language switch of every page.
const LanguagePath = "/language"

const languageCookie = "clave_lang"

// languageAge is how long a chosen language is remembered: a year, our choice.
const languageAge = 365 * 24 * 60 * 60

// Language is the language of the pages that answer this request: what the person
// chose on a page of this login, then what the relying party asked for, then what
// the person chose earlier, then what the browser prefers, then Spanish.
func (e *Engine) Language(r *http.Request) lang.Language {
	around := From(r.Context())
	return e.LanguageFor(r, around.LoginID, around.Locales)
}

// LanguageFor is Language for a guard that is about to fill in Around.
func (e *Engine) LanguageFor(r *http.Request, loginID string, locales []string) lang.Language {
	chosen, forLogin, _ := strings.Cut(route.Cookie(r, e.cookieName()), "~")
	if chosen != "" && loginID != "" && forLogin == loginID {
		locales = nil
	}
	return lang.Match(locales, chosen, r.Header.Get("Accept-Language"))
}

// Chosen is the language that the person chose with the switch of our pages; false
// when they never did, or the browser forgot.
func (e *Engine) Chosen(r *http.Request) (lang.Language, bool) {
	value, _, _ := strings.Cut(route.Cookie(r, e.cookieName()), "~")
	return lang.Parse(value)
}

func (e *Engine) cookieName() string {
	if e.frame.Secure {
		return "__Host-" + languageCookie
	}
	return languageCookie
}

// switchLanguage remembers the language and goes back to the page it was chosen on.
func (e *Engine) switchLanguage(w http.ResponseWriter, r *http.Request) {
	back := r.PostFormValue("return")
	if !LocalPath(back) || strings.HasPrefix(back, LanguagePath) {
		back = "/"
	}
	if l, ok := lang.Parse(r.PostFormValue("lang")); ok {
		value := string(l)
		if login := r.PostFormValue("login"); isID(login) {
			value += "~" + login
		}
		http.SetCookie(w, &http.Cookie{
			Name: e.cookieName(), Value: value, Path: "/", MaxAge: languageAge,
			HttpOnly: true, Secure: e.frame.Secure, SameSite: http.SameSiteLaxMode,
		})
	}
	route.SeeOther(w, back)
}

// maxIDBytes is the longest login id that is kept in the cookie.
const maxIDBytes = 64

func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return s != "" && len(s) <= maxIDBytes
}
