package audit

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEntriesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 7000, time.UTC)
	want := []Entry{
		{Place{at.Add(-time.Hour), "b"}, Hash{1}},
		{Place{at, ""}, Hash{2}},
		{Place{at, "a"}, Hash{3}},
		{Place{at, "ab"}, Hash{4}},
	}
	got, err := decodeEntries(encodeEntries(want))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Error(d)
	}
}

func TestEntriesThatAreRefused(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	good := encodeEntries([]Entry{{Place{at, "a"}, Hash{}}, {Place{at, "b"}, Hash{}}})
	one := encodeEntries([]Entry{{Place{at, "a"}, Hash{}}})
	for name, b := range map[string][]byte{
		"nothing":                   nil,
		"no entry":                  {entriesVersion},
		"another version":           append([]byte{2}, good[1:]...),
		"one byte less":             good[:len(good)-1],
		"one byte more":             append(bytes.Clone(good), 0),
		"an id past the end":        append(append(bytes.Clone(one[:9]), 255), one[10:]...),
		"the same place twice":      append(bytes.Clone(one), one[1:]...),
		"not in the order of place": encodeEntries([]Entry{{Place{at, "b"}, Hash{}}, {Place{at, "a"}, Hash{}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if entries, err := decodeEntries(b); err == nil {
				t.Errorf("got %d entries", len(entries))
			}
		})
	}
}

func FuzzEntries(f *testing.F) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	f.Add(encodeEntries([]Entry{{Place{at, "a"}, Hash{1}}, {Place{at.Add(1000), "b"}, Hash{2}}}))
	f.Add([]byte{entriesVersion})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := decodeEntries(b)
		if err != nil {
			return
		}
		if len(entries) == 0 {
			t.Error("an empty list was read")
		}
		if again := encodeEntries(entries); !bytes.Equal(again, b) {
			t.Errorf("one list has two encodings:\n%x\n%x", b, again)
		}
	})
}

// Moving bytes from one column to its neighbour changes the hash.
func TestRowHashKeepsColumnsApart(t *testing.T) {
	t.Parallel()
	base := Row{ID: "i", At: time.UnixMicro(5), Kind: "k", Actor: "a", Person: "p", RelyingParty: "r", Login: "l", Data: "{}", Personal: []byte("x")}
	seen := map[Hash]string{base.Hash(): "base"}
	for name, change := range map[string]func(*Row){
		"id to kind":              func(r *Row) { r.ID, r.Kind = "", "ik" },
		"kind to actor":           func(r *Row) { r.Kind, r.Actor = "", "ka" },
		"actor to person":         func(r *Row) { r.Actor, r.Person = "", "ap" },
		"person to relying party": func(r *Row) { r.Person, r.RelyingParty = "", "pr" },
		"relying party to login":  func(r *Row) { r.RelyingParty, r.Login = "", "rl" },
		"login to data":           func(r *Row) { r.Login, r.Data = "", "l{}" },
		"data to personal":        func(r *Row) { r.Data, r.Personal = "", []byte("{}x") },
		"time":                    func(r *Row) { r.At = time.UnixMicro(6) },
	} {
		r := base
		change(&r)
		h := r.Hash()
		if other, found := seen[h]; found {
			t.Errorf("%s hashes like %s", name, other)
		}
		seen[h] = name
	}
}

func TestParseHead(t *testing.T) {
	t.Parallel()
	b := Batch{Seq: 12, Head: bytes.Repeat([]byte{0xab}, 32)}
	seq, head, err := ParseHead(b.Name())
	if err != nil || seq != 12 || !bytes.Equal(head, b.Head) {
		t.Errorf("got %d, %x, %v", seq, head, err)
	}
	for _, s := range []string{"", "12", "12:", "12:abcd", "0:" + b.Name()[3:], "-1:" + b.Name()[3:], b.Name() + "ab", b.Name() + " x"} {
		if _, _, err := ParseHead(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}
