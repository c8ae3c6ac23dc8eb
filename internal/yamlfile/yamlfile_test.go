package yamlfile

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

type wheel struct {
	Size  int            `json:"size"`
	Level identity.Level `json:"level"`
}

type vehicle struct {
	Name     string            `yaml:"name" json:"other"`
	Names    map[string]string `json:"names"`
	Wheels   []wheel           `json:"wheels"`
	Interval time.Duration     `yaml:"interval"`
	Open     *bool             `yaml:"open"`
	Raw      json.RawMessage   `json:"raw"`
	Hidden   string            `json:"-"`
	wheel
}

func TestRead(t *testing.T) {
	t.Parallel()
	var got vehicle
	d := Read("car.yaml", []byte(`
# a comment
name: 060
names: {es: Coche, en: "Car"}
wheels:
  - size: 12
    level: high
  - size: 13
interval: 90s
open: false
raw: {keys: [{b: x, a: 1}]}
size: 4
`), &got)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	closed := false
	want := vehicle{
		Name: "060", Names: map[string]string{"es": "Coche", "en": "Car"},
		Wheels:   []wheel{{Size: 12, Level: identity.High}, {Size: 13}},
		Interval: 90 * time.Second, Open: &closed, Raw: json.RawMessage(`{"keys":[{"a":1,"b":"x"}]}`), wheel: wheel{Size: 4},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(vehicle{})); diff != "" {
		t.Error(diff)
	}
	for path, line := range map[string]int{"name": 3, "names.en": 4, "wheels[1].size": 8, "wheels[1].level": 8, "raw": 11, "nothing": 3} {
		if got := d.Line(path); got != line {
			t.Errorf("line of %s: got %d, want %d", path, got, line)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, yaml, want string }{
		{"an empty file is no problem", "", ""},
		{"a field without value counts as absent", "name:\n", ""},
		{"an unknown field is told with the nearest name", "nmae: x", `f:1: unknown field "nmae"; did you mean "name"?`},
		{"an unknown field far from all is told with the list", "zzzzzz: x",
			`f:1: unknown field "zzzzzz"; known are name, names, wheels, interval, open, raw, size, level`},
		{"an unknown field inside a list has its line and path", "wheels:\n- size: 1\n  sise: 2", `f:3: wheels[0]: unknown field "sise"; did you mean "size"?`},
		{"a name that may be a secret is not repeated", `"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ": x`, "f:1: has an unknown field"},
		{"a field twice is told at the second", "name: a\nopen: true\nname: b", "f:3: name: is there twice; remove one"},
		{"all problems are told at once", "name: [a]\nopen: 1\ninterval: 5\nwheels: {}\nsize: big", strings.Join([]string{
			"f:1: name: wants a text, not a list",
			"f:2: open: wants true or false",
			"f:3: interval: is not a duration; write a number with its unit, such as 30s, 10m or 12h",
			`f:4: wheels: wants a list, each entry with "- " before it, not fields`,
			"f:5: size: is not a whole number",
		}, "\n")},
		{"a text type says what it wants", "level: great", `f:1: level: unknown level "great": want low, substantial or high`},
		{"an empty entry of a list is a problem", "wheels:\n- size: 1\n-\n", "f:1: wheels[1]: is an empty entry; remove it"},
		{"aliases are refused", "name: &a x\nraw: *a", strings.Join([]string{
			"f:1: name: wants a text; anchors and aliases (& *) are not read here: write the value out",
			"f:2: raw: wants a plain value; anchors and aliases (& *) are not read here: write the value out",
		}, "\n")},
		{"tags are refused", "name: !!str 5", "f:1: name: wants a text; tags (!) are not read here: write the value alone"},
		{"several documents are refused", "name: a\n---\nname: b", `f: holds several documents; remove the lines "---" between them`},
		{"a list where fields are wanted is a problem", "- a", "f:1: wants fields, each with its name and a colon, not a list"},
		{"brackets without end are not followed", "\n" + strings.Repeat("[", 100_000), "f:2: is nested more than 32 deep"},
		{"dashes without end are not followed", strings.Repeat("- ", 100_000), "f:1: is nested more than 32 deep"},
		{"a number too large is a problem", "size: 99999999999999999999", "f:1: size: is not a whole number"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := Read("f", []byte(tc.yaml), &vehicle{}).Err(); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASyntaxErrorHasALineAndNoExcerpt(t *testing.T) {
	t.Parallel()
	err := Read("f", []byte("name: \"topsecretvalue\nopen: {"), &vehicle{}).Err()
	if err == nil || !strings.HasPrefix(err.Error(), "f:") || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"name: a\nwheels: [{size: 1}]\n", "raw: {a: [1, 2.5, null, true]}", "? [a]\n: b", "<<: *a", "name: |\n  x\n", "- ? - a", "{", "\xff", "a: !!x y",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v vehicle
		d := Read("f", data, &v)
		if err := d.Err(); err != nil && !strings.HasPrefix(err.Error(), "f") {
			t.Errorf("a problem without a file: %v", err)
		}
		if v.Raw != nil && !json.Valid(v.Raw) {
			t.Errorf("raw is not JSON: %s", v.Raw)
		}
		d.Scalars(func(path, _ string) { d.Line(path) })
	})
}
