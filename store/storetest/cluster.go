package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"

	"clave/internal/pgcluster"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// cluster lends schemas.
type cluster struct {
	once    sync.Once
	trouble error
	running *pgcluster.Cluster // nil when it is somebody else's
	url     string
	admin   *pgxpool.Pool
	model   string // a schema that nobody writes to
	tables  []string

	mu      sync.Mutex
	schemas []string
	free    []string
}

// shared is the cluster of the test binary.
var shared cluster

// ready starts the cluster and makes the model, once.
func (c *cluster) ready() (*cluster, error) {
	c.once.Do(func() { c.trouble = c.start() })
	return c, c.trouble
}

func (c *cluster) start() (err error) {
	if c.url = os.Getenv("CLAVE_TEST_POSTGRES"); c.url == "" {
		if c.running, err = pgcluster.Start("fsync = off", "full_page_writes = off", "shared_buffers = '32MB'"); err != nil {
			return err
		}
		c.url = c.running.URL
	}
	ctx := context.Background()
	if c.admin, err = pgxpool.New(ctx, c.url); err != nil {
		return err
	}
	if c.model, err = c.make(); err != nil {
		return err
	}
	tables, err := c.admin.Query(ctx, `select table_name::text
from information_schema.tables
where table_schema = $1
and table_name <> 'goose_db_version'`, c.model)
	if err != nil {
		return err
	}
	c.tables, err = pgx.CollectRows(tables, pgx.RowTo[string])
	return err
}

// make makes a schema with all tables.
func (c *cluster) make() (string, error) {
	schema := "t" + strings.ToLower(rand.Text())
	if err := c.run("create schema " + schema); err != nil {
		return "", err
	}
	c.mu.Lock()
	c.schemas = append(c.schemas, schema)
	c.mu.Unlock()
	return schema, migrate(c.address(schema))
}

// take lends a schema as the migrations leave it.
func (c *cluster) take() (string, error) {
	c.mu.Lock()
	if last := len(c.free) - 1; last >= 0 {
		schema := c.free[last]
		c.free = c.free[:last]
		c.mu.Unlock()
		return schema, nil
	}
	c.mu.Unlock()
	return c.make()
}

// give takes a schema back: whoever is still at work there, as the backends of a
// process that was killed may be, is sent away first.
func (c *cluster) give(schema string) error {
	ctx := context.Background()
	_, err := c.admin.Exec(ctx, `select pg_terminate_backend(pid, 10000)
from pg_stat_activity
where application_name = $1`, schema)
	if err != nil {
		return fmt.Errorf("sending everybody out of schema %s: %w", schema, err)
	}
	var empty, fill strings.Builder
	for _, table := range c.tables {
		fmt.Fprintf(&empty, "delete from %s.%s;\n", schema, table)
		fmt.Fprintf(&fill, "insert into %s.%s select * from %s.%s;\n", schema, table, c.model, table)
	}
	// Foreign keys rest meanwhile, so that the order does not matter.
	err = c.run("begin; set local session_replication_role = replica;\n" + empty.String() + fill.String() + "commit")
	if err != nil {
		return fmt.Errorf("putting schema %s back: %w", schema, err)
	}
	c.mu.Lock()
	c.free = append(c.free, schema)
	c.mu.Unlock()
	return nil
}

func (c *cluster) stop() error {
	if c.admin == nil {
		return nil
	}
	defer c.admin.Close()
	if c.running != nil {
		c.admin.Close()
		return c.running.Stop()
	}
	var problems []error
	for _, schema := range c.schemas {
		problems = append(problems, c.run("drop schema "+schema+" cascade"))
	}
	return errors.Join(problems...)
}

// run runs statements.
func (c *cluster) run(statements string) error {
	_, err := c.admin.Exec(context.Background(), statements, pgx.QueryExecModeSimpleProtocol)
	return err
}

// address is that of a schema, whose connections bear its name.
func (c *cluster) address(schema string) string {
	u, err := url.Parse(c.url)
	if err != nil {
		panic(err) // the pool has read it
	}
	q := u.Query()
	q.Set("search_path", schema)
	q.Set("application_name", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
