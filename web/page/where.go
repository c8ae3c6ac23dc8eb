package page

import (
	"strings"

	"clave/identity"
)

// Where asks for the drawings that show where a datum is printed on a document;
// {{template "where" .Where}} draws them inside a details element. A pair that has
// no drawing shows nothing.
// Source: sede.agenciatributaria.gob.es, "How to obtain the validity and issue
// dates of the DNI" and "Enter valid support".
type Where struct {
	Document identity.DocumentKind
	Datum    identity.ContrastKind
	engine   *Engine
}

// Where makes the drawings for a page. Document is empty for a foreigner who has
// not said which document it is.
func (e *Engine) Where(document identity.DocumentKind, datum identity.ContrastKind) Where {
	return Where{Document: document, Datum: datum, engine: e}
}

// Drawing is one picture with the sentence that says the same; both are keys.
type Drawing struct{ Address, Text string }

// Question is the text key of the line that opens the drawings.
func (w Where) Question() string {
	switch w.Datum {
	case identity.ValidityDate:
		return "page.where.validity"
	case identity.IssueDate:
		return "page.where.issue"
	case identity.SupportNumber:
		return "page.where.support"
	}
	return ""
}

// Drawings are the pictures, the newest document first.
func (w Where) Drawings() []Drawing {
	switch {
	case w.Document == identity.DNI && w.Datum == identity.ValidityDate:
		return w.drawings("dni4-validity", "dni3-validity", "dni2-validity")
	case w.Document == identity.DNI && w.Datum == identity.IssueDate:
		return w.drawings("dni4-issue", "dni3-issue", "dni2-issue")
	case w.Document == identity.DNI && w.Datum == identity.SupportNumber:
		return w.drawings("dni4-support", "dni3-support", "dni2-support")
	case (w.Document == identity.ForeignerCard || w.Document == identity.ResidencePermit) && w.Datum == identity.SupportNumber:
		return w.drawings("tie-support")
	case w.Document == identity.EUCertificate && w.Datum == identity.SupportNumber:
		return w.drawings("eu-sheet-support", "eu-card-support")
	case w.Document == "" && w.Datum == identity.SupportNumber:
		return w.drawings("tie-support", "eu-sheet-support", "eu-card-support")
	}
	return nil
}

func (w Where) drawings(names ...string) []Drawing {
	if w.engine == nil {
		return nil
	}
	drawings := make([]Drawing, 0, len(names))
	for _, name := range names {
		address, _ := w.engine.files.URL(name + ".svg")
		drawings = append(drawings, Drawing{Address: address, Text: "page.where." + textName(name)})
	}
	return drawings
}

// textName is the last part of a drawing's text key: dni4-validity → dni4_validity.
func textName(name string) string { return strings.ReplaceAll(name, "-", "_") }
