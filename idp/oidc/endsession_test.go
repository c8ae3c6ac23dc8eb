package oidc_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/idp/oidc"
)

// logoutForm joins pairs with a request that may go back to town.
func logoutForm(pairs ...string) url.Values {
	return with(url.Values{"client_id": {"town-web"}, "post_logout_redirect_uri": {postLogout}, "state": {"s 1"}}, pairs...)
}

// confirmed sends the form of the confirmation page, as the browser does.
func (w *world) confirmed(v url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, issuer+"/end_session/confirm", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.do(r)
}

func TestAHintOfThisSessionLogsOutAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	w.broker.session = "session-1"
	w.clock.Pass(8 * time.Hour) // the token has expired
	got := w.get("/end_session", logoutForm("id_token_hint", token, "client_id", ""))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != postLogout+"?state=s+1" || w.broker.ended != 1 {
		t.Errorf("answered %d %s, ended %d", got.StatusCode, got.Header.Get("Location"), w.broker.ended)
	}
}

func TestLogoutAsksWhenNothingProvesTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	w.broker.session = "session-2"
	for name, v := range map[string]url.Values{
		"nothing":              {},
		"a client":             logoutForm(),
		"an old session":       logoutForm("id_token_hint", token),
		"a forged hint":        logoutForm("id_token_hint", token[:len(token)-4]+"AAAA"),
		"a hint that is noise": logoutForm("id_token_hint", "x"),
	} {
		got := w.get("/end_session", v)
		body := readAll(t, got)
		if got.StatusCode != http.StatusOK || w.broker.ended != 0 || !strings.Contains(body, `action="/end_session/confirm"`) || strings.Contains(body, "http-equiv") {
			t.Errorf("%s: answered %d, ended %d", name, got.StatusCode, w.broker.ended)
		}
	}
	body := readAll(t, w.get("/end_session", logoutForm("ui_locales", "en")))
	if !strings.Contains(body, "Ayuntamiento de Ejemplo") || !strings.Contains(body, "Do you want to log out?") || !strings.Contains(body, `value="`+postLogout+`"`) {
		t.Error("the page does not say who asks, or not in English")
	}
}

func TestTheCitizensAnswerCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.session = "session-1"
	if got := w.confirmed(logoutForm("answer", "no")); got.StatusCode != http.StatusOK || w.broker.ended != 0 {
		t.Errorf("no: answered %d, ended %d", got.StatusCode, w.broker.ended)
	}
	got := w.confirmed(logoutForm("answer", "yes"))
	body := readAll(t, got)
	if got.StatusCode != http.StatusOK || w.broker.ended != 1 || !strings.Contains(html.UnescapeString(body), `content="0;url=`+postLogout+`?state=s+1"`) {
		t.Errorf("yes: answered %d, ended %d, %s", got.StatusCode, w.broker.ended, body)
	}
	w.broker.session = "session-2"
	if got := w.confirmed(url.Values{"answer": {"yes"}}); got.Header.Get("Location") != "/end_session/done" || w.broker.ended != 2 {
		t.Errorf("without a target: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := w.get("/end_session/done", nil); got.StatusCode != http.StatusOK || !strings.Contains(readAll(t, got), "Ha cerrado la sesión") {
		t.Errorf("the last page: %d", got.StatusCode)
	}
}

func TestNobodyElseConfirms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.session = "session-1"
	r := httptest.NewRequest(http.MethodPost, issuer+"/end_session/confirm", strings.NewReader(logoutForm("answer", "yes").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := w.do(r); got.StatusCode != http.StatusForbidden || w.broker.ended != 0 {
		t.Errorf("answered %d, ended %d", got.StatusCode, w.broker.ended)
	}
	if got := w.get("/end_session/confirm", logoutForm("answer", "yes")); got.StatusCode != http.StatusMethodNotAllowed || w.broker.ended != 0 {
		t.Errorf("GET answered %d, ended %d", got.StatusCode, w.broker.ended)
	}
}

func TestAfterLogoutOnlyRegisteredAddressesAreVisited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	two := logoutForm()
	two["post_logout_redirect_uri"] = []string{postLogout, postLogout}
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"a foreign address":            {logoutForm("post_logout_redirect_uri", "https://evil.example/"), "unregistered_post_logout_redirect_uri"},
		"a slash more":                 {logoutForm("post_logout_redirect_uri", postLogout+"/"), "unregistered_post_logout_redirect_uri"},
		"a fragment":                   {logoutForm("post_logout_redirect_uri", postLogout+"#x"), "unregistered_post_logout_redirect_uri"},
		"a redirect URI of login":      {logoutForm("post_logout_redirect_uri", redirect), "unregistered_post_logout_redirect_uri"},
		"a loopback address":           {logoutForm("post_logout_redirect_uri", "http://127.0.0.1/"), "unregistered_post_logout_redirect_uri"},
		"another client's address":     {logoutForm("client_id", "other-web"), "unregistered_post_logout_redirect_uri"},
		"an unknown client":            {logoutForm("client_id", "village-web"), "ambiguous_client"},
		"nobody's address":             {logoutForm("client_id", ""), "ambiguous_client"},
		"a hint of another client":     {logoutForm("client_id", "other-web", "id_token_hint", token), "ambiguous_client"},
		"a forged hint and no client":  {logoutForm("client_id", "", "id_token_hint", "x.y.z"), "foreign_id_token_hint"},
		"two addresses":                {two, "unreadable_request"},
		"a state with a control sign":  {logoutForm("state", "a\nb"), "unreadable_request"},
		"a state that is far too long": {logoutForm("state", strings.Repeat("s", 5000)), "unreadable_request"},
	} {
		for _, session := range []string{"", "session-1"} {
			w.broker.session = ""
			if session != "" {
				w.broker.session = "session-1"
			}
			for _, got := range []*http.Response{w.get("/end_session", c.form), w.postFromElsewhere("/end_session", c.form), w.confirmed(with(c.form, "answer", "yes"))} {
				body := readAll(t, got)
				if got.StatusCode != http.StatusBadRequest || !strings.Contains(body, c.want) || got.Header.Get("Location") != "" || w.broker.ended != 0 {
					t.Errorf("%s: answered %d %s, ended %d", name, got.StatusCode, got.Header.Get("Location"), w.broker.ended)
				}
			}
		}
	}
}

// While the browser goes round other services, registrations change.
func TestAWayBackThatIsNoLongerRegisteredIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	w.broker.session = "session-1"
	w.confirmed(logoutForm("answer", "yes"))
	if got := w.after; got.Front != oidc.Name || got.RelyingParty != "town" || !got.Proven {
		t.Errorf("got %+v", got)
	}
	back := func(state string) *http.Response {
		answer := httptest.NewRecorder()
		w.front.LoggedOut(answer, httptest.NewRequest(http.MethodGet, issuer+"/", nil), []byte(state), false, broker.ByRedirect)
		return answer.Result()
	}
	if got := back(string(w.after.State)).Header.Get("Location"); got != postLogout+"?state=s+1" {
		t.Errorf("registered: led to %q", got)
	}
	w.register(other())
	if got := back(string(w.after.State)).Header.Get("Location"); got != "/end_session/done" {
		t.Errorf("gone: led to %q", got)
	}
	for _, state := range []string{`{}`, `{"client":"other-web","target":"` + postLogout + `"}`, `{"target":"` + postLogout + `"}`} {
		if got := back(state).Header.Get("Location"); got != "/end_session/done" {
			t.Errorf("%s: led to %q", state, got)
		}
	}
	if got := back("x"); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("noise: got %d", got.StatusCode)
	}
}

func TestAPostedLogoutComesBackWithOurCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	w.broker.session = "session-1"
	got := w.postFromElsewhere("/end_session", logoutForm("id_token_hint", token))
	where := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, "/end_session?resume=") || w.broker.ended != 0 {
		t.Fatalf("answered %d %s", got.StatusCode, where)
	}
	got = w.do(httptest.NewRequest(http.MethodGet, issuer+where, nil))
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), postLogout) || w.broker.ended != 1 {
		t.Errorf("answered %d %s, ended %d", got.StatusCode, got.Header.Get("Location"), w.broker.ended)
	}
}

func TestWithoutASessionLogoutGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.get("/end_session", logoutForm("state", "")); got.Header.Get("Location") != postLogout {
		t.Errorf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := w.get("/end_session", nil); got.Header.Get("Location") != "/end_session/done" || w.broker.ended != 0 {
		t.Errorf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
	}
}

func TestEachClientKnowsASessionByAnotherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	_, mine := claimsOf(t, w.tokens(w.redeem(w.login(params()))).IDToken)
	code := w.login(params("client_id", "other-web", "redirect_uri", "https://other.example/cb"))
	asOther := func(r *http.Request) { r.SetBasicAuth("other-web", secret) }
	_, theirs := claimsOf(t, w.tokens(w.call("/token", codeForm(code, "redirect_uri", "https://other.example/cb"), asOther)).IDToken)
	if mine["sid"] == "" || mine["sid"] == theirs["sid"] || mine["sid"] == "session-1" {
		t.Errorf("sid %v and %v", mine["sid"], theirs["sid"])
	}
}
