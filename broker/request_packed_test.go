package broker

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clave/identity"
)

// fill gives every field of a request a value, so that a field that is added later
// and forgotten in pack is noticed.
func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 21, 12, len(name), 0, 1000, time.UTC)))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Int8, v.Kind() == reflect.Int64:
		v.SetInt(int64(len(name)))
	case v.Kind() == reflect.String:
		v.SetString("the " + name)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), name)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte("the " + name))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), name)
		fill(t, v.Index(1), name+" again")
	default:
		t.Fatalf("a field %s of type %s", name, v.Type())
	}
}

func TestEveryFieldOfARequestTravels(t *testing.T) {
	t.Parallel()
	var whole Request
	v := reflect.ValueOf(&whole).Elem()
	for i := range v.NumField() {
		fill(t, v.Field(i), v.Type().Field(i).Name)
	}
	for _, want := range []Request{whole, {ID: whole.ID}} {
		record := want.pack()
		got, ok := unpack(want.ID, record[1:])
		if diff := cmp.Diff(want, got); !ok || record[0] != packedRequest || diff != "" {
			t.Errorf("understood %v, (-want +got)\n%s", ok, diff)
		}
		for cut := range record[1:] {
			if _, ok := unpack(want.ID, record[1:1+cut]); ok {
				t.Errorf("%d bytes are taken for the whole request", cut)
			}
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	age := time.Minute
	r := Request{ID: "login", Front: "oidc", RelyingParty: "town", OpenedAt: time.Now(), Deadline: time.Now(), MaxAge: &age,
		Attributes: []identity.Attribute{identity.GivenName, identity.FamilyName}, Return: make([]byte, 300)}
	record := r.pack()
	b.ReportAllocs()
	for b.Loop() {
		unpack(r.ID, record[1:])
	}
}
