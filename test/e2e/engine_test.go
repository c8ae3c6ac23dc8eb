package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"clave/internal/pgcluster"

	"github.com/jackc/pgx/v5"
)

// engine makes databases. Each is a copy of one in which a node ran before, so
// that keys and citizens are made once.
type engine struct {
	name string
	// fresh gives a world's database, and puts the master key into its folder.
	fresh func(dir string) (url string, err error)
}

func engines() []engine {
	return []engine{{"sqlite", freshSQLite}, {"postgres", freshPostgres}}
}

// model is what databases are copied from.
type model struct{ dir, url string }

const modelName = "model"

var sqliteModel = sync.OnceValues(func() (model, error) {
	dir, err := os.MkdirTemp(filepath.Dir(built), "sqlite-")
	if err != nil {
		return model{}, err
	}
	m := model{dir, "sqlite://" + filepath.Join(dir, "clave.db")}
	return m, m.fill()
})

var postgresModel = sync.OnceValues(func() (model, error) {
	cluster.Lock()
	defer cluster.Unlock()
	dir, err := os.MkdirTemp(filepath.Dir(built), "postgres-")
	if err != nil {
		return model{}, err
	}
	if cluster.running, err = pgcluster.Start("fsync = off", "full_page_writes = off", "shared_buffers = '64MB'"); err != nil {
		return model{}, err
	}
	if err := administer("create database " + modelName); err != nil {
		return model{}, err
	}
	m := model{dir, database(modelName)}
	return m, m.fill()
})

// fill lets a node run in the model once.
func (m model) fill() error {
	b, err := listen()
	if err != nil {
		return err
	}
	defer b.close()
	n := &node{number: 1, port: b.port, data: m.dir, database: m.url}
	if err := n.start(); err != nil {
		return err
	}
	return n.stop()
}

func freshSQLite(dir string) (string, error) {
	m, err := sqliteModel()
	if err != nil {
		return "", fmt.Errorf("making the model: %w", err)
	}
	for _, name := range []string{"clave.db", "master.key"} {
		if err := copyFile(filepath.Join(m.dir, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return "sqlite://" + filepath.Join(dir, "clave.db"), nil
}

var cluster struct {
	sync.Mutex
	running *pgcluster.Cluster
	made    atomic.Int64
}

func freshPostgres(dir string) (string, error) {
	m, err := postgresModel()
	if err != nil {
		return "", fmt.Errorf("making the model: %w", err)
	}
	name := "world" + strconv.FormatInt(cluster.made.Add(1), 10)
	if err := administer("create database " + name + " template " + modelName); err != nil {
		return "", err
	}
	return database(name), copyFile(filepath.Join(m.dir, "master.key"), filepath.Join(dir, "master.key"))
}

// database is the address of a database of the cluster.
func database(name string) string {
	return strings.Replace(cluster.running.URL, "/postgres?", "/"+name+"?", 1)
}

// administer runs a statement. The backends of a node that ended may hold its
// database a moment longer.
func administer(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, cluster.running.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return eventually(quick, func() error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

func stopEngines() error {
	if cluster.running == nil {
		return nil
	}
	return cluster.running.Stop()
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// patience is how long a condition may take to come true on a busy machine. A
// message that a dying node had claimed comes a minute late.
const patience = 90 * time.Second

// How often a condition is looked at: one of ours, and one that somebody else's
// clock makes true.
const (
	quick = 5 * time.Millisecond
	slow  = 500 * time.Millisecond
)

// hopeless is an error that no patience mends.
type hopeless struct{ error }

// eventually tries until it succeeds, it is hopeless, or patience ends.
func eventually(every time.Duration, try func() error) error {
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := try()
		if err == nil || errors.As(err, &hopeless{}) {
			return err
		}
		if now := <-tick.C; now.After(deadline) {
			return errors.Join(errors.New("this did not happen in time"), err)
		}
	}
}
