package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"clave/web/lang"

	"github.com/google/go-cmp/cmp"

	"github.com/rogpeppe/go-internal/testscript"
)

// command is a word of the scripts.
type command func(w *world, args []string) error

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){}
	for name, c := range map[string]command{
		"start": startNode, "serve": serveNode,
		"installation": none(func(w *world) error { return w.found(serving) }), "crash": onNode((*node).kill), "shutdown": onNode((*node).stop), "restart": restartNode, "use": useNode,
		"between": setBetween, "lose": none(func(w *world) error { w.balancer.loseNext(); return nil }),

		"browser": one(func(w *world, name string) error { w.face(name); return nil }),
		"tab":     one(func(w *world, name string) error { w.browser.front(name); return nil }),
		"keep":    one(func(w *world, name string) error { w.kept[name] = w.browser.jar.copy(); return nil }),
		"bring":   bring,
		"graft":   graft,
		"reads":   one(func(w *world, tag string) error { w.acceptLanguage = tag; return nil }),

		"login": login, "open": one((*world).open), "click": one((*world).click), "submit": submit,
		"back": none((*world).back), "reload": none((*world).reload), "resend": none((*world).resend),

		"document": one((*world).typeDocument), "contrast": optional((*world).typeContrast),
		"obtain": optional((*world).obtain), "code": code, "enter": enterPIN, "pin": one((*world).provePIN),

		"page": showsPage, "says": one((*world).says), "sees": one((*world).sees), "speaks": one((*world).speaks),
		"header": header, "answer": answer, "hops": hops, "over": none((*world).over),
		"remember": one((*world).remember), "like": one((*world).like), "patiently": patiently, "soon": soon, "attack": attack,
		"rotated": rotated,

		"token": values((*world).redeem), "refresh": values((*world).refresh), "userinfo": values((*world).userinfo),
		"introspect": values((*world).introspect), "revoke": values((*world).revoke),
		"claim": values((*world).claim), "same": same, "handsfree": none((*world).handsfree),
	} {
		all[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			w := ts.Value(worldKey{}).(*world)
			err := c(w, args)
			w.export(ts)
			switch {
			case neg && err == nil:
				ts.Fatalf("%s succeeded", name)
			case neg:
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
	if p := w.browser.tab.page; p != nil {
		ts.Setenv("HERE", p.address.Path)
		if parts := strings.Split(p.address.Path, "/"); len(parts) > 2 && parts[1] == "login" {
			ts.Setenv("LOGIN", "/login/"+parts[2])
		}
	}
	w.place(ts.Setenv)
	for variable, name := range map[string]string{"ACCESS": "access_token", "REFRESH": "refresh_token", "IDTOKEN": "id_token"} {
		ts.Setenv(variable, w.token(name))
	}
	if w.attempt == nil {
		return
	}
	ts.Setenv("AUTHCODE", w.attempt.answer.Get("code"))
	for variable, name := range map[string]string{"SUB": "sub", "SID": "sid", "KID": "kid"} {
		value, _ := w.attempt.claims[name].(string)
		ts.Setenv(variable, value)
	}
}

// scene describes where things stand, for whoever reads a failure.
func (w *world) scene() string {
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

// numbered takes a node's number off the front of the arguments.
func numbered(args []string) (int, []string) {
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			return n, args[1:]
		}
	}
	return 1, args
}

func startNode(w *world, args []string) error {
	n, flags := numbered(args)
	return w.start(n, flags)
}

func serveNode(w *world, args []string) error {
	n, rest := numbered(args)
	if len(rest) > 0 {
		return errors.New("usage: serve [N]")
	}
	return w.serve(n)
}

func onNode(do func(*node) error) command {
	return func(w *world, args []string) error {
		number, _ := numbered(args)
		n, err := w.node(number)
		if err != nil {
			return err
		}
		return do(n)
	}
}

func restartNode(w *world, args []string) error {
	number, _ := numbered(args)
	return w.restart(number)
}

func useNode(w *world, args []string) error {
	number, _ := numbered(args)
	if _, err := w.node(number); err != nil {
		return err
	}
	w.use(number)
	return nil
}

func setBetween(w *world, args []string) error {
	switch w.between = strings.Join(args, " "); w.between {
	case "restart", "swap", "nothing":
		return nil
	}
	return errors.New("usage: between restart|swap|nothing")
}

func bring(w *world, args []string) error {
	if len(args) == 0 || len(args) > 2 {
		return errors.New("usage: bring NAME [PREFIX]")
	}
	from, found := w.kept[args[0]]
	if b := w.browsers[args[0]]; !found && b != nil {
		from, found = b.jar, true
	}
	if !found {
		return fmt.Errorf("nothing was kept as %s", args[0])
	}
	w.browser.jar.bring(from, strings.Join(args[1:], ""))
	return nil
}

// graft gives the cookie of one login to another.
func graft(w *world, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: graft LOGIN LOGIN")
	}
	cookies := w.browser.jar[w.issuerURL().Hostname()]
	from, to := "clave_login_"+path.Base(args[0]), "clave_login_"+path.Base(args[1])
	if cookies[from] == "" || cookies[to] == "" {
		return fmt.Errorf("the browser has %q", slices.Sorted(maps.Keys(cookies)))
	}
	cookies[to] = cookies[from]
	return nil
}

func login(w *world, args []string) error {
	posted := len(args) > 0 && args[0] == "POST"
	if posted {
		args = args[1:]
	}
	v, err := pairs(args)
	if err != nil {
		return err
	}
	return w.logIn(posted, v)
}

func submit(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: submit PATH [name=value…]")
	}
	v, err := pairs(args[1:])
	if err != nil {
		return err
	}
	return w.submit(args[0], v)
}

// patiently sends a form again until the page does not ask to wait any more.
func patiently(w *world, args []string) error {
	return eventually(slow, func() error {
		if err := submit(w, args); err != nil {
			return hopeless{err}
		}
		if p := w.browser.tab.page; p != nil && p.status == http.StatusTooManyRequests {
			return errors.New("the page still asks to wait")
		}
		return nil
	})
}

// attack sends a form of a foreign page, in a browser that is too old to keep the
// cookies back.
func attack(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: attack PATH [name=value…]")
	}
	form, err := pairs(args[1:])
	if err != nil {
		return err
	}
	return w.visit(request{
		method: http.MethodPost, address: w.issuerURL().JoinPath(args[0]), form: form, from: "https://evil.example", lax: true,
	})
}

// soon begins logins until the service that asks is known.
func soon(w *world, args []string) error {
	return eventually(slow, func() error {
		if err := login(w, args); err != nil {
			return hopeless{err}
		}
		if p := w.browser.tab.page; p != nil && p.status == http.StatusBadRequest {
			return errors.New("the service is not known yet")
		}
		return nil
	})
}

// rotated waits until every key of the uses was replaced.
func rotated(w *world, uses []string) error {
	return eventually(slow, func() error {
		list := exec.Command(filepath.Join(built, "clave"), "keys", "list", "--database", w.database, "--master", w.master)
		out, err := list.CombinedOutput()
		if err != nil {
			return hopeless{fmt.Errorf("listing the keys: %w\n%s", err, out)}
		}
		for _, use := range uses {
			if !regexp.MustCompile(` ` + use + ` .* retired `).Match(out) {
				return fmt.Errorf("the key of use %s was not replaced:\n%s", use, out)
			}
		}
		return nil
	})
}

// remember keeps how the page looks; like compares another one with it.
func (w *world) remember(name string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	w.looks[name] = p.looks()
	return nil
}

func (w *world) like(name string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if diff := cmp.Diff(p.looks(), w.looks[name]); diff != "" {
		return fmt.Errorf("the page differs from %s:\n%s", name, diff)
	}
	return nil
}

func (w *world) reload() error {
	t := w.browser.tab
	if len(t.history) == 0 {
		return errors.New("there is nothing to reload")
	}
	last := t.history[len(t.history)-1]
	t.history = t.history[:len(t.history)-1]
	return w.visit(last)
}

func (w *world) resend() error { return w.visit(w.browser.tab.last) }

func code(w *world, args []string) error {
	c := w.browser.tab.citizen
	if len(args) == 1 {
		var err error
		if c, err = w.find(args[0]); err != nil {
			return err
		}
	}
	return w.awaitCode(c)
}

func enterPIN(w *world, args []string) error {
	typed := w.code
	if len(args) == 1 {
		typed = args[0]
	}
	if typed == "wrong" {
		typed = w.notPIN()
	}
	return w.submit("/pin/enter", url.Values{"pin": {typed}})
}

func showsPage(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if len(args) == 0 || strconv.Itoa(p.status) != args[0] {
		return fmt.Errorf("the status is %d", p.status)
	}
	if len(args) == 2 && !w.pattern(p, args[1]).MatchString(p.heading) {
		return fmt.Errorf("the heading is %q", p.heading)
	}
	if p.heading == "" || !strings.Contains(p.title, p.heading) {
		return fmt.Errorf("the title %q does not hold the heading %q", p.title, p.heading)
	}
	return nil
}

var hole = regexp.MustCompile(`\\\{[a-z0-9_]+\\\}`)

// pattern is a text in the language of the page, with anything in its holes.
func (w *world) pattern(p *page, key string) *regexp.Regexp {
	l, _ := lang.Parse(p.language) // none is Spanish
	text := regexp.QuoteMeta(squeeze(w.texts.Text(l, key)))
	return regexp.MustCompile(hole.ReplaceAllString(text, ".+?"))
}

func (w *world) says(key string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if !w.texts.Has(key) {
		panic("no text has the key " + key) // not even a refused one may be misspelt
	}
	if !w.pattern(p, key).MatchString(p.text) {
		return fmt.Errorf("the page does not say %s", key)
	}
	return nil
}

func (w *world) sees(text string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if !strings.Contains(p.text, text) && !strings.Contains(p.source, text) {
		return fmt.Errorf("the page does not hold %q", text)
	}
	return nil
}

func (w *world) speaks(tag string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if p.language != tag {
		return fmt.Errorf("the page speaks %s", p.language)
	}
	return nil
}

func header(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return errors.New("usage: header NAME REGEXP")
	}
	if got := p.header.Get(args[0]); !regexp.MustCompile(args[1]).MatchString(got) {
		return fmt.Errorf("the header is %q", got)
	}
	return nil
}

func answer(w *world, args []string) error {
	if len(args) == 1 && args[0] == "code" {
		return w.checkAnswer(url.Values{"code": {"*"}})
	}
	v, err := pairs(args)
	if err != nil {
		return err
	}
	return w.checkAnswer(v)
}

// over tells that the login of the attempt is: the browser gets the answer that it
// got before, for a moment, and then a page that says so.
func (w *world) over() error {
	if w.arrival == nil {
		return showsPage(w, []string{"200", "broker.over.title"})
	}
	if code := w.arrival.answer.Get("code"); code == "" || code != w.arrival.spent {
		return errors.New("the relying party got another answer")
	}
	return nil
}

func hops(w *world, args []string) error {
	most, err := strconv.Atoi(strings.Join(args, ""))
	if err != nil {
		return errors.New("usage: hops MAX")
	}
	if t := w.browser.tab; t.hops > most || t.shown > 0 || w.arrival == nil {
		return fmt.Errorf("%d redirects and %d pages", t.hops, t.shown)
	}
	return nil
}

func (w *world) claim(wanted url.Values) error {
	if w.attempt == nil || w.attempt.claims == nil {
		return errors.New("there is no ID token")
	}
	return match(w.attempt.claims, wanted)
}

func same(_ *world, args []string) error {
	if len(args) != 2 || args[0] == "" || args[0] != args[1] {
		return fmt.Errorf("%q differ", args)
	}
	return nil
}

// handsfree logs every citizen in by hint, in a browser of their own, and
// compares what the service hears with what the sandbox says about them.
func (w *world) handsfree() error {
	for _, c := range w.citizens {
		w.face(c.Document)
		if err := w.logIn(false, url.Values{"login_hint": {"test:" + c.Document}}); err != nil {
			return fmt.Errorf("%s: %w", c.Document, err)
		}
		if err := w.heard(c); err != nil {
			return fmt.Errorf("%s, %s: %w\n%s", c.Document, c.State, err, w.scene())
		}
	}
	return nil
}

// mostHops is what the sandbox promises about a login without hands.
const mostHops = "15"

func (w *world) heard(c citizen) error {
	if err := hops(w, []string{mostHops}); err != nil {
		return err
	}
	if c.State != "registered" {
		return w.checkAnswer(url.Values{"error": {"access_denied"}})
	}
	if err := w.redeem(url.Values{}); err != nil {
		return err
	}
	level := map[string]string{"basic": "low", "advanced": "substantial"}[c.Level]
	if err := w.claim(url.Values{
		"acr": {"http://eidas.europa.eu/LoA/" + level}, "method": {"pin"}, "amr": {"otp sms mfa"},
		"registration_level": {c.Level}, "registration_channel": {c.Channel}, "document_number": {""},
	}); err != nil {
		return err
	}
	return w.userinfo(url.Values{
		"document_number": {c.Document}, "given_name": {c.GivenName}, "birthdate": {c.BirthDate},
		"family_name": {strings.TrimSpace(c.FirstSurname + " " + c.SecondSurname)},
	})
}
