package procedure

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
)

// contactPage asks for phone, e-mail and the acceptance of the conditions, as far as
// the procedure does.
type contactPage struct {
	page.Form
	subject
	opening
	conditions
	// Phone and Email are those of the registration, masked, and empty where they are
	// not known or the form does not ask for another.
	Phone, Email string
	// SMS: a code goes to the phone of the registration.
	SMS bool
}

// Asks tells whether the form has a field.
func (c contactPage) Asks(name string) bool {
	return slices.ContainsFunc(c.Fields, func(f page.Field) bool { return f.Name == name })
}

// Title and Text are the keys of what the page says first.
func (c contactPage) Title() string { return c.key("title") }

// Text says what the phone or the address is for.
func (c contactPage) Text() string { return c.key("text") }

func (c contactPage) key(what string) string {
	switch c.Name {
	case registration.Phone:
		return "procedure.my.phone." + what
	case registration.Email:
		return "procedure.my.email." + what
	}
	return "procedure.contact." + what
}

// contactPage is the page with what was typed.
func (f *flow) contactPage(s subject, c registration.Contact, problems page.Errors) contactPage {
	data := contactPage{subject: s, conditions: conditions{Accepted: c.Conditions == receipt.CurrentConditions}}
	data.Errors = problems
	field := func(name registration.Field, value string, more page.Field) {
		if slices.Contains(f.Procedures.Asks(f.name, registration.StepContact), name) {
			more.Name, more.Label, more.Value = string(name), "procedure.contact."+string(name)+".label", value
			data.Fields = append(data.Fields, more)
		}
	}
	field(registration.FieldPrefix, c.Prefix, page.Field{
		Hint: "procedure.contact.prefix.hint", MaxLength: 8, Size: 4, InputMode: "numeric", Autocomplete: "tel-country-code",
	})
	field(registration.FieldPhone, c.Phone, page.Field{
		Hint: "procedure.contact.phone.hint", MaxLength: 40, Size: 16, InputMode: "tel", Autocomplete: "tel-national",
	})
	field(registration.FieldPhoneAgain, c.PhoneAgain, page.Field{MaxLength: 40, Size: 16, InputMode: "tel"})
	field(registration.FieldEmail, c.Email, page.Field{
		Hint: "procedure.contact.email.hint", MaxLength: 254, InputMode: "email", Autocomplete: "email",
	})
	field(registration.FieldEmailAgain, c.EmailAgain, page.Field{MaxLength: 254, InputMode: "email"})
	field(registration.FieldConditions, c.Conditions, page.Field{})
	return data
}

func (f *flow) renderContact(w http.ResponseWriter, r *http.Request, status int, data contactPage) {
	shown, err := f.conditionsFor(r)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	shown.Accepted = data.Accepted
	data.conditions = shown
	f.show(w, r, status, f.contact, data.Here, data)
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
	f.renderContact(w, r, http.StatusOK, f.contactPage(f.subjectOf(running, "/contact"), c, nil))
}

func contactOf(r *http.Request) registration.Contact {
	value := func(f registration.Field) string { return r.PostFormValue(string(f)) }
	return registration.Contact{
		Prefix: value(registration.FieldPrefix), Phone: value(registration.FieldPhone), PhoneAgain: value(registration.FieldPhoneAgain),
		Email: value(registration.FieldEmail), EmailAgain: value(registration.FieldEmailAgain), Conditions: value(registration.FieldConditions),
	}
}

// readContact reads what was typed, as far as the procedure asks for it.
func (f *flow) readContact(c registration.Contact) (phone identity.Phone, email identity.Email, problems page.Errors) {
	phone, email, mistakes := c.Read(f.Procedures.Asks(f.name, registration.StepContact), receipt.CurrentConditions)
	for _, m := range mistakes {
		if m.Field == registration.FieldConditions {
			problems = append(problems, f.unaccepted()...)
			continue
		}
		problems.Add(string(m.Field), "procedure.contact."+string(m.Field)+".error."+string(m.What))
	}
	return phone, email, problems
}

func (f *flow) takeContact(w http.ResponseWriter, r *http.Request) {
	c := contactOf(r)
	phone, email, problems := f.readContact(c)
	if len(problems) > 0 {
		f.contactAgain(w, r, f.handle(r), http.StatusUnprocessableEntity, c, problems)
		return
	}
	f.giveContact(w, r, f.handle(r), c, phone, email)
}

// contactAgain shows the form with what was typed and what is wrong.
func (f *flow) contactAgain(w http.ResponseWriter, r *http.Request, h registration.Handle, status int, c registration.Contact, problems page.Errors) {
	running, err := f.running(r, h)
	if err == nil && !running.May(registration.StepContact) {
		err = registration.ErrStep
	}
	if err != nil {
		f.lead(w, r, err)
		return
	}
	f.renderContact(w, r, status, f.contactPage(f.subjectOf(running, "/contact"), c, problems))
}

// giveContact goes on with what was typed.
func (f *flow) giveContact(w http.ResponseWriter, r *http.Request, h registration.Handle, c registration.Contact, phone identity.Phone, email identity.Email) {
	err := f.Procedures.GiveContact(r.Context(), h, c, phone, email, f.language(r))
	var denied *registration.Denied
	switch {
	case err == nil:
		f.forwardTo(w, r, h)
	case errors.As(err, &denied) && denied.Cause == registration.TooSoon:
		f.contactAgain(w, r, h, http.StatusTooManyRequests, c, page.Errors{f.tooSoon(w, denied)})
	case errors.As(err, &denied) && denied.Cause == registration.Unchanged:
		f.contactAgain(w, r, h, http.StatusUnprocessableEntity, c, f.unchanged())
	case errors.As(err, &denied):
		f.stop(w, r, denied, f.path+"/contact")
	default:
		f.lead(w, r, err)
	}
}

// unchanged says that what was typed is registered already.
func (f *flow) unchanged() page.Errors {
	field := string(registration.FieldPhone)
	if f.name == registration.Email {
		field = string(registration.FieldEmail)
	}
	return page.Errors{{Field: field, Key: "procedure.contact." + field + ".error.unchanged"}}
}

// tooSoon says how long to wait for another message.
func (f *flow) tooSoon(w http.ResponseWriter, denied *registration.Denied) page.Error {
	seconds := strconv.Itoa(int(denied.Until.Sub(f.Now())/time.Second) + 1)
	w.Header().Set("Retry-After", seconds)
	return page.Error{Key: f.codeText("error.soon"), Holes: []string{"seconds", seconds}}
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
