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

func (f *flow) renderContact(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, c registration.Contact, problems page.Errors) {
	conditions, err := receipt.Conditions(receipt.CurrentConditions, f.language(r))
	if err != nil {
		f.fail(w, r, err)
		return
	}
	field := func(name registration.Field, value string, more page.Field) page.Field {
		more.Name, more.Label, more.Value = string(name), "procedure.contact."+string(name)+".label", value
		return more
	}
	f.show(w, r, status, f.contact, f.path+"/contact", contactPage{
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
		subject: f.subjectOf(running, "/contact"), Version: receipt.CurrentConditions, Conditions: conditions,
		Accepted: c.Conditions == receipt.CurrentConditions,
	})
}

// home is the prefix that the form begins with.
const home = "34"

func (f *flow) showContact(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	t := running.Typed
	c := registration.Contact{
		Prefix: t[registration.FieldPrefix], Phone: t[registration.FieldPhone], PhoneAgain: t[registration.FieldPhoneAgain],
		Email: t[registration.FieldEmail], EmailAgain: t[registration.FieldEmailAgain], Conditions: t[registration.FieldConditions],
	}
	if c == (registration.Contact{}) {
		c.Prefix = home
	}
	f.renderContact(w, r, http.StatusOK, running, c, nil)
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
func (f *flow) asks(r *http.Request) []registration.Field {
	running, err := f.open(r)
	if err != nil {
		return nil
	}
	return running.Asks(registration.StepContact)
}

func (f *flow) takeContact(w http.ResponseWriter, r *http.Request) {
	c := contactOf(r)
	again := func(status int, problems page.Errors) {
		f.at(registration.StepContact, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			f.renderContact(w, r, status, running, c, problems)
		})(w, r)
	}
	phone, email, mistakes := c.Read(f.asks(r), receipt.CurrentConditions)
	if len(mistakes) > 0 {
		var problems page.Errors
		for _, m := range mistakes {
			problems.Add(string(m.Field), "procedure.contact."+string(m.Field)+".error."+string(m.What))
		}
		again(http.StatusUnprocessableEntity, problems)
		return
	}
	err := f.Procedures.GiveContact(r.Context(), f.handle(r), c, phone, email, f.language(r))
	var denied *registration.Denied
	switch {
	case err == nil:
		f.forward(w, r)
	case errors.As(err, &denied) && denied.Cause == registration.TooSoon:
		again(http.StatusTooManyRequests, page.Errors{f.tooSoon(w, denied)})
	case errors.As(err, &denied):
		f.stop(w, r, denied, f.path+"/contact")
	default:
		f.lead(w, r, err)
	}
}

// tooSoon says how long to wait for another message.
func (f *flow) tooSoon(w http.ResponseWriter, denied *registration.Denied) page.Error {
	seconds := strconv.Itoa(int(denied.Until.Sub(f.Now())/time.Second) + 1)
	w.Header().Set("Retry-After", seconds)
	return page.Error{Key: "procedure.sms.error.soon", Holes: []string{"seconds", seconds}}
}

// claimPage explains that the phone is another citizen's.
type claimPage struct {
	page.Form
	subject
	Last3 string
}

func (f *flow) renderClaim(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	f.show(w, r, status, f.claim, f.path+"/claim", claimPage{
		Form: page.Form{Errors: problems}, subject: f.subjectOf(running, "/claim"), Last3: last3(running.State.Phone),
	})
}

func (f *flow) showClaim(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.renderClaim(w, r, http.StatusOK, running, nil)
}

func last3(number string) string { return number[max(0, len(number)-3):] }

func (f *flow) takeClaim(w http.ResponseWriter, r *http.Request) {
	err := f.Procedures.ClaimPhone(r.Context(), f.handle(r), f.language(r))
	var denied *registration.Denied
	if errors.As(err, &denied) && denied.Cause == registration.TooSoon {
		f.at(registration.StepClaim, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			f.renderClaim(w, r, http.StatusTooManyRequests, running, page.Errors{f.tooSoon(w, denied)})
		})(w, r)
		return
	}
	f.answered(w, r, err, "/sms", "/claim")
}
