package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// samlWords are what a service that speaks SAML does.
func samlWords() map[string]command {
	return map[string]command{
		"key":       none((*world).findSAMLKey),
		"login":     samlLogin,
		"pin":       one((*world).samlPin),
		"start":     one((*world).samlStart),
		"home":      one((*world).samlAtHome),
		"publishes": samlPublishes,
		"unknown":   samlUnknown,
		"handsfree": none((*world).samlHandsfree),
		"publishing": func(w *world, args []string) error {
			return eventually(slow, func() error { return samlPublishes(w, args) })
		},
		"logout":    samlLogsOut,
		"told":      samlTold,
		"confirms":  samlConfirms,
		"loggedout": samlLoggedOut,
	}
}

// samlWord is the word saml with another behind it.
func samlWord(w *world, args []string) error {
	if len(args) == 0 || samlWords()[args[0]] == nil {
		return errors.New("usage: saml key|login|start|home|unknown|pin|handsfree|publishes|publishing|logout|told|confirms|loggedout …")
	}
	return samlWords()[args[0]](w, args[1:])
}

func serviceWord(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: service NAME [field=value…]")
	}
	fields, err := pairs(args[1:])
	if err != nil {
		return err
	}
	return w.register(args[0], fields)
}

func samlLogin(w *world, args []string) error {
	posted := len(args) > 0 && args[0] == "POST"
	if posted || len(args) > 0 && args[0] == "REDIRECT" {
		args = args[1:]
	}
	words, err := pairs(args)
	if err != nil {
		return err
	}
	return w.samlLogIn(posted, words)
}

// findSAMLKey finds the key that signs for most services.
func (w *world) findSAMLKey() error {
	list := exec.Command(filepath.Join(built, "clave"), "keys", "list", "--database", w.database, "--master", w.master)
	out, err := list.CombinedOutput()
	if err != nil {
		return fmt.Errorf("listing the keys: %w\n%s", err, out)
	}
	active := regexp.MustCompile(`(?m)^(\S+) +saml +RS256 +active `).FindSubmatch(out)
	if active == nil {
		return fmt.Errorf("no key signs for SAML:\n%s", out)
	}
	w.samlKey = string(active[1])
	return nil
}

// samlStart follows a link of some list to a service, which has not asked anything.
func (w *world) samlStart(name string) error {
	s, err := w.service(name)
	if err != nil {
		return err
	}
	to := w.issuerURL().JoinPath("saml/start")
	to.RawQuery = url.Values{"service": {s.entityID()}}.Encode()
	return w.visit(request{method: http.MethodGet, address: to, from: "https://portal.example"})
}

// samlAtHome tells that the browser came to a service's front page.
func (w *world) samlAtHome(name string) error {
	if a := w.arrival; a == nil || a.saml == nil || a.saml.came != "https://"+name+".example/" {
		return errors.New("the browser is not at the front page of the service")
	}
	return nil
}

// samlUnknown begins logins until the service is not known any more.
func samlUnknown(w *world, args []string) error {
	return eventually(slow, func() error {
		if err := samlLogin(w, args); err != nil {
			return hopeless{err}
		}
		return w.sees("unknown_issuer")
	})
}

// samlHandsfree logs every citizen in by hint, in a browser of their own, and compares
// what the service hears with what the sandbox says about them.
func (w *world) samlHandsfree() error {
	for i, c := range w.citizens {
		w.face("saml " + c.Document)
		if err := w.samlLogIn(i%2 == 0, url.Values{"login_hint": {"test:" + c.Document}}); err != nil {
			return fmt.Errorf("%s: %w", c.Document, err)
		}
		if err := w.samlTells(c); err != nil {
			return fmt.Errorf("%s, %s: %w\n%s", c.Document, c.State, err, w.scene())
		}
	}
	return nil
}

func (w *world) samlTells(c citizen) error {
	if err := hops(w, []string{mostHops}); err != nil {
		return err
	}
	if len(c.Methods) == 0 {
		return w.samlRefused([]string{"Responder", "AuthnFailed"})
	}
	return w.samlAsserted(url.Values{
		"class": {lastWord(c.claims().Get("acr"))}, "PersonIdentifier": {c.Document}, "FirstName": {c.GivenName}, "DateOfBirth": {c.BirthDate},
		"FamilyName": {strings.TrimSpace(c.FirstSurname + " " + c.SecondSurname)}, "FirstSurname": {c.FirstSurname},
		"SecondSurname": {c.SecondSurname}, "DocumentKind": {c.Kind},
	})
}

// samlPin lets a service stay with the certificates that our metadata have now.
func (w *world) samlPin(name string) error {
	s, err := w.service(name)
	if err != nil {
		return err
	}
	_, s.pinned, err = w.samlMetadata()
	return err
}

// samlPublishes looks at our metadata: how many certificates they have, and texts.
func samlPublishes(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: saml publishes CERTIFICATES [TEXT…]")
	}
	text, certificates, err := w.samlMetadata()
	if err != nil {
		return err
	}
	if got := strconv.Itoa(len(certificates)); got != args[0] {
		return fmt.Errorf("%w: our metadata have %s certificates, not %s", errNot, got, args[0])
	}
	for _, want := range args[1:] {
		if !strings.Contains(string(text), want) {
			return fmt.Errorf("%w: our metadata hold %s", errNot, want)
		}
	}
	return nil
}
