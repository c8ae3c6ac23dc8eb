package packed_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clave/internal/packed"
)

type word string

type record struct {
	Number int64
	Flags  packed.Flags
	At     time.Time
	Text   string
	List   []word
}

func (r record) write() []byte {
	var w packed.Writer
	w.Int(r.Number)
	w.Flags(r.Flags.At(0), r.Flags.At(1), r.Flags.At(7))
	w.Time(r.At)
	w.String(r.Text)
	packed.Strings(&w, r.List)
	return w.Bytes
}

func read(b []byte) (record, bool) {
	r := packed.NewReader(b)
	one := record{Number: r.Int(), Flags: r.Flags(), At: r.Time(), Text: r.String(), List: packed.ReadStrings[word](r)}
	return one, r.Done()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)
	for _, want := range []record{
		{},
		{Number: math.MinInt64, Flags: 1, At: at, Text: "ñ\x00", List: []word{"a", "", "c"}},
		{Number: math.MaxInt64, Flags: 2, At: at.AddDate(-60, 0, 0), Text: string(make([]byte, 300)), List: []word{""}},
		{Number: -1, Flags: 3},
	} {
		written := want.write()
		got, ok := read(written)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("done %v, (-want +got)\n%s", ok, diff)
		}
		for cut := range written {
			if _, ok := read(written[:cut]); ok {
				t.Errorf("%d of %d bytes are a whole record", cut, len(written))
			}
		}
		if _, ok := read(append(written, 0)); ok {
			t.Error("a byte too many was not noticed")
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Add(record{Number: 5, Text: "text", List: []word{"a", "b"}}.write())
	f.Fuzz(func(t *testing.T, b []byte) {
		one, ok := read(b)
		if !ok {
			return
		}
		if again, ok := read(one.write()); !ok || !cmp.Equal(one.List, again.List) || one.Text != again.Text || one.Number != again.Number {
			t.Errorf("%q is read as %+v, which is read as %+v, %v", b, one, again, ok)
		}
	})
}
