package page

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"sync"

	"clave/web/lang"
	"clave/web/route"
	"clave/web/static"
)

//go:embed templates
var templates embed.FS

// Engine renders pages. One serves the whole program; it may be used by any
// number of goroutines.
type Engine struct {
	texts   *lang.Texts
	frame   Frame
	files   *static.Files
	layout  *Template
	failure *Template
	leave   *Template
	post    *Template
	shells  shells
	drafts  sync.Pool
	report  func(error) // see Compare; nil but in tests
	headers map[lang.Language]headers
}

// draft is a page that is being written.
type draft struct{ title, problems, page []byte }

// headers are those of a page in one language, shared by all answers.
type headers struct{ kind, language, vary []string }

// New makes an engine. It panics when the program's own layout or files are
// broken, which shows at start.
func New(texts *lang.Texts, frame Frame) *Engine {
	files, err := static.New()
	if err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	e := &Engine{texts: texts, frame: frame.withDefaults(), files: files, headers: map[lang.Language]headers{}}
	e.shells.all = map[shape][]piece{}
	e.drafts.New = func() any { return new(draft) }
	for _, l := range lang.All() {
		e.headers[l] = headers{one("text/html; charset=utf-8"), one(string(l)), one("Accept-Language, Cookie")}
	}
	e.layout, err = e.compile(templates, []string{"templates/layout.html"}, "layout", "problems")
	if err != nil {
		panic(fmt.Sprintf("page: parsing the layout: %v", err))
	}
	e.failure = e.Parse(templates, "templates/error.html")
	e.leave = e.Parse(templates, "templates/leave.html")
	e.post = e.Parse(templates, "templates/post.html")
	return e
}

// Texts are the texts the engine was made with.
func (e *Engine) Texts() *lang.Texts { return e.texts }

// Frame is the frame the engine was made with, defaults filled in.
func (e *Engine) Frame() Frame { return e.frame }

// Asset is the address of a static file. It panics when there is none of that name: a
// mistake of ours.
func (e *Engine) Asset(name string) string {
	address, found := e.files.URL(name)
	if !found {
		panic("page: there is no static file " + name)
	}
	return address
}

// Routes are the static files and the language switch.
func (e *Engine) Routes() []route.Route {
	return append(e.files.Routes(), route.Route{
		Method: http.MethodPost, Path: LanguagePath, Access: route.Public, Handler: e.switchLanguage,
	})
}

// Render writes a page. The data is shown by the template's own blocks; when it
// embeds a Form, its errors are shown by the layout too.
func (e *Engine) Render(w http.ResponseWriter, r *http.Request, status int, t *Template, data any) {
	e.render(w, r, status, t, data, "")
}

// one is a header's value. Whoever adds to the header copies it first.
func one(value string) []string { return []string{value}[:1:1] }

// render is Render for a page that goes on by itself to refresh, if that is not empty.
func (e *Engine) render(w http.ResponseWriter, r *http.Request, status int, t *Template, data any, refresh string) {
	around := from(r.Context())
	l := e.LanguageFor(r, around.LoginID, around.Locales)
	d := e.drafts.Get().(*draft)
	defer e.recycle(d)
	v := e.values(l, around, r)
	v[slotRefresh] = html.EscapeString(refresh)
	if err := e.write(d, l, t, data, &v); err != nil {
		reference := route.NewReference()
		e.frame.Log.ErrorContext(r.Context(), "page not rendered", "template", t.name, "reference", reference, "error", err.Error())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintln(w, e.texts.Text(l, "route.internal.title"), reference)
		return
	}
	header, shared := w.Header(), e.headers[l]
	header["Content-Type"], header["Content-Language"] = shared.kind, shared.language
	if header["Vary"] == nil {
		header["Vary"] = shared.vary
	} else {
		header.Add("Vary", shared.vary[0])
	}
	header["Content-Length"] = []string{strconv.Itoa(len(d.page))}
	w.WriteHeader(status)
	_, _ = w.Write(d.page) // a browser that left needs no answer
}

func (e *Engine) write(d *draft, l lang.Language, t *Template, data any, v *values) (err error) {
	if d.title, err = e.block(t, l, d.title[:0], "title", data); err != nil {
		return err
	}
	d.problems = d.problems[:0]
	if form, ok := data.(interface{ Problems() []Problem }); ok {
		if problems := form.Problems(); len(problems) > 0 {
			if d.problems, err = e.block(e.layout, l, d.problems, "problems", problems); err != nil {
				return err
			}
		}
	}
	s := shape{language: l}
	for i := range v {
		s.filled[i] = v[i] != ""
	}
	s.filled[slotTitle], s.filled[slotProblems], s.filled[slotContent] = true, len(d.problems) > 0, true
	pieces, err := e.shell(s)
	if err != nil {
		return err
	}
	d.page = d.page[:0]
	for _, piece := range pieces {
		d.page = append(d.page, piece.text...)
		switch piece.slot {
		case slots:
		case slotTitle:
			// The block was escaped as running text, which a title takes as it is.
			d.page = append(d.page, bytes.TrimSpace(d.title)...)
		case slotProblems:
			d.page = append(d.page, d.problems...)
		case slotContent:
			if d.page, err = e.block(t, l, d.page, "content", data); err != nil {
				return err
			}
		default:
			d.page = append(d.page, v[piece.slot]...)
		}
	}
	return nil
}

// block writes a block of a template behind out.
func (e *Engine) block(t *Template, l lang.Language, out []byte, block string, data any) ([]byte, error) {
	v, begin := t.byLang[l], len(out)
	out, err := v.write(out, block, data)
	if err == nil && e.report != nil {
		e.compare(v, block, data, out[begin:])
	}
	return out, err
}

// maxPooledBytes keeps one huge page from staying in memory for ever.
const maxPooledBytes = 128 << 10

func (e *Engine) recycle(d *draft) {
	if cap(d.page) <= maxPooledBytes && cap(d.title)+cap(d.problems) <= maxPooledBytes {
		e.drafts.Put(d)
	}
}

// values are what the layout shows for a request.
func (e *Engine) values(l lang.Language, around *Around, r *http.Request) values {
	var v values
	back := around.Here
	if back == "" {
		back = returnPath(r)
	}
	v[slotReturn] = html.EscapeString(back)
	if !around.Closing {
		v[slotService] = html.EscapeString(around.Service)
	}
	v[slotOrganisation] = html.EscapeString(around.Organisation)
	v[slotLoginID] = html.EscapeString(around.LoginID)
	v[slotAccount] = html.EscapeString(around.Account)
	v[slotWaiting] = localPath(around.Waiting)
	v[slotCancel] = localPath(around.Cancel)
	v[slotLogOut] = localPath(around.LogOut)
	v[slotHome] = localPath(cmp.Or(around.Home, "/"))
	v[slotManifest] = localPath(around.Manifest)
	if around.Account != "" {
		v[slotOwn] = localPath(cmp.Or(around.Own, myClave))
	}
	if !around.LoginEnds.IsZero() {
		left := Countdown{Left: around.LoginEnds.Sub(e.frame.Now())}
		v[slotLoginLeft] = html.EscapeString(e.texts.Count(l, "page.deadline.login", left.Minutes()))
		v[slotLoginSeconds] = strconv.Itoa(left.Seconds())
		v[slotExtend] = localPath(around.Extend)
	}
	if !around.SessionEnds.IsZero() {
		left := Countdown{Left: around.SessionEnds.Sub(e.frame.Now())}
		v[slotSessionSeconds] = strconv.Itoa(left.Seconds())
		v[slotStay] = localPath(around.Stay)
	}
	return v
}

// myClave is where citizens find their own pages.
const myClave = "/my"

// localPath is a path of ours as HTML. Anything else, a mistake of the guard that
// filled Around in, shows no form at all rather than one that leads away.
func localPath(path string) string {
	if !LocalPath(path) {
		return ""
	}
	return html.EscapeString(path)
}

// returnPath is the address of the page itself, so that switching the language
// does not lose the step.
func returnPath(r *http.Request) string {
	path := r.URL.EscapedPath()
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	if !LocalPath(path) {
		return "/"
	}
	return path
}
