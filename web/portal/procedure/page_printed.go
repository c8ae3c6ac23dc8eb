package procedure

import (
	"net/http"
	"strings"

	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// printedPage asks which document the citizen has.
type printedPage struct {
	page.Form
	subject
}

// printed are the documents, each with the datum that is asked for beside a
// certificate.
// Source: sede.agenciatributaria.gob.es, "Register in the Cl@ve system online with
// electronic certificate or eDNI".
func printed() []datum {
	of := func(name string, document identity.DocumentKind, kind identity.ContrastKind) datum {
		return datum{
			page.DatumQuestion{Texts: "procedure.contrast.", Hint: "procedure.printed." + name + ".hint", Document: document, Kind: kind},
			pathPrinted + "/" + name, document != identity.DNI, pathPrinted, "procedure.printed.other",
		}
	}
	return []datum{
		of("electronic_dni", identity.DNI, identity.SupportNumber),
		of("old_dni", identity.DNI, identity.IssueDate),
		of("foreigner_card", identity.ForeignerCard, identity.SupportNumber),
		of("residence_permit", identity.ResidencePermit, identity.SupportNumber),
		of("eu_certificate", identity.EUCertificate, identity.SupportNumber),
	}
}

// pathPrinted is the page that asks for the document.
const pathPrinted = "/contrast"

// askPrinted begins the step of the datum with the question for the document.
func askPrinted(identity.DocumentID) string { return pathPrinted }

// fitting are those that a document can be: a DNI or a NIE shows in its number.
func fitting(document identity.DocumentID) []datum {
	var list []datum
	for _, d := range printed() {
		if d.foreigner == document.Foreigner() {
			list = append(list, d)
		}
	}
	return list
}

func (f *flow) showPrinted(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.renderPrinted(w, r, http.StatusOK, running, nil)
}

func (f *flow) renderPrinted(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	question := page.Field{Name: "printed", Label: "procedure.printed.label"}
	for _, d := range fitting(running.Document()) {
		question.Options = append(question.Options, page.Option{Value: d.name(), Label: "procedure.printed." + d.name()})
	}
	f.show(w, r, status, f.printed, f.path+pathPrinted, printedPage{
		Form: page.Form{Fields: []page.Field{question}, Errors: problems}, subject: f.subjectOf(running, pathPrinted),
	})
}

// name is the last part of the address.
func (d datum) name() string { return d.path[strings.LastIndex(d.path, "/")+1:] }

// takePrinted leads to the datum of the document that was chosen.
func (f *flow) takePrinted(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	for _, d := range fitting(running.Document()) {
		if r.PostFormValue("printed") == d.name() {
			route.SeeOther(w, f.path+d.path)
			return
		}
	}
	f.renderPrinted(w, r, http.StatusUnprocessableEntity, running, page.Errors{{Field: "printed", Key: "procedure.printed.error"}})
}
