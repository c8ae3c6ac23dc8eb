package letter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"clave/internal/onetime"
)

// Spool is a folder from which a print house takes batches:
//
//	BATCH/NUMBER.pdf     one file a letter
//	BATCH/manifest.json  count and checksums
//	.clave/              ours: batches being written, the spool's name, a lock
//
// A batch appears whole, by one rename. The print house moves it away or deletes it when
// it is done. Files are for the folder's group (0640): make that the print house's account.
type Spool struct {
	folder, name string
}

// Manifest says what a batch holds.
type Manifest struct {
	Batch     string    `json:"batch"`
	CreatedAt time.Time `json:"created_at"`
	Letters   int       `json:"letters"`
	Files     []File    `json:"files"`
}

// File is a letter in a batch.
type File struct {
	Name   string `json:"name"`
	Letter string `json:"letter"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	ownFolder    = ".clave"
	stagingName  = "staging"
	nameFile     = "name"
	lockFile     = "lock"
	manifestName = "manifest.json"
)

// OpenSpool opens a folder, which must be there, and gives it a name of its own the first
// time. Several nodes may share it.
func OpenSpool(folder string) (*Spool, error) {
	s := &Spool{folder: folder}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("opening the spool for letters: %w", err)
	}
	return s, nil
}

func (s *Spool) prepare() error {
	info, err := os.Stat(s.folder)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", s.folder)
	}
	if err := os.MkdirAll(s.own(stagingName), 0o700); err != nil {
		return err
	}
	// Whoever is first gives the name; the others read it.
	made := s.own(nameFile + "-" + onetime.NewID())
	if err := writeFile(made, []byte(onetime.NewID()+"\n"), 0o600); err != nil {
		return err
	}
	linked := os.Link(made, s.own(nameFile))
	if err := os.Remove(made); err != nil {
		return err
	}
	if linked != nil && !errors.Is(linked, fs.ErrExist) {
		return linked
	}
	name, err := os.ReadFile(s.own(nameFile))
	if err != nil {
		return err
	}
	if s.name = strings.TrimSpace(string(name)); s.name == "" {
		return fmt.Errorf("%s is empty: restore it from a backup, or delete it when no batch is under way", s.own(nameFile))
	}
	return nil
}

func (s *Spool) own(parts ...string) string {
	return filepath.Join(append([]string{s.folder, ownFolder}, parts...)...)
}

// Name implements House. It is random and stays with the folder, whatever it is mounted as.
func (s *Spool) Name() string { return s.name }

// Hold implements House. The lock ends with the process, however that ends.
func (s *Spool) Hold() (release func(), err error) {
	file, err := os.OpenFile(s.own(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the spool for letters: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		_ = file.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrHeld
		}
		return nil, fmt.Errorf("locking the spool for letters: %w", err)
	}
	return func() { _ = file.Close() }, nil // closing unlocks; nothing was written
}

// Stage implements House. The manifest is written last.
func (s *Spool) Stage(ctx context.Context, b Batch, letters []Printed) error {
	folder := s.own(stagingName, b.ID)
	if err := os.RemoveAll(folder); err != nil { // what a crash left
		return fmt.Errorf("staging a batch: %w", err)
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		return fmt.Errorf("staging a batch: %w", err)
	}
	manifest := Manifest{Batch: b.ID, CreatedAt: b.CreatedAt.UTC(), Letters: len(letters), Files: []File{}}
	for _, l := range letters {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum := sha256.Sum256(l.PDF)
		file := File{Name: l.Number + ".pdf", Letter: l.Number, Bytes: len(l.PDF), SHA256: hex.EncodeToString(sum[:])}
		if err := writeFile(filepath.Join(folder, file.Name), l.PDF, 0o640); err != nil {
			return fmt.Errorf("staging letter %s: %w", l.Number, err)
		}
		manifest.Files = append(manifest.Files, file)
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("staging a batch: %w", err)
	}
	if err := writeFile(filepath.Join(folder, manifestName), append(text, '\n'), 0o640); err != nil {
		return fmt.Errorf("staging a batch: %w", err)
	}
	return errors.Join(syncFolder(folder), syncFolder(s.own(stagingName)))
}

// Publish implements House.
func (s *Spool) Publish(_ context.Context, id string) (bool, error) {
	err := os.Rename(s.own(stagingName, id), filepath.Join(s.folder, id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("publishing a batch: %w", err)
	}
	return true, errors.Join(syncFolder(s.folder), syncFolder(s.own(stagingName)))
}

// writeFile writes a new file and waits for the disk.
func writeFile(name string, content []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder waits until the names in a folder are on the disk.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
