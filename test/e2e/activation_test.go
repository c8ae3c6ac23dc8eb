package e2e

import "regexp"

// activationCode is three groups; the verification code of a receipt has four.
var activationCode = regexp.MustCompile(`(?:^|[^A-Z2-9-])([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})(?:[^A-Z2-9-]|$)`)

// notePrinted keeps the activation code that the page shows, if it does.
func (w *world) notePrinted(p *page) {
	if code := activationCode.FindStringSubmatch(p.text); code != nil {
		w.printed = code[1]
	}
}
