package census

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// BenchmarkImport is reading and checking, on all processors, without keys and
// database.
func BenchmarkImport(b *testing.B) {
	file := []byte(Header() + "\n" + strings.Repeat(goodDNI+"\n"+goodCard+"\n", 5000))
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		s := &shelf{each: func() {}}
		if _, err := Import(context.Background(), s, bytes.NewReader(file), Options{Now: importDay, Rejects: io.Discard}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkEncoding(b *testing.B) {
	p, r := rowParser{latest: dateOf(importDay)}, Reference{}
	fields, _ := splitRow(goodDNI, nil)
	p.parse(fields, &r)
	blob := AppendReference(nil, &r)
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			blob = AppendReference(blob[:0], &r)
		}
		b.ReportMetric(float64(len(blob)), "bytes")
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			_, _ = ParseReference(blob)
		}
	})
	b.Run("json", func(b *testing.B) { // what it is compared with
		type clear struct {
			Document, Kind, GivenName, FirstSurname, SecondSurname, BirthDate, Support, Issue, Validity string
			Street, PostalCode, City, Province, Country, DeceasedOn, Previous                           string
		}
		f := rowOf(&r)
		c := clear{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12], f[13], f[14], f[15]}
		text, err := json.Marshal(c)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := json.Unmarshal(text, &c); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(text)), "bytes")
	})
}
