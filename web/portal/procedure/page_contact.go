package procedure

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/web/page"
)

// contactPage asks for phone, e-mail and the acceptance of the conditions.
type contactPage struct {
	page.Form
	subject
	Version    string
	Conditions []receipt.Condition
	Accepted   bool
}

func (p *Pages) renderContact(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, c registration.Contact, problems page.Errors) {
	conditions, err := receipt.Conditions(receipt.CurrentConditions, p.language(r))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	field := func(name registration.Field, value string, more page.Field) page.Field {
		more.Name, more.Label, more.Value = string(name), "procedure.contact."+string(name)+".label", value
		return more
	}
	p.show(w, r, status, p.contact, Path+"/contact", contactPage{
		Form: page.Form{
			Fields: []page.Field{
				field(registration.FieldPrefix, c.Prefix, page.Field{
					Hint: "procedure.contact.prefix.hint", MaxLength: 8, Size: 4, InputMode: "numeric", Autocomplete: "tel-country-code",
				}),
				field(registration.FieldPhone, c.Phone, page.Field{
					Hint: "procedure.contact.phone.hint", MaxLength: 40, Size: 16, InputMode: "tel", Autocomplete: "tel-national",
				}),
				field(registration.FieldPhoneAgain, c.PhoneAgain, page.Field{MaxLength: 40, Size: 16, InputMode: "tel"}),
				field(registration.FieldEmail, c.Email, page.Field{
					Hint: "procedure.contact.email.hint", MaxLength: 254, InputMode: "email", Autocomplete: "email",
				}),
				field(registration.FieldEmailAgain, c.EmailAgain, page.Field{MaxLength: 254, InputMode: "email"}),
				field(registration.FieldConditions, c.Conditions, page.Field{}),
			},
			Errors: problems,
		},
		subject: p.subjectOf(running, Path+"/contact"), Version: receipt.CurrentConditions, Conditions: conditions,
		Accepted: c.Conditions == receipt.CurrentConditions,
	})
}

// home is the prefix that the form begins with.
const home = "34"

func (p *Pages) showContact(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	t := running.Typed
	c := registration.Contact{
		Prefix: t[registration.FieldPrefix], Phone: t[registration.FieldPhone], PhoneAgain: t[registration.FieldPhoneAgain],
		Email: t[registration.FieldEmail], EmailAgain: t[registration.FieldEmailAgain], Conditions: t[registration.FieldConditions],
	}
	if c == (registration.Contact{}) {
		c.Prefix = home
	}
	p.renderContact(w, r, http.StatusOK, running, c, nil)
}

func contactOf(r *http.Request) registration.Contact {
	value := func(f registration.Field) string { return r.PostFormValue(string(f)) }
	return registration.Contact{
		Prefix: value(registration.FieldPrefix), Phone: value(registration.FieldPhone), PhoneAgain: value(registration.FieldPhoneAgain),
		Email: value(registration.FieldEmail), EmailAgain: value(registration.FieldEmailAgain), Conditions: value(registration.FieldConditions),
	}
}

// asks are the fields of the form; every one where the procedure is gone, as the
// answer will say.
func (p *Pages) asks(r *http.Request) []registration.Field {
	running, err := p.Procedures.Open(r.Context(), p.handle(r))
	if err != nil {
		return nil
	}
	return running.Asks(registration.StepContact)
}

func (p *Pages) takeContact(w http.ResponseWriter, r *http.Request) {
	c := contactOf(r)
	again := func(status int, problems page.Errors) {
		p.at(registration.StepContact, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			p.renderContact(w, r, status, running, c, problems)
		})(w, r)
	}
	phone, email, mistakes := c.Read(p.asks(r), receipt.CurrentConditions)
	if len(mistakes) > 0 {
		var problems page.Errors
		for _, m := range mistakes {
			problems.Add(string(m.Field), "procedure.contact."+string(m.Field)+".error."+string(m.What))
		}
		again(http.StatusUnprocessableEntity, problems)
		return
	}
	err := p.Procedures.GiveContact(r.Context(), p.handle(r), c, phone, email, p.language(r))
	var denied *registration.Denied
	switch {
	case err == nil:
		p.forward(w, r)
	case errors.As(err, &denied) && denied.Cause == registration.TooSoon:
		again(http.StatusTooManyRequests, page.Errors{p.tooSoon(w, denied)})
	case errors.As(err, &denied):
		p.stop(w, r, denied, Path+"/contact")
	default:
		p.lead(w, r, err)
	}
}

// tooSoon says how long to wait for another message.
func (p *Pages) tooSoon(w http.ResponseWriter, denied *registration.Denied) page.Error {
	seconds := strconv.Itoa(int(denied.Until.Sub(p.Now())/time.Second) + 1)
	w.Header().Set("Retry-After", seconds)
	return page.Error{Key: "procedure.sms.error.soon", Holes: []string{"seconds", seconds}}
}

// claimPage explains that the phone is another citizen's.
type claimPage struct {
	page.Form
	subject
	Last3 string
}

func (p *Pages) renderClaim(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	p.show(w, r, status, p.claim, Path+"/claim", claimPage{
		Form: page.Form{Errors: problems}, subject: p.subjectOf(running, Path+"/claim"), Last3: last3(running.State.Phone),
	})
}

func (p *Pages) showClaim(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	p.renderClaim(w, r, http.StatusOK, running, nil)
}

func last3(number string) string { return number[max(0, len(number)-3):] }

func (p *Pages) takeClaim(w http.ResponseWriter, r *http.Request) {
	err := p.Procedures.ClaimPhone(r.Context(), p.handle(r), p.language(r))
	var denied *registration.Denied
	if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
		p.at(registration.StepClaim, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			p.renderClaim(w, r, http.StatusTooManyRequests, running, page.Errors{p.tooSoon(w, denied)})
		})(w, r)
		return
	}
	p.answered(w, r, err, "/sms", "/claim")
}
