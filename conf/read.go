package conf

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"clave/internal/yamlfile"
	"clave/keys"
	"clave/providers/certificate/trust"
)

// The environment variables that replace a setting, for machines that hand out
// secrets so.
const (
	envDatabase  = "CLAVE_DATABASE"
	envMasterKey = "CLAVE_MASTER_KEY_FILE"
)

// Load reads the file and everything it names, and tells all that is wrong at
// once (yamlfile.Problems). env is os.Getenv.
func Load(path string, env func(string) string, now time.Time) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no settings at %s; begin with: clave config example > %s", path, path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return read(path, data, env, disk{}, now)
}

// read is Load without the file.
func read(name string, data []byte, env func(string) string, f files, now time.Time) (*Config, error) {
	config := Default()
	c := checker{document: yamlfile.Read(name, data, &config), files: f, now: now, env: env}
	if url := env(envDatabase); url != "" {
		config.Database.URL, config.Database.URLFile = url, ""
	}
	if file := env(envMasterKey); file != "" {
		config.Keys.MasterFile = file
	}
	c.server(config.Server)
	if config.Operations.Listen != "" {
		c.listen("operations.listen", config.Operations.Listen)
	}
	c.database(&config.Database)
	c.keys(config.Keys)
	c.page(config.Page)
	c.sms(config.SMS)
	c.mail(config.Mail)
	c.letters(config.Letters)
	c.certificates(config.Certificate, config.Server.Issuer)
	c.certificateProxy(config.Certificate, config.Server)
	c.limits(config.Limits)
	c.permanente(config.Permanente)
	c.movil(config.Movil, config.Server.Issuer)
	c.lifetimes(config.Lifetimes)
	c.oidc(config.OIDC)
	c.audit(config.Audit)
	c.log(config.Log)
	if err := c.document.Err(); err != nil {
		return nil, err
	}
	return &config, nil
}

// checker reports what is wrong, by the path of the field.
type checker struct {
	document *yamlfile.Document
	files    files
	now      time.Time
	env      func(string) string
}

func (c checker) problem(path, format string, args ...any) {
	if !c.document.Faulty(path) { // one thing at a time for each field
		c.document.Problem(path, format, args...)
	}
}

// each reports every mistake that another package found in a section, at the
// field that it names first, if there is one.
func (c checker) each(path string, err error) {
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(unwrapped(err).Error(), "\n") {
		at := path
		if word, _, _ := strings.Cut(line, " "); c.given(path + "." + word) {
			at, line = path+"."+word, strings.TrimPrefix(line, word+" ")
		}
		c.document.Problem(at, "%s", line)
	}
}

// unwrapped takes away the words of what was being done around the mistakes.
func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// given tells whether the file says anything about the field.
func (c checker) given(path string) bool { return c.document.Given(path) }

// fromEnvironment tells whether the field's value came from the environment.
func (c checker) fromEnvironment(path string) bool {
	return path == "database.url" && c.env(envDatabase) != ""
}

func (c checker) between(path string, value, least, most time.Duration) {
	if value < least || value > most {
		c.problem(path, "wants %s to %s", plain(least), plain(most))
	}
}

// file reads a file that a field names; nil when it cannot.
func (c checker) file(path, name string) []byte {
	data, err := c.files.read(name)
	if err != nil {
		c.problem(path, "%s", reason(err))
		return nil
	}
	return data
}

// secret reads a file that not everybody may read; nil when it cannot.
func (c checker) secret(path, name string) []byte {
	data, err := readSecret(c.files, name)
	if err != nil {
		c.problem(path, "%s", err)
		return nil
	}
	return data
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// files is the machine's disk, or a test's.
type files interface {
	read(name string) ([]byte, error)
	mode(name string) (fs.FileMode, error)
	master(name string) (*keys.Master, error)
	authorities(names []string, now time.Time) error
}

type disk struct{}

func (disk) read(name string) ([]byte, error) { return os.ReadFile(name) }

func (disk) mode(name string) (fs.FileMode, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Mode(), nil
}

func (disk) authorities(names []string, now time.Time) error {
	_, err := trust.Load(names, now)
	return err
}

func (disk) master(name string) (*keys.Master, error) { return keys.ReadMasterFile(name) }

func readSecret(f files, name string) ([]byte, error) {
	if name == "" {
		return nil, errors.New("is missing; name a file")
	}
	mode, err := f.mode(name)
	if err == nil && mode.Perm()&0o007 != 0 {
		return nil, fmt.Errorf("can be read by everybody on this machine; chmod 640 %s, and make a new secret", name)
	}
	var data []byte
	if err == nil {
		data, err = f.read(name)
	}
	if err != nil {
		return nil, errors.New(reason(err))
	}
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, errors.New("is an empty file")
	}
	return data, nil
}

// readAuthorities reads what the setting certificate_authority names.
func readAuthorities(f files, name string) (*x509.CertPool, error) {
	bundle, err := f.read(name)
	if err != nil {
		return nil, errors.New("certificate_authority " + reason(err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bundle) {
		return nil, errors.New("certificate_authority holds no certificate in PEM")
	}
	return pool, nil
}

// reason says why a file cannot be read, after the name of its field.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("cannot be read: %s: %s", path.Path, path.Err)
	}
	return "cannot be read: " + err.Error()
}
