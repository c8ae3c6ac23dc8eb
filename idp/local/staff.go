package local

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// StaffName is the name in a broker.Request of the front through which officers sign
// in to the console.
const StaffName = "staff"

// EnterPath is where the console's sign-in form is sent.
const EnterPath = "/staff/enter"

// Door opens and ends sessions at the console.
type Door interface {
	// SignIn begins a session and gives its token: none for who is no member. It joins
	// the transaction in ctx.
	SignIn(ctx context.Context, person identity.PersonID, login string, training bool) (token string, err error)
	// Leave ends the session of a token, if there is one.
	Leave(ctx context.Context, token, why string) error
}

// Pocket is where a browser carries the token of its session at the console.
type Pocket interface {
	Token(r *http.Request) string
	Keep(w http.ResponseWriter, token string)
}

// Opener begins a login; it answers r.
type Opener interface {
	Open(w http.ResponseWriter, r *http.Request, req broker.Request)
}

// StaffConfig is what a Staff needs. Every field is required, except Training.
type StaffConfig struct {
	Broker Opener
	Door   Door
	Pocket Pocket
	// Within is the path below which the console's pages are, First the first of them,
	// Welcome where signing in begins, and Stranger the page for who is no member.
	Within, First, Welcome, Stranger string
	// Training offers to practise on synthetic citizens; without it nobody does,
	// whatever a form says.
	Training bool
	// Fail answers an error of ours and logs what was being done.
	Fail func(w http.ResponseWriter, r *http.Request, log *slog.Logger, what string, err error)
	Log  *slog.Logger
}

// Staff is the front of the console. Its sessions are the console's own: the login
// leaves none at the broker. It implements broker.Front and broker.HomeTeller.
type Staff struct{ StaffConfig }

// NewStaff makes the front of the console.
func NewStaff(c StaffConfig) *Staff { return &Staff{c} }

// Name implements broker.Front.
func (s *Staff) Name() string { return StaffName }

// Routes are where the form of the sign-in page is sent.
func (s *Staff) Routes() []route.Route {
	return []route.Route{{Method: http.MethodPost, Path: EnterPath, Access: route.Public, Handler: s.enter}}
}

// enter opens the login: by certificate and now, whatever was proven before.
func (s *Staff) enter(w http.ResponseWriter, r *http.Request) {
	way := stay{to: s.within(r.PostFormValue("to")), training: s.Training && r.PostFormValue("training") != ""}
	s.Broker.Open(w, r, broker.Request{
		Front: StaffName, RelyingParty: registry.StaffID, Level: identity.Substantial,
		Methods: []identity.Method{identity.Certificate}, Fresh: true, Return: way.pack(), Hint: r.PostFormValue("login_hint"),
	})
}

// within is a path of the console, or its first page.
func (s *Staff) within(path string) string {
	if len(path) > longestReturn || !page.LocalPath(path) || !strings.HasPrefix(path, s.Within+"/") {
		return s.First
	}
	return path
}

// stay is what the sign-in page asked for: where to go on, and on which citizens.
type stay struct {
	to       string
	training bool
}

const trainingMark, workMark = 't', 'w'

func (y stay) pack() []byte {
	mark := byte(workMark)
	if y.training {
		mark = trainingMark
	}
	return append([]byte{mark}, y.to...)
}

func unpackStay(packed []byte) stay {
	if len(packed) == 0 {
		return stay{}
	}
	return stay{training: packed[0] == trainingMark, to: string(packed[1:])}
}

// Issue implements broker.Front: the session at the console begins with the finish of
// the login, or not at all. The answer is its token, and empty for who is no member.
func (s *Staff) Issue(ctx context.Context, req broker.Request, out broker.Outcome) ([]byte, error) {
	token, err := s.Door.SignIn(ctx, out.Person, string(out.Login), unpackStay(req.Return).training)
	return []byte(token), err
}

// Reissue implements broker.Front. A token is given once: who comes back to a login
// that is over signs in again.
func (s *Staff) Reissue(context.Context, broker.Request, []byte) ([]byte, error) {
	return nil, broker.ErrRedeemed
}

// Answer implements broker.Front. Somebody else's session in this browser ends here,
// so that two people at one computer never act under one name.
func (s *Staff) Answer(w http.ResponseWriter, r *http.Request, req broker.Request, answer []byte, _ broker.Via) {
	token := string(answer)
	if token == "" {
		route.SeeOther(w, s.Stranger)
		return
	}
	if former := s.Pocket.Token(r); former != token {
		if err := s.Door.Leave(r.Context(), former, "signed_in_again"); err != nil {
			s.Fail(w, r, s.Log, "former session at the console not ended", err)
			return
		}
	}
	s.Pocket.Keep(w, token)
	route.SeeOther(w, s.within(unpackStay(req.Return).to))
}

// Refuse implements broker.Front.
func (s *Staff) Refuse(w http.ResponseWriter, _ *http.Request, _ broker.Request, _ broker.Reason, _ broker.Via) {
	route.SeeOther(w, s.Welcome)
}

// Home implements broker.HomeTeller.
func (s *Staff) Home(broker.Request) string { return s.Welcome }
