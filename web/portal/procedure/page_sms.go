package procedure

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"clave/census/registration"
	"clave/web/page"
)

// smsPage asks for the code that went to the phone.
type smsPage struct {
	page.Form
	subject
	Last3     string
	SentAt    time.Time
	Countdown page.Countdown
	Live      bool // a code can be entered
	MoreSends bool
	Taken     bool
}

func (p *Pages) renderSMS(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, value string, problems page.Errors) {
	proof, now := running.Possession, p.Now()
	if proof.Over() {
		p.stop(w, r, &registration.Denied{Cause: registration.TriesSpent}, Path+"/sms")
		return
	}
	p.show(w, r, status, p.sms, Path+"/sms", smsPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "sms", Label: "procedure.sms.label", Hint: "procedure.sms.hint", Value: value,
				Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 16, Size: 8, Code: true,
			}},
			Errors: problems,
		},
		subject: p.subjectOf(running, Path+"/sms"), Last3: proof.Last3, SentAt: proof.SentAt,
		Countdown: page.Countdown{Label: "procedure.sms.countdown", Left: proof.ExpiresAt.Sub(now)},
		Live:      proof.Live(now), MoreSends: proof.MoreSends(), Taken: running.Has(registration.Taken),
	})
}

func (p *Pages) showSMS(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	p.renderSMS(w, r, http.StatusOK, running, "", nil)
}

// smsAgain shows the page of the code with what is wrong.
func (p *Pages) smsAgain(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	p.at(registration.StepSMS, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		p.renderSMS(w, r, status, running, value, problems)
	})(w, r)
}

func (p *Pages) takeSMS(w http.ResponseWriter, r *http.Request) {
	value := r.PostFormValue("sms")
	err := p.Procedures.Prove(r.Context(), p.handle(r), value, p.language(r))
	wrong := func(key string, holes ...string) {
		p.smsAgain(w, r, http.StatusUnprocessableEntity, value, page.Errors{{Field: "sms", Key: key, Holes: holes}})
	}
	var denied *registration.Denied
	switch {
	case errors.Is(err, registration.ErrCode) && strings.TrimSpace(value) == "":
		wrong("procedure.sms.error.empty")
	case errors.Is(err, registration.ErrCode):
		wrong("procedure.sms.error.format")
	case !errors.As(err, &denied):
		p.answered(w, r, err, "/done", "/sms")
	case denied.Cause == registration.WrongCode && denied.Left == 1:
		wrong("procedure.sms.error.wrong_last")
	case denied.Cause == registration.WrongCode:
		wrong("procedure.sms.error.wrong", "left", strconv.Itoa(denied.Left))
	case denied.Cause == registration.CodeExpired:
		p.smsAgain(w, r, http.StatusUnprocessableEntity, "", nil)
	default:
		p.stop(w, r, denied, Path+"/sms")
	}
}

// again sends another code and voids the one before.
func (p *Pages) again(w http.ResponseWriter, r *http.Request) {
	err := p.Procedures.SendAgain(r.Context(), p.handle(r), p.language(r))
	var denied *registration.Denied
	if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
		p.smsAgain(w, r, http.StatusTooManyRequests, "", page.Errors{p.tooSoon(w, denied)})
		return
	}
	p.answered(w, r, err, "/sms", "/sms")
}
