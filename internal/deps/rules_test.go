package deps

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rules is what rules.txt says.
type rules struct {
	lines  map[string]line // by package
	fences []fence
	forbid []fence
}

// line is what one package may import.
type line struct {
	number int
	may    []string
}

// fence is an import (or importer, of a forbid line) with the packages it is about.
type fence struct {
	number int
	what   string
	who    []string
}

// parse reads rules and returns what is wrong with them by themselves.
func parse(text string) (r rules, problems []string) {
	r.lines = map[string]line{}
	number := 0
	complain := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("rules.txt:%d: ", number)+fmt.Sprintf(format, args...))
	}
	for text := range strings.Lines(text) {
		number++
		text, _, _ = strings.Cut(text, "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		head, tail, found := strings.Cut(text, ":")
		if !found {
			complain("want PACKAGE: PACKAGES, got %q", text)
			continue
		}
		words, listed := strings.Fields(head), strings.Fields(tail)
		switch {
		case len(words) == 2 && words[0] == "fence":
			r.fences = append(r.fences, fence{number, words[1], listed})
		case len(words) == 2 && words[0] == "forbid":
			r.forbid = append(r.forbid, fence{number, words[1], listed})
		case len(words) != 1:
			complain("want PACKAGE, fence IMPORT or forbid PACKAGE before the colon, got %q", head)
		default:
			pkg := words[0]
			if before, twice := r.lines[pkg]; twice {
				complain("%s has a line already, line %d", pkg, before.number)
				continue
			}
			for _, may := range listed {
				if may == "*" {
					continue
				}
				if _, above := r.lines[may]; !above {
					complain("%s lists %s, which does not stand above it", pkg, may)
				}
			}
			r.lines[pkg] = line{number, listed}
		}
	}
	return r, problems
}

// source is the imports of one package, ours without the module's name.
type source struct {
	imports     map[string]string // path to the file that imports it
	testImports map[string]string
}

// check compares rules with the source and returns each difference as a sentence
// that says what to do.
func check(r rules, packages map[string]source) (problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for pkg, l := range r.lines {
		if _, exists := packages[pkg]; !exists {
			complain("rules.txt:%d: there is no package %s: delete its line", l.number, pkg)
		}
	}
	for pkg, src := range packages {
		l, listed := r.lines[pkg]
		if !listed {
			complain("package %s has no line in rules.txt: add one below what it imports", pkg)
			continue
		}
		above := func(path string) bool { return r.lines[path].number < l.number }
		for path, file := range src.imports {
			if isTest(pkg) { // the product never imports it, so it is bound like a test file
				break
			}
			if ours(path, packages) && isTest(path) {
				complain("%s: %s may not import %s, which is for tests", file, pkg, path)
				continue
			}
			if ours(path, packages) && path != pkg && !slices.Contains(l.may, path) && !(slices.Contains(l.may, "*") && above(path)) {
				complain("%s: %s may not import %s: rules.txt:%d does not list it", file, pkg, path, l.number)
			}
			problems = append(problems, r.fenced(pkg, path, file)...)
		}
		tests := maps.Clone(src.testImports)
		if isTest(pkg) {
			tests = maps.Clone(src.imports)
			maps.Copy(tests, src.testImports)
		}
		for path, file := range tests {
			if ours(path, packages) && path != pkg && !isTest(path) && !within(path, "internal") && !above(path) {
				complain("%s: a test of %s may not import %s, which stands below it in rules.txt", file, pkg, path)
			}
			problems = append(problems, r.fenced(pkg, path, file)...)
		}
	}
	slices.Sort(problems)
	return slices.Compact(problems)
}

// fenced returns the fences and prohibitions that an import breaks.
func (r rules) fenced(pkg, path, file string) (problems []string) {
	for _, f := range r.fences {
		if within(path, f.what) && !within(pkg, f.what) && !matches(pkg, f.who) && !(pkg == path) {
			problems = append(problems, fmt.Sprintf("%s: %s may not import %s: rules.txt:%d leaves it to %s", file, pkg, path, f.number, strings.Join(f.who, ", ")))
		}
	}
	for _, f := range r.forbid {
		if !sameRoom(pkg, path) && !isTest(path) && matches(pkg, []string{f.what}) && matches(path, f.who) {
			problems = append(problems, fmt.Sprintf("%s: %s must never import %s: rules.txt:%d", file, pkg, path, f.number))
		}
	}
	return problems
}

// ours reports whether an import is a package of this module.
func ours(path string, packages map[string]source) bool {
	_, ok := packages[path]
	return ok
}

// isTest reports whether a package exists for tests only.
func isTest(pkg string) bool {
	return strings.HasSuffix(pkg, "test") && strings.Contains(pkg, "/") || within(pkg, "test")
}

// sameRoom reports whether two packages are parts of one, such as
// providers/certificate and providers/certificate/trust.
func sameRoom(pkg, path string) bool {
	room := func(p string) string {
		parts := strings.SplitN(p, "/", 3)
		return strings.Join(parts[:min(2, len(parts))], "/")
	}
	return room(pkg) == room(path)
}

// within reports whether path is root or below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// matches reports whether a package is one of those listed. x/* is everything
// below x, and x itself.
func matches(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if root, wild := strings.CutSuffix(p, "/*"); wild {
			return within(pkg, root)
		}
		return pkg == p
	})
}
