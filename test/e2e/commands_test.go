package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// command is a word of the scripts.
type command func(w *world, args []string) error

// errNot says that something is not as a script says: what ! before a word wants.
// It also wants an answer that got lost, but no other failure.
var errNot = errors.New("it is not so")

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){}
	for name, c := range map[string]command{
		// nodes
		"installation": none(func(w *world) error { return w.found(serving) }),
		"start":        startNode,
		"serve":        serveNode,
		"crash":        onNode((*node).kill),
		"shutdown":     onNode((*node).stop),
		"restart":      restartNode,
		"use":          useNode,
		"between":      setBetween,
		"lose":         none(func(w *world) error { w.balancer.loseNext(); return nil }),
		"rotated":      rotated,
		"backup":       none((*world).backup),
		"restore":      none((*world).restore),
		// browsers
		"browser": one(func(w *world, name string) error { w.face(name); return nil }),
		"tab":     one(func(w *world, name string) error { w.browser.front(name); return nil }),
		"reads":   one(func(w *world, tag string) error { w.acceptLanguage = tag; return nil }),
		"keep":    one(func(w *world, name string) error { w.kept[name] = w.browser.jar.copy(); return nil }),
		"bring":   bring,
		"graft":   graft,
		// steps
		"login":     login,
		"soon":      soon,
		"unknown":   unknown,
		"open":      one((*world).open),
		"click":     one((*world).click),
		"submit":    submit,
		"patiently": patiently,
		"attack":    attack,
		"back":      none((*world).back),
		"reload":    none((*world).reload),
		"resend":    none((*world).resend),
		// Cl@ve PIN
		"document": one((*world).typeDocument),
		"contrast": optional((*world).typeContrast),
		"obtain":   optional((*world).obtain),
		"code":     code,
		"enter":    enterPIN,
		"pin":      one((*world).provePIN),
		// Cl@ve Móvil
		"app":     one((*world).openApp),
		"scan":    one((*world).scan),
		"digits":  digits,
		"approve": approve,
		"here":    here,
		// registering
		"await":    one(func(w *world, to string) error { return w.awaitCode(citizen{Phone: to}) }),
		"hears":    hears,
		"personal": one(func(w *world, value string) error { w.personal = append(w.personal, value); return nil }),
		// certificates
		"chooses":   optional(func(w *world, method string) error { w.chooses = method; return nil }),
		"holds":     hold,
		"show":      none((*world).show),
		"authority": misbehave,
		"front":     none(func(w *world) error { w.fronted = true; return nil }),
		"forges":    forge,
		"knock":     knock,
		"list":      list,
		"listed":    trustsList,
		"hangup":    onNode(hangup),
		"trusts":    trust,
		// what is seen
		"page":     showsPage,
		"says":     one((*world).says),
		"sees":     one((*world).sees),
		"speaks":   one((*world).speaks),
		"header":   header,
		"remember": one((*world).remember),
		"like":     one((*world).like),
		// the relying party
		"answer":     answer,
		"hops":       hops,
		"over":       none((*world).over),
		"token":      values((*world).redeem),
		"refresh":    values((*world).refresh),
		"userinfo":   values((*world).userinfo),
		"introspect": values((*world).introspect),
		"revoke":     values((*world).revoke),
		"claim":      values((*world).claim),
		// the relying party, by SAML
		"service":   serviceWord,
		"saml":      samlWord,
		"assertion": values((*world).samlAsserted),
		"status":    (*world).samlRefused,
		"dialect":   dialectWord,
		// all of them
		"same":       same,
		"handsfree":  none((*world).handsfree),
		"reports":    reports,
		"pins":       one((*world).pins),
		"subscribes": one((*world).subscribes),
		"pushed":     one((*world).pushed),
	} {
		all[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			w := ts.Value(worldKey{}).(*world)
			err := c(w, args)
			w.export(ts)
			switch {
			case neg && err == nil:
				ts.Fatalf("%s succeeded", name)
			case neg && (errors.Is(err, errNot) || errors.As(err, new(*url.Error))):
				ts.Logf("as it should be: %v", err)
			case err != nil:
				ts.Fatalf("%s: %v\n%s", name, err, w.scene())
			}
		}
	}
	return all
}

// export gives scripts what they may need of the last step.
func (w *world) export(ts *testscript.TestScript) {
	ts.Setenv("CODE", w.code)
	ts.Setenv("WRONG", w.notCode())
	if p := w.browser.tab.page; p != nil {
		w.notePrinted(p)
		ts.Setenv("ACTIVATION", w.printed)
		ts.Setenv("HERE", p.address.Path)
		if handle := w.handle(p); handle != nil {
			ts.Setenv("HANDLE", handle.String())
		}
		if parts := strings.Split(p.address.Path, "/"); len(parts) > 2 && parts[1] == "login" {
			ts.Setenv("LOGIN", "/login/"+parts[2])
		}
	}
	ts.Setenv("SAMLKEY", w.samlKey)
	ts.Setenv("TICKET", w.ticket)
	ts.Setenv("CLAVEKEY", w.dialect.key)
	_, query, _ := strings.Cut(w.ticket, "?")
	ts.Setenv("TICKETQUERY", query)
	w.place(ts.Setenv)
	for variable, name := range map[string]string{"ACCESS": "access_token", "REFRESH": "refresh_token", "IDTOKEN": "id_token"} {
		ts.Setenv(variable, w.token(name))
	}
	if w.attempt == nil {
		return
	}
	ts.Setenv("ASSERTION", w.attempt.assertion)
	ts.Setenv("AUTHCODE", w.attempt.answer.Get("code"))
	for variable, name := range map[string]string{
		"SUB": "sub", "SID": "sid", "KID": "kid", "NAMEID": "nameid", "ASSERTED": "id", "SESSIONINDEX": "session", "AUTHENTICATED": "authenticated",
	} {
		value, _ := w.attempt.claims[name].(string)
		ts.Setenv(variable, value)
	}
}

// scene describes where things stand, for whoever reads a failure.
func (w *world) scene() string {
	if w.arrival != nil && w.arrival.saml != nil {
		return fmt.Sprintf("the service %s got %s\n%s", w.arrival.id, w.arrival.answer.Get("RelayState"), signatures.ReplaceAll(w.arrival.text(), nil))
	}
	if w.arrival != nil {
		return fmt.Sprintf("the relying party %s got %v", w.arrival.id, w.arrival.answer)
	}
	p := w.browser.tab.page
	if p == nil {
		return "the browser shows no page"
	}
	return fmt.Sprintf("the browser shows %s, status %d\n%s\n%s", p.address.Path, p.status, p.title, p.text)
}

func none(f func(*world) error) command {
	return func(w *world, args []string) error {
		if len(args) != 0 {
			return errors.New("usage: no arguments")
		}
		return f(w)
	}
}

func one(f func(*world, string) error) command {
	return func(w *world, args []string) error {
		if len(args) != 1 {
			return errors.New("usage: one argument")
		}
		return f(w, args[0])
	}
}

func optional(f func(*world, string) error) command {
	return func(w *world, args []string) error {
		if len(args) > 1 {
			return errors.New("usage: one argument at most")
		}
		return f(w, strings.Join(args, ""))
	}
}

func values(f func(*world, url.Values) error) command {
	return func(w *world, args []string) error {
		v, err := pairs(args)
		if err != nil {
			return err
		}
		return f(w, v)
	}
}

// pairs reads name=value.
func pairs(args []string) (url.Values, error) {
	v := url.Values{}
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		if !found {
			return nil, fmt.Errorf("usage: %q is not name=value", arg)
		}
		v.Set(name, value)
	}
	return v, nil
}
