package procedure

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"clave/census/invitation"
	"clave/census/registration"
	"clave/internal/onetime"
	"clave/web/page"
)

// codeDays is how many days an invitation code counts.
const codeDays = int(invitation.Life / (24 * time.Hour))

// codePage asks for the invitation code.
type codePage struct {
	page.Form
	subject
	Days int
}

func (p *Pages) renderCode(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, value string, problems page.Errors) {
	p.show(w, r, status, p.code, Path+"/code", codePage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "code", Label: "procedure.code.label", Hint: "procedure.code.hint", Value: value,
				MaxLength: 40, Size: 20, Code: true,
			}},
			Errors: problems,
		},
		subject: p.subjectOf(running, Path+"/code"), Days: codeDays,
	})
}

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	p.renderCode(w, r, http.StatusOK, running, running.Typed[registration.FieldInvitation], nil)
}

func (p *Pages) takeCode(w http.ResponseWriter, r *http.Request) {
	value := r.PostFormValue("code")
	again := func(problem page.Error) {
		problem.Field = "code"
		p.at(registration.StepCode, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			p.renderCode(w, r, http.StatusUnprocessableEntity, running, value, page.Errors{problem})
		})(w, r)
	}
	if strings.TrimSpace(value) == "" {
		again(page.Error{Key: "procedure.code.error.empty"})
		return
	}
	if _, ok := onetime.ReadPrinted(value, onetime.InvitationLength); !ok {
		again(page.Error{Key: "procedure.code.error.format"})
		return
	}
	h, err := p.Procedures.TryInvitation(r.Context(), p.handle(r), value)
	var denied *registration.Denied
	if !errors.As(err, &denied) {
		if err == nil {
			p.hand(w, h)
		}
		p.answered(w, r, err, "/contact", "/code")
		return
	}
	left := []string{"left", strconv.Itoa(denied.Left)}
	switch denied.Cause {
	case registration.WrongInvitation:
		again(page.Error{Key: "procedure.code.error.wrong", Holes: left})
	case registration.OldInvitation:
		again(page.Error{Key: "procedure.code.error.old", Holes: left})
	default:
		p.stop(w, r, denied, Path+"/code")
	}
}
