package main

import (
	"io"

	"clave/conf"
)

// configCommand is `clave config`.
type configCommand struct {
	Example configExampleCommand `cmd:"" help:"Write a settings file with the manual of every field."`
}

// configExampleCommand is `clave config example`.
type configExampleCommand struct{}

// Run writes the example.
func (configExampleCommand) Run(out io.Writer) error {
	text, err := conf.Example()
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}
