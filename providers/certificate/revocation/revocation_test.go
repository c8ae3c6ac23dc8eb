package revocation_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/providers/certificate/revocation"
	"clave/sandbox/authority"
	"clave/test/fakes/ca"
)

var ana = authority.Holder{Document: "12345678Z", GivenName: "ANA", FirstSurname: "PRUEBA"}

type world struct {
	*ca.Server
	*clocktest.Clock
	checker *revocation.Checker
	good    []*x509.Certificate
	bad     []*x509.Certificate // revoked
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Clock: clocktest.Noon()}
	w.Server = ca.Start(t, w.Now)
	w.checker = revocation.New(revocation.Options{Loopback: true, Now: w.Now})
	w.good = append(w.Good(t, authority.Citizen, ana).Chain, w.Root)
	w.bad = append(w.Good(t, authority.Revoked, ana).Chain, w.Root)
	return w
}

func TestWhoAnswersHow(t *testing.T) {
	t.Parallel()
	const known, unknown = true, false
	tests := []struct {
		name           string
		answers, lists ca.Manner
		want           bool
	}{
		{"responder and list are well", "", "", known},
		{"the responder is well, the list down", "", ca.Down, known},
		{"no nonce comes back", ca.NoNonce, ca.Down, known},
		{"an answer without end that is fresh", ca.Undated, ca.Down, known},
		{"the responder is down, the list well", ca.Down, "", known},
		{"the responder declines, the list is well", ca.Declined, "", known},
		{"the responder does not know it, the list does", ca.Unknown, "", known},
		{"both are down", ca.Down, ca.Down, unknown},
		{"the responder declines, the list is down", ca.Declined, ca.Down, unknown},
		{"the responder does not know it, the list is down", ca.Unknown, ca.Down, unknown},
		{"a stale answer", ca.Stale, ca.Down, unknown},
		{"an answer from the future", ca.Future, ca.Down, unknown},
		{"an old answer without end", ca.UndatedOld, ca.Down, unknown},
		{"an answer signed by nobody we know", ca.WrongSigner, ca.Down, unknown},
		{"an answer signed by a citizen of the same issuer", ca.Unauthorised, ca.Down, unknown},
		{"a responder that was not revoked itself", ca.Unmarked, "", known},
		{"a responder of which nobody says whether it was revoked", ca.Unmarked, ca.Down, unknown},
		{"an answer to another question", ca.NonceMismatch, ca.Down, unknown},
		{"an answer about another issuer's certificate of the same number", ca.OtherIssuer, ca.Down, unknown},
		{"an answer that cannot be read", ca.Garbage, ca.Down, unknown},
		{"an answer without end of bytes", ca.Huge, ca.Down, unknown},
		{"a redirect", ca.Elsewhere, ca.Down, unknown},
		{"a stale list", ca.Down, ca.Stale, unknown},
		{"a list from the future", ca.Down, ca.Future, unknown},
		{"a list signed by another key", ca.Down, ca.WrongSigner, unknown},
		{"a list about another part", ca.Down, ca.OtherPart, unknown},
		{"an indirect list", ca.Down, ca.Indirect, unknown},
		{"another authority's list", ca.Down, ca.OtherIssuer, unknown},
		{"a list that cannot be read", ca.Down, ca.Garbage, unknown},
		{"a list by redirect", ca.Down, ca.Elsewhere, unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Behave(test.answers, test.lists)
			revoked, err := w.checker.Revoked(t.Context(), w.good)
			if revoked || (err == nil) != test.want {
				t.Errorf("a good one: got revoked %v, %v", revoked, err)
			}
			revoked, err = w.checker.Revoked(t.Context(), w.bad)
			if revoked != test.want || (err == nil) != test.want {
				t.Errorf("a revoked one: got revoked %v, %v", revoked, err)
			}
			if err != nil && !errors.Is(err, revocation.ErrUnknown) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnAuthorityWithRSAKeys(t *testing.T) {
	t.Parallel()
	clock := clocktest.Noon()
	server := ca.StartRSA(t, clock.Now)
	good, bad := server.Good(t, authority.CitizenRSA, ana).Chain, server.Good(t, authority.Revoked, ana).Chain
	for _, lists := range []ca.Manner{"", ca.Down} {
		answers := ca.Down
		if lists == ca.Down {
			answers = ""
		}
		server.Behave(answers, lists)
		checker := revocation.New(revocation.Options{Loopback: true, Now: clock.Now})
		for chain, want := range map[*[]*x509.Certificate]bool{&good: false, &bad: true} {
			revoked, err := checker.Revoked(t.Context(), append(*chain, server.Root))
			if revoked != want || err != nil {
				t.Errorf("responder %q: got %v, %v, want %v", answers, revoked, err, want)
			}
		}
	}
}

func TestARevokedAuthorityTakesItsCitizensAlong(t *testing.T) {
	t.Parallel()
	for _, answers := range []ca.Manner{"", ca.Down} {
		w := newWorld(t)
		w.Behave(answers, "")
		w.Revoke(w.Issuer)
		if revoked, err := w.checker.Revoked(t.Context(), w.good); !revoked || err != nil {
			t.Errorf("got %v, %v", revoked, err)
		}
	}
}

// The key of a responder that was revoked says nothing any more; the list does.
func TestARevokedResponderCountsForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(ca.Unmarked, "")
	w.RevokeResponder()
	checker := revocation.New(revocation.Options{Loopback: true, Now: w.Now})
	if revoked, err := checker.Revoked(t.Context(), w.bad[:2]); !revoked || err != nil {
		t.Errorf("got %v, %v", revoked, err)
	}
	before := w.Asked("/ocsp")
	if _, err := checker.Revoked(t.Context(), w.bad[:2]); err != nil || w.Asked("/ocsp") == before {
		t.Errorf("its answer was kept: %v", err)
	}
}

// Whoever hands out a list about other certificates once keeps nobody out for longer.
func TestAListAboutOthersIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(ca.Down, ca.OtherPart)
	if _, err := w.checker.Revoked(t.Context(), w.bad); !errors.Is(err, revocation.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	w.Behave(ca.Down, "")
	if revoked, err := w.checker.Revoked(t.Context(), w.bad); !revoked || err != nil {
		t.Errorf("afterwards: got %v, %v", revoked, err)
	}
}

func TestAnswersAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func(want bool, asked int) {
		t.Helper()
		revoked, err := w.checker.Revoked(t.Context(), w.good)
		if err != nil || revoked != want || w.Asked("/ocsp") != asked {
			t.Errorf("got %v, %v after %d questions, want %v after %d", revoked, err, w.Asked("/ocsp"), want, asked)
		}
	}
	check(false, 2) // citizen and authority
	check(false, 2)
	w.Revoke(w.good[0])
	w.Pass(4 * time.Minute)
	check(false, 2)
	w.Pass(2 * time.Minute)
	check(true, 3) // the citizen's comes first, and is enough
}

func TestListsAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(ca.Down, "")
	for range 3 {
		if revoked, err := w.checker.Revoked(t.Context(), w.good); revoked || err != nil {
			t.Fatalf("got %v, %v", revoked, err)
		}
	}
	if got := w.Asked("/list"); got != 1 {
		t.Errorf("the list was read %d times", got)
	}
	w.Revoke(w.good[0])
	w.Pass(61 * time.Minute)
	if revoked, err := w.checker.Revoked(t.Context(), w.good); !revoked || err != nil {
		t.Errorf("got %v, %v", revoked, err)
	}
}

// A failure is not kept: who tries again a moment later may be lucky.
func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(ca.Down, ca.Down)
	if _, err := w.checker.Revoked(t.Context(), w.good); !errors.Is(err, revocation.ErrUnknown) {
		t.Fatalf("got %v", err)
	}
	w.Behave("", ca.Down)
	if revoked, err := w.checker.Revoked(t.Context(), w.good); revoked || err != nil {
		t.Errorf("got %v, %v", revoked, err)
	}
}

func TestManyAtOnceAskOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if revoked, err := w.checker.Revoked(t.Context(), w.bad); !revoked || err != nil {
				t.Errorf("got %v, %v", revoked, err)
			}
		})
	}
	group.Wait()
	if got := w.Asked("/ocsp"); got != 1 {
		t.Errorf("the responder was asked %d times", got)
	}
}

func TestFallbackResponders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Behave(ca.Down, ca.Down)
	for organisation, want := range map[string]bool{authority.Organisation: true, "Somebody else": false} {
		checker := revocation.New(revocation.Options{
			Fallback: []revocation.Responder{{Organisation: organisation, Address: w.URL + "/good/ocsp"}}, Loopback: true, Now: w.Now,
		})
		revoked, err := checker.Revoked(t.Context(), w.bad)
		if revoked != want || (err == nil) != want {
			t.Errorf("%s: got %v, %v", organisation, revoked, err)
		}
	}
}

// A browser that leaves does not take the answer from those who wait for it.
func TestACallerThatLeavesSpoilsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := w.checker.Revoked(ctx, w.good); err != nil {
		t.Logf("the one that left: %v", err)
	}
	if revoked, err := w.checker.Revoked(t.Context(), w.good); revoked || err != nil {
		t.Errorf("got %v, %v", revoked, err)
	}
}

// Outside the sandbox no certificate makes us call this machine.
func TestThisMachineIsNotCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	checker := revocation.New(revocation.Options{Now: w.Now})
	if _, err := checker.Revoked(t.Context(), w.good); !errors.Is(err, revocation.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if w.Asked("/ocsp")+w.Asked("/list") > 0 {
		t.Error("this machine was called")
	}
}

// A certificate that names nobody to ask is unknown, not good.
func TestACertificateWithoutAddressesIsUnknown(t *testing.T) {
	t.Parallel()
	silent, err := authority.New(time.Now(), authority.Addresses{CRL: "ldap://directory.example/cn=list"})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := silent.Issue(authority.Citizen, ana)
	if err != nil {
		t.Fatal(err)
	}
	_, err = revocation.New(revocation.Options{Loopback: true, Now: time.Now}).Revoked(t.Context(), append(issued.Chain, silent.Root))
	if !errors.Is(err, revocation.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func FuzzAnswers(f *testing.F) {
	w := &world{Clock: clocktest.Noon()}
	var body []byte
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(body) }))
	f.Cleanup(web.Close)
	authorities, err := authority.New(w.Now(), authority.Addresses{OCSP: web.URL, CRL: web.URL})
	if err != nil {
		f.Fatal(err)
	}
	issued, err := authorities.Issue(authority.Citizen, ana)
	if err != nil {
		f.Fatal(err)
	}
	list, err := authorities.Revocations(authority.List{At: w.Now(), Part: web.URL})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(list)
	f.Add([]byte{0x30, 0x03, 0x0A, 0x01, 0x06})
	chain := append(issued.Chain[:1:1], authorities.Issuer)
	f.Fuzz(func(t *testing.T, b []byte) {
		body = b
		revoked, err := revocation.New(revocation.Options{Loopback: true, Now: w.Now}).Revoked(t.Context(), chain)
		if revoked || err == nil && string(b) != string(list) {
			t.Errorf("got %v, %v from what nobody signed", revoked, err)
		}
	})
}
