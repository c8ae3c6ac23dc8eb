package desk

import (
	"net/http"
	"strings"
	"time"

	"clave/census/desk"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/staff"
	"clave/identity"
	"clave/internal/onetime"
	"clave/web/console"
	"clave/web/lang"
	"clave/web/page"
)

func (p *Pages) today() identity.Date { return identity.DateOf(p.Now().UTC()) }

// kinds are the documents that can be shown.
func kinds(foreigner bool) []identity.DocumentKind {
	if !foreigner {
		return []identity.DocumentKind{identity.DNI}
	}
	return []identity.DocumentKind{identity.ForeignerCard, identity.ResidencePermit, identity.EUCertificate}
}

// acceptancePage is printed and signed: in the citizen's language, and in Spanish.
type acceptancePage struct {
	under
	Sheets []sheet
}

// sheet is the acceptance in one language.
type sheet struct {
	Language        lang.Language
	Mark            string // of the training, which is worth nothing on paper either
	Title, Text     string
	Facts           []receipt.Line
	ConditionsTitle string
	Conditions      []receipt.Condition
	Signatures      []string
}

func (p *Pages) showAcceptance(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	held, err := p.Register.Candidate(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	office, err := p.Console.OfficeName(r.Context(), c.Office)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	languages := []lang.Language{running.Language()}
	if languages[0] != lang.Spanish {
		languages = append(languages, lang.Spanish)
	}
	var sheets []sheet
	for _, l := range languages {
		s, err := p.sheet(l, running, held.Reference.Person, office, staff.From(r.Context()).Session.Training)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		sheets = append(sheets, s)
	}
	p.show(w, r, http.StatusOK, p.acceptance, func(h console.Head) any { return acceptancePage{underOf(h, c, running), sheets} })
}

func (p *Pages) sheet(l lang.Language, running *registration.Running, who identity.Person, office string, training bool) (sheet, error) {
	texts := p.Console.Engine.Texts()
	t := func(key string, pairs ...string) string { return texts.Text(l, key, pairs...) }
	now := p.Now().In(p.Console.Engine.Frame().Zone)
	s := sheet{
		Language: l, Title: t("desk.acceptance.title"), Text: t("desk.acceptance.text", "act", t("desk.change."+string(change(running)))),
		ConditionsTitle: t("desk.acceptance.conditions", "version", receipt.CurrentConditions),
		Signatures:      []string{t("desk.acceptance.citizen")},
	}
	if training {
		s.Mark = t("console.training.mark") + " " + t("console.training.text")
	}
	if seen := running.By.Seen; !seen.Guardian.IsZero() {
		s.Signatures = append(s.Signatures, t("desk.acceptance.guardian", "document", seen.Guardian.Reveal())) // on the paper that they sign
	}
	for _, f := range []receipt.Line{
		{Label: t("desk.name"), Value: who.GivenName + " " + who.FamilyName()}, {Label: t("desk.document"), Value: who.Document.Reveal()}, // likewise
		{Label: t("desk.phone"), Value: running.State.Phone}, {Label: t("desk.email"), Value: running.State.Email},
		{Label: t("desk.office"), Value: office}, {Label: t("desk.date"), Value: texts.Day(l, now)},
	} {
		if f.Value != "" {
			s.Facts = append(s.Facts, f)
		}
	}
	var err error
	s.Conditions, err = receipt.Conditions(receipt.CurrentConditions, l)
	return s, err
}

// donePage is the end of an act.
type donePage struct {
	under
	Name, Code string // Code of the receipt, in groups
	At         time.Time
	Level      identity.Registration
	// Activation: the receipt has an activation code, which no page shows.
	Activation, TookPhone bool
}

func (p *Pages) showDone(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	rc, _, err := p.Receipts.ReceiptByCode(r.Context(), running.Done.Receipt)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := donePage{
		Name: strings.TrimSpace(rc.Identity.GivenName + " " + rc.Identity.FamilyName()), Code: onetime.Grouped(rc.Code), At: rc.At, Level: rc.Level,
		Activation: running.Done.Activation != "", TookPhone: running.Done.TookPhone,
	}
	p.show(w, r, http.StatusOK, p.done, func(h console.Head) any { data.under = underOf(h, c, running); return data })
}

// sendReceipt gives the receipt as a file, with the activation code where one was
// issued: it is for the citizen's hands.
func (p *Pages) sendReceipt(w http.ResponseWriter, r *http.Request, _ desk.Case, running *registration.Running) {
	rc, _, err := p.Receipts.ReceiptByCode(r.Context(), running.Done.Receipt)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	pdf, err := p.Papers.HandOut(r.Context(), p.Receipts, rc, running.Done.Activation, p.Now())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	page.Download(w, "application/pdf", rc.FileName(), pdf)
}

// Left tells whether the citizen is registered no longer.
func (d donePage) Left() bool { return d.Change == registrar.Withdrawn }
