package conf

import "time"

// Permanente is Cl@ve Permanente: document and password. Comparing a password is made
// to be slow, and takes 19 MiB of memory and a fortieth of a second of one core.
type Permanente struct {
	// Enabled offers the method. Registered citizens activate it with the activation
	// code on their receipt and their confirmed e-mail address, so mails have to go
	// out.
	Enabled bool `yaml:"enabled"`

	// Workers is how many passwords are compared at once; 0 is half the cores. More,
	// and a flood of passwords slows the other methods down.
	Workers int `yaml:"workers"`

	// Waiting is how many may wait in line; 0 is 40 for each worker, which is about a
	// second. Whoever comes then is asked to try again in a moment. Browsers in which the
	// citizen logged in before have a line of their own, which goes first.
	Waiting int `yaml:"waiting"`

	// Patience is how long somebody waits in line at most.
	Patience time.Duration `yaml:"patience"`
}

func defaultPermanente() Permanente { return Permanente{Patience: 2 * time.Second} }

// The most that makes sense. Our choice: browsers give up after some seconds, and
// each worker takes memory.
const (
	mostWorkers  = 256
	mostWaiting  = 10_000
	mostPatience = 30 * time.Second
)

func (c checker) permanente(p Permanente) {
	if p.Workers < 0 || p.Workers > mostWorkers {
		c.problem("permanente.workers", "wants 0 to %d; 0 is half the cores", mostWorkers)
	}
	if p.Waiting < 0 || p.Waiting > mostWaiting {
		c.problem("permanente.waiting", "wants 0 to %d; 0 is 40 for each worker", mostWaiting)
	}
	if p.Patience <= 0 || p.Patience > mostPatience {
		c.problem("permanente.patience", "wants more than 0s, and %s at most", mostPatience)
	}
}
