package page

import (
	"bytes"
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
	shells  sync.Map // shape → []piece
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

// render is Render for a page that goes on by itself to refresh, if that is not empty.
func (e *Engine) render(w http.ResponseWriter, r *http.Request, status int, t *Template, data any, refresh string) {
	around := From(r.Context())
	l := e.LanguageFor(r, around.LoginID, around.Locales)
	buffer := e.buffers.Get().(*bytes.Buffer)
	defer e.recycle(buffer)
	v := e.values(l, &around, r)
	v[slotRefresh] = html.EscapeString(refresh)
	if err := e.write(buffer, l, t, data, &v); err != nil {
		reference := route.NewReference()
		e.frame.Log.ErrorContext(r.Context(), "page not rendered", "template", t.name, "reference", reference, "error", err.Error())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintln(w, e.texts.Text(l, "route.internal.title"), reference)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(l))
	header.Add("Vary", "Accept-Language, Cookie")
	header.Set("Content-Length", strconv.Itoa(buffer.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes()) // a browser that left needs no answer
}

func (e *Engine) write(buffer *bytes.Buffer, l lang.Language, t *Template, data any, v *values) error {
	page := t.byLang[l]
	if err := page.ExecuteTemplate(buffer, "title", data); err != nil {
		return err
	}
	// The block was escaped as running text, which a title takes as it is.
	v[slotTitle] = string(bytes.TrimSpace(buffer.Bytes()))
	buffer.Reset()
	if form, ok := data.(interface{ Problems() []Problem }); ok {
		if problems := form.Problems(); len(problems) > 0 {
			if err := e.layout.byLang[l].ExecuteTemplate(buffer, "problems", problems); err != nil {
				return err
			}
			v[slotProblems] = buffer.String()
			buffer.Reset()
		}
	}
	s := shape{language: l}
	for i := range v {
		s.filled[i] = v[i] != ""
	}
	s.filled[slotContent] = true
	pieces, err := e.shell(s)
	if err != nil {
		return err
	}
	for _, piece := range pieces {
		buffer.Write(piece.text)
		switch piece.slot {
		case slots:
		case slotContent:
			if err := page.ExecuteTemplate(buffer, "content", data); err != nil {
				return err
			}
		default:
			buffer.WriteString(v[piece.slot])
		}
	}
	return nil
}

// maxPooledBytes keeps one huge page from staying in memory for ever.
const maxPooledBytes = 128 << 10

func (e *Engine) recycle(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxPooledBytes {
		buffer.Reset()
		e.buffers.Put(buffer)
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
	v[slotService] = html.EscapeString(around.Service)
	v[slotOrganisation] = html.EscapeString(around.Organisation)
	v[slotLoginID] = html.EscapeString(around.LoginID)
	v[slotAccount] = html.EscapeString(around.Account)
	v[slotCancel] = localPath(around.Cancel)
	v[slotLogOut] = localPath(around.LogOut)
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
