package proxies

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const manual = "../../docs/operations.md"

// sample is the text of a file that stands in the manual, by its name in the first
// line.
func sample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range strings.Split(string(text), "\n```\n") {
		if first, _, _ := strings.Cut(block, "\n"); strings.HasSuffix(first, " "+name) {
			if i == 0 {
				break
			}
			return block + "\n"
		}
	}
	t.Fatalf("%s does not show %s", manual, name)
	return ""
}

// front is a proxy with the settings of the manual.
type front struct {
	name string
	// prepare writes the settings into the folder and gives the command.
	prepare func(t *testing.T, dir string, change *strings.Replacer) []string
	// changes are what the sample's machine has and the test's has not.
	changes []string
	// strict: it breaks the connection itself when a certificate is not in force.
	strict bool
}

func fronts() []front {
	return []front{
		{name: "nginx", prepare: nginx, changes: []string{
			"listen 443 ssl", "listen ADDRESS ssl", "/etc/nginx/certificado.pem", "CHAIN", "/etc/nginx/certificado.key", "KEY",
		}},
		{name: "haproxy", prepare: haproxy, changes: []string{"bind :443", "bind ADDRESS", "/etc/haproxy/certificado.pem", "BOTH"}},
		{name: "apache", prepare: apache, strict: true, changes: []string{
			"*:443", "ADDRESS", "/etc/apache2/certificado.pem", "CHAIN", "/etc/apache2/certificado.key", "KEY",
		}},
	}
}

func nginx(t *testing.T, dir string, change *strings.Replacer) []string {
	write(t, dir, "clave.js", sample(t, "/etc/nginx/clave.js"))
	around := `
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off;
pid ` + dir + `/pid;
events {}
http {
access_log off;
client_body_temp_path ` + dir + `/body;
proxy_temp_path ` + dir + `/proxy;
fastcgi_temp_path ` + dir + `/fastcgi;
uwsgi_temp_path ` + dir + `/uwsgi;
scgi_temp_path ` + dir + `/scgi;
`
	settings := strings.ReplaceAll(change.Replace(sample(t, "/etc/nginx/conf.d/certificado.conf")), "/etc/nginx/clave.js", dir+"/clave.js")
	return []string{"nginx", "-p", dir, "-e", dir + "/log", "-c", write(t, dir, "nginx.conf", around+settings+"}\n")}
}

func haproxy(t *testing.T, dir string, change *strings.Replacer) []string {
	return []string{"haproxy", "-db", "-f", write(t, dir, "haproxy.cfg", change.Replace(sample(t, "/etc/haproxy/haproxy.cfg")))}
}

func apache(t *testing.T, dir string, change *strings.Replacer) []string {
	settings := change.Replace(sample(t, "/etc/apache2/sites-available/certificado.conf"))
	_, at, _ := strings.Cut(settings, "<VirtualHost ")
	at, _, _ = strings.Cut(at, ">")
	around := "ServerRoot /usr/lib/apache2\nServerName localhost\nPidFile " + dir + "/pid\nErrorLog " + dir + "/log\nDefaultRuntimeDir " + dir + "\nListen " + at + "\n"
	for _, module := range []string{"mpm_event", "authz_core", "headers", "proxy", "proxy_http", "ssl"} {
		around += "LoadModule " + module + "_module modules/mod_" + module + ".so\n"
	}
	return []string{"apache2", "-X", "-f", write(t, dir, "apache.conf", around+settings)}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs the proxy before a node and gives its address.
func (f front) start(t *testing.T, node, secret string, pair *tls.Certificate) string {
	t.Helper()
	dir, address := t.TempDir(), free(t)
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	names := strings.NewReplacer("ADDRESS", address, "CHAIN", write(t, dir, "chain.pem", string(chain)),
		"KEY", write(t, dir, "key.pem", string(key)), "BOTH", write(t, dir, "both.pem", string(chain)+string(key)))
	pairs := []string{"10.0.0.11:8443", node, "SECRET", secret}
	for i := 0; i < len(f.changes); i += 2 {
		pairs = append(pairs, f.changes[i], names.Replace(f.changes[i+1]))
	}
	command := f.prepare(t, dir, strings.NewReplacer(pairs...))
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if path, err := exec.LookPath("/usr/sbin/" + command[0]); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v; make deps installs it", f.name, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()                          // its status is nothing that was tested
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close() // nothing was sent
			return address
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(said.Name())               // a help
			more, _ := os.ReadFile(filepath.Join(dir, "log")) // another
			t.Fatalf("%s does not listen: %v\n%s%s", f.name, err, text, more)
		}
	}
}

// free is an address where nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
