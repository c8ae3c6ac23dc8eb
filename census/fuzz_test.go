package census

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"testing/iotest"

	"clave/identity"
)

// FuzzSplitRow compares with encoding/csv, which reads each line by itself.
func FuzzSplitRow(f *testing.F) {
	for _, seed := range []string{"", goodDNI, `a,"b ""c"" d",`, `"",""`, `"a"b`, `a"b`, `"a`, `"a""`, ",,,", "\"a\r\"", " \"a\"", "\x00,\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line, _, _ = strings.Cut(line, "\n")
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			return // both skip empty lines
		}
		got, problem := splitRow(line, nil)
		reader := csv.NewReader(strings.NewReader(line + "\r\n"))
		reader.FieldsPerRecord = -1
		want, err := reader.Read()
		if (problem == "") != (err == nil) {
			t.Fatalf("got %q, encoding/csv says %v", problem, err)
		}
		if problem == "" && strings.Join(got, "\x1f") != strings.Join(want, "\x1f") {
			t.Fatalf("got %q, encoding/csv reads %q", got, want)
		}
	})
}

// FuzzLineReader checks that blocks are the file, but for lines longer than the buffer.
func FuzzLineReader(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"))
	f.Add([]byte("\n\n"))
	f.Add([]byte("a\nvery, very long line\nand another line that is too long\nb"))
	f.Fuzz(func(t *testing.T, file []byte) {
		l := newLineReader(iotest.HalfReader(bytes.NewReader(file)))
		l.buffer = make([]byte, 16)
		lines := strings.SplitAfter(string(file), "\n")
		line := int64(1)
		for {
			b, err := l.next()
			if err != nil {
				break
			}
			if b.first != line {
				t.Fatalf("a block begins at line %d, want %d", b.first, line)
			}
			if b.tooLong {
				if len(lines[0]) < len(l.buffer) {
					t.Fatalf("%q is too long", lines[0])
				}
				lines = lines[1:]
				line++
				continue
			}
			for b.text != "" {
				rest, whole := strings.CutPrefix(b.text, lines[0])
				if !whole {
					t.Fatalf("got %q, want lines as %q", b.text, lines[0])
				}
				b.text, lines = rest, lines[1:]
				line++
			}
		}
		if strings.Join(lines, "") != "" {
			t.Fatalf("%q is lost", lines)
		}
	})
}

// FuzzImportedRow checks that what passes is canonical: written as a row again,
// it is read as the same.
func FuzzImportedRow(f *testing.F) {
	f.Add(goodDNI)
	f.Add(goodCard)
	f.Fuzz(func(t *testing.T, line string) {
		fields, problem := splitRow(line, nil)
		if problem != "" || len(fields) != columnCount {
			return
		}
		p := rowParser{latest: dateOf(importDay)}
		var r, again Reference
		if !p.parse(fields, &r) {
			if len(p.reasons) == 0 {
				t.Fatal("refused without a reason")
			}
			return
		}
		if r.Document.IsZero() || r.Kind == "" || r.GivenName == "" || r.Address.Country == "" {
			t.Fatal("a row without what is required passed")
		}
		if !p.parse(rowOf(&r), &again) || again != r {
			t.Fatalf("got %s, then %s", reveal(r), reveal(again))
		}
	})
}

// FuzzParseReference checks that no blob is read in two ways.
func FuzzParseReference(f *testing.F) {
	s := newShelf()
	if _, err := Import(f.Context(), s, strings.NewReader(Header()+"\n"+goodDNI+"X1234567L\n"+goodCard), Options{Now: importDay}); err != nil {
		f.Fatal(err)
	}
	for _, row := range s.held {
		f.Add(row.Sealed)
	}
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, blob []byte) {
		r, err := ParseReference(blob)
		if err != nil {
			return
		}
		if again := AppendReference(nil, &r); !bytes.Equal(again, blob) {
			t.Fatalf("read %x, wrote %x", blob, again)
		}
	})
}

func TestContactsOfBeforeAreStillRead(t *testing.T) {
	t.Parallel()
	document, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := identity.ParseE164("+34600000001")
	if err != nil {
		t.Fatal(err)
	}
	want := Contact{Document: document, Phone: phone}
	old := append([]byte{1}, appendText(appendText(appendDocument(nil, document), phone.Reveal()), "")...)
	if got, err := ParseContact(old); err != nil || got != want {
		t.Errorf("version 1: got %v, %v", got, err)
	}
	want.EmailConfirmed, want.Conditions = true, "2026-11"
	if got, err := ParseContact(AppendContact(nil, &want)); err != nil || got != want {
		t.Errorf("version 2: got %v, %v", got, err)
	}
	for _, broken := range [][]byte{append(old, 0), append([]byte{3}, old[1:]...), append([]byte{2}, old[1:]...), append(append([]byte{2}, old[1:]...), 2, 0)} {
		if _, err := ParseContact(broken); err == nil {
			t.Errorf("%x was read", broken)
		}
	}
}

// FuzzParseContact checks that no blob is read in two ways.
func FuzzParseContact(f *testing.F) {
	f.Add([]byte("\x0112345678Z\x0c+34600000001\x0fana@example.org"))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		c, err := ParseContact(blob)
		if err != nil {
			return
		}
		again := AppendContact(nil, &c)
		if back, err := ParseContact(again); err != nil || back != c {
			t.Fatalf("read %x, wrote %x", blob, again)
		}
	})
}
