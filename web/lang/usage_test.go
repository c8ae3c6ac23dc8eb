package lang_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"clave/web/lang"
)

func TestTheSixFilesAgree(t *testing.T) {
	t.Parallel()
	if err := load(t).Check(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryKeyInATemplateExists(t *testing.T) {
	t.Parallel()
	texts := load(t)
	for file, keys := range sources(t).templates {
		for _, key := range keys {
			if !texts.Has(key) {
				t.Errorf("%s uses the text %q, which is not there in every language", file, key)
			}
		}
	}
}

// A key in Go is a string that looks like one and begins with the name of a
// package that has texts. Error pages are named without their .title and .text.
func TestEveryKeyInGoExists(t *testing.T) {
	t.Parallel()
	texts := load(t)
	packages := map[string]bool{}
	begins := map[string]bool{}
	for _, key := range texts.Keys() {
		packages[key[:strings.Index(key, ".")]] = true
		for prefix := key; prefix != ""; prefix = prefix[:max(0, strings.LastIndex(prefix, "."))] {
			begins[prefix] = true
		}
	}
	looksLikeKey := regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+(\.[a-z0-9_]+)+$`)
	for file, words := range sources(t).words {
		for word := range words {
			if looksLikeKey.MatchString(word) && packages[word[:strings.Index(word, ".")]] && !begins[word] {
				t.Errorf("%s names the text %q, which does not exist", file, word)
			}
		}
	}
}

// A key is used when a template or Go names it whole, names it without its last
// part (an error page), or names a family it belongs to by a text that ends in a
// dot ("broker.reason.").
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, words := range sources(t).words {
		for word := range words {
			used[word] = true
		}
	}
	for _, key := range load(t).Keys() {
		if !isUsed(key, used) {
			t.Errorf("the text %q is used nowhere", key)
		}
	}
}

func isUsed(key string, used map[string]bool) bool {
	last := strings.LastIndex(key, ".")
	if used[key] || used[key[:last]] {
		return true
	}
	// The package alone, "pin.", is no family.
	for ; last > strings.Index(key, "."); last = strings.LastIndex(key[:last], ".") {
		if used[key[:last+1]] {
			return true
		}
	}
	return false
}

func load(t *testing.T) *lang.Texts {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

type found struct {
	templates map[string][]string        // template → keys of its texts
	words     map[string]map[string]bool // template or Go file → quoted strings
}

// sources reads every template and every Go file of the project but the tests.
func sources(t *testing.T) found {
	t.Helper()
	all := found{templates: map[string][]string{}, words: map[string]map[string]bool{}}
	action := regexp.MustCompile(`\{\{.*?\}\}`)
	quoted := regexp.MustCompile(`"([^"]*)"`)
	call := regexp.MustCompile(`[{(|\s](?:t|n|holes)\s+"([^"]+)"`)
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "testdata" || strings.HasPrefix(name, ".") && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		isGo := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
		if !isGo && !strings.HasSuffix(path, ".html") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if isGo {
			all.words[path] = literals(content)
			return nil
		}
		all.words[path] = map[string]bool{}
		for _, piece := range action.FindAllString(string(content), -1) {
			for _, match := range quoted.FindAllStringSubmatch(piece, -1) {
				all.words[path][match[1]] = true
			}
		}
		for _, match := range call.FindAllStringSubmatch(string(content), -1) {
			all.templates[path] = append(all.templates[path], match[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func literals(source []byte) map[string]bool {
	words := map[string]bool{}
	files := token.NewFileSet()
	var s scanner.Scanner
	s.Init(files.AddFile("", files.Base(), len(source)), source, nil, 0)
	for {
		_, kind, text := s.Scan()
		if kind == token.EOF {
			return words
		}
		if kind == token.STRING {
			if word, err := strconv.Unquote(text); err == nil {
				words[word] = true
			}
		}
	}
}
