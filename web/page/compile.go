package page

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"text/template/parse"
	"time"

	"clave/web/lang"
)

// Template is one page in all languages, ready to be rendered.
type Template struct {
	name    string
	fsys    fs.FS
	files   []string
	entries []string // the blocks that are executed
	byLang  map[lang.Language]*variant
}

// Parse reads a room's template from its files, with the blocks "title" and
// "content"; further files are partials of the room. It panics on a mistake in the
// template, which is one of ours and shows at start: a text, a hole or a static
// file that does not exist, a value in a place where it cannot be escaped.
func (e *Engine) Parse(fsys fs.FS, file string, partials ...string) *Template {
	t, err := e.compile(fsys, append([]string{file}, partials...), "title", "content")
	if err != nil {
		panic(fmt.Sprintf("page: parsing %s: %v", file, err))
	}
	return t
}

// compile tries the template in one language: what html/template escapes and how is
// the same in all of them, and check looks a text up in every language. The tree is
// not kept: the trees would be half of the program's memory, and are needed again
// only to plan a page when it is first shown.
func (e *Engine) compile(fsys fs.FS, files []string, entries ...string) (*Template, error) {
	t := &Template{name: files[0], fsys: fsys, files: files, entries: entries, byLang: map[lang.Language]*variant{}}
	if _, err := e.parse(t, lang.Default); err != nil {
		return nil, err
	}
	for _, l := range lang.All() {
		t.byLang[l] = &variant{engine: e, template: t, language: l}
	}
	return t, nil
}

// parse makes html/template's form of a template in one language: escaped, and the
// constant texts folded in.
func (e *Engine) parse(source *Template, l lang.Language) (*template.Template, error) {
	t := template.New("").Funcs(e.functions(l))
	for _, file := range source.files {
		if err := parseInto(t, source.fsys, file); err != nil {
			return nil, err
		}
	}
	if err := parseInto(t, templates, "templates/parts.html"); err != nil {
		return nil, err
	}
	if err := e.check(t); err != nil {
		return nil, err
	}
	for _, entry := range source.entries {
		if t.Lookup(entry) == nil {
			return nil, fmt.Errorf("the block %q is not defined", entry)
		}
		if err := escape(t, entry); err != nil {
			return nil, err
		}
	}
	for _, part := range t.Templates() {
		if part.Tree != nil {
			e.fold(part.Tree.Root, l)
		}
	}
	return t, nil
}

func parseInto(t *template.Template, fsys fs.FS, file string) error {
	content, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	_, err = t.New(file).Parse(string(content))
	return err
}

// escape makes html/template work out the escaping of a block, which it does at
// the first execution. The data is none, so the execution itself may fail.
func escape(t *template.Template, entry string) error {
	err := t.ExecuteTemplate(io.Discard, entry, nil)
	var mistake *template.Error
	if errors.As(err, &mistake) {
		return err
	}
	return nil
}

func (e *Engine) functions(l lang.Language) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) string { return e.texts.Text(l, key, words(pairs)...) },
		"n": func(key string, n int, pairs ...any) string { return e.texts.Count(l, key, n, words(pairs)...) },
		"holes": func(key string, pairs []string) string {
			return e.texts.Text(l, key, pairs...)
		},
		"asset": func(name string) string {
			address, _ := e.files.URL(name)
			return address
		},
		"clock": func(at time.Time) string { return at.In(e.frame.Zone).Format("15:04") },
		"day":   func(at time.Time) string { return e.Day(l, at) },
		"lang":  func() string { return string(l) },
	}
}

// words turns template values into texts.
func words(values []any) []string {
	if len(values) == 0 {
		return nil
	}
	texts := make([]string, len(values))
	for i, value := range values {
		if s, ok := value.(string); ok {
			texts[i] = s
			continue
		}
		texts[i] = fmt.Sprint(value)
	}
	return texts
}

// check looks at every constant key, hole and file name of a template set.
func (e *Engine) check(t *template.Template) error {
	var problems []error
	for _, part := range t.Templates() {
		if part.Tree == nil || part.Tree.Root == nil {
			continue
		}
		walk(part.Tree.Root, func(command *parse.CommandNode) {
			if err := e.checkCall(command); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", part.Name(), err))
			}
		})
	}
	return errors.Join(problems...)
}

func (e *Engine) checkCall(command *parse.CommandNode) error {
	name, key, ok := constantCall(command)
	if !ok {
		return nil
	}
	first := 2
	switch name {
	case "asset":
		if _, found := e.files.URL(key); !found {
			return fmt.Errorf("there is no static file %q", key)
		}
		return nil
	case "n":
		first = 3
	case "t":
	default:
		return nil
	}
	if !e.texts.Has(key) {
		return fmt.Errorf("the text %q is not there in every language", key)
	}
	if e.texts.Plural(key) != (name == "n") {
		return fmt.Errorf("the text %q: n is for texts with plural forms, t for those without", key)
	}
	var given []string
	for i := first; i < len(command.Args); i += 2 {
		if hole, ok := command.Args[i].(*parse.StringNode); ok {
			given = append(given, hole.Text)
		}
	}
	slices.Sort(given)
	if want := e.texts.Holes(key); !slices.Equal(given, want) {
		return fmt.Errorf("the text %q has the holes %v, given are %v", key, want, given)
	}
	return nil
}

// Day writes a date in words, such as "21 de noviembre de 2026".
func (e *Engine) Day(l lang.Language, at time.Time) string {
	return e.texts.Day(l, at.In(e.frame.Zone))
}

// Clock writes a time of day in the installation's zone, such as "14:05".
func (e *Engine) Clock(at time.Time) string { return at.In(e.frame.Zone).Format("15:04") }
