package conf

import (
	"time"
	"unicode/utf8"

	"clave/notify/letter"
)

// Letters are the invitations on paper with which citizens register without a
// certificate. A print house takes them from a folder, prints, envelopes and posts
// them.
type Letters struct {
	// Spool is the folder where batches are left for the print house, which moves them
	// away; empty turns registration by letter off. It must be there. Each batch is a
	// folder with PDF files and manifest.json. Its group should be that of the print
	// house's account, with the set-group-id bit (chmod 2770): the files hold codes.
	// Nodes may share it or have one each.
	Spool string `yaml:"spool" example:"/var/spool/clave-letters"`

	// Sender is who writes, as it stands above the letter: at most five lines.
	Sender []string `yaml:"sender" example:"[Ayuntamiento de Ejemplo, \"Plaza Mayor, 1\", 28001 Madrid]"`

	// Window is where the envelope (DL, 110 × 220 mm) has its window, 20 mm from the
	// lower edge: right or left. The wrong one hides the address.
	Window string `yaml:"window"`

	// Interval is how often a batch is made, if there are letters.
	Interval time.Duration `yaml:"interval"`

	// Batch is how many letters go into one at most.
	Batch int `yaml:"batch"`
}

func defaultLetters() Letters {
	return Letters{Window: string(letter.Right), Interval: time.Hour, Batch: 500}
}

// Lines of a sender that fit above the letter.
const (
	mostSenderLines = 5
	mostSenderLine  = 45 // characters
)

func (c checker) letters(l Letters) {
	at := "letters"
	if l.Spool == "" {
		return
	}
	switch mode, err := c.files.mode(l.Spool); {
	case err != nil:
		c.problem(at+".spool", "%s", reason(err))
	case !mode.IsDir():
		c.problem(at+".spool", "is not a folder")
	case mode.Perm()&0o007 != 0:
		c.problem(at+".spool", "can be opened by everybody on this machine; chmod 2770 %s", l.Spool)
	}
	if n := len(l.Sender); n == 0 || n > mostSenderLines {
		c.problem(at+".sender", "wants one to %d lines", mostSenderLines)
	}
	for i, line := range l.Sender {
		if n := utf8.RuneCountInString(line); n == 0 || n > mostSenderLine {
			c.problem(index(at+".sender", i), "wants one to %d characters", mostSenderLine)
		}
	}
	switch letter.Window(l.Window) {
	case letter.Right, letter.Left:
	default:
		c.problem(at+".window", "is unknown; give right or left")
	}
	c.between(at+".interval", l.Interval, time.Minute, 24*time.Hour)
	if l.Batch < 1 || l.Batch > 5000 {
		c.problem(at+".batch", "wants 1 to 5000")
	}
}
