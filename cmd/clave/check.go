package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"clave/conf"
)

// checkCommand is `clave check`.
type checkCommand struct {
	Config string `default:"/etc/clave/clave.yaml" env:"CLAVE_CONFIG" help:"Settings of the installation."`
}

// Run tells all mistakes at once, each with its line.
func (c *checkCommand) Run(out io.Writer) error {
	if _, err := conf.Load(c.Config, os.Getenv, time.Now()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s: no mistakes\n", c.Config)
	return err
}
