package deps

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module is the name before our import paths.
const module = "clave"

func TestTheSourceKeepsTheRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	packages, err := read(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	r, problems := parse(string(text))
	for _, p := range append(problems, check(r, packages)...) {
		t.Error(p)
	}
}

// read collects the imports of all packages below root, whatever their build
// tags.
func read(root string) (map[string]source, error) {
	packages := map[string]source{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		pkg := path.Dir(relative)
		src, ok := packages[pkg]
		if !ok {
			src = source{map[string]string{}, map[string]string{}}
			packages[pkg] = src
		}
		into := src.imports
		if strings.HasSuffix(name, "_test.go") {
			into = src.testImports
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			into[strings.TrimPrefix(imported, module+"/")] = relative
		}
		return nil
	})
	if err == nil && len(packages) == 0 {
		err = errors.New("no Go source below " + root)
	}
	return packages, err
}

func TestParseFindsWhatIsWrongWithTheRules(t *testing.T) {
	t.Parallel()
	_, got := parse("a:\nb: a c\nc: b\na: \nd\nx y z: a\n# e: f\n")
	want := []string{
		"rules.txt:2: b lists c, which does not stand above it",
		"rules.txt:4: a has a line already, line 1",
		`rules.txt:5: want PACKAGE: PACKAGES, got "d"`,
		`rules.txt:6: want PACKAGE, fence IMPORT or forbid PACKAGE before the colon, got "x y z"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckFindsWhatBreaksTheRules(t *testing.T) {
	t.Parallel()
	const text = `identity:
store/storetest:
providers/pin: identity
providers/movil: identity providers/pin
idp/oidc: identity
all: *
store: identity idp/oidc
providers/movil/moviltest:
fence store: cmd/*
fence github.com/jackc/pgx: store
forbid providers/*: providers/*
`
	imports := func(paths ...string) map[string]string {
		m := map[string]string{}
		for _, p := range paths {
			m[p] = "f.go"
		}
		return m
	}
	base := func() map[string]source {
		return map[string]source{
			"identity": {}, "store/storetest": {}, "providers/pin": {imports: imports("identity", "fmt")},
			"providers/movil": {}, "providers/movil/moviltest": {}, "all": {}, "idp/oidc": {}, "store": {imports: imports("identity", "github.com/jackc/pgx/v5")},
		}
	}
	for _, test := range []struct {
		name   string
		change func(p map[string]source)
		want   []string
	}{
		{"good source passes", func(map[string]source) {}, nil},
		{"a new package needs a line", func(p map[string]source) { p["census"] = source{} },
			[]string{"package census has no line in rules.txt: add one below what it imports"}},
		{"a line needs a package", func(p map[string]source) { delete(p, "providers/movil") },
			[]string{"rules.txt:4: there is no package providers/movil: delete its line"}},
		{"an import that is not listed", func(p map[string]source) { p["providers/pin"] = source{imports: imports("idp/oidc")} },
			[]string{"f.go: providers/pin may not import idp/oidc: rules.txt:3 does not list it"}},
		{"an import that is listed and forbidden", func(p map[string]source) { p["providers/movil"] = source{imports: imports("providers/pin")} },
			[]string{"f.go: providers/movil must never import providers/pin: rules.txt:11"}},
		{"a library behind a fence", func(p map[string]source) { p["idp/oidc"] = source{imports: imports("github.com/jackc/pgx/v5/pgxpool")} },
			[]string{"f.go: idp/oidc may not import github.com/jackc/pgx/v5/pgxpool: rules.txt:10 leaves it to store"}},
		{"a library behind a fence, in a test", func(p map[string]source) { p["idp/oidc"] = source{testImports: imports("github.com/jackc/pgx")} },
			[]string{"f.go: idp/oidc may not import github.com/jackc/pgx: rules.txt:10 leaves it to store"}},
		{"a library with a name that begins alike", func(p map[string]source) { p["idp/oidc"] = source{imports: imports("github.com/jackc/pgxtra")} }, nil},
		{"a test that imports what stands above", func(p map[string]source) { p["idp/oidc"] = source{testImports: imports("providers/pin")} }, nil},
		{"a test that imports itself and a helper", func(p map[string]source) { p["store"] = source{testImports: imports("store", "store/storetest")} }, nil},
		{"a test that imports what stands below", func(p map[string]source) { p["identity"] = source{testImports: imports("idp/oidc")} },
			[]string{"f.go: a test of identity may not import idp/oidc, which stands below it in rules.txt"}},
		{"the product does not import what is for tests", func(p map[string]source) { p["idp/oidc"] = source{imports: imports("store/storetest")} },
			[]string{"f.go: idp/oidc may not import store/storetest, which is for tests"}},
		{"a test package imports its parent and what stands above", func(p map[string]source) {
			p["providers/movil/moviltest"] = source{imports: imports("providers/movil", "identity", "idp/oidc")}
		}, nil},
		{"a star stands for what is above", func(p map[string]source) { p["all"] = source{imports: imports("identity", "idp/oidc")} }, nil},
		{"a star does not stand for what is below", func(p map[string]source) { p["all"] = source{imports: imports("store")} },
			[]string{"f.go: all may not import store: rules.txt:6 does not list it", "f.go: all may not import store: rules.txt:9 leaves it to cmd/*"}},
		{"who wires passes the fence", func(p map[string]source) { p["cmd/clave"] = source{imports: imports("store")} },
			[]string{"package cmd/clave has no line in rules.txt: add one below what it imports"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, problems := parse(text)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			packages := base()
			test.change(packages)
			if diff := cmp.Diff(test.want, check(r, packages)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadSeesEachImportWithItsFile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                 "module clave\n",
		"a/a.go":                 "package a\nimport (\n\t\"fmt\"\n\tx \"clave/b\"\n)\n",
		"a/tagged.go":            "//go:build never\n\npackage a\nimport _ \"clave/c\"\n",
		"a/a_test.go":            "package a_test\nimport . \"clave/a\"\n",
		"a/testdata/ignored.go":  "package ignored\nimport \"clave/d\"\n",
		".hidden/ignored.go":     "package ignored\n",
		"node_modules/x/vend.go": "package x\n",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]source{"a": {
		imports:     map[string]string{"fmt": "a/a.go", "b": "a/a.go", "c": "a/tagged.go"},
		testImports: map[string]string{"a": "a/a_test.go"},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(source{})); diff != "" {
		t.Error(diff)
	}
	if _, err := read(t.TempDir()); err == nil {
		t.Error("a folder without source passes")
	}
}
