package desk

import (
	"errors"
	"net/http"

	"clave/census/desk"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/web/console"
	"clave/web/page"
	"clave/web/route"
)

// proposePage asks why a registration should be revoked, or that be lifted.
type proposePage struct {
	page.Form
	console.Head
	Path           string // of the case
	Change         registrar.Change
	Name, Document string
	Days           int
}

func (p *Pages) renderPropose(w http.ResponseWriter, r *http.Request, status int, c desk.Case, reason, number string, problems page.Errors) {
	if !c.Open(p.Now()) {
		route.SeeOther(w, Path+"?gone=1")
		return
	}
	held, err := p.Register.Candidate(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	_, change, err := p.possible(r, held)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if change == "" {
		route.SeeOther(w, casePath+c.ID)
		return
	}
	why := page.Field{Name: "reason", Label: "desk.propose.reason", Value: reason}
	for _, each := range proposal.Reasons(change) {
		why.Options = append(why.Options, page.Option{Value: string(each), Label: "proposals.reason." + string(each)})
	}
	who := held.Reference.Person
	data := proposePage{
		Form: page.Form{Errors: problems, Fields: []page.Field{why, {
			Name: "number", Label: "desk.find.number", Hint: "desk.find.number.hint", Value: number, MaxLength: desk.MaxNumber, Size: 20,
		}}},
		Path: casePath + c.ID, Change: change, Name: who.GivenName + " " + who.FamilyName(), Document: who.Document.Reveal(), // as on the page before
		Days: int(proposal.Life.Hours() / 24),
	}
	p.show(w, r, status, p.propose, func(h console.Head) any { data.Head = h; return data })
}

func (p *Pages) showPropose(w http.ResponseWriter, r *http.Request, c desk.Case) {
	p.renderPropose(w, r, http.StatusOK, c, "", c.Number, nil)
}

func (p *Pages) takePropose(w http.ResponseWriter, r *http.Request, c desk.Case) {
	reason, typed, change := r.PostFormValue("reason"), r.PostFormValue("number"), registrar.Change(r.PostFormValue("change"))
	var problems page.Errors
	if reason == "" {
		problems.Add("reason", "desk.propose.reason.error")
	}
	number, err := desk.ReadNumber(typed)
	if err != nil {
		problems.Add("number", "desk.find.number.error")
	}
	if len(problems) > 0 || !c.Open(p.Now()) {
		p.renderPropose(w, r, http.StatusUnprocessableEntity, c, reason, typed, problems)
		return
	}
	person, _, _, err := p.Register.Recognise(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	made, err := p.Proposals.Propose(r.Context(), staff.From(r.Context()), proposal.Proposal{
		Person: person, Document: c.Document, Change: change, Reason: proposal.Reason(reason), Number: number,
	})
	var state registrar.StateError
	switch {
	case err == nil:
		route.SeeOther(w, p.Proposed+made.ID)
	case errors.Is(err, proposal.ErrOpen):
		p.renderPropose(w, r, http.StatusConflict, c, reason, typed, page.Errors{{Key: "desk.propose.open"}})
	case errors.Is(err, proposal.ErrReason):
		p.renderPropose(w, r, http.StatusUnprocessableEntity, c, "", typed, page.Errors{{Field: "reason", Key: "desk.propose.reason.error"}})
	case errors.Is(err, proposal.ErrOwn), errors.Is(err, registrar.ErrOwnRecord):
		p.showStopped(w, r, http.StatusForbidden, stoppedPage{Cause: "own_record", Back: Path})
	case errors.As(err, &state), errors.Is(err, registrar.ErrRevoked), errors.Is(err, registrar.ErrDeceased):
		route.SeeOther(w, casePath+c.ID) // it shows how the registration stands now
	default:
		p.fail(w, r, err)
	}
}
