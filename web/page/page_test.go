package page_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func engine(t testing.TB, frame page.Frame) *page.Engine {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	if frame.Now == nil {
		frame.Now = noon
	}
	e := page.New(texts, frame)
	if _, benchmark := t.(*testing.B); !benchmark {
		e.Compare(func(err error) {
			if !errors.Is(err, page.ErrUnplanned) {
				t.Error(err)
			}
		})
	}
	return e
}

// room is a template of a room with the given blocks.
func room(title, content string) fs.FS {
	return fstest.MapFS{"room.html": {Data: []byte(`{{define "title"}}` + title + `{{end}}{{define "content"}}` + content + `{{end}}`)}}
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func in(r *http.Request, around page.Around) *http.Request {
	return r.WithContext(page.With(r.Context(), around))
}

func render(e *page.Engine, r *http.Request, t *page.Template, data any) string {
	w := httptest.NewRecorder()
	e.Render(w, r, http.StatusOK, t, data)
	return w.Body.String()
}

// hostile is what an attacker types, in every context at once.
const hostile = `"'><script>alert(1)</script></title></textarea><img src=x onerror=alert(1)>{{.}}` + "`"

type ask struct {
	page.Form
	Name string
}

func TestAPageLooksAsAgreed(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{Telephone: "060", Mailbox: "ayuda@clave.example", Responsible: "Ayuntamiento de Ejemplo"})
	form := page.Form{Fields: []page.Field{
		{Name: "document", Label: "frame.legal.tax_number", Hint: "frame.help.need.text", Value: "1234", Size: 12, MaxLength: 20},
		{Name: "validity", Label: "page.where.validity", Date: &page.Date{Day: "31", Month: "2", Year: "2030"}},
		{Name: "half", Label: "page.languages", Value: "own", Options: []page.Option{{"own", "page.leave.go_on", "page.leave.text"}, {"random", "page.cancel", ""}}},
		{Name: "pin", Label: "page.failure.reference", Code: true, Size: 3, MaxLength: 10, Autocomplete: "one-time-code", InputMode: "text"},
	}}
	form.Errors.Add("document", "route.bad_form.text")
	form.Errors.Add("validity", "page.time.over")
	form.Errors.Add("", "page.cancel.to", "service", "la sede")
	page1 := e.Parse(room(`{{t "frame.help.title"}}`, `<h1>{{t "frame.help.title"}}</h1>
<form method="post" novalidate data-once>{{range .Fields}}{{template "field" ($.Field .Name)}}{{end}}</form>
{{template "countdown" .Left}}`), "room.html")
	data := struct {
		page.Form
		Left page.Countdown
	}{form, page.Countdown{Label: "page.deadline.left", Left: 9*time.Minute + 43*time.Second}}
	r := in(get("/login/abc/pin?x=1"), page.Around{
		Service: "Sede <electrónica>", Organisation: "Ayuntamiento & Cía", LoginID: "abc", Cancel: "/login/abc/cancel",
		LoginEnds: noon().Add(29 * time.Minute), Extend: "/login/abc/extend",
		Account: "Ana Ejemplo", LogOut: "/logout", SessionEnds: noon().Add(time.Hour), Stay: "/session",
	})
	w := httptest.NewRecorder()
	e.Render(w, r, http.StatusUnprocessableEntity, page1, data)
	if w.Code != 422 || w.Header().Get("Content-Language") != "es" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	golden(t, "page.html", w.Body.String())
}

// golden compares with a file, without the hashes in the addresses of static files.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	for _, kind := range []string{".svg", ".css", ".js"} {
		parts := strings.Split(got, kind+`"`)
		for i := range parts[:len(parts)-1] {
			if dot := strings.LastIndex(parts[i], "."); dot >= 0 {
				parts[i] = parts[i][:dot]
			}
		}
		got = strings.Join(parts, kind+`"`)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if that is right, run with -update\n%s", file, diff)
	}
}

func TestNothingThatIsTypedBecomesMarkup(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	content := `<p>{{.Name}}</p><p title="{{.Name}}">{{t "page.cancel.to" "service" .Name}}</p><textarea>{{.Name}}</textarea>{{template "field" (.Field "x")}}{{template "field" (.Field "d")}}{{template "field" (.Field "o")}}`
	tmpl := e.Parse(room(`{{t "page.cancel.to" "service" .Name}}`, content), "room.html")
	data := ask{Name: hostile, Form: page.Form{Fields: []page.Field{
		{Name: "x", Label: "page.cancel.to", Holes: []string{"service", hostile}, Hint: "page.cancel.to", Value: hostile},
		{Name: "d", Label: "page.cancel", Date: &page.Date{Day: hostile, Month: hostile, Year: hostile}},
		{Name: "o", Label: "page.cancel", Value: hostile, Options: []page.Option{{hostile, "page.cancel", ""}}},
	}}}
	data.Errors.Add("x", "page.cancel.to", "service", hostile)
	r := in(get("/x?"+url.QueryEscape(hostile)), page.Around{
		Service: hostile, Organisation: hostile, Account: hostile, LoginID: hostile,
		Here: hostile, Cancel: hostile, LogOut: hostile, Extend: hostile, LoginEnds: noon().Add(time.Hour),
	})
	for _, l := range lang.All() {
		r.Header.Set("Accept-Language", string(l))
		for name, body := range map[string]string{
			"page":  render(e, r, tmpl, data),
			"error": failure(e, r, hostile),
		} {
			for _, bad := range []string{"<script>alert", "<img src=x", "</title></textarea>", `"'>`, "onerror=alert(1)>"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s %s: the page contains %s", l, name, bad)
				}
			}
			if strings.Count(body, "<title>") != 1 || strings.Count(body, "</title>") != 1 {
				t.Errorf("%s %s: the title was broken out of", l, name)
			}
		}
	}
}

func failure(e *page.Engine, r *http.Request, reference string) string {
	w := httptest.NewRecorder()
	e.ErrorPage(w, r, http.StatusNotFound, "route.not_found", reference)
	return w.Body.String()
}

func TestTextsAreEscapedByTheirPlaceToo(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	own, err := fs.ReadFile(os.DirFS("../lang/texts"), "es/page.yaml")
	if err != nil {
		t.Fatal(err)
	}
	route, err := fs.ReadFile(os.DirFS("../lang/texts"), "es/route.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lang.All() {
		files[string(l)+"/page.yaml"] = &fstest.MapFile{Data: own}
		files[string(l)+"/route.yaml"] = &fstest.MapFile{Data: route}
		files[string(l)+"/room.yaml"] = &fstest.MapFile{Data: []byte(`room.a.text: "A \"quoted\" & 'odd' text"`)}
	}
	texts, err := lang.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	e := page.New(texts, page.Frame{})
	tmpl := e.Parse(room(`{{t "room.a.text"}}`, `<p>{{t "room.a.text"}}</p><p title="{{t "room.a.text"}}" data-x='{{t "room.a.text"}}'></p><a href="/?q={{t "room.a.text"}}">x</a>`), "room.html")
	body := render(e, get("/"), tmpl, nil)
	const escaped = "A &#34;quoted&#34; &amp; &#39;odd&#39; text"
	for _, want := range []string{"<title>" + escaped, "<p>" + escaped + "</p>", `title="` + escaped + `"`, "data-x='" + escaped + "'", `href="/?q=A%20%22quoted%22%20%26%20%27odd%27%20text"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s\n%s", want, body)
		}
	}
}

func TestAMistakeInATemplateStopsTheProgram(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tests := []struct{ name, title, content, want string }{
		{"an unknown text", "x", `{{t "page.no.such"}}`, `"page.no.such" is not there`},
		{"an unknown text in a condition", "x", `{{if true}}{{with t "page.no.such"}}{{.}}{{end}}{{end}}`, `"page.no.such" is not there`},
		{"a hole is forgotten", "x", `{{t "page.cancel.to"}}`, "holes [service], given are []"},
		{"a hole has another name", "x", `{{t "page.cancel.to" "name" .}}`, "given are [name]"},
		{"a number for a text without forms", "x", `{{n "page.cancel" 1}}`, "n is for texts with plural forms"},
		{"no number for a text with forms", "x", `{{t "page.time.about"}}`, "n is for texts with plural forms"},
		{"an unknown file", "x", `<img src="{{asset "none.svg"}}" alt="">`, `no static file "none.svg"`},
		{"a place that cannot be escaped", "x", `<p {{.}} {{if .}}"{{end}}>`, "room.html"},
		{"a template that cannot be read", "x", `{{if}}`, "missing value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				got, _ := recover().(string)
				if !strings.Contains(got, tt.want) {
					t.Errorf("stopped with %q, want %q", got, tt.want)
				}
			}()
			e.Parse(room(tt.title, tt.content), "room.html")
			t.Error("the template was taken")
		})
	}
}

func TestAPageThatCannotBeMadeIsLoggedAndNeverHalf(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e := engine(t, page.Frame{Log: slog.New(slog.NewTextHandler(&log, nil))})
	tmpl := e.Parse(room("x", `<p>begun</p>{{.Missing}}`), "room.html")
	w := httptest.NewRecorder()
	e.Render(w, get("/"), http.StatusOK, tmpl, struct{ Name string }{})
	if w.Code != 500 || strings.Contains(w.Body.String(), "begun") {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "page not rendered") {
		t.Errorf("the log says %q", &log)
	}
}

func TestErrorsStandOnTopAndAtTheField(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("Title", `<h1>Title</h1>{{template "field" (.Field "a")}}{{template "field" (.Field "d")}}{{template "field" (.Field "o")}}`), "room.html")
	data := ask{Form: page.Form{Fields: []page.Field{
		{Name: "a", Label: "page.cancel", Hint: "page.leave.text", Value: "typed"},
		{Name: "d", Label: "page.cancel", Date: &page.Date{Day: "31"}},
		{Name: "o", Label: "page.cancel", Options: []page.Option{{"yes", "page.leave.go_on", ""}}},
	}}}
	r := get("/")
	r.Header.Set("Accept-Language", "en")
	if body := render(e, r, tmpl, data); strings.Contains(body, "Error:") || strings.Contains(body, `role="alert"`) || strings.Contains(body, "aria-invalid") {
		t.Error("a good form shows errors")
	}
	data.Errors.Add("a", "route.bad_form.title")
	data.Errors.Add("a", "route.method.title")
	data.Errors.Add("d", "page.time.over")
	data.Errors.Add("o", "page.time.over")
	data.Errors.Add("", "route.internal.title")
	body := render(e, r, tmpl, data)
	for _, want := range []string{
		"<title>Error: Title – Cl@ve</title>",
		`<div class="error-summary" role="alert"`,
		`<a href="#a">We could not read the form</a>`,
		`<a href="#d-day">The time is over.</a>`,
		`<a href="#o-yes">The time is over.</a>`,
		`<li>Something went wrong on our side</li>`,
		`<p class="error" id="a-error"><span class="visually-hidden">Error:</span> We could not read the form</p>`,
		`value="typed" maxlength="200" autocomplete="off" aria-describedby="a-hint a-error" aria-invalid="true" spellcheck="false"`,
		`id="d-day" name="d-day" type="text" inputmode="numeric" autocomplete="off" maxlength="2" size="2" class="sized" value="31" aria-invalid="true"`,
		`<fieldset aria-describedby="o-error">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if summary, h1 := strings.Index(body, "error-summary"), strings.Index(body, "<h1>"); summary > h1 {
		t.Error("the summary stands below the heading")
	}
}

func TestAFieldThatTheFormLacksIsAMistake(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("the form made a field up")
		}
	}()
	page.Form{}.Field("none")
}

func TestTheErrorPageSaysWhatAndWhatToDo(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e := engine(t, page.Frame{Log: slog.New(slog.NewTextHandler(&log, nil))})
	r := in(get("/x"), page.Around{Service: "Padrón", ServiceURL: "https://rp.example/start"})
	w := httptest.NewRecorder()
	e.ErrorPage(w, r, http.StatusServiceUnavailable, "route.internal", "ABCD2345")
	for _, want := range []string{"Algo ha fallado por nuestra parte", "ABCD2345", `href="https://rp.example/start">Volver a Padrón</a>`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Code != 503 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	e.ErrorPage(w, get("/x"), http.StatusBadRequest, "no.such.text", "")
	if !strings.Contains(w.Body.String(), "Algo ha fallado") || !strings.Contains(log.String(), "no.such.text") {
		t.Error("a text that is missing is neither replaced nor logged")
	}
}

func TestTheLastStepGoesOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tests := []struct{ name, target, refresh, link string }{
		{"an https address goes by itself", "https://rp.example/cb?code=a&state=b", `content="0;url=https://rp.example/cb?code=a&amp;state=b"`, `href="https://rp.example/cb?code=a&amp;state=b"`},
		{"an app's scheme is a link", "com.example.app:/cb?code=a", "", `href="com.example.app:/cb?code=a"`},
		{"a script goes nowhere", "javascript:alert(1)", "", `href=""`},
		{"data go nowhere", "data:text/html,<script>", "", `href=""`},
		{"quotes stay inside", `https://rp.example/"><script>alert(1)</script>`, `content="0;url=https://rp.example/&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"`, `href="https://rp.example/%22%3e%3cscript%3e`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			e.Leave(w, get("/"), tt.target)
			body := w.Body.String()
			if strings.Contains(body, "http-equiv") != (tt.refresh != "") || !strings.Contains(body, tt.refresh) || !strings.Contains(body, tt.link) {
				t.Errorf("want %s and %s in\n%s", tt.refresh, tt.link, body)
			}
			if strings.Contains(body, "<script>alert") {
				t.Error("the address became markup")
			}
		})
	}
}

func TestAPostedAnswerAllowsExactlyItsTarget(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	w := httptest.NewRecorder()
	if err := e.Post(w, get("/"), "https://rp.example/acs", []page.Hidden{{"SAMLResponse", hostile}}); err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(got, "form-action 'self' https://rp.example/acs") {
		t.Errorf("the policy is %q", got)
	}
	body := w.Body.String()
	if !strings.Contains(body, `action="https://rp.example/acs" data-post-on`) || strings.Contains(body, "<script>alert") || !strings.Contains(body, `<button class="button">`) {
		t.Errorf("the page is\n%s", body)
	}
	if err := e.Post(httptest.NewRecorder(), get("/"), "javascript:alert(1)", nil); err == nil {
		t.Error("a script was taken for a target")
	}
}

func TestTheTimeLeftIsSaidAndExtended(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	post := func(accept, back string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/extend", strings.NewReader(url.Values{"return": {back}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		e.Extended(w, r, noon().Add(30*time.Minute))
		return w
	}
	if w := post("application/json", ""); strings.TrimSpace(w.Body.String()) != `{"seconds":1800}` {
		t.Errorf("the script gets %s", w.Body)
	}
	if w := post("text/html", "/login/abc/pin"); w.Code != 303 || w.Header().Get("Location") != "/login/abc/pin" {
		t.Errorf("the form gets %d %s", w.Code, w.Header())
	}
	if w := post("text/html", "https://evil.example/"); w.Header().Get("Location") != "/" {
		t.Errorf("the form is sent to %s", w.Header().Get("Location"))
	}
}

func TestDatesAndTimesAreSaidInTheZoneOfTheInstallation(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{Zone: time.FixedZone("somewhere", 2*60*60)})
	at := time.Date(2026, 4, 30, 23, 5, 0, 0, time.UTC)
	want := map[lang.Language]string{
		lang.Spanish: "1 de mayo de 2026", lang.Catalan: "1 de maig de 2026", lang.Valencian: "1 de maig de 2026",
		lang.Galician: "1 de maio de 2026", lang.Basque: "2026/05/1", lang.English: "1 May 2026",
	}
	for l, day := range want {
		if got := e.Day(l, at); got != day {
			t.Errorf("%s: got %q, want %q", l, got, day)
		}
	}
	if got := e.Clock(at); got != "01:05" {
		t.Errorf("got %q", got)
	}
}

func TestTypedDates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		day, month, year, want string
	}{
		{"1", "2", "2030", "2030-02-01"}, {" 01 ", "12", "9999", "9999-12-01"}, {"31", "02", "2030", "2030-02-31"},
		{"", "2", "2030", ""}, {"1", "2", "30", ""}, {"a", "2", "2030", ""}, {"001", "2", "2030", ""}, {"-1", "2", "2030", ""}, {"٣", "2", "2030", ""},
	}
	for _, tt := range tests {
		date := page.ReadDate(url.Values{"x-day": {tt.day}, "x-month": {tt.month}, "x-year": {tt.year}}, "x")
		if got, ok := date.ISO(); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%+v: got %q, want %q", date, got, tt.want)
		}
	}
}

func TestEveryDrawingIsThere(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("x", `{{template "where" .}}`), "room.html")
	tests := []struct {
		document identity.DocumentKind
		datum    identity.ContrastKind
		pictures int
	}{
		{identity.DNI, identity.ValidityDate, 3}, {identity.DNI, identity.IssueDate, 3}, {identity.DNI, identity.SupportNumber, 3},
		{identity.ForeignerCard, identity.SupportNumber, 1}, {identity.ResidencePermit, identity.SupportNumber, 1},
		{identity.EUCertificate, identity.SupportNumber, 2}, {identity.ForeignerCard, identity.ValidityDate, 0}, {"", "", 0},
	}
	for _, tt := range tests {
		body := render(e, get("/"), tmpl, e.Where(tt.document, tt.datum))
		main := body[strings.Index(body, "<main"):strings.Index(body, "</main>")]
		if got := strings.Count(main, `<img src="/static/`); got != tt.pictures {
			t.Errorf("%s %s: %d pictures, want %d", tt.document, tt.datum, got, tt.pictures)
		}
		if strings.Contains(main, "page.where") || strings.Contains(main, `src=""`) {
			t.Errorf("%s %s: a picture or its text is missing", tt.document, tt.datum)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	e := engine(b, page.Frame{Telephone: "060", Mailbox: "ayuda@clave.example"})
	tmpl := e.Parse(room(`{{t "frame.help.title"}}`, `<h1>{{t "frame.help.title"}}</h1><form method="post">{{template "field" (.Field "pin")}}</form>`), "room.html")
	data := ask{Form: page.Form{Fields: []page.Field{{Name: "pin", Label: "page.cancel", Hint: "page.leave.text", Code: true, Size: 3, Value: "ABC"}}}}
	r := in(get("/login/abc/pin"), page.Around{Service: "Sede", Organisation: "Ayuntamiento", LoginID: "abc", Cancel: "/x", LoginEnds: noon().Add(time.Minute), Extend: "/y"})
	r.Header.Set("Accept-Language", "es-ES,es;q=0.9,en;q=0.8")
	b.ReportAllocs()
	for b.Loop() {
		e.Render(nowhere{http.Header{}}, r, http.StatusOK, tmpl, data)
	}
}

type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) WriteHeader(int)             {}
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }

func TestAPageOfAnAppSaysSo(t *testing.T) {
	t.Parallel()
	e := engine(t, page.Frame{})
	tmpl := e.Parse(room("x", "<h1>x</h1>"), "room.html")
	plain := render(e, get("/x"), tmpl, nil)
	if strings.Contains(plain, "manifest") || !strings.Contains(plain, `<a class="brand" href="/">`) {
		t.Errorf("a page of no app: %s", plain)
	}
	app := render(e, in(get("/x"), page.Around{Home: "/movil", Manifest: "/movil/manifest/es"}), tmpl, nil)
	for _, want := range []string{`<link rel="manifest" href="/movil/manifest/es">`, `<a class="brand" href="/movil">`, "apple-touch-icon"} {
		if !strings.Contains(app, want) {
			t.Errorf("%s is missing: %s", want, app)
		}
	}
}
