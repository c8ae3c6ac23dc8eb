package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"clave/test/fakes/ca"
	"clave/test/fakes/smsc"
	"clave/test/fakes/tlsproxy"
	"clave/web/lang"

	"github.com/rogpeppe/go-internal/testscript"
)

// world is one performance of a script.
type world struct {
	engine   *engine
	dir      string // of the script, with a folder for each node
	database string
	master   string // file
	model    *model
	origin   string // the issuer
	client   *http.Client
	centre   *smsc.Server // for nodes that serve; the sandbox has its inbox
	ca       *ca.Server   // for nodes that serve; the sandbox has its own
	list     *publisher   // of the trusted list; nil while nobody has published one
	balancer *balancer
	fronted  bool              // proxies do the TLS of the certificates' host
	fronts   []*tlsproxy.Proxy // those that run
	nodes    map[int]*node
	inUse    int
	between  string
	texts    *lang.Texts

	browsers       map[string]*browser
	browser        *browser // in front
	acceptLanguage string
	// chooses is the method that is taken where a page offers several; empty stays there.
	chooses string
	// ticket is the address with which the host of the certificates sent a browser back.
	ticket   string
	kept     map[string]jar
	asked    []string          // addresses
	measured []byte            // what the nodes' metrics said at the end
	looks    map[string]string // pages that were remembered

	citizens []citizen
	read     map[string]bool
	code     string
	codes    []string // PINs that came
	printed  string   // the last activation code that a page showed
	halves   []string // own halves that were shown
	bodies   []string // messages
	personal []string // what scripts typed that is nobody's in the sandbox

	services  map[string]*samlService // by name
	dialect   dialect                 // services of Cl@ve 2
	published *published              // our metadata as they were read last
	samlKey   string
	attempts  map[string]*attempt // by state, or by ID of a SAML request
	attempt   *attempt            // the last one that was begun or answered
	arrival   *attempt            // the one that the last step of the browser answered
	parting   *samlParting        // what it last brought to a service about a logout
}

type worldKey struct{}

// enter makes the world of a script, and at the end looks for what it let slip.
func enter(env *testscript.Env, e *engine, centre *smsc.Server, issuer *ca.Server) error {
	texts, err := lang.Load()
	if err != nil {
		return err
	}
	w := &world{
		engine: e, centre: centre, ca: issuer, dir: filepath.Join(env.WorkDir, "world"), nodes: map[int]*node{}, inUse: 1, texts: texts,
		browsers: map[string]*browser{}, kept: map[string]jar{}, read: map[string]bool{}, attempts: map[string]*attempt{}, looks: map[string]string{},
		acceptLanguage: "es", chooses: "pin",
	}
	w.face("ana")
	if err := w.found(sandboxed); err != nil {
		return err
	}
	if w.balancer, err = listen(); err != nil {
		return err
	}
	w.origin = "http://localhost:" + w.balancer.port
	w.client = clientOf(map[string]string{servedHost: "127.0.0.1:" + w.balancer.port})
	env.Values[worldKey{}] = w
	env.Setenv("PATH", built+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("PORT", w.balancer.port)
	env.Setenv("SETTINGS", filepath.Join(w.data(1), "clave.yaml"))
	env.Setenv("SSL_CERT_FILE", w.listHost())
	w.place(env.Setenv)
	env.Defer(func() {
		if err := w.end(); err != nil {
			env.T().Fatal(err)
		}
	})
	return nil
}

// found gives the world its database.
func (w *world) found(k kind) error {
	url, m, err := w.engine.fresh(k)
	if err != nil {
		return err
	}
	w.database, w.master, w.model, w.citizens = url, m.master, m, m.citizens
	if k == serving {
		m, err := w.engine.model(sandboxed) // the same people
		if err != nil {
			return err
		}
		w.origin, w.citizens = "https://"+servedHost, m.citizens
	}
	return nil
}

// place tells the operator's commands where the installation is.
func (w *world) place(setenv func(name, value string)) {
	setenv("CLAVE_DATABASE", w.database)
	setenv("CLAVE_MASTER_KEY_FILE", w.master)
	setenv("ISSUER", w.origin)
}

// end stops what runs, and looks for personal data where none may be.
func (w *world) end() error {
	var problems []error
	for _, n := range w.nodes {
		if !n.running() {
			continue
		}
		metrics, err := n.metrics()
		w.measured = append(w.measured, metrics...)
		problems = append(problems, err, n.stop())
	}
	w.balancer.close()
	for _, p := range w.fronts {
		problems = append(problems, p.Close())
	}
	if w.list != nil {
		w.list.host.Close()
	}
	return errors.Join(append(problems, w.leaks()...)...)
}

func (w *world) data(n int) string { return filepath.Join(w.dir, "node"+strconv.Itoa(n)) }

func (w *world) issuerURL() *url.URL {
	u, err := url.Parse(w.origin + "/")
	if err != nil {
		panic(err) // ours
	}
	return u
}

// face puts a person's browser in front.
func (w *world) face(name string) {
	if w.browsers[name] == nil {
		w.browsers[name] = newBrowser()
	}
	w.browser = w.browsers[name]
}

// start starts a node of the sandbox on the world's database.
func (w *world) start(number int, flags []string) error {
	return w.run(number, func(n *node) error { n.sandboxed(flags); return nil })
}

// run starts a node; all have the same database and master key.
func (w *world) run(number int, prepare func(*node) error) error {
	n := w.nodes[number]
	if n == nil {
		n = &node{number: number, port: w.balancer.port, data: w.data(number), database: w.database}
		if err := w.equip(n); err != nil {
			return err
		}
		if err := prepare(n); err != nil {
			return err
		}
		w.nodes[number] = n
	}
	if err := n.start(); err != nil {
		return err
	}
	if len(w.nodes) == 1 {
		w.use(number)
	}
	return nil
}

// equip makes the node's folder, with the master key where the sandbox has it, and
// with what the model's node made: the database of the training, and the keys of the
// sample services, which all nodes register.
func (w *world) equip(n *node) error {
	const samples = "samples"
	if err := os.MkdirAll(filepath.Join(n.data, samples), 0o700); err != nil {
		return err
	}
	var err error
	for _, pattern := range []string{"training.db*", filepath.Join(samples, "*")} {
		made, _ := filepath.Glob(filepath.Join(w.model.folder, pattern)) // the patterns are well formed
		for _, file := range made {
			name, _ := filepath.Rel(w.model.folder, file) // it is below
			err = errors.Join(err, copyFile(file, filepath.Join(n.data, name)))
		}
	}
	return errors.Join(err, copyFile(w.master, filepath.Join(n.data, "master.key")))
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
	w.arrival, w.dialect.arrival = nil, nil
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
