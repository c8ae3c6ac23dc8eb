package saml

import (
	"clave/internal/saml2"
	"clave/web/lang"
	"clave/web/page"
)

// Describe tells in the metadata what citizens and operators of services should know of
// the installation: what it is called, in every language of the pages, who answers for
// it, and whom to ask. What the settings leave empty is left out.
func (c *Config) Describe(texts *lang.Texts, frame page.Frame) {
	privacy := frame.DataProtectionNotice
	if privacy == "" {
		privacy = c.Issuer + "/legal"
	}
	owner := saml2.Organization{}
	for _, l := range lang.All() {
		in := func(text string) saml2.Localized { return saml2.Localized{Language: string(l), Text: text} }
		c.Interface.DisplayNames = append(c.Interface.DisplayNames, in(frame.Name))
		c.Interface.Descriptions = append(c.Interface.Descriptions, in(texts.Text(l, "saml.metadata.description", "name", frame.Name)))
		c.Interface.InformationURLs = append(c.Interface.InformationURLs, in(c.Issuer+"/help"))
		c.Interface.PrivacyURLs = append(c.Interface.PrivacyURLs, in(privacy))
		owner.Names = append(owner.Names, in(frame.Responsible))
		owner.DisplayNames = append(owner.DisplayNames, in(frame.Responsible))
		owner.URLs = append(owner.URLs, in(c.Issuer+"/"))
	}
	if frame.Responsible != "" {
		c.Organization = &owner
	}
	if frame.Mailbox != "" {
		c.Contacts = []saml2.Contact{{Kind: "support", Email: frame.Mailbox}}
	}
}
