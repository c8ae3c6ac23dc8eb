package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"sync"
	"time"

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
	buffers sync.Pool
}

// New makes an engine. It panics when the program's own layout or files are
// broken, which shows at start.
func New(texts *lang.Texts, frame Frame) *Engine {
	files, err := static.New()
	if err != nil {
		panic(fmt.Sprintf("page: %v", err))
	}
	e := &Engine{texts: texts, frame: frame.withDefaults(), files: files}
	e.buffers.New = func() any { return new(bytes.Buffer) }
	e.layout, err = e.compile(templates, []string{"templates/layout.html"}, "head", "foot")
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

// Routes are the static files and the language switch.
func (e *Engine) Routes() []route.Route {
	return append(e.files.Routes(), route.Route{
		Method: http.MethodPost, Path: LanguagePath, Access: route.Public, Handler: e.switchLanguage,
	})
}

// Render writes a page. The data is shown by the template's own blocks; when it
// embeds a Form, its errors are shown by the layout too.
func (e *Engine) Render(w http.ResponseWriter, r *http.Request, status int, t *Template, data any) {
	e.render(w, r, status, t, data, view{})
}

func (e *Engine) render(w http.ResponseWriter, r *http.Request, status int, t *Template, data any, v view) {
	buffer := e.buffers.Get().(*bytes.Buffer)
	defer e.recycle(buffer)
	v = e.fill(v, r, data)
	if err := e.write(buffer, t, data, v); err != nil {
		reference := route.NewReference()
		e.frame.Log.ErrorContext(r.Context(), "page not rendered", "template", t.name, "reference", reference, "error", err.Error())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintln(w, e.texts.Text(v.Lang, "route.internal.title"), reference)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(v.Lang))
	header.Add("Vary", "Accept-Language, Cookie")
	header.Set("Content-Length", strconv.Itoa(buffer.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // a browser that left needs no answer
}

func (e *Engine) write(buffer *bytes.Buffer, t *Template, data any, v view) error {
	page, layout := t.byLang[v.Lang], e.layout.byLang[v.Lang]
	if err := page.ExecuteTemplate(buffer, "title", data); err != nil {
		return err
	}
	// The block was escaped as running text, which a title takes as it is.
	v.Title = template.HTML(bytes.TrimSpace(buffer.Bytes()))
	buffer.Reset()
	if err := layout.ExecuteTemplate(buffer, "head", &v); err != nil {
		return err
	}
	if err := page.ExecuteTemplate(buffer, "content", data); err != nil {
		return err
	}
	return layout.ExecuteTemplate(buffer, "foot", &v)
}

// maxPooledBytes keeps one huge page from staying in memory for ever.
const maxPooledBytes = 128 << 10

func (e *Engine) recycle(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxPooledBytes {
		buffer.Reset()
		e.buffers.Put(buffer)
	}
}

// view is the data of the layout.
type view struct {
	Around
	Lang      lang.Language
	Languages []choice
	Title     template.HTML
	Problems  []Problem
	Frame     *Frame
	Return    string
	Refresh   string // where a last step goes on to
	PostOn    bool   // the page sends its form by itself
}

type choice struct {
	Tag, Name string
	Current   bool
}

func (e *Engine) fill(v view, r *http.Request, data any) view {
	v.Around = From(r.Context())
	v.Lang = e.LanguageFor(r, v.LoginID, v.Locales)
	v.Frame = &e.frame
	v.Return = v.Here
	if v.Return == "" {
		v.Return = returnPath(r)
	}
	for _, l := range lang.All() {
		v.Languages = append(v.Languages, choice{Tag: string(l), Name: l.Name(), Current: l == v.Lang})
	}
	if form, ok := data.(interface{ Problems() []Problem }); ok {
		v.Problems = form.Problems()
	}
	return v
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

// warnLogin and warnSession are how long before the end the warning appears.
// Source: login.gov warns 150 s before a session ends; a login is shorter, so we
// say it two minutes before. WCAG 2.2 success criterion 2.2.1 asks for 20 s at least.
const (
	warnLogin   = 120 * time.Second
	warnSession = 150 * time.Second
)

// deadline is the warning before a login or a session ends.
type deadline struct {
	Left              Countdown
	Warn              int
	Title, Over, Path string
}

// LoginLeft is the time until the login expires; nil when there is none.
func (v *view) LoginLeft() *Countdown {
	if v.LoginEnds.IsZero() {
		return nil
	}
	return &Countdown{Left: v.LoginEnds.Sub(v.Frame.Now())}
}

// Deadlines are the warnings that the page's script shows in time.
func (v *view) Deadlines() []deadline {
	var found []deadline
	now := v.Frame.Now()
	if !v.LoginEnds.IsZero() {
		found = append(found, deadline{
			Left: Countdown{Left: v.LoginEnds.Sub(now)}, Warn: int(warnLogin / time.Second),
			Title: "page.deadline.login_title", Over: "page.deadline.login_over", Path: v.Extend,
		})
	}
	if !v.SessionEnds.IsZero() {
		found = append(found, deadline{
			Left: Countdown{Left: v.SessionEnds.Sub(now)}, Warn: int(warnSession / time.Second),
			Title: "page.deadline.session_title", Over: "page.deadline.session_over", Path: v.Stay,
		})
	}
	return found
}
