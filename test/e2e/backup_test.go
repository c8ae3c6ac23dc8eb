package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// backup saves the installation as docs/operations.md says: the database by the
// means of its engine, and the master key apart from it.
func (w *world) backup() error {
	if err := w.engine.save(w.database); err != nil {
		return err
	}
	return copyFile(w.master, w.savedMaster())
}

func (w *world) savedMaster() string { return filepath.Join(w.dir, "saved.key") }

// restore loses everything but the backup, and brings that back elsewhere.
func (w *world) restore() error {
	for number, n := range w.nodes {
		if n.running() {
			if err := n.kill(); err != nil {
				return err
			}
		}
		if err := os.Rename(n.data, n.data+"-lost"); err != nil {
			return err
		}
		delete(w.nodes, number)
	}
	lost := w.database
	w.master = filepath.Join(w.dir, "restored.key")
	if err := copyFile(w.savedMaster(), w.master); err != nil {
		return err
	}
	var err error
	w.database, err = w.engine.load("restored"+strconv.FormatInt(made.Add(1), 10), lost)
	return err
}

// saved is where the backup of a SQLite file lies.
func saved(url string) string { return strings.TrimPrefix(url, "sqlite://") + ".backup" }

// saveFile copies the one file that a node leaves behind when it stopped.
func saveFile(url string) error {
	path := strings.TrimPrefix(url, "sqlite://")
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return errors.New("the node left a part of its database in the log")
	}
	return copyFile(path, saved(url))
}

func loadFile(name, from string) (string, error) {
	lost, err := filepath.Glob(strings.TrimPrefix(from, "sqlite://") + "*")
	if err != nil {
		return "", err
	}
	to, err := createFile(name)
	if err != nil {
		return "", err
	}
	if err := copyFile(saved(from), strings.TrimPrefix(to, "sqlite://")); err != nil {
		return "", err
	}
	for _, file := range lost {
		err = errors.Join(err, os.Remove(file))
	}
	return to, err
}

// databaseName is the database that an address of the cluster names.
func databaseName(url string) string {
	_, name, _ := strings.Cut(url, "@/")
	name, _, _ = strings.Cut(name, "?")
	return name
}

func saveDatabase(url string) error {
	name := databaseName(url)
	_, err := cluster.running.Tool("pg_dump", "--format=custom", "--file="+name+".dump", "--dbname="+address(name))
	return err
}

func loadDatabase(name, from string) (string, error) {
	lost := databaseName(from)
	if err := administer("drop database " + lost); err != nil {
		return "", err
	}
	to, err := createDatabase(name)
	if err != nil {
		return "", err
	}
	_, err = cluster.running.Tool("pg_restore", "--exit-on-error", "--no-owner", "--dbname="+to, lost+".dump")
	return to, err
}
