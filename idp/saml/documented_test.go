package saml_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
)

// TestEveryErrorIsDocumented reads codes and sentences out of the source, so that none is
// said that integrators cannot look up.
func TestEveryErrorIsDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/errors-saml.md")
	if err != nil {
		t.Fatal(err)
	}
	document := string(data)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	refused := regexp.MustCompile(`saml2\.(Theirs|Ours)\((?:saml2\.Status(\w+)|""), "(.*?)"\)`)
	other := regexp.MustCompile(`Message: +"(.*)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`mistake += "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
			rows = append(rows, "| `"+found[1]+"` |")
		}
		for _, found := range refused.FindAllStringSubmatch(string(source), -1) {
			row := map[string]string{"Theirs": "| `Requester` |", "Ours": "| `Responder` |"}[found[1]]
			if found[2] != "" {
				row += " `" + found[2] + "`"
			}
			rows = append(rows, row+" | "+found[3]+" |")
		}
		for _, found := range other.FindAllStringSubmatch(string(source), -1) {
			rows = append(rows, " | "+found[1]+" |")
		}
	}
	for _, reason := range broker.Reasons() {
		rows = append(rows, "| `"+reason.Meaning().SAML+"` | "+reason.Meaning().Text+" |")
	}
	if len(rows) < 14+19+len(broker.Reasons()) {
		t.Fatalf("only %d were found", len(rows))
	}
	for _, row := range rows {
		if !strings.Contains(document, row) {
			t.Errorf("not documented: %s", row)
		}
	}
}

// TestEveryAttributeIsDocumented compares with the metadata, which offer all of them.
func TestEveryAttributeIsDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/errors-saml.md")
	if err != nil {
		t.Fatal(err)
	}
	offered := regexp.MustCompile(`<saml:Attribute [^>]*FriendlyName="(\w+)" Name="(http://[^"]*)"`).FindAllStringSubmatch(newWorld(t).metadata(), -1)
	if len(offered) < 7 {
		t.Fatalf("only %d were found", len(offered))
	}
	for _, one := range offered {
		last := one[2][strings.LastIndex(one[2], "/"):]
		if !strings.Contains(string(data), last+"`") {
			t.Errorf("not documented: %s", one[2])
		}
	}
}
