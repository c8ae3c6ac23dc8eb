package logins

import (
	"net/http"
	"strings"
	"testing"
)

func TestAFreshBrowserGoesStraightToTheOnlyMethod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		r := b.do(http.MethodGet, "/open/silent", "")
		if r.code != http.StatusSeeOther || !strings.HasSuffix(r.location, "/pin") {
			t.Fatalf("got %d to %q, want the method's page", r.code, r.location)
		}
		b.get(t, r.location).wants(t, "pin page")
		b.get(t, strings.TrimSuffix(r.location, "/pin")).wants(t, "pin page") // the dispatcher says the same
	})
}

func TestABrowserWithASessionGoesToTheDispatcher(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		login := b.start(t, "silent")
		b.post(login+"/pin", "")
		b.get(t, login).wants(t, "answer")
		r := b.do(http.MethodGet, "/open/silent", "")
		if strings.HasSuffix(r.location, "/pin") {
			t.Errorf("got %q, want the dispatcher, which knows the session", r.location)
		}
		b.get(t, r.location).wants(t, "answer")
	})
}

// A relying party may be removed between the front's look and the broker's.
func TestAServiceThatWasJustRemovedIsNoErrorOfOurs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if r := w.browser().do(http.MethodGet, "/open/removed", ""); r.code != http.StatusNotFound {
			t.Errorf("answered %d, want 404", r.code)
		}
	})
}
