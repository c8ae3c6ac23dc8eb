package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"clave/audit"
	"clave/conf"
	"clave/keys"
	"clave/store"
	"clave/web/page"
)

// place says which installation a command is about: by its settings, or by its
// database alone.
type place struct {
	Config   string `env:"CLAVE_CONFIG" help:"Settings of the installation; or give --database."`
	Database string `env:"CLAVE_DATABASE" help:"sqlite:///path/file.db or postgres://…"`
	Master   string `env:"CLAVE_MASTER_KEY_FILE" help:"File with the master key; for SQLite the default is the database's file with .key at the end, which is made when there is none."`
}

// access is an open installation, for one command of an operator.
type access struct {
	db    *store.DB
	keys  *keys.Keyring
	trail audit.Trail
	actor audit.Actor
	now   func() time.Time
	frame page.Frame // of the settings; the zero value when a database alone was named
}

// open opens and migrates the database and opens its keys.
func (p place) open(ctx context.Context) (*access, error) {
	database, file := p.Database, p.Master
	var frame page.Frame
	if p.Config != "" {
		settings, err := conf.Load(p.Config, os.Getenv, time.Now())
		if err != nil {
			return nil, err
		}
		database, file = settings.Database.URL, settings.Keys.MasterFile
		frame = frameOf(settings.Page, nil)
	}
	if database == "" {
		return nil, errors.New("which installation? give --config FILE, or --database sqlite:///path/file.db or postgres://…")
	}
	who, err := operator()
	if err != nil {
		return nil, err
	}
	master, made, err := masterFor(database, file)
	if err != nil {
		return nil, err
	}
	a := &access{actor: who, now: time.Now, frame: frame}
	if err := a.unlock(ctx, database, master); err != nil {
		if made != "" {
			// The database has other keys: the one made for it is of no use.
			err = errors.Join(err, os.Remove(made))
		}
		return nil, err
	}
	return a, nil
}

func (a *access) unlock(ctx context.Context, database string, master *keys.Master) error {
	db, err := store.Open(ctx, database, store.Options{Connections: 4, Durable: true, Now: a.now})
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return err
	}
	if a.keys, a.trail, err = openKeys(ctx, db, master, a.actor, a.now, keys.Options{}); err != nil {
		db.Close()
		if errors.Is(err, keys.ErrMaster) {
			return fmt.Errorf("%w; name the right one with --master", err)
		}
		return err
	}
	a.db = db
	return nil
}

func (a *access) close() { a.db.Close() }

// record adds an event of this operator to the transaction in ctx.
func (a *access) record(ctx context.Context, e audit.Event) error {
	e.Actor = a.actor
	return a.trail.Record(ctx, e)
}

// masterFor reads the master key from the file, or for SQLite from beside the
// database: its name with .key, or the sandbox's master.key. When neither is
// there it makes the first and tells its name.
func masterFor(database, file string) (master *keys.Master, made string, err error) {
	if file != "" {
		master, err = keys.ReadMasterFile(file)
		return master, "", err
	}
	path, ok := sqlitePath(database)
	if !ok {
		return nil, "", errors.New("which master key? name its file with --master or CLAVE_MASTER_KEY_FILE; for a new installation make one with `clave keys new-master FILE`")
	}
	for _, name := range []string{path + ".key", filepath.Join(filepath.Dir(path), sandboxMasterName)} {
		master, err = keys.ReadMasterFile(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return master, "", err
		}
	}
	made = path + ".key"
	if master, err = keys.CreateMasterFile(made); err != nil {
		return nil, "", err
	}
	return master, made, nil
}

// sqlitePath is the file of a SQLite database; false for another engine.
func sqlitePath(database string) (string, bool) {
	u, err := url.Parse(database)
	if err != nil || u.Scheme != "sqlite" || u.Path == "" {
		return "", false
	}
	return u.Path, true
}

// operator is who runs this command.
func operator() (audit.Actor, error) {
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("finding out who runs this command: %w", err)
	}
	return audit.Operator(u.Username), nil
}
