package conf

import (
	"net/url"
	"strings"
)

// Database is where everything is kept.
type Database struct {
	// URL is the address of the database: postgres://user@host/name, which may
	// name several hosts and target_session_attrs=read-write for failover, or
	// sqlite:///path/file.db for a small installation with one node. Without a
	// password: it belongs into a file that passfile= names, or use url_file.
	// Behind a PgBouncer older than 1.21 that pools transactions it needs
	// default_query_exec_mode=exec, or statements fail ("prepared statement does
	// not exist"). The environment variable CLAVE_DATABASE replaces it.
	URL string `yaml:"url" example:"postgres://clave@db.example/clave?sslmode=verify-full&passfile=/etc/clave/pgpass" required:"true"`

	// URLFile is a file that holds the address, for one with a password in it.
	// It must not be readable by everybody. Either url or url_file.
	URLFile string `yaml:"url_file" example:"/etc/clave/database-url"`

	// Connections is how many connections this node opens at most. All nodes
	// together must stay below the server's max_connections. Too few, and logins
	// wait for one another; one per processor of the database and node is plenty.
	Connections int `yaml:"connections"`

	// TrainingURL is the address of another database, on which officers practise at
	// the console when they sign in for training: the product fills it with invented
	// citizens, sends nothing, and marks every page and paper. Never that of a
	// register. Empty for no training.
	TrainingURL string `yaml:"training_url" example:"postgres://clave@db.example/clave_training?sslmode=verify-full&passfile=/etc/clave/pgpass"`
}

// Keys is how the keys are protected.
type Keys struct {
	// MasterFile is the file with the master key, under which all other keys and
	// the citizens' data are sealed: make it with `clave keys new-master FILE`,
	// let only the product's account read it (0600), and keep a copy in a safe
	// place apart from the database's backups. Without it nothing can be opened
	// again, by nobody. All nodes use the same. The environment variable
	// CLAVE_MASTER_KEY_FILE replaces it.
	MasterFile string `yaml:"master_file" example:"/etc/clave/master.key" required:"true"`
}

func (c checker) database(d *Database) {
	at := "database"
	if d.URLFile != "" {
		if d.URL != "" {
			c.problem(at+".url_file", "and url are both given; keep one")
			return
		}
		d.URL = strings.TrimSpace(string(c.secret(at+".url_file", d.URLFile)))
		c.databaseURL(at+".url_file", d.URL, passwordAllowed)
	} else {
		c.databaseURL(at+".url", d.URL, passwordRefused)
	}
	if d.TrainingURL != "" {
		c.databaseURL(at+".training_url", d.TrainingURL, passwordRefused)
		if d.TrainingURL == d.URL {
			c.problem(at+".training_url", "is the register of citizens; give a database of its own")
		}
	}
	if d.Connections < 2 || d.Connections > 1000 {
		c.problem(at+".connections", "wants 2 to 1000")
	}
}

type passwords int

const (
	passwordRefused passwords = iota
	passwordAllowed
)

func (c checker) databaseURL(at, address string, p passwords) {
	if address == "" {
		if !c.document.Faulty(at) {
			c.problem(at, "is missing; give postgres://user@host/name or sqlite:///path/file.db")
		}
		return
	}
	u, err := url.Parse(address)
	if err != nil {
		c.problem(at, "is not an address such as postgres://user@host/name")
		return
	}
	_, password := u.User.Password()
	switch {
	case u.Scheme == "sqlite" && (u.Host != "" || len(u.Path) < 2):
		c.problem(at, "wants three slashes and an absolute path, as in sqlite:///var/lib/clave/clave.db")
	case u.Scheme != "sqlite" && u.Scheme != "postgres" && u.Scheme != "postgresql":
		c.problem(at, "wants postgres:// or sqlite:// first")
	case (password || u.Query().Has("password")) && p == passwordRefused && !c.fromEnvironment(at):
		c.problem(at, "holds a password, which everybody who reads this file sees; put the address into a file of its own and name it in url_file")
	}
}

func (c checker) keys(k Keys) {
	at := "keys.master_file"
	if k.MasterFile == "" {
		c.problem(at, "is missing; make a master key with `clave keys new-master /etc/clave/master.key` and name it here")
		return
	}
	if _, err := c.files.master(k.MasterFile); err != nil {
		c.problem(at, "%s", err)
	}
}
