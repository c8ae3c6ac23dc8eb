package page_test

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"clave/identity"
	"clave/web/page"
)

// everything is data with a value for every kind of place.
type everything struct {
	page.Form
	inner
	Text    string
	Named   identity.Method
	Level   identity.Level
	Number  int
	Yes     bool
	At      time.Time
	Address template.URL
	Ready   template.HTMLAttr
	Deep    *deep
	None    *deep
	List    []deep
	Names   []string
}

type inner struct{ Login string }

// Says is a method that a room has.
func (everything) Says(word string) string { return "says " + word }

// Count is a method without arguments.
func (i inner) Count() int { return len(i.Login) }

type deep struct{ Name, Value string }

// Long tells something by pointer only.
func (d *deep) Long() bool { return len(d.Name) > 3 }

func filled(text string) everything {
	return everything{
		Form:  page.Form{Fields: []page.Field{{Name: "x", Label: "page.cancel.to", Holes: []string{"service", text}, Hint: "page.cancel", Value: text, Code: true, Size: 3}}},
		inner: inner{"/login/abc"}, Text: text, Named: identity.Method(text), Level: identity.Substantial, Number: 3, Yes: true,
		At: noon(), Address: template.URL(text), Ready: `data-x="1"`, Deep: &deep{text, "v"}, List: []deep{{"a", text}, {text, "b"}}, Names: []string{text},
	}
}

// places has every place and every construct that programs know.
const places = `<p title="{{.Text}}">{{.Text}} {{.Named}} {{.Level}} {{.Number}}</p><textarea>{{.Text}}</textarea>
<a href="{{.Text}}">1</a><a href="{{.Login}}/pin">2</a><a href="tel:{{.Text}}">3</a><a href="#{{.Text}}">4</a><a href="/?q={{.Text}}&x={{.Named}}">5</a>
<a href="{{.Address}}">6</a><p title="{{.Address}}">{{.Address}}</p><form action="{{.Text}}"></form><img src="{{.Text}}" alt="">
<input {{.Ready}}>{{.Ready}}
{{if .Yes}}yes{{else}}no{{end}}{{if .Text}}text{{end}}{{if .None}}some{{else if .Deep}}deep {{.Deep.Name}}{{end}}{{if .Names}}names{{end}}{{if .Number}}number{{end}}
{{if and .Yes .Text}}and{{end}}{{if or .None .Names}}or{{end}}{{if not .Yes}}not{{end}}{{if and .Yes (eq (print .Level) "substantial")}}eq{{end}}{{if eq .Named "pin"}}pin{{else if eq .Text $.Text}}same{{end}}
{{with .Text}}{{.}} {{$.Login}}{{end}}{{with .None}}{{.Name}}{{else}}none {{.Text}}{{end}}{{with .Deep}}{{.Value}}{{end}}
{{range .List}}<b title="{{.Name}}">{{.Value}}{{$.Number}}</b>{{else}}empty{{end}}{{range .Names}}{{.}}{{end}}
{{t "page.cancel.to" "service" .Text}}{{t "page.cancel.to" "service" .Level}}{{t "page.cancel.to" "service" .Number}}{{t (print "page." "cancel")}}{{n "page.time.about" .Number}}{{with .Field "x"}}{{holes .Label .Holes}}{{end}}
{{clock .At}} {{day .At}} {{t "page.cancel.to" "service" (day .At)}} {{lang}} {{.Says "so"}} {{.Count}} {{print .Named "-" .Number}}
{{template "field" (.Field "x")}}{{template "own" .Deep}}{{template "plain"}}`

func parsed(e *page.Engine) *page.Template {
	return e.Parse(fstest.MapFS{"room.html": {Data: []byte(`{{define "title"}}{{t "frame.help.title"}} {{.Text}}{{end}}
{{define "content"}}` + places + `{{end}}
{{define "own"}}<i>{{.Name}}</i>{{end}}
{{define "plain"}}<i>{{t "page.cancel"}}</i>{{end}}`)}}, "room.html")
}

func TestProgramsWriteWhatHTMLTemplateWrites(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	e.Compare(func(err error) { t.Error(err) })
	tmpl := parsed(e)
	for _, text := range []string{
		"", "pin", "substantial", hostile, "javascript:alert(1)", "JaVaScRiPt:alert(1)", "//evil.example", "/login/abc/pin", "https://sede.example/cb?code=a%20b&state=x+y#z", "http://127.0.0.1:9/acs", "https://sede.example/acs?entity=a:b", "https:evil", "http://sede.example/á", "ftp://sede.example/",
		"es.example.app:/cb?code=1", "mailto:a@b.example", "a b", "%zz%4", "\x00\x80\xff\u2028", "+34 600 000 000", `\`, "data:text/html,<b>", "ñ", "<!--", "x:y/z",
	} {
		for _, l := range []string{"es", "eu", "ca-valencia"} {
			r := get("/")
			r.Header.Set("Accept-Language", l)
			if body := render(e, r, tmpl, filled(text)); !strings.Contains(body, "</html>") {
				t.Errorf("%q: the page is not whole", text)
			}
		}
	}
}

func FuzzProgramsWriteWhatHTMLTemplateWrites(f *testing.F) {
	f.Add(hostile)
	f.Add("https://sede.example/cb?code=a%20b&state=x+y#z")
	e := engine(f, page.Frame{})
	tmpl := parsed(e)
	f.Fuzz(func(t *testing.T, text string) {
		e.Compare(func(err error) { t.Error(err) })
		render(e, get("/"), tmpl, filled(text))
	})
}

func TestWhatProgramsDoNotKnowIsLeftToHTMLTemplate(t *testing.T) {
	t.Parallel()
	e, unplanned := engine(t, page.Frame{}), 0
	e.Compare(func(err error) {
		if !errors.Is(err, page.ErrUnplanned) {
			t.Error(err)
		}
		unplanned++
	})
	for _, test := range []struct{ name, content, want string }{
		{"a variable", `{{$x := .Text}}{{$x}}`, "&lt;b&gt;"},
		{"another function", `{{len .Names}}`, "1"},
		{"a script", `<script>x = {{.Text}}</script>`, `x = "\u003cb\u003e"`},
		{"a method by pointer", `{{range .List}}{{.Long}}{{end}}`, "false"},
		{"a print with spaces", `{{print .Number .Number}}`, "3 3"},
		{"a pointer as text", `{{with .Deep}}{{.}}{{end}}`, "{&lt;b&gt; v}"},
		{"numbers compared", `{{if eq .Number 3}}three{{end}}`, "three"},
		{"a loop that is left", `{{range .List}}{{break}}{{end}}left`, "left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			unplanned = 0
			body := render(e, get("/"), e.Parse(room("x", test.content), "room.html"), filled("<b>"))
			if !strings.Contains(body, test.want) || unplanned != 1 {
				t.Errorf("got %d pages without a program, and no %q in %s", unplanned, test.want, body)
			}
		})
	}
}

func TestAPageThatLooksIntoNothingIsAnErrorAndNeverHalf(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("x", `<p>begun</p>{{.None.Name}}`), "room.html")
	w := httptest.NewRecorder()
	e.Render(w, get("/"), http.StatusOK, tmpl, filled("x"))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "begun") {
		t.Errorf("got %d, %s", w.Code, w.Body)
	}
}

func TestOneTemplateTakesDataOfSeveralTypes(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("x", `<p>{{.Name}}</p>`), "room.html")
	for i, data := range []any{deep{"one", ""}, &deep{"two", ""}, struct{ Name int }{3}, map[string]string{"Name": "four"}, deep{"five", ""}} {
		want := fmt.Sprintf("<p>%s</p>", []string{"one", "two", "3", "four", "five"}[i])
		if body := render(e, get("/"), tmpl, data); !strings.Contains(body, want) {
			t.Errorf("%T: no %s", data, want)
		}
	}
}
