package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// values are what no log, address or clear column may hold of a citizen.
func (c citizen) values() []string {
	all := []string{
		c.Document, c.GivenName, c.FirstSurname, c.SecondSurname, c.BirthDate, c.SupportNumber,
		c.IssueDate, c.ValidityDate, c.Phone, c.Email, strings.TrimPrefix(c.Phone, "+"),
	}
	return slices.DeleteFunc(all, func(v string) bool { return v == "" || v == "9999-01-01" })
}

// leaks looks for the citizens in logs, addresses and the files of SQLite.
func (w *world) leaks() []error {
	values := slices.Clone(w.personal)
	for _, c := range w.citizens {
		values = append(values, c.values()...)
	}
	secret := words(slices.Concat(values, w.codes, w.halves))
	var problems []error
	for _, body := range w.bodies {
		if words(w.halves).in(body) != "" {
			problems = append(problems, errors.New("a message holds the citizen's own half"))
		}
	}
	for _, n := range w.nodes {
		log, err := os.ReadFile(n.log())
		if err != nil {
			problems = append(problems, err)
		}
		for line := range strings.Lines(string(log)) {
			if strings.Contains(line, "level=ERROR") || strings.Contains(line, `"level":"ERROR"`) {
				problems = append(problems, fmt.Errorf("node %d reports an error: %s", n.number, line))
			}
		}
		if found := secret.in(string(log)); found != "" {
			problems = append(problems, fmt.Errorf("the log of node %d holds %q, which is personal", n.number, found))
		}
	}
	if found := secret.in(measurements(w.measured)); found != "" {
		problems = append(problems, fmt.Errorf("the metrics hold %q, which is personal", found))
	}
	for _, address := range w.asked {
		if u, err := url.Parse(address); err == nil {
			q := u.Query()
			q.Del("login_hint") // the sandbox's own, which the relying party sends
			address = u.Path + " " + strings.ReplaceAll(q.Encode(), "&", " ")
		}
		if found := secret.in(address); found != "" {
			problems = append(problems, fmt.Errorf("an address holds %q, which is personal: %s", found, address))
		}
	}
	if path, ok := strings.CutPrefix(w.database, "sqlite://"); ok {
		problems = append(problems, inClear(path, values)...)
	}
	return problems
}

// measurements are the lines of metrics that say something: the words of a help text
// are ours, and one of them may be a PIN by chance.
func measurements(metrics []byte) string {
	var said strings.Builder
	for line := range bytes.Lines(metrics) {
		if !bytes.HasPrefix(line, []byte("#")) {
			said.Write(line)
		}
	}
	return said.String()
}

// words are values that are looked for where they stand alone: short ones are part of
// random ids by chance.
type words []string

// in gives the first of the words that stands in a text, with what is around it; empty
// for none.
func (w words) in(text string) string {
	for _, word := range w {
		for begin := 0; ; begin++ {
			at := strings.Index(text[begin:], word)
			if at < 0 {
				break
			}
			begin += at
			end := begin + len(word)
			if (begin == 0 || !ofWord(text[begin-1])) && (end == len(text) || !ofWord(text[end])) {
				return text[max(0, begin-around):min(len(text), end+around)]
			}
		}
	}
	return ""
}

// around is how many bytes beside a find help to see where it is.
const around = 80

// ofWord tells whether a byte is one of random ids; the bytes of other letters are not.
func ofWord(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("_+/-", b) >= 0
}

// shortestInClear is the length from which a value is not found in what is sealed
// by chance.
const shortestInClear = 6

// inClear looks for values in the bytes of the database.
func inClear(path string, values []string) []error {
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		return []error{errors.Join(err, errors.New("the database has no file"))}
	}
	var problems []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, err)
		}
		for _, v := range values {
			if len(v) >= shortestInClear && bytes.Contains(content, []byte(v)) {
				problems = append(problems, fmt.Errorf("%s holds %q in clear", filepath.Base(file), v))
			}
		}
	}
	return problems
}

func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	personal := words{"12345678Z", "Español", "+34600000001", "X7K"}
	for _, test := range []struct {
		name, line string
		want       bool
	}{
		{"a value alone", "12345678Z", true},
		{"a value in a log line", `level=INFO msg="login opened" document=12345678Z`, true},
		{"a value in JSON", `{"code":"X7K"}`, true},
		{"a value in an address", "/login/1/pin 12345678Z", true},
		{"a phone", `to="+34600000001"`, true},
		{"a word with an accent", "name=Español,", true},
		{"a part of a random id", "login_id=aX7K-12345678Zb", false},
		{"a value behind a part of a random id", "login_id=aX7K code=X7K", true},
		{"a value in the second line", "nothing\nX7K\nnothing", true},
		{"nothing", `msg="login opened"`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := personal.in(test.line) != ""; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
