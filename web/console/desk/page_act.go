package desk

import (
	"errors"
	"net/http"
	"slices"

	"clave/census/desk"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/web/console"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

// start begins an act in a case that is open.
func (p *Pages) start(w http.ResponseWriter, r *http.Request, c desk.Case) {
	if !c.Open(p.Now()) {
		p.afterwards(w, r, c)
		return
	}
	name := registration.Name(r.PostFormValue("act"))
	if !slices.ContainsFunc(acts(), func(a act) bool { return a.Name == name }) {
		route.SeeOther(w, casePath+c.ID)
		return
	}
	person, _, _, err := p.Register.Recognise(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	h, err := p.Procedures.Start(r.Context(), handle(c), name, registration.Basis{
		Owner: c.Session, Person: person, Document: c.Document, By: by(r),
	})
	var denied *registration.Denied
	switch {
	case errors.As(err, &denied):
		p.stop(w, r, c, denied, casePath+c.ID)
		return
	case err == nil:
		err = p.Desk.Begun(r.Context(), c, string(h.Token()))
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	route.SeeOther(w, pathOf(c, registration.StepSeen))
}

// finish forgets what was begun, or what is done.
func (p *Pages) finish(w http.ResponseWriter, r *http.Request, c desk.Case) {
	if err := p.Procedures.Leave(r.Context(), handle(c)); err != nil {
		p.fail(w, r, err)
		return
	}
	if r.PostFormValue("next") != "" {
		route.SeeOther(w, Path)
		return
	}
	route.SeeOther(w, casePath+c.ID)
}

// under is what stands on the pages of an act: which one, and about whom.
type under struct {
	console.Head
	Path     string // of the case
	Change   registrar.Change
	Document string
}

func underOf(h console.Head, c desk.Case, running *registration.Running) under {
	return under{h, casePath + c.ID, change(running), running.Document().Reveal()} // the officer has the document in hand
}

// change is what an act does at its end.
func change(running *registration.Running) registrar.Change {
	for _, a := range acts() {
		if a.Name == running.Name() {
			return a.Change
		}
	}
	return ""
}

// answered leads to where the act stands after an answer, or says why not.
func (p *Pages) answered(w http.ResponseWriter, r *http.Request, c desk.Case, err error, here registration.StepName) {
	var denied *registration.Denied
	switch {
	case errors.As(err, &denied):
		p.stop(w, r, c, denied, pathOf(c, here))
	case err != nil:
		p.lead(w, r, c, err)
	default:
		p.lead(w, r, c, registration.ErrStep)
	}
}

// seenPage is the check-list.
type seenPage struct {
	page.Form
	under
	Name string
	// Checks are to be ticked.
	Checks    []check
	Minor     bool
	Unknown   bool // nobody knows the age
	Languages []option
}

// check is a box to be ticked.
type check struct {
	page.Field
	Ticked bool
}

// option is an answer whose label is no text of ours.
type option struct {
	Value, Label string
	Chosen       bool
}

func (p *Pages) renderSeen(w http.ResponseWriter, r *http.Request, status int, c desk.Case, running *registration.Running, list registration.CheckList, l lang.Language, problems page.Errors) {
	held, err := p.Register.Candidate(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	who := held.Reference.Person
	kind := page.Field{Name: string(registration.FieldSeenDocument), Label: "desk.seen.seen_document", Value: list.Document}
	for _, k := range kinds(who.Document.Foreigner()) {
		kind.Options = append(kind.Options, page.Option{Value: string(k), Label: "desk.kind." + string(k)})
	}
	proof := page.Field{Name: string(registration.FieldProof), Label: "desk.seen.proof", Value: list.Proof}
	for _, way := range registrar.GuardianProofs() {
		proof.Options = append(proof.Options, page.Option{Value: string(way), Label: "desk.proof." + string(way)})
	}
	data := seenPage{Name: who.GivenName + " " + who.FamilyName()}
	data.Minor, data.Unknown = registration.Minority(who.BirthDate, p.today())
	data.Form = page.Form{Errors: problems, Fields: []page.Field{kind, {
		Name: string(registration.FieldGuardian), Label: "desk.seen.guardian", Hint: "desk.seen.guardian.hint", Value: list.Guardian, MaxLength: 30, Size: 14,
	}, proof}}
	for _, one := range []struct {
		field  registration.Field
		ticked bool
	}{
		{registration.FieldPresent, list.Present}, {registration.FieldOriginal, list.Original}, {registration.FieldInForce, list.InForce},
		{registration.FieldAlike, list.Alike}, {registration.FieldOfAge, list.OfAge},
	} {
		if one.field == registration.FieldOfAge && !data.Unknown {
			continue
		}
		f := page.Field{Name: string(one.field), Label: "desk.seen." + string(one.field), Error: problems.Of(string(one.field))}
		data.Fields = append(data.Fields, f)
		data.Checks = append(data.Checks, check{f, one.ticked})
	}
	for _, each := range lang.All() {
		data.Languages = append(data.Languages, option{string(each), each.Name(), each == l})
	}
	p.show(w, r, status, p.seen, func(h console.Head) any { data.under = underOf(h, c, running); return data })
}

func (p *Pages) showSeen(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	seen, ticked := running.By.Seen, running.Has(registration.Attested)
	list := registration.CheckList{
		Document: string(seen.Document), Original: ticked, InForce: ticked, Alike: ticked, Present: ticked, OfAge: seen.OfAge,
		Guardian: seen.Guardian.Reveal(), Proof: string(seen.Proof), // as the officer typed it
	}
	p.renderSeen(w, r, http.StatusOK, c, running, list, p.tongue(r, c, running), nil)
}

// tongue is the citizen's language: what was chosen, or the one used last.
func (p *Pages) tongue(r *http.Request, c desk.Case, running *registration.Running) lang.Language {
	if running.Typed[registration.FieldLanguage] == "" {
		if held, err := p.Register.Candidate(r.Context(), c.Document); err == nil {
			if l, ok := lang.Parse(held.Language); ok {
				return l
			}
		}
	}
	return running.Language()
}

func (p *Pages) takeSeen(w http.ResponseWriter, r *http.Request, c desk.Case) {
	ticked := func(f registration.Field) bool { return r.PostFormValue(string(f)) != "" }
	list := registration.CheckList{
		Document: r.PostFormValue(string(registration.FieldSeenDocument)), Original: ticked(registration.FieldOriginal),
		InForce: ticked(registration.FieldInForce), Alike: ticked(registration.FieldAlike), Present: ticked(registration.FieldPresent),
		OfAge: ticked(registration.FieldOfAge), Guardian: r.PostFormValue(string(registration.FieldGuardian)), Proof: r.PostFormValue(string(registration.FieldProof)),
	}
	l, ok := lang.Parse(r.PostFormValue("language"))
	if !ok {
		l = lang.Default
	}
	mistakes, err := p.Procedures.Attest(r.Context(), handle(c), list, l)
	if err != nil || len(mistakes) == 0 {
		p.answered(w, r, c, err, registration.StepSeen)
		return
	}
	var problems page.Errors
	for _, m := range mistakes {
		problems.Add(string(m.Field), "desk.seen."+string(m.Field)+".error."+string(m.What))
	}
	p.at(registration.StepSeen, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		p.renderSeen(w, r, http.StatusUnprocessableEntity, c, running, list, l, problems)
	})(w, r)
}

// confirmPage shows everything before the citizen signs.
type confirmPage struct {
	page.Form
	under
	Name, Phone, Email string
	Version            string
	Signed, Code       bool
}

func (p *Pages) renderConfirm(w http.ResponseWriter, r *http.Request, status int, c desk.Case, running *registration.Running, problems page.Errors) {
	held, err := p.Register.Candidate(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	who := held.Reference.Person
	data := confirmPage{
		Form: page.Form{Fields: []page.Field{{Name: "conditions", Error: problems.Of("conditions")}}, Errors: problems},
		Name: who.GivenName + " " + who.FamilyName(), Phone: running.State.Phone, Email: running.State.Email,
		Version: receipt.CurrentConditions, Signed: running.Has(registration.Confirmed), Code: running.State.Phone != "",
	}
	p.show(w, r, status, p.confirm, func(h console.Head) any { data.under = underOf(h, c, running); return data })
}

func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	p.renderConfirm(w, r, http.StatusOK, c, running, nil)
}

func (p *Pages) takeConfirm(w http.ResponseWriter, r *http.Request, c desk.Case) {
	p.at(registration.StepConfirm, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		if r.PostFormValue("conditions") != receipt.CurrentConditions {
			p.renderConfirm(w, r, http.StatusUnprocessableEntity, c, running, page.Errors{{Field: "conditions", Key: "desk.confirm.error"}})
			return
		}
		err := p.Procedures.Confirm(r.Context(), handle(c), receipt.CurrentConditions, running.Language())
		var denied *registration.Denied
		if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
			p.renderConfirm(w, r, http.StatusTooManyRequests, c, running, page.Errors{p.tooSoon(w, denied)})
			return
		}
		p.answered(w, r, c, err, registration.StepConfirm)
	})(w, r)
}
