package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"clave/broker/registry"
	"clave/keys"
)

// namedFile is a file of relying parties; read gives the files that it names.
type namedFile struct {
	name string
	data []byte
	read func(name string) ([]byte, error)
}

// beside reads files relative to the one that names them.
func beside(name string) func(string) ([]byte, error) {
	dir := filepath.Dir(name)
	return func(other string) ([]byte, error) {
		if !filepath.IsAbs(other) {
			other = filepath.Join(dir, other)
		}
		return os.ReadFile(other)
	}
}

// applyParties registers what the files say and reads the register again.
func applyParties(ctx context.Context, in *installation, files []namedFile, rules registry.Rules) error {
	var read []*registry.File
	for _, f := range files {
		rules.ReadFile = f.read
		read = append(read, registry.Read(f.name, f.data, rules))
	}
	store := in.db.Registrations()
	for {
		current, err := store.Register(ctx)
		if err != nil {
			return fmt.Errorf("reading the relying parties: %w", err)
		}
		change, err := registry.Prepare(current, in.Now(), read...)
		if err != nil {
			return err
		}
		if !change.Empty() {
			if _, err = store.Change(ctx, change); errors.Is(err, registry.ErrChanged) {
				continue
			}
			if err != nil {
				return fmt.Errorf("registering relying parties: %w", err)
			}
		}
		return in.parties.Refresh(ctx)
	}
}

// sandboxMaster reads the master key of the data folder, or makes it.
func sandboxMaster(path string) (*keys.Master, error) {
	master, err := keys.ReadMasterFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keys.CreateMasterFile(path)
	}
	return master, err
}
