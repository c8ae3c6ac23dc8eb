package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"clave/conf"
	"clave/providers/certificate/trustedlist"
)

func TestWhatIsToldAboutAList(t *testing.T) {
	t.Parallel()
	issued := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	list := &trustedlist.List{
		Sequence: 88, Issued: issued, NextUpdate: issued.AddDate(0, 5, 0),
		Signer: &x509.Certificate{Subject: pkix.Name{CommonName: "OPERATOR"}, NotAfter: issued.AddDate(1, 0, 0)},
	}
	version := trustedlist.Version{FetchedAt: issued.AddDate(0, 0, 20)}
	settings := conf.TrustedList{Territory: "ES", Grace: 30 * 24 * time.Hour}
	const first = `trusted list 88 of ES, issued 2026-11-01T00:00Z, next by 2027-04-01T00:00Z, fetched 2026-11-21T00:00Z, signed by "OPERATOR" whose certificate ends 2027-11-01T00:00Z` + "\n"
	for _, test := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"in its time", list.NextUpdate, ""},
		{"past its time", list.NextUpdate.Add(time.Hour), "it is past its time, and used until 2027-05-01T00:00Z\n"},
		{"too old", list.NextUpdate.AddDate(0, 2, 0), "it is too old: its authorities are not trusted any more\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := aboutList(list, version, settings, test.at); got != first+test.want {
				t.Errorf("got %q, want %q", got, first+test.want)
			}
		})
	}
}
