package app

import (
	"errors"
	"net/http"

	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// The questions are those of Cl@ve PIN, in the same words.
const documentQuestion = page.DocumentQuestion("pin.document.")

func datumQuestion(kind identity.ContrastKind) page.DatumQuestion {
	return page.DatumQuestion{Texts: "pin.contrast.", Kind: kind}
}

// documentPage asks for the number of the document.
type documentPage struct{ page.Form }

func (a *App) renderDocument(w http.ResponseWriter, r *http.Request, status int, typed string, problems page.Errors) {
	a.Pages.Render(w, here(r, ActivatePath), status, a.pages.document, documentPage{page.Form{
		Fields: []page.Field{documentQuestion.Field(typed)}, Errors: problems,
	}})
}

func (a *App) showDocument(w http.ResponseWriter, r *http.Request) {
	a.renderDocument(w, r, http.StatusOK, a.journeyOf(r).Document, nil)
}

// takeDocument asks nobody about the number: that is for who knows the datum that
// belongs to it.
func (a *App) takeDocument(w http.ResponseWriter, r *http.Request) {
	document, typed, wrong := documentQuestion.Read(r)
	if len(wrong) > 0 {
		a.renderDocument(w, r, http.StatusUnprocessableEntity, typed, wrong)
		return
	}
	a.travel(w, r, journey{Document: document.Reveal()}, datumPath)
}

// datumPage asks for the datum printed on the document.
type datumPage struct {
	page.Form
	Action   string
	Document string // masked
	// Kind is which datum; a DNI may be a permanent one, which its holder says.
	Kind  identity.ContrastKind
	Where page.Where
}

const issueQuery = "?permanent=1"

// kindOf is the datum that is asked for: every DNI is asked for its validity, and its
// holder says when it is a permanent one.
func kindOf(r *http.Request, document identity.DocumentID) identity.ContrastKind {
	switch {
	case document.Foreigner():
		return identity.SupportNumber
	case r.URL.Query().Has("permanent"):
		return identity.IssueDate
	default:
		return identity.ValidityDate
	}
}

func datumAt(kind identity.ContrastKind) string {
	if kind == identity.IssueDate {
		return datumPath + issueQuery
	}
	return datumPath
}

func (a *App) renderDatum(w http.ResponseWriter, r *http.Request, status int, document identity.DocumentID, field page.Field, problems page.Errors) {
	kind := kindOf(r, document)
	a.Pages.Render(w, here(r, datumAt(kind)), status, a.pages.datum, datumPage{
		Form:   page.Form{Fields: []page.Field{field}, Errors: problems},
		Action: datumAt(kind), Document: document.String(), Kind: kind, Where: datumQuestion(kind).Where(a.Pages),
	})
}

func (a *App) showDatum(w http.ResponseWriter, r *http.Request) {
	j := a.journeyOf(r)
	document := j.document()
	if document.IsZero() {
		route.SeeOther(w, ActivatePath)
		return
	}
	kind, said := kindOf(r, document), j.Said
	switch {
	case said.Cause == movil.WrongPair && said.Kind == kind:
		a.renderDatum(w, r, http.StatusOK, document, datumQuestion(kind).Field(said.Value), datumQuestion(kind).Wrong("pair"))
	case said.Cause != "" && said.Cause != movil.WrongPair && a.Now().Before(said.Until):
		a.showStopped(w, r, &movil.Denied{Cause: said.Cause, Until: said.Until})
	default:
		a.renderDatum(w, r, http.StatusOK, document, datumQuestion(kind).Field(""), nil)
	}
}

// takeDatum looks at the pair; a right one gets a code by SMS.
func (a *App) takeDatum(w http.ResponseWriter, r *http.Request) {
	j := a.journeyOf(r)
	document := j.document()
	if document.IsZero() {
		route.SeeOther(w, ActivatePath)
		return
	}
	question := datumQuestion(kindOf(r, document))
	field, value, wrong := question.Read(r)
	if len(wrong) > 0 {
		a.renderDatum(w, r, http.StatusUnprocessableEntity, document, field, wrong)
		return
	}
	if question.IsPermanent(value) {
		route.SeeOther(w, datumAt(identity.IssueDate)) // they all say that
		return
	}
	typed := pair.Pair{Document: document, Contrast: census.Contrast{Kind: question.Kind, Value: value}}
	token, err := a.Movil.StartActivation(r.Context(), typed, a.language(r))
	var denied *movil.Denied
	switch {
	case err == nil:
		a.travel(w, r, journey{Document: j.Document, Token: token}, codePath)
	case errors.As(err, &denied) && (denied.Cause == movil.WrongPair || !denied.Until.IsZero()):
		j.Said = saying{Cause: denied.Cause, Until: denied.Until, Kind: question.Kind, Value: value}
		a.travel(w, r, j, datumAt(question.Kind))
	case errors.As(err, &denied):
		a.showStopped(w, r, denied)
	default:
		a.fail(w, r, err)
	}
}
