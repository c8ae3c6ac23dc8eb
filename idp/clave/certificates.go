package clave

import (
	"encoding/base64"
	"fmt"
	"net/http"

	"clave/keys"

	"github.com/beevik/etree"
)

// certificatesCache lets kits ask often: a next key is published long before it signs.
const certificatesCache = "public, max-age=3600"

// described lists keys as the kits of Cl@ve 2 read them: by the names KeyDescriptor and
// ds:… as they are written, a name that serves for a file, and the state. There is none
// for encryption, because no message that arrives is encrypted.
// Source: the script of the public PHP kit that fetches certificates.
func described(all []keys.PublicKey) *etree.Document {
	d := etree.NewDocument()
	d.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	list := d.CreateElement("KeyDescriptors")
	list.CreateAttr("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#")
	for _, k := range all {
		if k.Certificate == nil || k.Alg != keys.RS256 {
			continue
		}
		descriptor := list.CreateElement("KeyDescriptor")
		descriptor.CreateAttr("use", "signing")
		info := descriptor.CreateElement("ds:KeyInfo")
		info.CreateElement("ds:KeyName").SetText("clave-" + k.ID)
		info.CreateElement("ds:MgmtData").SetText(string(k.State))
		info.CreateElement("ds:X509Data").CreateElement("ds:X509Certificate").
			SetText(base64.StdEncoding.EncodeToString(k.Certificate.Raw))
	}
	return d
}

// showCertificates answers with the keys that sign, will sign, or may still sign for who
// stays on them.
func (f *Front) showCertificates(w http.ResponseWriter, r *http.Request) {
	if err := f.Signers.Ensure(r.Context(), keys.RS256); err != nil {
		f.fail(w, r, fmt.Errorf("making the first key: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = described(f.Signers.Published()).WriteTo(w) // the reader is gone: nothing to do about it
}
