package page

import (
	"html"
	"html/template"
	"strconv"
)

// Form is embedded by the data of a page that asks something.
type Form struct {
	// Fields are drawn by {{template "field" (.Field "name")}}.
	Fields []Field
	// Errors are what is wrong, in the order of the fields.
	Errors Errors
}

// Field is one question. Label, Hint and option labels are text keys.
type Field struct {
	Name  string
	Label string
	Hint  string
	// Holes fill label and hint: name, value, name, value.
	Holes []string
	// Value is what was typed; it stays when the form comes back.
	Value string
	// Date makes it a date in three inputs: name-day, name-month, name-year.
	Date *Date
	// Options make it a choice; Value is the chosen one.
	Options []Option

	// Autocomplete and InputMode are the HTML attributes, such as "one-time-code"
	// and "numeric".
	Autocomplete, InputMode string
	// MaxLength is the most characters that can be typed; 0 is 200. Leave room for
	// the spaces and hyphens that people put into numbers.
	MaxLength int
	// Size is the visible width in characters; 0 is the full width.
	Size int
	// Code marks a code: wide letters, no spelling help, pasted spaces are taken out.
	Code bool
	// Password hides what is typed. A page never shows it again: leave Value empty.
	Password bool

	// Focus puts the cursor there when the page opens: only where nothing is to be read
	// before, such as a search that is made all day.
	Focus bool

	// Error is filled in by Form.Field.
	Error *Error
}

// Option is one answer of a choice.
type Option struct{ Value, Label, Hint string }

// Error is one thing that is wrong. Key names a text that says what to do.
type Error struct {
	// Field is the name of the field; empty when it concerns the whole form.
	Field string
	Key   string
	// Holes fill the text: name, value, name, value.
	Holes []string
}

// Errors are the things that are wrong with a form; none is a good form.
type Errors []Error

// Add notes an error; the first one of a field is the one shown at the field.
func (e *Errors) Add(field, key string, holes ...string) {
	*e = append(*e, Error{Field: field, Key: key, Holes: holes})
}

// Of is the first error of a field, or nil.
func (e Errors) Of(field string) *Error {
	for i := range e {
		if e[i].Field == field {
			return &e[i]
		}
	}
	return nil
}

// Field is the named field with its error. It panics for a name that is not
// there: a mistake in the template.
func (f Form) Field(name string) Field {
	for _, field := range f.Fields {
		if field.Name == name {
			field.Error = f.Errors.Of(name)
			return field
		}
	}
	panic("page: a template asks for a field that the form does not have: " + name)
}

// Problem is a line of the error summary.
type Problem struct {
	Error
	// Target is the id of the input that the line links to; empty for none.
	Target string
}

// Problems are the lines of the error summary; the layout asks for them.
func (f Form) Problems() []Problem {
	problems := make([]Problem, 0, len(f.Errors))
	for _, err := range f.Errors {
		problems = append(problems, Problem{Error: err, Target: f.target(err.Field)})
	}
	return problems
}

func (f Form) target(name string) string {
	for _, field := range f.Fields {
		if field.Name == name {
			return field.FirstInput()
		}
	}
	return ""
}

// FirstInput is the id of the input that takes the focus.
func (f Field) FirstInput() string {
	switch {
	case f.Date != nil:
		return f.Name + "-day"
	case len(f.Options) > 0:
		return f.Name + "-" + f.Options[0].Value
	}
	return f.Name
}

// DescribedBy is the value of aria-describedby: the hint and the error, if any.
func (f Field) DescribedBy() string {
	switch {
	case f.Hint != "" && f.Error != nil:
		return f.Name + "-hint " + f.Name + "-error"
	case f.Hint != "":
		return f.Name + "-hint"
	case f.Error != nil:
		return f.Name + "-error"
	}
	return ""
}

// Attributes are the other attributes of the input. They are made here and not in
// the template, because a dozen conditions for each input of each page were a
// good part of the cost of a page.
func (f Field) Attributes() template.HTMLAttr {
	b := make([]byte, 0, attributesBytes)
	put := func(name, value string) {
		b = append(append(b, name...), `="`...)
		b = append(append(b, html.EscapeString(value)...), `" `...)
	}
	limit, autocomplete := f.MaxLength, f.Autocomplete
	if limit == 0 {
		limit = 200
	}
	if autocomplete == "" {
		autocomplete = "off"
	}
	put("maxlength", strconv.Itoa(limit))
	switch {
	case f.Size > 0 && f.Code:
		put("class", "sized code")
	case f.Size > 0:
		put("class", "sized")
	case f.Code:
		put("class", "code")
	}
	if f.Size > 0 {
		put("size", strconv.Itoa(f.Size))
	}
	put("autocomplete", autocomplete)
	if f.InputMode != "" {
		put("inputmode", f.InputMode)
	}
	if f.Code {
		b = append(b, `autocapitalize="characters" autocorrect="off" data-code `...)
	}
	if described := f.DescribedBy(); described != "" {
		put("aria-describedby", described)
	}
	if f.Error != nil {
		b = append(b, `aria-invalid="true" `...)
	}
	if f.Focus {
		b = append(b, `autofocus `...)
	}
	return template.HTMLAttr(append(b, `spellcheck="false"`...))
}

// attributesBytes is room for the attributes that pages usually have.
const attributesBytes = 256
