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

func (f *flow) renderCode(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, value string, problems page.Errors) {
	f.show(w, r, status, f.code, f.path+"/code", codePage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "code", Label: "procedure.code.label", Hint: "procedure.code.hint", Value: value,
				MaxLength: 40, Size: 20, Code: true,
			}},
			Errors: problems,
		},
		subject: f.subjectOf(running, "/code"), Days: codeDays,
	})
}

func (f *flow) showCode(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.renderCode(w, r, http.StatusOK, running, running.Typed[registration.FieldInvitation], nil)
}

func (f *flow) takeCode(w http.ResponseWriter, r *http.Request) {
	value := r.PostFormValue("code")
	again := func(problem page.Error) {
		problem.Field = "code"
		f.at(registration.StepCode, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			f.renderCode(w, r, http.StatusUnprocessableEntity, running, value, page.Errors{problem})
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
	h, err := f.Procedures.TryInvitation(r.Context(), f.handle(r), value)
	var denied *registration.Denied
	if !errors.As(err, &denied) {
		if err != nil {
			f.lead(w, r, err)
			return
		}
		f.hand(w, h)
		f.forwardTo(w, r, h)
		return
	}
	left := []string{"left", strconv.Itoa(denied.Left)}
	switch denied.Cause {
	case registration.WrongInvitation:
		again(page.Error{Key: "procedure.code.error.wrong", Holes: left})
	case registration.OldInvitation:
		again(page.Error{Key: "procedure.code.error.old", Holes: left})
	default:
		f.stop(w, r, denied, f.path+"/code")
	}
}
