package saml

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/web/page"
)

// endpointFor is where a service hears of logouts: by the binding that it used, or else
// by the first of its metadata. Without one it hears nothing.
func endpointFor(m *saml2.ServiceProvider, binding string) (saml2.Endpoint, bool) {
	if len(m.SingleLogout) == 0 {
		return saml2.Endpoint{}, false
	}
	i := slices.IndexFunc(m.SingleLogout, func(e saml2.Endpoint) bool { return e.Binding == binding })
	return m.SingleLogout[max(i, 0)], true
}

// answersAt is where an endpoint takes answers.
func answersAt(e saml2.Endpoint) string { return cmp.Or(e.ResponseLocation, e.Location) }

// cargo is a message on its way to a service, by the browser.
type cargo struct {
	binding, to, field, state string
	write                     func(saml2.Prefixes, *xmlsig.Signer) ([]byte, error)
	via                       broker.Via
}

// carry signs a message and sends the browser off with it: signed inside and posted, or
// signed over the octets of an address.
// Source: SAML 2.0 Bindings, sections 3.4.4.1 and 3.5.4.
func (f *Front) carry(w http.ResponseWriter, r *http.Request, service *registry.SAMLService, c cargo) error {
	signer, err := f.signer(r.Context(), service.Registered)
	if err != nil {
		return err
	}
	r = r.WithContext(f.around(r, service))
	if c.binding == saml2.BindingPost {
		message, err := c.write(saml2.Prefixes{}, signer)
		if err != nil {
			return err
		}
		fields := []page.Hidden{{Name: c.field, Value: saml2.PostValue(message)}}
		if c.state != "" {
			fields = append(fields, page.Hidden{Name: saml2.FieldRelayState, Value: c.state})
		}
		return f.Pages.Post(w, r, c.to, fields)
	}
	message, err := c.write(saml2.Prefixes{}, nil)
	if err != nil {
		return err
	}
	address, err := saml2.RedirectURL(c.to, c.field, message, c.state, signer)
	if err != nil {
		return err
	}
	if c.via == broker.ByPage {
		f.Pages.Leave(w, r, address)
		return nil
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// around says on the pages by which the browser leaves which service it goes to.
func (f *Front) around(r *http.Request, service *registry.SAMLService) context.Context {
	around := page.From(r.Context())
	around.Service = shown(service, "").In(string(f.Pages.Language(r)))
	return page.With(r.Context(), around)
}
