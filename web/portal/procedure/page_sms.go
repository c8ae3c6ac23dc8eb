package procedure

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
)

// smsPage asks for the code that went to the phone, or to the address.
type smsPage struct {
	page.Form
	subject
	Last3     string // of the phone
	To        string // the address, masked
	SentAt    time.Time
	Countdown page.Countdown
	Live      bool // a code can be entered
	MoreSends bool
	Taken     bool
	// Typed: the phone was typed in this procedure, and another one may be.
	Typed bool
}

// Go is the key of the button's text.
func (s smsPage) Go() string {
	switch s.Name {
	case registration.Letter, registration.Certificate:
		return "procedure.sms.go"
	case registration.Withdraw:
		return "procedure.do.withdraw"
	}
	return "procedure.sms.confirm"
}

// codeStep is the step at which the flow asks for a code.
func (f *flow) codeStep() registration.StepName {
	if f.name == registration.ConfirmEmail {
		return registration.StepMail
	}
	return registration.StepSMS
}

func (f *flow) codePath() string { return "/" + string(f.codeStep()) }

// codeText is the key of a text about the code.
func (f *flow) codeText(item string) string {
	if f.codeStep() == registration.StepMail {
		return "procedure.mail." + item
	}
	return "procedure.sms." + item
}

func (f *flow) renderSMS(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, value string, problems page.Errors) {
	proof, now := running.Possession, f.Now()
	if proof.Over() {
		f.stop(w, r, &registration.Denied{Cause: registration.TriesSpent}, f.path+f.codePath())
		return
	}
	t, to := f.sms, ""
	if f.codeStep() == registration.StepMail {
		email, _ := identity.ParseEmail(running.State.Email) // it was parsed before it was kept
		t, to = f.mail, email.String()
	}
	f.show(w, r, status, t, f.path+f.codePath(), smsPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: string(f.codeStep()), Label: f.codeText("label"), Hint: f.codeText("hint"), Value: value,
				Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 16, Size: 8, Code: true,
			}},
			Errors: problems,
		},
		subject: f.subjectOf(running, f.codePath()), Last3: proof.Last3, To: to, SentAt: proof.SentAt,
		Countdown: page.Countdown{Label: "procedure.sms.countdown", Left: proof.ExpiresAt.Sub(now)},
		Live:      proof.Live(now), MoreSends: proof.MoreSends(), Taken: running.Has(registration.Taken),
		Typed: slices.Contains(running.Asks(registration.StepContact), registration.FieldPhone),
	})
}

func (f *flow) showSMS(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.renderSMS(w, r, http.StatusOK, running, "", nil)
}

// smsAgain shows the page of the code with what is wrong.
func (f *flow) smsAgain(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	f.at(f.codeStep(), func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		f.renderSMS(w, r, status, running, value, problems)
	})(w, r)
}

func (f *flow) takeSMS(w http.ResponseWriter, r *http.Request) {
	value := r.PostFormValue(string(f.codeStep()))
	err := f.Procedures.Prove(r.Context(), f.handle(r), value, f.language(r))
	wrong := func(what string, holes ...string) {
		f.smsAgain(w, r, http.StatusUnprocessableEntity, value, page.Errors{{Field: string(f.codeStep()), Key: f.codeText("error." + what), Holes: holes}})
	}
	var denied *registration.Denied
	switch {
	case errors.Is(err, registration.ErrCode) && strings.TrimSpace(value) == "":
		wrong("empty")
	case errors.Is(err, registration.ErrCode):
		wrong("format")
	case !errors.As(err, &denied):
		f.answered(w, r, err, "/done", f.codePath())
	case denied.Cause == registration.WrongCode && denied.Left == 1:
		wrong("wrong_last")
	case denied.Cause == registration.WrongCode:
		wrong("wrong", "left", strconv.Itoa(denied.Left))
	case denied.Cause == registration.CodeExpired:
		f.smsAgain(w, r, http.StatusUnprocessableEntity, "", nil)
	default:
		f.stop(w, r, denied, f.path+f.codePath())
	}
}

// again sends another code and voids the one before.
func (f *flow) again(w http.ResponseWriter, r *http.Request) {
	err := f.Procedures.SendAgain(r.Context(), f.handle(r), f.language(r))
	var denied *registration.Denied
	if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
		f.smsAgain(w, r, http.StatusTooManyRequests, "", page.Errors{f.tooSoon(w, denied)})
		return
	}
	f.answered(w, r, err, f.codePath(), f.codePath())
}
