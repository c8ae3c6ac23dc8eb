package e2e

import (
	"fmt"
	"strings"
)

// hears waits until a message with the text came to a phone or an address.
func hears(w *world, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("hears TO TEXT, not %q", args)
	}
	to, text := args[0], args[1]
	return eventually(quick, func() error {
		for _, n := range w.nodes {
			messages, err := n.inbox(to)
			if err != nil {
				return err
			}
			for _, m := range messages {
				if strings.Contains(m.Body, text) {
					return nil
				}
			}
		}
		return fmt.Errorf("nobody told %s: %s", to, text)
	})
}
