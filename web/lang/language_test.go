package lang_test

import (
	"slices"
	"strings"
	"testing"

	"clave/web/lang"
)

func TestParseKnowsEverySpellingOfOurLanguages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		tag  string
		want lang.Language
	}{
		{"es", lang.Spanish}, {"es-MX", lang.Spanish}, {"ES_es", lang.Spanish}, {"spa", lang.Spanish},
		{"ca", lang.Catalan}, {"ca-ES", lang.Catalan}, {"ca-AD", lang.Catalan}, {"cat", lang.Catalan},
		{"ca-valencia", lang.Valencian}, {"ca-ES-valencia", lang.Valencian}, {"CA-ES-Valencia", lang.Valencian},
		{"ca_ES_VALENCIA", lang.Valencian}, {"va", lang.Valencian}, {"va-ES", lang.Valencian},
		{"gl", lang.Galician}, {"gl-ES", lang.Galician}, {"eu", lang.Basque}, {"eu-ES", lang.Basque}, {"eus", lang.Basque},
		{"en", lang.English}, {"en-GB", lang.English}, {"en-Latn-US", lang.English},
		{"", ""}, {"fr", ""}, {"valencia", ""}, {"e", ""}, {"español", ""}, {"es;DROP", ""}, {"est", ""},
		{"es-" + strings.Repeat("x", 100), ""},
	}
	for _, tt := range tests {
		got, ok := lang.Parse(tt.tag)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: got %q %t, want %q", tt.tag, got, ok, tt.want)
		}
	}
}

func TestMatchChoosesTheLanguageOfAPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		locales        []string
		cookie, accept string
		want           lang.Language
	}{
		{"nothing is known", nil, "", "", lang.Spanish},
		{"the relying party asks", []string{"eu"}, "ca", "gl", lang.Basque},
		{"the first of ours that the relying party asks for", []string{"fr-FR", "va", "en"}, "", "", lang.Valencian},
		{"the relying party asks for none of ours", []string{"fr", "de"}, "ca", "gl", lang.Catalan},
		{"the cookie wins over the browser", nil, "gl", "en", lang.Galician},
		{"a broken cookie is nothing", nil, "zz", "en", lang.English},
		{"the browser's first", nil, "", "en-GB,en;q=0.9,es;q=0.8", lang.English},
		{"the browser's heaviest, not first", nil, "", "en;q=0.5, gl;q=0.9, es;q=0.7", lang.Galician},
		{"the first among equals", nil, "", "eu,ca", lang.Basque},
		{"unknown languages are passed over", nil, "", "fr-FR,fr;q=0.9,ca;q=0.2", lang.Catalan},
		{"Valencian from the browser is not Catalan", nil, "", "ca-ES-valencia,ca;q=0.9,es;q=0.8", lang.Valencian},
		{"the browser says va", nil, "", "va,es;q=0.8", lang.Valencian},
		{"a language that is not wanted", nil, "", "en;q=0,eu;q=0.1", lang.Basque},
		{"any language is the default", nil, "", "*", lang.Spanish},
		{"any language weighs less than a named one", nil, "", "en;q=0.9,*;q=0.1", lang.English},
		{"spaces and capitals", nil, "", " EN-gb ; Q=0.8 , fr", lang.English},
		{"a weight above one is no weight", nil, "", "en;q=5,gl;q=0.1", lang.Galician},
		{"a weight that is no number", nil, "", "en;q=NaN,gl;q=x,eu;q=0.3", lang.Basque},
		{"nothing but commas", nil, "", ",,,;;;,q=1", lang.Spanish},
		{"a header without end", nil, "", strings.Repeat("fr,", 10000) + "en", lang.Spanish},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lang.Match(tt.locales, tt.cookie, tt.accept); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEveryLanguageHasANameAndReadsItself(t *testing.T) {
	t.Parallel()
	for _, l := range lang.All() {
		if got, ok := lang.Parse(string(l)); !ok || got != l || l.Name() == "" {
			t.Errorf("%q: read as %q, name %q", l, got, l.Name())
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("eu", "ca-valencia", "en-GB,en;q=0.9,*;q=0.1")
	f.Add("", "", ";q=,;;,*;q=1e309")
	f.Fuzz(func(t *testing.T, locale, cookie, accept string) {
		got := lang.Match([]string{locale}, cookie, accept)
		if !slices.Contains(lang.All(), got) {
			t.Errorf("got %q, which is none of ours", got)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		lang.Match(nil, "", "es-ES,es;q=0.9,ca;q=0.8,en-GB;q=0.7,en;q=0.6")
	}
}
