package e2e

import (
	"context"
	"encoding/json"
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
	"clave/keys"
	"clave/sandbox"
	"clave/store"

	"github.com/jackc/pgx/v5"
)

// engine makes databases. Each is a copy of a model, so that keys and citizens are
// made once.
type engine struct {
	name string
	// create makes an empty database under a name, and copy a copy of one.
	create func(name string) (url string, err error)
	copy   func(name, from string) (url string, err error)
	// save makes a backup, and load drops the database and makes one from it.
	save func(url string) error
	load func(name, from string) (url string, err error)

	mu     sync.Mutex
	models map[kind]*model
}

// kind says what runs on a database.
type kind string

const (
	sandboxed kind = "sandbox" // clave dev, which fills it
	serving   kind = "service" // clave serve
)

// model is what databases are copied from.
type model struct {
	master string // file
	// folder is that of the node that filled a sandbox's database.
	folder   string
	citizens []citizen
}

func engines() []*engine {
	return []*engine{
		{name: "sqlite", create: createFile, copy: copyDatabaseFile, save: saveFile, load: loadFile, models: map[kind]*model{}},
		{name: "postgres", create: createDatabase, copy: copyDatabase, save: saveDatabase, load: loadDatabase, models: map[kind]*model{}},
	}
}

// made numbers the databases.
var made atomic.Int64

// fresh gives a database and its model.
func (e *engine) fresh(k kind) (url string, m *model, err error) {
	if m, err = e.model(k); err != nil {
		return "", nil, fmt.Errorf("making the model: %w", err)
	}
	url, err = e.copy("world"+strconv.FormatInt(made.Add(1), 10), string(k))
	return url, m, err
}

func (e *engine) model(k kind) (*model, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.models[k] != nil {
		return e.models[k], nil
	}
	url, err := e.create(string(k))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(built), "model-")
	if err != nil {
		return nil, err
	}
	m := &model{master: filepath.Join(dir, "master.key"), folder: dir}
	fill := m.bySandbox
	if k == serving {
		fill = m.byHand
	}
	if err := fill(dir, url); err != nil {
		return nil, err
	}
	e.models[k] = m
	return m, nil
}

// bySandbox lets a node run once, and asks it whom it knows.
func (m *model) bySandbox(dir, url string) error {
	b, err := listen()
	if err != nil {
		return err
	}
	defer b.close()
	n := (&node{number: 1, port: b.port, data: dir, database: url}).sandboxed(nil)
	if err := n.start(); err != nil {
		return err
	}
	body, err := n.get("/dev/citizens.json")
	if err == nil {
		err = json.Unmarshal(body, &m.citizens)
	}
	return errors.Join(err, n.stop())
}

// byHand puts the sandbox's citizens into an installation's database.
func (m *model) byHand(_, url string) error {
	ctx := context.Background()
	master, err := keys.CreateMasterFile(m.master)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	ring, err := keys.Open(ctx, db.Keys(), master, time.Now)
	if err != nil {
		return err
	}
	census, persons := store.NewCensus(db, ring.Columns(), ring.Index()), store.NewPersons(db, ring.Columns(), ring.Index())
	return sandbox.Seed(ctx, census, persons, time.Now)
}

func createFile(name string) (string, error) {
	return "sqlite://" + filepath.Join(filepath.Dir(built), name+".db"), nil
}

func copyDatabaseFile(name, from string) (string, error) {
	to, err := createFile(name)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(built)
	parts, err := filepath.Glob(filepath.Join(dir, from+".db*")) // with what is still in its log
	for _, part := range parts {
		err = errors.Join(err, copyFile(part, filepath.Join(dir, name+strings.TrimPrefix(filepath.Base(part), from))))
	}
	return to, err
}

var cluster struct {
	sync.Mutex
	running *pgcluster.Cluster
}

func createDatabase(name string) (string, error) {
	cluster.Lock()
	defer cluster.Unlock()
	if cluster.running == nil {
		c, err := pgcluster.Start("fsync = off", "full_page_writes = off", "shared_buffers = '64MB'")
		if err != nil {
			return "", err
		}
		cluster.running = c
	}
	return address(name), administer("create database " + name)
}

func copyDatabase(name, from string) (string, error) {
	return address(name), administer("create database " + name + " template " + from)
}

// address is that of a database of the cluster.
func address(name string) string {
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
