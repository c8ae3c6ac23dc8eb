package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"clave/web/lang"
)

// six puts the same file into every language.
func six(content string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, l := range lang.All() {
		files[string(l)+"/room.yaml"] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

func TestTextsAreFilledIn(t *testing.T) {
	t.Parallel()
	texts, err := lang.Read(six(`
# The words of a room.
room.page.plain: Good morning

room.page.quoted: "say \"A\\B\"\nand: go # on"
room.page.holes: "{name}, {name}: {what}"
room.page.left:
  one: "{n} try left for {name}"
  other: "{n} tries left for {name}"
`))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, got, want string }{
		{"a plain text", texts.Text(lang.English, "room.page.plain"), "Good morning"},
		{"a hole twice", texts.Text(lang.English, "room.page.holes", "what", "B", "name", "A"), "A, A: B"},
		{"a value is not read for holes", texts.Text(lang.English, "room.page.holes", "name", "{what}", "what", "B"), "{what}, {what}: B"},
		{"a hole without value stays", texts.Text(lang.English, "room.page.holes", "name", "A"), "A, A: {what}"},
		{"a name without value is ignored", texts.Text(lang.English, "room.page.holes", "name"), "{name}, {name}: {what}"},
		{"quotes, a backslash and an end of line", texts.Text(lang.Catalan, "room.page.quoted"), "say \"A\\B\"\nand: go # on"},
		{"one", texts.Count(lang.Basque, "room.page.left", 1, "name", "A"), "1 try left for A"},
		{"none", texts.Count(lang.Valencian, "room.page.left", 0, "name", "A"), "0 tries left for A"},
		{"many", texts.Count(lang.Spanish, "room.page.left", 2_000_000, "name", "A"), "2000000 tries left for A"},
		{"an unknown key is seen", texts.Text(lang.English, "room.page.none"), "room.page.none"},
		{"an unknown language is Spanish", texts.Text("xx", "room.page.plain"), "Good morning"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestReadRefusesABrokenFile(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, content, want string }{
		{"a key twice", "room.a.b: x\nroom.a.b: y", "room.a.b"},
		{"a key of another package", "other.a.b: x", `does not begin with "room."`},
		{"an empty text", `room.a.b: " "`, "is empty"},
		{"a number", "room.a.b: 060", "not a text"},
		{"a truth", "room.a.b: true", "not a text"},
		{"HTML", "room.a.b: a <b>word</b>", "angle bracket"},
		{"a hole that does not close", "room.a.b: a {name", "hole needs a name"},
		{"a hole without name", "room.a.b: a {} b", "hole needs a name"},
		{"a hole with a strange name", "room.a.b: a {Name} b", "hole needs a name"},
		{"a brace too many", "room.a.b: a } b", "brace closes"},
		{"plural forms without other", "room.a.b:\n  one: x", `needs the form "other"`},
		{"a form inside a form", "room.a.b:\n  other:\n    other: x", "is not a text"},
		{"a list", "- a\n- b", "room.yaml"},
		{"a form without key", "  one: x", "belongs to no key"},
		{"a form below a text", "room.a.b: x\n  one: x", "belongs to no key"},
		{"a form twice", "room.a.b:\n  other: x\n  other: y", `form "other" is there already`},
		{"no space behind the colon", "room.a.b:x", "a space belongs"},
		{"a colon that YAML takes for its own", "room.a.b: one: two", "not a text"},
		{"a comment that YAML takes for its own", "room.a.b: one # two", "not a text"},
		{"a list on one line", "room.a.b: [one, two]", "not a text"},
		{"single quotes", "room.a.b: 'one'", "not a text"},
		{"a text of several lines", "room.a.b: |\n  one", "not a text"},
		{"a quote that does not close", `room.a.b: "one`, "closing quote is missing"},
		{"a quote that is escaped at the end", `room.a.b: "one\"`, "closing quote is missing"},
		{"a backslash at the end", `room.a.b: "one\`, "closing quote is missing"},
		{"more behind the quotes", `room.a.b: "one" two`, "behind the closing quote"},
		{"an escape of another kind", `room.a.b: "\u0031"`, "is none of"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := lang.Read(six(tt.content))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q", err, tt.want)
			}
		})
	}
}

// A library for all of YAML reads the same.
func TestTheTextsAreYAML(t *testing.T) {
	t.Parallel()
	ours, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lang.All() {
		names, err := filepath.Glob(filepath.Join("texts", string(l), "*.yaml"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", l, len(names), err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var entries map[string]any
			if err := yaml.UnmarshalWithOptions(content, &entries, yaml.Strict()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for key, value := range entries {
				forms, plural := value.(map[string]any)
				if plural {
					value = forms["other"]
				}
				if got := ours.Text(l, key); got != strings.TrimSpace(value.(string)) || ours.Plural(key) != plural {
					t.Errorf("%s: %s: got %q, want %v", name, key, got, value)
				}
			}
		}
	}
}

func TestCheckNamesEachDisagreement(t *testing.T) {
	t.Parallel()
	const agreed = "room.a.b: x {name}\nroom.a.n:\n  one: x\n  other: \"{n} x\""
	tests := []struct{ name, galician, want string }{
		{"a key is missing", "room.a.b: x {name}", "gl: room.a.n is missing"},
		{"a key is too many", agreed + "\nroom.a.c: x", "es: room.a.c is missing"},
		{"another hole", strings.Replace(agreed, "{name}", "{nome}", 1), "gl: room.a.b has holes [nome], in es holes [name]"},
		{"a hole is forgotten", strings.Replace(agreed, "{name}", "", 1), "gl: room.a.b has holes []"},
		{"no plural where the others have one", "room.a.b: x {name}\nroom.a.n: \"{n} x\"", "gl: room.a.n has holes [n], in es plural"},
		{"a form is missing", strings.Replace(agreed, "  one: x\n", "", 1), `gl: room.a.n lacks the form "one"`},
		{"a form that the language does not have", agreed + "\n  few: x", `gl: room.a.n has the form "few"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := six(agreed)
			files["gl/room.yaml"] = &fstest.MapFile{Data: []byte(tt.galician)}
			texts, err := lang.Read(files)
			if err != nil {
				t.Fatal(err)
			}
			if err := texts.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	texts, err := lang.Load()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		texts.Text(lang.Basque, "page.cancel.to", "service", "Udala")
	}
}
