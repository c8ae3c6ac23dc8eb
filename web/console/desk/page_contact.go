package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"clave/census/desk"
	"clave/census/registration"
	"clave/web/console"
	"clave/web/page"
)

// contactPage asks for the citizen's phone and e-mail, as far as the act is about them.
type contactPage struct {
	page.Form
	under
}

// Questions are the fields with what is wrong with them.
func (c contactPage) Questions() []page.Field {
	fields := make([]page.Field, 0, len(c.Fields))
	for _, f := range c.Fields {
		fields = append(fields, c.Field(f.Name))
	}
	return fields
}

func (p *Pages) renderContact(w http.ResponseWriter, r *http.Request, status int, c desk.Case, running *registration.Running, typed registration.Contact, problems page.Errors) {
	field := func(name registration.Field, value string, f page.Field) page.Field {
		f.Name, f.Label, f.Value = string(name), "desk.contact."+string(name), value
		return f
	}
	all := []page.Field{
		field(registration.FieldPrefix, typed.Prefix, page.Field{Hint: "desk.contact.prefix.hint", MaxLength: 8, Size: 4, InputMode: "numeric"}),
		field(registration.FieldPhone, typed.Phone, page.Field{MaxLength: 40, Size: 16, InputMode: "tel"}),
		field(registration.FieldPhoneAgain, typed.PhoneAgain, page.Field{MaxLength: 40, Size: 16, InputMode: "tel"}),
		field(registration.FieldEmail, typed.Email, page.Field{MaxLength: 254, InputMode: "email"}),
		field(registration.FieldEmailAgain, typed.EmailAgain, page.Field{MaxLength: 254, InputMode: "email"}),
	}
	asks := running.Asks(registration.StepContact)
	all = slices.DeleteFunc(all, func(f page.Field) bool { return !slices.Contains(asks, registration.Field(f.Name)) })
	p.show(w, r, status, p.contact, func(h console.Head) any {
		return contactPage{page.Form{Fields: all, Errors: problems}, underOf(h, c, running)}
	})
}

// home is the prefix that the form begins with.
const home = "34"

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	t := running.Typed
	typed := registration.Contact{
		Prefix: t[registration.FieldPrefix], Phone: t[registration.FieldPhone], PhoneAgain: t[registration.FieldPhoneAgain],
		Email: t[registration.FieldEmail], EmailAgain: t[registration.FieldEmailAgain],
	}
	if typed == (registration.Contact{}) {
		typed.Prefix = home
	}
	p.renderContact(w, r, http.StatusOK, c, running, typed, nil)
}

func (p *Pages) takeContact(w http.ResponseWriter, r *http.Request, c desk.Case) {
	value := func(f registration.Field) string { return r.PostFormValue(string(f)) }
	typed := registration.Contact{
		Prefix: value(registration.FieldPrefix), Phone: value(registration.FieldPhone), PhoneAgain: value(registration.FieldPhoneAgain),
		Email: value(registration.FieldEmail), EmailAgain: value(registration.FieldEmailAgain),
	}
	p.at(registration.StepContact, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		phone, email, mistakes := typed.Read(running.Asks(registration.StepContact), "")
		var problems page.Errors
		for _, m := range mistakes {
			problems.Add(string(m.Field), "desk.contact."+string(m.Field)+".error."+string(m.What))
		}
		if len(problems) > 0 {
			p.renderContact(w, r, http.StatusUnprocessableEntity, c, running, typed, problems)
			return
		}
		err := p.Procedures.GiveContact(r.Context(), handle(c), typed, phone, email, running.Language())
		p.answered(w, r, c, err, registration.StepContact)
	})(w, r)
}

// claimPage explains that the phone is another citizen's.
type claimPage struct {
	under
	Last3 string
}

func (p *Pages) showClaim(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	number := running.State.Phone
	p.show(w, r, http.StatusOK, p.claim, func(h console.Head) any {
		return claimPage{underOf(h, c, running), number[max(0, len(number)-3):]}
	})
}

func (p *Pages) takeClaim(w http.ResponseWriter, r *http.Request, c desk.Case) {
	p.at(registration.StepClaim, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		p.answered(w, r, c, p.Procedures.ClaimPhone(r.Context(), handle(c), running.Language()), registration.StepClaim)
	})(w, r)
}

// smsPage asks for the code that went to the citizen's phone.
type smsPage struct {
	page.Form
	under
	Last3           string
	SentAt          time.Time
	Countdown       page.Countdown
	Live, MoreSends bool
}

func (p *Pages) renderSMS(w http.ResponseWriter, r *http.Request, status int, c desk.Case, running *registration.Running, value string, problems page.Errors) {
	proof, now := running.Possession, p.Now()
	if proof.Over() {
		p.stop(w, r, c, &registration.Denied{Cause: registration.TriesSpent}, casePath+c.ID)
		return
	}
	data := smsPage{
		Form: page.Form{Errors: problems, Fields: []page.Field{{
			Name: "sms", Label: "desk.sms.label", Hint: "desk.sms.hint", Value: value, InputMode: "numeric", MaxLength: 16, Size: 8, Code: true,
			Focus: len(problems) == 0,
		}}},
		Last3: proof.Last3, SentAt: proof.SentAt, Countdown: page.Countdown{Label: "desk.sms.countdown", Left: proof.ExpiresAt.Sub(now)},
		Live: proof.Live(now), MoreSends: proof.MoreSends(),
	}
	p.show(w, r, status, p.sms, func(h console.Head) any { data.under = underOf(h, c, running); return data })
}

func (p *Pages) showSMS(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
	p.renderSMS(w, r, http.StatusOK, c, running, "", nil)
}

func (p *Pages) takeSMS(w http.ResponseWriter, r *http.Request, _ desk.Case) {
	value := r.PostFormValue("sms")
	p.at(registration.StepSMS, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		err := p.Procedures.Prove(r.Context(), handle(c), value, running.Language())
		wrong := func(key string, holes ...string) {
			p.at(registration.StepSMS, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
				p.renderSMS(w, r, http.StatusUnprocessableEntity, c, running, value, page.Errors{{Field: "sms", Key: key, Holes: holes}})
			})(w, r)
		}
		var denied *registration.Denied
		switch {
		case errors.Is(err, registration.ErrCode) && strings.TrimSpace(value) == "":
			wrong("desk.sms.error.empty")
		case errors.Is(err, registration.ErrCode):
			wrong("desk.sms.error.format")
		case errors.As(err, &denied) && denied.Cause == registration.WrongCode:
			wrong("desk.sms.error.wrong", "left", strconv.Itoa(denied.Left))
		case errors.As(err, &denied) && denied.Cause == registration.CodeExpired:
			p.renderSMS(w, r, http.StatusUnprocessableEntity, c, running, "", nil)
		default:
			p.answered(w, r, c, err, registration.StepSMS)
		}
	})(w, r)
}

// again sends another code and voids the one before.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, _ desk.Case) {
	p.at(registration.StepSMS, func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running) {
		err := p.Procedures.SendAgain(r.Context(), handle(c), running.Language())
		var denied *registration.Denied
		if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
			p.renderSMS(w, r, http.StatusTooManyRequests, c, running, "", page.Errors{p.tooSoon(w, denied)})
			return
		}
		p.answered(w, r, c, err, registration.StepSMS)
	})(w, r)
}

// tooSoon says how long to wait for another message.
func (p *Pages) tooSoon(w http.ResponseWriter, denied *registration.Denied) page.Error {
	seconds := strconv.Itoa(int(denied.Until.Sub(p.Now())/time.Second) + 1)
	w.Header().Set("Retry-After", seconds)
	return page.Error{Key: "desk.sms.error.soon", Holes: []string{"seconds", seconds}}
}
