package e2e

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"clave/web/lang"

	"github.com/rogpeppe/go-internal/testscript"
)

// world is one performance of a script.
type world struct {
	engine   string
	dir      string // of the script, with a folder for each node
	database string
	balancer *balancer
	nodes    map[int]*node
	inUse    int
	between  string
	texts    *lang.Texts

	browsers       map[string]*browser
	browser        *browser // in front
	acceptLanguage string
	kept           map[string]jar
	asked          []string          // addresses
	looks          map[string]string // pages that were remembered

	citizens []citizen
	read     map[string]bool
	code     string
	secrets  []string // PINs and halves that were seen

	attempts map[string]*attempt // by state
	attempt  *attempt            // the last one that was begun or answered
	arrival  *attempt            // the one that the last step of the browser answered
}

type worldKey struct{}

// enter makes the world of a script, and at the end looks for what it let slip.
func enter(env *testscript.Env, e engine) error {
	texts, err := lang.Load()
	if err != nil {
		return err
	}
	w := &world{
		engine: e.name, dir: filepath.Join(env.WorkDir, "world"), nodes: map[int]*node{}, inUse: 1, texts: texts,
		browsers: map[string]*browser{}, kept: map[string]jar{}, read: map[string]bool{}, attempts: map[string]*attempt{}, looks: map[string]string{},
		acceptLanguage: "es",
	}
	w.face("ana")
	if err := os.MkdirAll(w.data(1), 0o700); err != nil {
		return err
	}
	if w.database, err = e.fresh(w.data(1)); err != nil {
		return err
	}
	if w.balancer, err = listen(); err != nil {
		return err
	}
	env.Values[worldKey{}] = w
	env.Setenv("PATH", built+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("CLAVE_DATABASE", w.database)
	env.Setenv("CLAVE_MASTER_KEY_FILE", filepath.Join(w.data(1), "master.key"))
	env.Setenv("ENGINE", e.name)
	env.Setenv("ISSUER", w.issuer())
	env.Setenv("PORT", w.balancer.port)
	env.Defer(func() {
		if err := w.end(); err != nil {
			env.T().Fatal(err)
		}
	})
	return nil
}

// end stops what runs, and looks for personal data where none may be.
func (w *world) end() error {
	w.balancer.close()
	var problems []error
	for _, n := range w.nodes {
		if n.running() {
			problems = append(problems, n.stop())
		}
	}
	return errors.Join(append(problems, w.leaks()...)...)
}

func (w *world) data(n int) string { return filepath.Join(w.dir, "node"+strconv.Itoa(n)) }

func (w *world) issuer() string { return "http://localhost:" + w.balancer.port }

func (w *world) issuerURL() *url.URL {
	return &url.URL{Scheme: "http", Host: "localhost:" + w.balancer.port, Path: "/"}
}

// face puts a person's browser in front.
func (w *world) face(name string) {
	if w.browsers[name] == nil {
		w.browsers[name] = newBrowser()
	}
	w.browser = w.browsers[name]
}

// start starts a node on the world's database; all have the same master key.
func (w *world) start(number int, flags []string) error {
	n := w.nodes[number]
	if n == nil {
		n = &node{number: number, port: w.balancer.port, data: w.data(number), database: w.database, flags: flags}
		w.nodes[number] = n
		if number != 1 {
			if err := os.MkdirAll(n.data, 0o700); err != nil {
				return err
			}
			if err := copyFile(filepath.Join(w.data(1), "master.key"), filepath.Join(n.data, "master.key")); err != nil {
				return err
			}
		}
	}
	if err := n.start(); err != nil {
		return err
	}
	if len(w.nodes) == 1 {
		w.use(number)
	}
	return nil
}

func (w *world) use(number int) {
	w.inUse = number
	w.balancer.use(w.nodes[number].address())
}

func (w *world) node(number int) (*node, error) {
	if n := w.nodes[number]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("there is no node %d", number)
}

func (w *world) restart(number int) error {
	n, err := w.node(number)
	if err != nil {
		return err
	}
	if err := n.kill(); err != nil {
		return err
	}
	return n.start()
}

// beforeStep does what the script wants between any two steps.
func (w *world) beforeStep() error {
	w.arrival = nil
	switch w.between {
	case "restart":
		return w.restart(w.inUse)
	case "swap":
		for number, n := range w.nodes {
			if number != w.inUse && n.running() {
				w.use(number)
				return nil
			}
		}
		return errors.New("there is no other node to take")
	}
	return nil
}
