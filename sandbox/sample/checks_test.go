package sample

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crewjam/saml"
)

const issuer, home = "http://localhost:8080", "http://127.0.0.1:8080"

// now is when the tests play. The library has a clock of its own, which is not asked here.
func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// good is an assertion as Cl@ve makes it for the service of Cl@ve 2, which looks at all
// of it; of the other's the library looks at most.
func good() *saml.Assertion {
	return &saml.Assertion{
		Issuer: saml.Issuer{Value: issuer},
		Subject: &saml.Subject{
			NameID: &saml.NameID{Value: "12345678Z"},
			SubjectConfirmations: []saml.SubjectConfirmation{{
				Method: "urn:oasis:names:tc:SAML:2.0:cm:bearer",
				SubjectConfirmationData: &saml.SubjectConfirmationData{
					NotOnOrAfter: now().Add(time.Minute), Recipient: home + "/jobs/return", InResponseTo: "_request",
				},
			}},
		},
		Conditions: &saml.Conditions{
			NotBefore: now().Add(-time.Minute), NotOnOrAfter: now().Add(time.Minute),
			AudienceRestrictions: []saml.AudienceRestriction{{Audience: saml.Audience{Value: home + "/jobs/return"}}},
		},
		AuthnStatements: []saml.AuthnStatement{{
			AuthnInstant: now(), AuthnContext: saml.AuthnContext{AuthnContextClassRef: &saml.AuthnContextClassRef{Value: classes + "substantial"}},
		}},
		AttributeStatements: []saml.AttributeStatement{{Attributes: []saml.Attribute{
			{FriendlyName: "RelayState", Values: []saml.AttributeValue{{Value: "state"}}},
		}}},
	}
}

func TestServicesLookAtWhatTheyAskedFor(t *testing.T) {
	t.Parallel()
	all, err := Open(Settings{Issuer: issuer, Home: home, Data: t.TempDir(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		asked asked
		spoil func(*saml.Assertion)
		// dialect is looked at by the library where the service has one.
		dialect bool
		want    string
	}{
		{name: "a good one", spoil: func(*saml.Assertion) {}},
		{name: "more than was asked for", asked: asked{Class: classes + "low"}, spoil: func(*saml.Assertion) {}},
		{"less than was asked for", asked{Class: classes + "high"}, func(*saml.Assertion) {}, false, "was asked for"},
		{"a class that is no level", asked{Class: classes + "low"}, func(a *saml.Assertion) {
			a.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
		}, false, "was asked for"},
		{"no class", asked{}, func(a *saml.Assertion) { a.AuthnStatements[0].AuthnContext.AuthnContextClassRef = nil }, false, "how the citizen logged in"},
		{"an old login for a fresh one", asked{Fresh: true, At: now()}, func(a *saml.Assertion) { a.AuthnStatements[0].AuthnInstant = now().Add(-time.Hour) }, false, "before that was asked for"},
		{"nobody", asked{}, func(a *saml.Assertion) { a.Subject = nil }, false, "names nobody"},
		{"an empty name", asked{}, func(a *saml.Assertion) { a.Subject.NameID.Value = "" }, false, "names nobody"},
		{"no confirmation", asked{}, func(a *saml.Assertion) { a.Subject.SubjectConfirmations = nil }, false, "bears it"},
		{"another confirmation", asked{}, func(a *saml.Assertion) { a.Subject.SubjectConfirmations[0].Method = "urn:x" }, false, "bears it"},
		{"a confirmation without end", asked{}, func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.NotOnOrAfter = time.Time{}
		}, false, "bears it"},
		{"no audience", asked{}, func(a *saml.Assertion) { a.Conditions.AudienceRestrictions = nil }, false, "audience"},
		{"no conditions", asked{}, func(a *saml.Assertion) { a.Conditions = nil }, true, "not of now"},
		{"another audience", asked{}, func(a *saml.Assertion) { a.Conditions.AudienceRestrictions[0].Audience.Value = home + "/return" }, true, "audience"},
		{"another recipient", asked{}, func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = home + "/return"
		}, true, "bears it"},
		{"another request", asked{}, func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.InResponseTo = "_other"
		}, true, "bears it"},
		{"another issuer", asked{}, func(a *saml.Assertion) { a.Issuer.Value = "http://localhost:1" }, true, "issuer"},
		{"one of yesterday", asked{}, func(a *saml.Assertion) { a.Conditions.NotOnOrAfter = now().AddDate(0, 0, -1) }, true, "not of now"},
		{"one of tomorrow", asked{}, func(a *saml.Assertion) { a.Conditions.NotBefore = now().AddDate(0, 0, 1) }, true, "not of now"},
		{"another state", asked{}, func(a *saml.Assertion) {
			a.AttributeStatements[0].Attributes[0].Values[0].Value = "other"
		}, true, "RelayState"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.asked.RelayState = "state"
			a := good()
			tc.spoil(a)
			complain(t, "Cl@ve 2", all.clave.check(a, "_request", tc.asked), tc.want)
			if !tc.dialect {
				complain(t, "SAML 2.0", all.saml.check(a, tc.asked), tc.want)
			}
		})
	}
}

func complain(t *testing.T, by string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", by, err, want)
	}
}

func TestServicesKeepTheirKeys(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "samples")
	open := func() *Samples {
		s, err := Open(Settings{Issuer: issuer, Home: home, Data: folder, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, again := open(), open()
	for _, name := range []string{"university.xml", "jobs.pem"} {
		one, err1 := first.File(name)
		other, err2 := again.File(name)
		if err := errors.Join(err1, err2); err != nil || string(one) != string(other) {
			t.Errorf("%s is another after a restart: %v", name, err)
		}
		if strings.Contains(string(one), "PRIVATE") {
			t.Errorf("%s has the key in it", name)
		}
	}
	if _, err := first.File("other.pem"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
