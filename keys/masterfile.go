package keys

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxMasterFile bounds what is read of a file; 32 bytes are 44 characters.
const maxMasterFile = 1 << 10

// ReadMasterFile reads a master key in base64 from a file that only its owner
// may read.
func ReadMasterFile(path string) (*Master, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no master key at %s; restore it from the backup, or for a new installation make one with `clave keys new-master %s`: %w", path, path, err)
	case err != nil:
		return nil, fmt.Errorf("reading the master key: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("master key %s is not a regular file", path)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("master key %s can be read by others (mode %04o); `chmod 600 %s`, and think of it as known if others are on this machine", path, info.Mode().Perm(), path)
	case info.Size() > maxMasterFile:
		return nil, fmt.Errorf("master key %s has %d bytes: that is no master key", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	master, err := ParseMaster(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return master, nil
}

// CreateMasterFile makes a new random master key in a new file with mode 0600.
// An existing file is never replaced: the error is then fs.ErrExist. The file
// appears whole or not at all, so of two who create it at once one succeeds and
// the other can read it.
func CreateMasterFile(path string) (*Master, error) {
	secret := make([]byte, MasterSize)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	text := base64.StdEncoding.EncodeToString(secret) + "\n"

	temporary, err := os.CreateTemp(filepath.Dir(path), ".master-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("creating the master key: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(text)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Link(temporary.Name(), path) // fails if path exists; a rename would replace it
	}
	if err != nil {
		return nil, fmt.Errorf("creating the master key %s: %w", path, err)
	}
	return NewMaster(secret)
}
