package receipt

import (
	"net/url"
	"strings"
	"time"

	"clave/internal/onetime"
	"clave/web/lang"
)

// Renderer makes the pages of receipts.
type Renderer struct {
	texts  *lang.Texts
	issuer string
	about  About
}

// About is who issues the receipts.
type About struct {
	// Name is what the installation is called, such as Cl@ve.
	Name string
	// Responsible is the legal name of the body that runs it; may be empty.
	Responsible string
	// Office tells what the office of a code is called; nil writes the code.
	Office func(code string) string
	// Zone is where times are told.
	Zone *time.Location
}

// NewRenderer returns a renderer for the installation whose pages are at issuer, an
// origin such as https://clave.example.
func NewRenderer(texts *lang.Texts, issuer string, about About) *Renderer {
	return &Renderer{texts: texts, issuer: issuer, about: about}
}

// VerifyPath is where anybody checks a receipt; its parameter is code.
const VerifyPath = "/verify"

// verifyURL is the address that a QR code leads to: with the code, which is public.
func (r *Renderer) verifyURL(code string) string {
	return r.issuer + VerifyPath + "?" + url.Values{"code": {onetime.Grouped(code)}}.Encode()
}

// bare is an address as people type it.
func bare(address string) string { return strings.TrimPrefix(address, "https://") }

// Sheet is what a receipt says, in words: both the PDF and its accessible twin are made
// from it. It holds personal data and secrets.
type Sheet struct {
	Language    lang.Language
	Title, Lead string
	Facts       []Line
	// Activation is given on the first copy of a receipt with an activation code.
	Activation *Activation
	// Next says what follows; Later, if not empty, why there is no activation code.
	Next, Later     string
	ConditionsTitle string
	Conditions      []Condition
	Verification    Verification
}

// Line is a fact with its label.
type Line struct{ Label, Value string }

// Activation is the secret part of a first copy.
type Activation struct {
	Label, Code, Note string
	Title             string
	Steps             []string
}

// Verification says how a receipt is checked.
type Verification struct {
	Title, Text string
	Label, Code string
	// URL is the page that shows the result.
	URL string
}

// Page says in words what a receipt says, in the receipt's language. activation is the
// code on the first copy, with or without groups, and empty on later ones.
func (r *Renderer) Page(rc Receipt, activation string) Sheet {
	l := language(rc)
	t := func(key string, pairs ...string) string { return r.texts.Text(l, key, pairs...) }
	fact := "receipt.fact." + string(rc.Fact)
	address := bare(r.issuer + VerifyPath)
	s := Sheet{
		Language: l,
		Title:    t(fact+".title", "name", r.about.Name), Lead: t(fact+".lead", "name", r.about.Name),
		Next: t(fact+".next", "name", r.about.Name), Facts: r.facts(rc, l, inClear(rc)),
		Verification: Verification{
			Title: t("receipt.verification.title"), Text: t("receipt.verification.text", "address", address),
			Label: t("receipt.verification.label"), Code: onetime.Grouped(rc.Code), URL: r.verifyURL(rc.Code),
		},
	}
	site := bare(r.issuer)
	switch {
	case activation != "":
		s.Activation = &Activation{
			Label: t("receipt.activation.label"), Code: onetime.Grouped(strings.ReplaceAll(activation, "-", "")), Note: t("receipt.activation.note"),
			Title: t("receipt.activation.title"),
			Steps: []string{
				t("receipt.activation.step1", "address", site), t("receipt.activation.step2"),
				t("receipt.activation.step3"), t("receipt.activation.step4"),
			},
		}
	case rc.Fact == Registered, rc.Fact == Regenerated:
		s.Later = t("receipt.activation.later", "address", site)
	}
	if conditions, err := Conditions(rc.Conditions, l); err == nil { // an office may register without a version
		s.ConditionsTitle, s.Conditions = t("receipt.conditions.title"), conditions
	}
	return s
}

// Masked says in words, in a language, what was issued, so that who holds the paper can
// compare and nobody else learns who it is about.
func (r *Renderer) Masked(rc Receipt, l lang.Language) (title string, facts []Line) {
	return r.texts.Text(l, "receipt.fact."+string(rc.Fact)+".title", "name", r.about.Name), r.facts(rc, l, masked(rc))
}

// shown is how personal values are shown.
type shown struct{ person, document, phone, email string }

func inClear(rc Receipt) shown {
	p := rc.Identity
	return shown{
		strings.TrimSpace(p.GivenName + " " + p.FamilyName()), p.Document.Reveal(), rc.Phone.Reveal(), rc.Email.Reveal(),
	}
}

// masked shows the initials, and of the others what their types show.
func masked(rc Receipt) shown {
	var initials []string
	for word := range strings.FieldsSeq(rc.Identity.GivenName + " " + rc.Identity.FamilyName()) {
		initials = append(initials, string([]rune(word)[0])+".")
	}
	return shown{strings.Join(initials, " "), rc.Identity.Document.String(), rc.Phone.String(), rc.Email.String()}
}

func (r *Renderer) facts(rc Receipt, l lang.Language, p shown) []Line {
	t := func(key string, pairs ...string) string { return r.texts.Text(l, key, pairs...) }
	at := rc.At.In(r.about.Zone)
	lines := []Line{
		{t("receipt.label.person"), p.person},
		{t("receipt.label.document"), p.document},
		{t("receipt.label.phone"), p.phone},
		{t("receipt.label.email"), p.email},
	}
	if rc.Level != 0 {
		lines = append(lines, Line{t("receipt.label.level"), t("receipt.level." + rc.Level.String())})
	}
	if rc.Channel != "" {
		lines = append(lines, Line{t("receipt.label.channel"), t("receipt.channel." + string(rc.Channel))})
	}
	lines = append(lines,
		Line{t("receipt.label.office"), r.office(rc.Office)},
		Line{t("receipt.label.at"), t("receipt.at", "day", r.texts.Day(l, at), "time", at.Format("15:04"))},
	)
	if rc.Conditions != "" {
		lines = append(lines, Line{t("receipt.label.conditions"), t("receipt.version", "version", rc.Conditions)})
	}
	known := lines[:0]
	for _, line := range lines {
		if line.Value != "" {
			known = append(known, line)
		}
	}
	return known
}

// office is what an office is called. Receipts keep the code: the name may change.
func (r *Renderer) office(code string) string {
	if code == "" || r.about.Office == nil {
		return code
	}
	return r.about.Office(code)
}

// language is the receipt's, Spanish for one that we do not speak.
func language(rc Receipt) lang.Language {
	if l, ok := lang.Parse(rc.Language); ok {
		return l
	}
	return lang.Default
}
