package oidctest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/idp/oidc"
	"clave/internal/onetime"

	"github.com/google/go-cmp/cmp"
)

// Store is a store under test, with ways to say what other parts of the product
// would.
type Store struct {
	oidc.Codes
	oidc.Tokens
	oidc.Once
	// SetState says what the register knows of a person.
	SetState func(t testing.TB, person identity.PersonID, state identity.State)
	// SetSession says when a session ends; the zero time ends it.
	SetSession func(t testing.TB, session broker.SessionID, ends time.Time)
}

// Suite is what every store passes.
func Suite(t *testing.T, newStore func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s Store)
	}{
		{"a code is redeemed for what was frozen", redeemed},
		{"an attempt that does not fit spends nothing", misfits},
		{"a failure while making tokens spends nothing", failedIssue},
		{"an expired code is refused", expired},
		{"a replayed code revokes what it gave", replayed},
		{"somebody else's replay revokes nothing", foreignReplay},
		{"of many attempts at once exactly one wins", redeemRace},
		{"a replaced code is dead and its successor lives", replaced},
		{"a redeemed code cannot be replaced", replacedTooLate},
		{"a token is found until it expires", tokenLife},
		{"a token comes with the person's state and the session's end", standing},
		{"a dropped token is gone and its sister stays", dropped},
		{"the end of a session spares offline access", sessionEnd},
		{"a rotated token comes with its seed, and tells when its successor was used", rotation},
		{"a refused renewal changes nothing", refusedRenewal},
		{"a renewal that revokes does so though it is refused", revokedRenewal},
		{"an access token does not renew", accessRenewal},
		{"renewals of one token at once agree on its successor", renewRace},
		{"an assertion is spent once", assertionOnce},
		{"posted parameters are taken once, and not after their time", paramsOnce},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newStore(t))
		})
	}
}

// At is the time at which the suite begins.
func At() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// Sample is a grant of the login that id names.
func Sample(id string, refresh oidc.RefreshKind) oidc.Grant {
	return oidc.Grant{
		ID: id, Client: "town-web", RelyingParty: "town", Person: "person-1", Session: "session-1",
		CodeHash: onetime.Hash("code " + id), CodeExpires: At().Add(time.Minute),
		RedirectURI: "https://town.example/callback", Challenge: "challenge", Refresh: refresh,
		CreatedAt: At(), EndsAt: At().Add(time.Hour),
		Frozen: oidc.Frozen{
			Scope: "openid profile", Nonce: "nonce", ACR: identity.Low,
			Outcome: broker.Outcome{
				Login: broker.LoginID(id), Session: "session-1", RelyingParty: "town", Person: "person-1", Subject: "subject",
				Level: identity.Substantial, Method: identity.PIN, Factors: []string{"otp", "mfa"}, AuthTime: At().Add(-time.Minute),
				Registration: identity.Advanced, Channel: identity.ByOffice,
				Attributes: identity.Attributes{GivenName: "Ana", BirthDate: identity.Date{Year: 1980, Month: 2, Day: 3}},
			},
		},
	}
}

func add(t *testing.T, s Store, g oidc.Grant) {
	t.Helper()
	if err := s.AddGrant(context.Background(), g); err != nil {
		t.Fatal(err)
	}
}

func attempt(id string) oidc.Redemption {
	return oidc.Redemption{
		CodeHash: onetime.Hash("code " + id), Client: "town-web", RedirectURI: "https://town.example/callback",
		Challenge: "challenge", At: At().Add(time.Second),
	}
}

// give redeems a code for an access and a refresh token.
func give(g oidc.Grant) ([]oidc.Token, error) {
	return []oidc.Token{
		token(g.ID, "access "+g.ID, oidc.AccessToken, 5*time.Minute),
		token(g.ID, "refresh "+g.ID, oidc.RefreshToken, time.Hour),
	}, nil
}

func token(grant, value string, kind oidc.TokenKind, life time.Duration) oidc.Token {
	return oidc.Token{Hash: onetime.Hash(value), Grant: grant, Kind: kind, Scope: "openid", CreatedAt: At(), ExpiresAt: At().Add(life)}
}

// given adds a grant and redeems its code.
func given(t *testing.T, s Store, id string, refresh oidc.RefreshKind) {
	t.Helper()
	add(t, s, Sample(id, refresh))
	if err := s.Redeem(context.Background(), attempt(id), give); err != nil {
		t.Fatal(err)
	}
}

func find(s Store, value string) (oidc.Presented, error) {
	return s.Token(context.Background(), onetime.Hash(value), At().Add(2*time.Second))
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func redeemed(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.RefreshSession))
	var got oidc.Grant
	err := s.Redeem(context.Background(), attempt("a"), func(g oidc.Grant) ([]oidc.Token, error) {
		got = g
		return give(g)
	})
	wantErr(t, err, nil)
	if diff := cmp.Diff(Sample("a", "").Frozen, got.Frozen); diff != "" || got.ID != "a" || got.Refresh != oidc.RefreshSession || got.Session != "session-1" {
		t.Errorf("got %s %s, frozen %s", got.ID, got.Refresh, diff)
	}
	p, err := find(s, "access a")
	wantErr(t, err, nil)
	if diff := cmp.Diff(Sample("a", "").Frozen, p.Grant.Frozen); diff != "" || p.Token.Scope != "openid" || p.Grant.Client != "town-web" {
		t.Errorf("got %+v, frozen %s", p.Token, diff)
	}
}

func misfits(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.NoRefresh))
	for _, c := range []struct {
		change func(*oidc.Redemption)
		want   error
	}{
		{func(r *oidc.Redemption) { r.CodeHash = onetime.Hash("another") }, oidc.ErrUnknownCode},
		{func(r *oidc.Redemption) { r.Client = "other" }, oidc.ErrUnknownCode},
		{func(r *oidc.Redemption) { r.RedirectURI += "/" }, oidc.ErrOtherRedirect},
		{func(r *oidc.Redemption) { r.Challenge = "wrong" }, oidc.ErrWrongVerifier},
		{func(r *oidc.Redemption) { r.Challenge = "" }, oidc.ErrWrongVerifier},
	} {
		r := attempt("a")
		c.change(&r)
		wantErr(t, s.Redeem(context.Background(), r, give), c.want)
	}
	wantErr(t, s.Redeem(context.Background(), attempt("a"), give), nil)
}

func failedIssue(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.NoRefresh))
	broken := errors.New("no key")
	err := s.Redeem(context.Background(), attempt("a"), func(oidc.Grant) ([]oidc.Token, error) { return nil, broken })
	wantErr(t, err, broken)
	wantErr(t, s.Redeem(context.Background(), attempt("a"), give), nil)
}

func expired(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.NoRefresh))
	r := attempt("a")
	r.At = At().Add(time.Minute)
	wantErr(t, s.Redeem(context.Background(), r, give), oidc.ErrExpiredCode)
}

func replayed(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	err, want := s.Redeem(context.Background(), attempt("a"), give), Sample("a", oidc.RefreshOffline)
	wantErr(t, err, oidc.ErrReplayed)
	var first, again *oidc.Replayed
	if !errors.As(err, &first) || *first != (oidc.Replayed{Grant: want.ID, RelyingParty: want.RelyingParty, Person: want.Person}) {
		t.Errorf("it tells %+v of what was revoked", first)
	}
	for _, value := range []string{"access a", "refresh a"} {
		_, err := find(s, value)
		wantErr(t, err, oidc.ErrNoToken)
	}
	err = s.Redeem(context.Background(), attempt("a"), give)
	wantErr(t, err, oidc.ErrReplayed)
	if errors.As(err, &again) {
		t.Error("what is revoked is told to be revoked once more")
	}
}

func foreignReplay(t *testing.T, s Store) {
	given(t, s, "a", oidc.NoRefresh)
	r := attempt("a")
	r.Client = "other"
	wantErr(t, s.Redeem(context.Background(), r, give), oidc.ErrUnknownCode)
	_, err := find(s, "access a")
	wantErr(t, err, nil)
}

// together runs f at once many times and collects the errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func redeemRace(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.NoRefresh))
	won := 0
	for _, err := range together(8, func(i int) error {
		return s.Redeem(context.Background(), attempt("a"), func(g oidc.Grant) ([]oidc.Token, error) {
			return []oidc.Token{token(g.ID, fmt.Sprint("access ", i), oidc.AccessToken, time.Minute)}, nil
		})
	}) {
		if err == nil {
			won++
		} else if !errors.Is(err, oidc.ErrReplayed) {
			t.Errorf("a loser got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d attempts won", won)
	}
}

func replaced(t *testing.T, s Store) {
	add(t, s, Sample("a", oidc.NoRefresh))
	fresh := onetime.Hash("fresh")
	wantErr(t, s.ReplaceCode(context.Background(), onetime.Hash("code a"), fresh, At().Add(2*time.Minute)), nil)
	wantErr(t, s.Redeem(context.Background(), attempt("a"), give), oidc.ErrUnknownCode)
	r := attempt("a")
	r.CodeHash, r.At = fresh, At().Add(90*time.Second)
	wantErr(t, s.Redeem(context.Background(), r, give), nil)
}

func replacedTooLate(t *testing.T, s Store) {
	given(t, s, "a", oidc.NoRefresh)
	err := s.ReplaceCode(context.Background(), onetime.Hash("code a"), onetime.Hash("fresh"), At().Add(time.Minute))
	wantErr(t, err, broker.ErrRedeemed)
}

func tokenLife(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshSession)
	_, err := s.Token(context.Background(), onetime.Hash("access a"), At().Add(5*time.Minute-time.Millisecond))
	wantErr(t, err, nil)
	_, err = s.Token(context.Background(), onetime.Hash("access a"), At().Add(5*time.Minute))
	wantErr(t, err, oidc.ErrNoToken)
	_, err = find(s, "unknown")
	wantErr(t, err, oidc.ErrNoToken)
}

func standing(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshSession)
	p, err := find(s, "access a")
	wantErr(t, err, nil)
	if p.State != "" || !p.SessionEnds.IsZero() {
		t.Errorf("an unknown person is %q, an unknown session ends %s", p.State, p.SessionEnds)
	}
	for _, state := range []identity.State{identity.Registered, identity.Withdrawn, identity.Deceased} {
		s.SetState(t, "person-1", state)
		p, err = find(s, "access a")
		wantErr(t, err, nil)
		if p.State != state {
			t.Errorf("got state %q, want %q", p.State, state)
		}
	}
	s.SetSession(t, "session-1", At().Add(time.Hour))
	if p, err = find(s, "refresh a"); err != nil || !p.SessionEnds.Equal(At().Add(time.Hour)) {
		t.Errorf("the session ends %s, %v", p.SessionEnds, err)
	}
	s.SetSession(t, "session-1", time.Time{})
	if p, err = find(s, "refresh a"); err != nil || !p.SessionEnds.IsZero() {
		t.Errorf("the ended session ends %s, %v", p.SessionEnds, err)
	}
}

func dropped(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshSession)
	wantErr(t, s.DropToken(context.Background(), onetime.Hash("access a")), nil)
	_, err := find(s, "access a")
	wantErr(t, err, oidc.ErrNoToken)
	_, err = find(s, "refresh a")
	wantErr(t, err, nil)
}

func sessionEnd(t *testing.T, s Store) {
	given(t, s, "plain", oidc.NoRefresh)
	given(t, s, "session", oidc.RefreshSession)
	given(t, s, "offline", oidc.RefreshOffline)
	wantErr(t, s.RevokeSession(context.Background(), "session-1", At()), nil)
	for _, id := range []string{"plain", "session"} {
		_, err := find(s, "access "+id)
		wantErr(t, err, oidc.ErrNoToken)
	}
	_, err := find(s, "refresh offline")
	wantErr(t, err, nil)
}

func rotation(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	rotate := func(value, next string) func(oidc.Presented) (oidc.Renewal, error) {
		return func(p oidc.Presented) (oidc.Renewal, error) {
			used := p.Token
			used.RotatedAt, used.Seed, used.Next = At().Add(time.Second), []byte("seed of "+value), onetime.Hash(next)
			return oidc.Renewal{Rotate: &used, Tokens: []oidc.Token{token("a", next, oidc.RefreshToken, time.Hour)}}, nil
		}
	}
	wantErr(t, s.Renew(context.Background(), onetime.Hash("refresh a"), At(), rotate("first", "second")), nil)
	p, err := find(s, "refresh a")
	wantErr(t, err, nil)
	if !p.Token.RotatedAt.Equal(At().Add(time.Second)) || string(p.Token.Seed) != "seed of first" || !slices.Equal(p.Token.Next, onetime.Hash("second")) || p.NextUsed {
		t.Errorf("got %+v, next used %t", p.Token, p.NextUsed)
	}
	wantErr(t, s.Renew(context.Background(), onetime.Hash("second"), At(), rotate("second", "third")), nil)
	if p, err = find(s, "refresh a"); err != nil || !p.NextUsed {
		t.Errorf("next used %t, %v", p.NextUsed, err)
	}
}

func refusedRenewal(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	no := errors.New("no")
	err := s.Renew(context.Background(), onetime.Hash("refresh a"), At(), func(p oidc.Presented) (oidc.Renewal, error) {
		return oidc.Renewal{Rotate: &p.Token, Tokens: []oidc.Token{token("a", "new", oidc.AccessToken, time.Minute)}}, no
	})
	wantErr(t, err, no)
	_, err = find(s, "new")
	wantErr(t, err, oidc.ErrNoToken)
	_, err = find(s, "refresh a")
	wantErr(t, err, nil)
}

func revokedRenewal(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	stolen := errors.New("stolen")
	err := s.Renew(context.Background(), onetime.Hash("refresh a"), At(), func(oidc.Presented) (oidc.Renewal, error) {
		return oidc.Renewal{Revoke: true}, stolen
	})
	wantErr(t, err, stolen)
	_, err = find(s, "access a")
	wantErr(t, err, oidc.ErrNoToken)
}

func accessRenewal(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	err := s.Renew(context.Background(), onetime.Hash("access a"), At(), func(oidc.Presented) (oidc.Renewal, error) {
		return oidc.Renewal{}, errors.New("was asked")
	})
	wantErr(t, err, oidc.ErrNoToken)
}

func renewRace(t *testing.T, s Store) {
	given(t, s, "a", oidc.RefreshOffline)
	var mu sync.Mutex
	rotations := 0
	for _, err := range together(6, func(i int) error {
		mine := 0
		err := s.Renew(context.Background(), onetime.Hash("refresh a"), At(), func(p oidc.Presented) (oidc.Renewal, error) {
			if mine = 0; !p.Token.RotatedAt.IsZero() {
				return oidc.Renewal{}, nil
			}
			mine = 1
			used, next := p.Token, fmt.Sprint("next ", i)
			used.RotatedAt, used.Seed, used.Next = At(), []byte("seed"), onetime.Hash(next)
			return oidc.Renewal{Rotate: &used, Tokens: []oidc.Token{token("a", next, oidc.RefreshToken, time.Hour)}}, nil
		})
		mu.Lock()
		defer mu.Unlock()
		rotations += mine
		return err
	}) {
		wantErr(t, err, nil)
	}
	if rotations != 1 {
		t.Errorf("the token was rotated %d times", rotations)
	}
}

func assertionOnce(t *testing.T, s Store) {
	won := 0
	for _, err := range together(6, func(int) error {
		return s.SpendAssertion(context.Background(), onetime.Hash("jti"), At().Add(time.Minute))
	}) {
		if err == nil {
			won++
		} else {
			wantErr(t, err, oidc.ErrSeen)
		}
	}
	if won != 1 {
		t.Errorf("the assertion was good %d times", won)
	}
	wantErr(t, s.SpendAssertion(context.Background(), onetime.Hash("other jti"), At()), nil)
}

func paramsOnce(t *testing.T, s Store) {
	ctx := context.Background()
	wantErr(t, s.KeepParams(ctx, onetime.Hash("handle"), "a=b&state=ñ", At().Add(time.Minute)), nil)
	wantErr(t, s.KeepParams(ctx, onetime.Hash("late"), "a=b", At().Add(time.Minute)), nil)
	if got, err := s.TakeParams(ctx, onetime.Hash("handle"), At()); err != nil || got != "a=b&state=ñ" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, handle := range []string{"handle", "late", "unknown"} {
		_, err := s.TakeParams(ctx, onetime.Hash(handle), At().Add(time.Minute))
		wantErr(t, err, oidc.ErrNoStoredParams)
	}
}
