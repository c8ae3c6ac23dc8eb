package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

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
	if len(args) < 2 {
		return errors.New("usage: patiently PATH KEY [name=value…]")
	}
	typed, err := pairs(args[2:])
	if err != nil {
		return err
	}
	return eventually(slow, func() error {
		if err := w.submit(args[0], typed); err != nil {
			return hopeless{err}
		}
		if w.says(args[1]) == nil {
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

// soon begins logins until the service that asks is known to the node; unknown,
// until it is not any more.
func soon(w *world, args []string) error    { return w.until(true, args) }
func unknown(w *world, args []string) error { return w.until(false, args) }

func (w *world) until(known bool, args []string) error {
	return eventually(slow, func() error {
		if err := login(w, args); err != nil {
			return hopeless{err}
		}
		p := w.browser.tab.page
		if refused := p != nil && p.status == http.StatusBadRequest; refused == known {
			return fmt.Errorf("that the service is known should be %v", known)
		}
		return nil
	})
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
