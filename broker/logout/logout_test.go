package logout_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker/logout"

	"github.com/google/go-cmp/cmp"
)

const asker = "https://asker.example/"

func (w *world) wantAsked(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.asked); diff != "" {
		w.t.Error("who asked was answered:", diff)
	}
}

func TestWhereNobodyElseIsToldTheAnswerGoesBackAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "asker")
	w.browser.Sent(asker, "/start")
	w.wantAsked("state complete true via 1")
	if !w.ended() || w.store.Kept() != 0 || len(w.told) != 0 {
		t.Errorf("ended %t, kept %d, told %v", w.ended(), w.store.Kept(), w.told)
	}
}

func TestWithoutASessionTheAnswerGoesBackAtOnce(t *testing.T) {
	t.Parallel()
	for _, proven := range []bool{true, false} {
		w := newWorld(t, "asker", "a")
		w.after.Proven = proven
		delete(w.browser.Cookies, "session")
		w.browser.Sent(asker, "/start")
		w.wantAsked("state complete true via 1")
		if w.ended() || w.store.Kept() != 0 {
			t.Error("somebody else's session ended, or something was kept")
		}
	}
}

func TestEveryServiceIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "asker", "b")
	id := w.started()
	if !w.ended() {
		t.Fatal("the session waits for services")
	}
	w.visits(id, "a")
	w.browser.Sent("/logout/"+string(id), w.answers(id, "a", logout.Confirmed)+"/done") // not yet
	w.visits(id, "b")
	w.answers(id, "b", logout.Confirmed)

	w.browser.Get("/logout/" + string(id))
	w.browser.Says("Your sessions are closed", "<dt>Service A</dt><dd>Logged out", "<dt>Service B</dt><dd>Logged out", "Return to Service ASKER")
	w.browser.Lacks("http-equiv", "Service C")
	w.browser.Sent("/logout/"+string(id), "/logout/"+string(id)+"/next")
	w.browser.Sent(asker, "/logout/"+string(id)+"/done")
	w.wantAsked("state complete true via 1")
	if diff := cmp.Diff([]string{"a as what a knows in Service A", "b as what b knows in Service B"}, w.told); diff != "" {
		t.Error(diff)
	}
}

func TestTheLastPageSaysWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b", "c", "gone")
	w.takesPart("deaf", "quiet")
	w.lost["gone"] = true
	id := w.started()
	w.visits(id, "a")
	w.answers(id, "a", logout.Failed)
	w.visits(id, "b") // never answers: the citizen comes back alone
	w.lost["c"] = true
	w.browser.Get("/logout/" + string(id))
	w.browser.Sent("/logout/"+string(id), "/logout/"+string(id)+"/next")
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("but not of every service", "<dt>Service A</dt><dd>It did not confirm", "<dt>Service B</dt><dd>It did not confirm",
		"<dt>Service C</dt><dd>We cannot tell it", "<dt>gone</dt><dd>We cannot tell it", "<dt>quiet</dt><dd>We cannot tell it")
	w.answers(id, "b", logout.Confirmed) // late
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("<dt>Service B</dt><dd>Logged out")
	w.browser.Sent(asker, "/logout/"+string(id)+"/done")
	w.wantAsked("state complete false via 1")
}

func TestAFrontMayFindOutThatAServiceIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	id := w.started()
	w.visits(id, "a")
	w.answers(id, "a", logout.Unreachable)
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("<dt>Service A</dt><dd>We cannot tell it")
}

func TestWhereNobodyCanBeToldThereIsNoPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takesPart("deaf", "quiet")
	w.browser.Sent(asker, "/start")
	w.wantAsked("state complete false via 1")
}

func TestACitizenIsAskedUnlessTheServiceKnowsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.after.Proven = false
	id := w.started()
	here := "/logout/" + string(id)
	w.browser.Get(here)
	w.browser.Says("<h1>Do you also want to close your Cl@ve session?", "Service ASKER has asked", `action="`+here+`"`)
	w.browser.Lacks("Service A ", "http-equiv")
	w.browser.Sent(here, here+"/next")
	w.browser.Sent(here, here+"/done")
	if w.ended() {
		t.Fatal("the session ended unasked")
	}
	w.browser.Goes(asker, here, "answer", "no")
	w.browser.Goes(asker, here)
	if w.ended() {
		t.Fatal("the session ended though the citizen stays")
	}
	w.browser.Goes(here, here, "answer", "yes")
	if !w.ended() {
		t.Fatal("the session did not end")
	}
	w.browser.Goes(here, here, "answer", "yes") // and once more, or in another tab
	w.browser.Goes(here, here, "answer", "no")
	w.visits(id, "a")
	w.wantAsked("state complete false via 0", "state complete false via 0")
}

func TestAfterTheQuestionTheWayBackIsAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "asker")
	w.after.Proven = false
	id := w.started()
	w.browser.Goes(asker, "/logout/"+string(id), "answer", "yes")
	w.browser.Sent(asker, "/logout/"+string(id)+"/done") // back and again
	w.wantAsked("state complete true via 0", "state complete true via 1")
}

func TestAQuestionAboutASessionThatEndedIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.after.Proven = false
	id := w.started()
	w.end()
	w.browser.Sent(asker, "/logout/"+string(id))
	w.browser.Goes("/logout/"+string(id), "/logout/"+string(id), "answer", "yes")
	w.wantAsked("state complete true via 0")
}

func TestOwnPagesLogOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	to := w.browser.Post("/logout")
	id := logout.ID(strings.TrimPrefix(to, "/logout/"))
	w.visits(id, "a")
	w.answers(id, "a", logout.Confirmed)
	w.browser.Get(to)
	w.browser.Says("Your sessions are closed")
	w.browser.Lacks("Return to", "/done")
	w.browser.Goes("/logged-out", "/logout") // without a session
	w.browser.Get("/logged-out")
}

func TestAForeignPageLogsNobodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.after.Proven = false
	id := w.started()
	w.browser.CrossSite = true
	for _, path := range []string{"/logout", "/logout/" + string(id)} {
		if w.browser.Post(path, "answer", "yes"); w.browser.Status != http.StatusForbidden || w.ended() {
			t.Errorf("%s: got %d, ended %t", path, w.browser.Status, w.ended())
		}
	}
}

// Services learn the id of a logout: it names what they answer to.
func TestWhoKnowsOnlyTheIDLearnsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b")
	id := w.started()
	w.visits(id, "a")

	mine := newWorld(t, "c") // the attacker's own logout at the same installation
	other := mine.started()
	name, proof := "__Host-clave_logout_"+string(id), mine.browser.Cookies["__Host-clave_logout_"+string(other)]
	if proof == "" {
		t.Fatal("no cookie binds the logout")
	}
	for what, cookies := range map[string]map[string]string{
		"nothing":                     {},
		"the session of somebody":     {"session": "other"},
		"an empty cookie":             {name: ""},
		"noise":                       {name: "AAAA"},
		"the proof of another logout": {name: proof},
		"another logout's cookie":     {"__Host-clave_logout_" + string(other): proof},
		"a cookie without the prefix": {"clave_logout_" + string(id): w.browser.Cookies[name]},
	} {
		b := w.newBrowser()
		b.Cookies = cookies
		for _, step := range []string{"", "/next", "/done"} {
			to := b.Do(http.MethodGet, "/logout/"+string(id)+step, nil)
			if b.Status != http.StatusNotFound || to != "" || strings.Contains(b.Page, "Service") {
				t.Errorf("%s, %q: got %d to %q", what, step, b.Status, to)
			}
		}
		if to := b.Post("/logout/"+string(id), "answer", "yes"); b.Status != http.StatusNotFound || to != "" {
			t.Errorf("%s, POST: got %d to %q", what, b.Status, to)
		}
	}
	if len(w.told) != 1 || len(w.asked) != 0 {
		t.Errorf("told %v, answered %v", w.told, w.asked)
	}
	w.visits(id, "b")
}

func TestOnlyAServiceThatWasAskedIsBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b", "c")
	id := w.started()
	w.visits(id, "a")
	w.visits(id, "b")
	w.answers(id, "b", logout.Failed)
	w.answers(id, "b", logout.Confirmed) // a second answer, or the first one replayed as another
	w.answers(id, "c", logout.Confirmed) // nobody asked it
	w.answers(id, "asker", logout.Confirmed)
	w.answers(id, "nobody", logout.Confirmed)
	w.answers(id, "a", logout.Asked) // no result of a service
	w.visits(id, "c")
	w.browser.Get("/logout/" + string(id))
	for _, s := range []string{"A", "B", "C"} {
		w.browser.Says("<dt>Service " + s + "</dt><dd>It did not confirm")
	}
	w.browser.Lacks("nobody")
}

func TestAnAnswerToNoLogoutLeadsNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	id := w.started()
	w.visits(id, "a")
	for _, foreign := range []logout.ID{"AAAA", "..", `\evil.example`, "%2F%2Fevil.example"} {
		if to := w.answers(foreign, "a", logout.Confirmed); to != "" {
			t.Errorf("%q leads to %q", foreign, to)
		}
	}
	w.clock.Pass(logout.Lifetime)
	if to := w.answers(id, "a", logout.Confirmed); to != "" {
		t.Errorf("a late answer leads to %q", to)
	}
}

func TestALogoutIsOverAfterItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	id := w.started()
	w.clock.Pass(logout.Lifetime)
	for _, step := range []string{"", "/next", "/done"} {
		if to := w.browser.Do(http.MethodGet, "/logout/"+string(id)+step, nil); w.browser.Status != http.StatusNotFound || to != "" {
			t.Errorf("%q: got %d to %q", step, w.browser.Status, to)
		}
	}
	w.browser.Says("This logout is not open in this browser")
	if len(w.told) != 0 {
		t.Errorf("told %v", w.told)
	}
}

// Another site can have a browser ask for as many logouts as it likes, each with a cookie:
// more than a request's headers may have would keep it out of here for ten minutes.
func TestLogoutsDoNotFillTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.after.Proven = false
	var ids []logout.ID
	for range 50 {
		ids = append(ids, w.started())
		w.clock.Pass(time.Second)
	}
	kept := 0
	for name := range w.browser.Cookies {
		if strings.Contains(name, "clave_logout_") {
			kept++
		}
	}
	if kept != 4 {
		t.Errorf("the browser has %d cookies of logouts", kept)
	}
	w.browser.Get("/logout/" + string(ids[len(ids)-1])) // the newest goes on
	if w.browser.Status != http.StatusOK {
		t.Errorf("got %d", w.browser.Status)
	}
}

func TestBrowsersThatOnlyLookChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	ahead := func(path string) {
		t.Helper()
		for _, header := range []string{"Sec-Purpose", "Purpose", ""} {
			w.look(path, header)
		}
	}
	ahead("/start")
	if w.ended() {
		t.Fatal("logged out ahead of the citizen")
	}
	id := w.started()
	ahead("/logout/" + string(id) + "/next")
	if len(w.told) != 0 {
		t.Fatalf("told %v ahead of the citizen", w.told)
	}
	w.visits(id, "a")
}

func TestTabsAtOnceTellEachServiceOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a", "b", "c")
	id := w.started()
	var tabs sync.WaitGroup
	for range 8 {
		b := w.newBrowser()
		b.Cookies = w.browser.Cookies
		tabs.Go(func() { b.Do(http.MethodGet, "/logout/"+string(id)+"/next", nil) })
	}
	tabs.Wait()
	slices.Sort(w.told)
	if len(w.told) != 3 || len(slices.Compact(w.told)) != 3 {
		t.Errorf("told %v", w.told)
	}
}

// Who hangs at a service asks for the logout again.
func TestWhoGotStuckGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "asker", "a", "b")
	id := w.started()
	w.visits(id, "a")
	w.after = logout.After{Front: "fake", Service: "a", RelyingParty: "party-a", State: []byte("a's")}
	w.browser.Sent("/logout/"+string(id), "/start")
	w.visits(id, "b")
	w.answers(id, "b", logout.Confirmed)
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("Your sessions are closed", "Return to Service A")
	w.browser.Lacks("<dt>Service A<")
	w.browser.Sent(asker, "/start") // nobody is left
	w.wantAsked("a's complete true via 1")

	stranger := w.newBrowser()
	if to := stranger.Do(http.MethodGet, "/start", nil); to != asker {
		t.Errorf("somebody else is led to %q", to)
	}
}

func TestPagesSpeakTheLanguageThatWasAskedForUntilAnotherIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a")
	w.after.Languages, w.after.Proven = []string{"es"}, false
	id := w.started()
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("¿Quiere cerrar también su sesión de Cl@ve?", "Servicio ASKER")
	w.browser.Goes("/logout/"+string(id), "/language", "lang", "eu", "login", string(id), "return", "/logout/"+string(id))
	w.browser.Get("/logout/" + string(id))
	w.browser.Says("Zure Cl@ve saioa ere itxi nahi duzu?")
}

func TestAFrontThatIsNotWiredIsAnErrorOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.after.Front = "deaf"
	if w.browser.Do(http.MethodGet, "/start", nil); w.browser.Status != http.StatusInternalServerError {
		t.Errorf("got %d", w.browser.Status)
	}
}
