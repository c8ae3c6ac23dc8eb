package proxied

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestAByteSequence(t *testing.T) {
	t.Parallel()
	large := func(size int) string {
		return ":" + base64.StdEncoding.EncodeToString(make([]byte, size)) + ":"
	}
	tests := []struct {
		name, value string
		want        string
		err         error
	}{
		{"as it should be", ":aGVsbG8=:", "hello", nil},
		{"without padding where none is needed", ":aGV5:", "hey", nil},
		{"white space around it", " \t:aGV5: ", "hey", nil},
		{"the largest", large(maxBytes), string(make([]byte, maxBytes)), nil},
		{"nothing", "", "", errNoBytes},
		{"one colon", ":", "", errNoBytes},
		{"two colons", "::", "", errNoBytes},
		{"no colons", "aGV5", "", errNoBytes},
		{"the first colon alone", ":aGV5", "", errNoBytes},
		{"the last colon alone", "aGV5:", "", errNoBytes},
		{"a colon within", ":aGV5:aGV5:", "", errNoBytes},
		{"no padding", ":aGVsbG8:", "", errNoBytes},
		{"bits left over", ":aGVsbG9=:", "", errNoBytes},
		{"too much padding", ":aGV5====:", "", errNoBytes},
		{"the alphabet of addresses", ":-_-_:", "", errNoBytes},
		{"white space within", ":aGV5 aGV5:", "", errNoBytes},
		{"a line break, which the library takes", ":aGV5\r\naGV5:", "", errNoBytes},
		{"a parameter", ":aGV5:;a=1", "", errNoBytes},
		{"a string", `"aGV5"`, "", errNoBytes},
		{"two members", ":aGV5:, :aGV5:", "", errNoBytes},
		{"PEM", "-----BEGIN CERTIFICATE-----", "", errNoBytes},
		{"one byte too many", large(maxBytes + 3), "", errTooBig},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseItem(test.value)
			if string(got) != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestAListOfByteSequences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        int
		err         error
	}{
		{"one", ":aGV5:", 1, nil},
		{"two", ":aGV5:, :aGV5:", 2, nil},
		{"two without a space", ":aGV5:,:aGV5:", 2, nil},
		{"as many as there may be", strings.Repeat(":aGV5:,", maxChain-1) + ":aGV5:", maxChain, nil},
		{"one too many", strings.Repeat(":aGV5:,", maxChain) + ":aGV5:", 0, errTooLong},
		{"nothing", "", 0, errNoBytes},
		{"a comma at the end", ":aGV5:,", 0, errNoBytes},
		{"a comma at the start", ",:aGV5:", 0, errNoBytes},
		{"an empty member", ":aGV5:,,:aGV5:", 0, errNoBytes},
		{"an inner list", "(:aGV5:)", 0, errNoBytes},
		{"a bad one among good ones", ":aGV5:,:?:", 0, errNoBytes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseList(test.value)
			if len(got) != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %d, %v, want %d, %v", len(got), err, test.want, test.err)
			}
		})
	}
}

// What is taken is exactly what a proxy would write for the same bytes, so that
// nobody can write one certificate in two ways.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{"", ":", "::", ":aGV5:", ":aGVsbG8=:, :aGV5:", ":aGV5:;a=1", ":aGV5\n:", "aGV5", ":====:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		write := func(b []byte) string { return ":" + base64.StdEncoding.EncodeToString(b) + ":" }
		if der, err := parseItem(value); err == nil && (trim(value) != write(der) || len(der) == 0 || len(der) > maxBytes) {
			t.Errorf("%q is taken for %x", value, der)
		}
		all, err := parseList(value)
		if err != nil {
			return
		}
		var written []string
		for _, der := range all {
			written = append(written, write(der))
		}
		again, err := parseList(strings.Join(written, ", "))
		if err != nil || len(again) != len(all) || len(all) > maxChain {
			t.Fatalf("%q is taken for %d certificates, and written anew for %d: %v", value, len(all), len(again), err)
		}
		for i := range all {
			if !bytes.Equal(all[i], again[i]) {
				t.Errorf("%q changes when it is written anew", value)
			}
		}
	})
}
