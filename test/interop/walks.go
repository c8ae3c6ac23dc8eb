package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Test citizens. Nobody has the third document: a login by such a hint is cancelled.
const (
	carmen = "12345678Z"
	juan   = "99999999R"
	nobody = "87654321X"
)

// Levels as services see them, and what many ask for instead.
const (
	substantial = "http://eidas.europa.eu/LoA/substantial"
	high        = "http://eidas.europa.eu/LoA/high"
	password    = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
)

// walk is something that a peer's application goes through.
type walk struct {
	name string
	walk func(ctx context.Context, w *world, s *service) error
}

// walks are those that the peer can do.
func (s *service) walks() []walk {
	all := []walk{{"login", logsIn}, {"names of citizens", sameName}, {"cancelled login", cancels}}
	if s.posted != "" {
		all = append(all, walk{"login by HTTP-POST", logsInByPost})
	}
	if s.silent != "" {
		all = append(all, walk{"nobody is there, silently", findsNobody})
	}
	if s.high != "" {
		all = append(all, walk{"level not reached", reachesTooLittle}, walk{"level reached by certificate", reachesEnough})
	}
	if s.classic != "" {
		all = append(all, walk{"a class of before levels", asksForAPassword})
	}
	if s.logout != "" {
		all = append(all, walk{"logout", logsOut})
	}
	return append(all, walk{"our messages and the schema", standsByTheSchema})
}

// come lets a citizen log in and gives the application's page.
func (w *world) come(ctx context.Context, address, document string) (*browser, page, error) {
	b, err := newBrowser(w.clave, "test:"+document+":pin")
	if err != nil {
		return nil, page{}, err
	}
	p, err := b.open(ctx, address)
	return b, p, errors.Join(err, w.keep(b))
}

// keep writes the messages that passed into the folder, for who looks for a mistake.
func (w *world) keep(b *browser) error {
	for _, m := range b.passed {
		w.kept++
		if _, err := w.write(fmt.Sprintf("messages/%03d-%s-%s.xml", w.kept, m.binding, m.kind()), string(m.xml())); err != nil {
			return err
		}
	}
	return nil
}

// values are the lines of an application's page; empty when it is not one.
func (p page) values() map[string]string {
	found := map[string]string{}
	if p.status != http.StatusOK {
		return found
	}
	for line := range strings.Lines(p.body) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "="); ok && !strings.ContainsAny(name, "< ") {
			found[name] = value
		}
	}
	return found
}

// shows checks that the application sees a citizen who logged in with Cl@ve PIN.
func (s *service) shows(p page, c citizen) error {
	values := p.values()
	var wrong []error
	expect := func(name, want string) {
		if got := values[name]; name != "" && got != want {
			wrong = append(wrong, fmt.Errorf("%s is %q, want %q", name, got, want))
		}
	}
	if name := values[s.seen.nameID]; name == "" || strings.Contains(name, c.Document) != s.seen.namesDocument {
		wrong = append(wrong, fmt.Errorf("the NameID, %s, is %q", s.seen.nameID, name))
	}
	if got := s.seen.context(values); got != substantial {
		wrong = append(wrong, fmt.Errorf("the context class is %q, want %q", got, substantial))
	}
	for friendly, want := range map[string]string{
		"PersonIdentifier": c.Document, "FirstName": c.GivenName, "FamilyName": c.FirstSurname + " " + c.SecondSurname,
		"DateOfBirth": c.BirthDate, "FirstSurname": c.FirstSurname, "SecondSurname": c.SecondSurname,
	} {
		expect(s.seen.attribute(friendly), want)
	}
	for name, want := range s.seen.also {
		expect(name, want)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w\n%s", errors.Join(wrong...), p.says())
	}
	return nil
}

// logsIn: the application sees who came, and by what.
func logsIn(ctx context.Context, w *world, s *service) error {
	for _, document := range [...]string{carmen, juan} { // one has an ñ
		c, err := w.clave.citizen(ctx, document)
		if err != nil {
			return err
		}
		b, p, err := w.come(ctx, s.home, document)
		if err != nil {
			return err
		}
		if err := s.shows(p, c); err != nil {
			return err
		}
		if document == carmen {
			w.told = append(w.told, b.algorithms()...)
		}
	}
	return nil
}

// logsInByPost: the same, when the request is posted.
func logsInByPost(ctx context.Context, w *world, s *service) error {
	c, err := w.clave.citizen(ctx, carmen)
	if err != nil {
		return err
	}
	b, p, err := w.come(ctx, s.posted, carmen)
	if err != nil {
		return err
	}
	for _, m := range b.passed {
		if m.field == "SAMLRequest" && m.binding != http.MethodPost {
			return errors.New("the request did not go by HTTP-POST")
		}
	}
	return s.shows(p, c)
}

// sameName: a citizen who comes back from elsewhere is the same one, and no other is;
// with transient names nobody is.
func sameName(ctx context.Context, w *world, s *service) error {
	var got []string
	for _, document := range [...]string{carmen, carmen, juan} {
		_, p, err := w.come(ctx, s.home, document)
		if err != nil {
			return err
		}
		got = append(got, p.values()[s.seen.nameID])
	}
	if got[0] == "" || (got[0] == got[1]) == s.seen.transient || got[0] == got[2] {
		return fmt.Errorf("the same citizen is %q and %q, another one %q", got[0], got[1], got[2])
	}
	return nil
}

// refused checks that the service was told why by this status, and let nobody in.
func (s *service) refused(w *world, b *browser, p page, status string) error {
	if strings.HasPrefix(p.at.String(), w.clave.issuer) {
		return fmt.Errorf("the browser stayed with us: %s", p.says())
	}
	if last := b.passed[len(b.passed)-1]; last.field != "SAMLResponse" {
		return fmt.Errorf("no answer came to the service: %s", p.says())
	} else if !bytes.Contains(last.xml(), []byte(":status:"+status+`"`)) {
		return fmt.Errorf("the answer does not say %s: %s", status, last.xml())
	}
	if p.values()[s.seen.nameID] != "" {
		return fmt.Errorf("the application lets in whom we refused: %s", p.says())
	}
	return nil
}

// cancels: the citizen leaves, the service says so.
func cancels(ctx context.Context, w *world, s *service) error {
	b, p, err := w.come(ctx, s.home, nobody)
	if err != nil {
		return err
	}
	w.told = append(w.told, p.says())
	return s.refused(w, b, p, "AuthnFailed")
}

// findsNobody: without a session a silent request is refused, with one it is not.
func findsNobody(ctx context.Context, w *world, s *service) error {
	b, err := newBrowser(w.clave, "")
	if err != nil {
		return err
	}
	p, err := b.open(ctx, s.silent)
	if err != nil {
		return err
	}
	return s.refused(w, b, p, "NoPassive")
}

// reachesTooLittle: Cl@ve PIN is not enough for the highest level.
func reachesTooLittle(ctx context.Context, w *world, s *service) error {
	b, p, err := w.come(ctx, s.high, carmen)
	if err != nil {
		return err
	}
	return s.refused(w, b, p, "NoAuthnContext")
}

// reachesEnough: juan's DNIe is enough.
func reachesEnough(ctx context.Context, w *world, s *service) error {
	b, err := newBrowser(w.clave, "test:"+juan+":certificate")
	if err != nil {
		return err
	}
	p, err := b.open(ctx, s.high)
	if err := errors.Join(err, w.keep(b)); err != nil {
		return err
	}
	if got := s.seen.context(p.values()); got != high {
		return fmt.Errorf("the context class is %q, want %q\n%s", got, high, p.says())
	}
	return nil
}

// asksForAPassword: who asks for exactly a password over TLS, as many do without knowing,
// is told that it was one.
func asksForAPassword(ctx context.Context, w *world, s *service) error {
	_, p, err := w.come(ctx, s.classic, carmen)
	if err != nil {
		return err
	}
	if got := s.seen.context(p.values()); got != password {
		return fmt.Errorf("the context class is %q, want %q\n%s", got, password, p.says())
	}
	return nil
}

// logsOut: the application forgets who was there, and so do we.
func logsOut(ctx context.Context, w *world, s *service) error {
	c, err := w.clave.citizen(ctx, carmen)
	if err != nil {
		return err
	}
	b, p, err := w.come(ctx, s.home, carmen)
	if err != nil {
		return err
	}
	if err := s.shows(p, c); err != nil {
		return err
	}
	before := len(b.passed)
	b.hint = ""
	out, err := b.open(ctx, s.logout)
	if err != nil {
		return err
	}
	answered := false
	for _, m := range b.passed[before:] {
		answered = answered || strings.HasSuffix(strings.ToLower(m.field), "response") && !strings.HasPrefix(m.to, w.clave.issuer)
	}
	if !answered {
		return fmt.Errorf("no answer to the logout came to the service: %s", out.says())
	}
	again, err := b.open(ctx, s.home)
	if err := errors.Join(err, w.keep(b)); err != nil {
		return err
	}
	if !strings.HasPrefix(again.at.String(), w.clave.issuer+"/login/") {
		return fmt.Errorf("after the logout nobody is asked to log in: %s", again.says())
	}
	return nil
}
