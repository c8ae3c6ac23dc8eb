package logout

import (
	"cmp"
	"embed"
	"net/http"

	"clave/web/page"
)

//go:embed templates
var templates embed.FS

type pages struct{ ask, onward, done, loggedOut *page.Template }

func parsePages(e *page.Engine) pages {
	parse := func(name string) *page.Template { return e.Parse(templates, "templates/"+name+".html") }
	return pages{ask: parse("ask"), onward: parse("onward"), done: parse("done"), loggedOut: parse("logged_out")}
}

// fail shows an error of ours to a person and logs it once.
func (l *Logouts) fail(w http.ResponseWriter, r *http.Request, err error) {
	l.Pages.Failed(w, r, l.Log, "logout step failed", err)
}

// showUnknown tells a browser that the logout is not its own, or that its time is over.
func (l *Logouts) showUnknown(w http.ResponseWriter, r *http.Request) {
	l.Pages.ErrorPage(w, r, http.StatusNotFound, "logout.unknown", "")
}

// around puts a relying party into the frame of a page that a front shows: the one with
// the id, or else who asked.
func (l *Logouts) around(r *http.Request, relyingParty string, after After) *http.Request {
	around := page.From(r.Context())
	around.Locales = after.Languages
	around.Service = l.name(r, around, cmp.Or(relyingParty, after.RelyingParty))
	return r.WithContext(page.With(r.Context(), around))
}

// frame is what the frame of our own pages shows: no service, for nobody logs in to it.
// Their language is remembered for the logout, so that one chosen on them counts before
// what the service asked for.
func (l *Logouts) frame(r *http.Request, lo Logout) page.Around {
	around := page.From(r.Context())
	around.Locales, around.LoginID, around.Here = lo.After.Languages, string(lo.ID), lo.ID.path()
	return around
}

// asking is the name of who asks; empty for our own pages.
func (l *Logouts) asking(r *http.Request, lo Logout) string {
	return l.name(r, page.From(r.Context()), lo.After.RelyingParty)
}

// name is the name of a relying party in the language of the page; empty when it is not
// registered.
func (l *Logouts) name(r *http.Request, around page.Around, relyingParty string) string {
	party, ok := l.Parties.Snapshot().Party(relyingParty)
	if !ok {
		return ""
	}
	return party.Name.In(string(l.Pages.LanguageFor(r, around.LoginID, around.Locales)))
}

type askData struct{ Service, Here string }

func (l *Logouts) showAsk(w http.ResponseWriter, r *http.Request, lo Logout) {
	l.Pages.Render(w, r, http.StatusOK, l.pages.ask, askData{l.asking(r, lo), lo.ID.path()})
}

type onwardData struct {
	Next     string // service that is told next
	Here     string
	At, Last int // which of how many that can be told
}

// Several tells whether it is worth counting.
func (d onwardData) Several() bool { return d.Last > 1 }

func (l *Logouts) showOnward(w http.ResponseWriter, r *http.Request, lo Logout) {
	data := onwardData{Here: lo.ID.path() + "/next", At: 1}
	for _, v := range lo.Visits {
		switch v.Result {
		case Waiting:
			data.Last++
			if data.Next == "" {
				data.Next = l.visited(r, v)
			}
		case Asked, Confirmed, Failed:
			data.At++
			data.Last++
		case Unreachable:
		}
	}
	l.Pages.Onward(w, r, l.pages.onward, data, data.Here)
}

// visited is what a page calls a service.
func (l *Logouts) visited(r *http.Request, v Visit) string {
	return cmp.Or(l.name(r, page.From(r.Context()), v.RelyingParty), v.Service)
}

type doneData struct {
	Service  string // that the button leads to; empty for our own pages
	Back     string
	Complete bool
	Visits   []told
}

// told is a service and what became of its session, a word of the texts.
type told struct{ Service, Word string }

func (l *Logouts) showDone(w http.ResponseWriter, r *http.Request, lo Logout) {
	data := doneData{Service: l.asking(r, lo), Back: lo.ID.path() + "/done", Complete: lo.complete()}
	for _, v := range lo.Visits {
		data.Visits = append(data.Visits, told{l.visited(r, v), v.Result.word()})
	}
	l.Pages.Render(w, r, http.StatusOK, l.pages.done, data)
}

// word is the text of a result.
func (r Result) word() string {
	switch r {
	case Confirmed:
		return "confirmed"
	case Unreachable:
		return "unreachable"
	case Waiting, Asked, Failed:
	}
	return "unconfirmed"
}
