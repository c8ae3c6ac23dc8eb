package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"clave/keys"
)

// keysNewMasterCommand is `clave keys new-master`.
type keysNewMasterCommand struct {
	File string `arg:"" help:"The new file; it must not exist."`
}

// Run makes the file, readable by its owner alone.
func (c *keysNewMasterCommand) Run(out io.Writer) error {
	if _, err := keys.CreateMasterFile(c.File); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already and is not replaced: what is sealed under it could never be opened again", c.File)
		}
		return err
	}
	_, err := fmt.Fprintf(out, "made %s. Give it to the product's account, and keep a copy apart from the database's backups: without it nothing can be opened again.\n", c.File)
	return err
}
