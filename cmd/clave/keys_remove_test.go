package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"io"
	"strings"
	"testing"
	"time"

	"clave/keys"
	"clave/test/fakes/samlmetadata"
)

func TestKeysRemove(t *testing.T) {
	t.Parallel()
	eachPlace(t, func(t *testing.T, at place) {
		remove := func(id string) error { return (&keysRemoveCommand{at, id}).Run(t.Context(), io.Discard) }
		ids := func(use keys.Use, state keys.State) string {
			a, err := at.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer a.close()
			return find(a.keys.Records(), func(r keys.Record) bool { return r.Use == use && r.State == state }).ID
		}
		wants(t, remove("nothing"), "there is no key nothing")
		wants(t, remove(ids(keys.UseOIDC, keys.Active)), "is active: replace it first with `clave keys rotate oidc --now`")
		wants(t, remove(ids(keys.UseSubject, keys.Active)), "is of the use subject: what it made is kept for years")

		replace(t, at, keys.UseSeal)
		wants(t, remove(ids(keys.UseSeal, keys.Retired)), "could never be opened or verified again")
		replace(t, at, keys.UseOIDC)
		id := ids(keys.UseOIDC, keys.Retired)
		said(t, func(out *bytes.Buffer) error { return (&keysRemoveCommand{at, id}).Run(t.Context(), out) })
		listed := said(t, func(out *bytes.Buffer) error { return (&keysListCommand{at}).Run(t.Context(), out) })
		if strings.Contains(listed, id) {
			t.Errorf("got %s", listed)
		}
	})
}

// Whoever has a stolen key signs for as long as our list of certificates has its own.
func TestARetiredKeyOfSAMLGoesUnlessAServiceStaysOnIt(t *testing.T) {
	t.Parallel()
	certificate := samlmetadata.Certificate(t)
	signs := write(t, "town.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})))
	metadata := write(t, "town.xml", string(samlmetadata.Service{
		EntityID: "https://town.example/saml", ACS: "https://town.example/acs", Certificates: []*x509.Certificate{certificate},
	}.XML()))
	head := townFile[:strings.Index(townFile, "  oidc:")] + "  attributes: [document_number]\n"
	eachPlace(t, func(t *testing.T, at place) {
		for _, use := range []keys.Use{keys.UseClave, keys.UseSAML} {
			id := retired(t, at, use)
			service := func(more string) string {
				if use == keys.UseSAML {
					return head + "  saml:\n    - {metadata_file: " + metadata + more + "}\n"
				}
				return head + "  clave:\n    - {provider_name: P2807900B_L01280796;App, acs: [https://town.example/acs], certificates: [" + signs + "]" + more + "}\n"
			}
			register := func(more string) {
				t.Helper()
				if _, err := apply(t, at, false, service(more)); err != nil {
					t.Fatal(err)
				}
			}
			remove := func() error { return (&keysRemoveCommand{at, id}).Run(t.Context(), io.Discard) }
			register(", signing_key: " + id + ", until: " + time.Now().AddDate(0, 0, 2).Format(time.DateOnly))
			wants(t, remove(), "services of demo-town stay on key "+id)
			register(", signing_key: " + id + ", until: " + time.Now().AddDate(0, 0, -2).Format(time.DateOnly))
			if err := remove(); err != nil {
				t.Errorf("%s: %v", use, err)
			}
		}
	})
}

// retired makes a key of a use, and another one that takes its place.
func retired(t *testing.T, at place, use keys.Use) string {
	t.Helper()
	a, err := at.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	signers := a.keys.Clave()
	if use == keys.UseSAML {
		signers = a.keys.SAML()
	}
	if err := signers.Ensure(t.Context(), keys.RS256); err != nil {
		t.Fatal(err)
	}
	replace(t, at, use)
	return signers.Published()[0].ID
}

// replace publishes a key and an hour later activates it.
func replace(t *testing.T, at place, use keys.Use) {
	t.Helper()
	a, err := at.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	master, err := keys.ReadMasterFile(at.Master)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ring, err := keys.Open(t.Context(), a.db.Keys(), master, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := ring.RotateNow(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
}
