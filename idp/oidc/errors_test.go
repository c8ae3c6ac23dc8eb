package oidc_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
)

// TestEveryErrorIsDocumented reads the sentences out of the source, so that none
// is said that integrators cannot look up.
func TestEveryErrorIsDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/errors-oidc.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	var sentences [][2]string // code or its constant, sentence
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`\t(\w+) += "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
			codes[found[1]] = found[2]
		}
		for _, found := range regexp.MustCompile(`refuse\((\w+), "([^"]*)"`).FindAllStringSubmatch(string(source), -1) {
			sentences = append(sentences, [2]string{found[1], found[2]})
		}
		for _, found := range regexp.MustCompile(`mistake += "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
			if !strings.Contains(string(document), "| `"+found[1]+"` |") {
				t.Errorf("the page's code %s is not documented", found[1])
			}
		}
	}
	for i := range sentences {
		sentences[i][0] = codes[sentences[i][0]]
	}
	for _, reason := range broker.Reasons() {
		sentences = append(sentences, [2]string{reason.Meaning().OIDC, reason.Meaning().Text})
	}
	if len(sentences) < 80 {
		t.Fatalf("only %d sentences were found", len(sentences))
	}
	for _, s := range sentences {
		if !strings.Contains(string(document), "| `"+s[0]+"` | "+s[1]) {
			t.Errorf("not documented: %s, %q", s[0], s[1])
		}
		// RFC 6749, section 5.2
		if strings.ContainsFunc(s[1], func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' }) {
			t.Errorf("%q has a sign that error_description may not have", s[1])
		}
	}
}
