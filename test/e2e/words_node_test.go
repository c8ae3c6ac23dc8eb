package e2e

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

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
