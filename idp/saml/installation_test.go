package saml_test

import (
	"testing"

	"clave/idp/saml"
	"clave/web/lang"
	"clave/web/page"
)

func TestMetadataTellWhatTheInstallationIs(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	c := saml.Config{Issuer: issuer}
	c.Describe(texts, page.Frame{Name: "Cl@ve de Ejemplo", Responsible: "Ayuntamiento de Ejemplo", Mailbox: "ayuda@clave.example"})
	said := map[string]bool{}
	for i, l := range lang.All() {
		description := c.Interface.Descriptions[i]
		if description.Language != string(l) || said[description.Text] && l != lang.Valencian {
			t.Errorf("%s: got %+v", l, description)
		}
		said[description.Text] = true
		if c.Interface.DisplayNames[i].Text != "Cl@ve de Ejemplo" || c.Organization.Names[i].Text != "Ayuntamiento de Ejemplo" ||
			c.Interface.PrivacyURLs[i].Text != issuer+"/legal" || c.Interface.InformationURLs[i].Text != issuer+"/help" || c.Organization.URLs[i].Text != issuer+"/" {
			t.Errorf("%s: got %+v, %+v", l, c.Interface, c.Organization)
		}
	}
	if len(c.Contacts) != 1 || c.Contacts[0].Kind != "support" || c.Contacts[0].Email != "ayuda@clave.example" {
		t.Errorf("got %+v", c.Contacts)
	}
}

func TestMetadataLeaveOutWhatNobodySays(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	c := saml.Config{Issuer: issuer}
	c.Describe(texts, page.Frame{Name: "Cl@ve", DataProtectionNotice: "https://town.example/data"})
	if c.Organization != nil || len(c.Contacts) != 0 || c.Interface.PrivacyURLs[0].Text != "https://town.example/data" {
		t.Errorf("got %+v, %+v, %+v", c.Organization, c.Contacts, c.Interface.PrivacyURLs)
	}
}
