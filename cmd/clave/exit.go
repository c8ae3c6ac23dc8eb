package main

// exitStatus is an end of a command that scripts tell apart.
type exitStatus struct {
	code int
	text string
}

// Error says what happened.
func (e exitStatus) Error() string { return e.text }

// ExitCode is the process's exit status.
func (e exitStatus) ExitCode() int { return e.code }
