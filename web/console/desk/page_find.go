package desk

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"clave/census/desk"
	"clave/census/staff"
	"clave/web/console"
	"clave/web/page"
	"clave/web/route"
)

const documentQuestion = page.DocumentQuestion("desk.document.")

// findPage asks for a document and why.
type findPage struct {
	console.Head
	page.Form
	Gone    bool // the time of a case is over
	Minutes int
}

// finding is what the form says.
type finding struct{ document, reason, number string }

func (p *Pages) renderFind(w http.ResponseWriter, r *http.Request, status int, typed finding, problems page.Errors) {
	document := documentQuestion.Field(typed.document)
	document.Focus = len(problems) == 0 // otherwise the summary has the focus
	reason := page.Field{Name: "reason", Label: "desk.find.reason", Hint: "desk.find.reason.hint", Value: typed.reason}
	for _, why := range desk.Reasons() {
		reason.Options = append(reason.Options, page.Option{Value: string(why), Label: "desk.reason." + string(why)})
	}
	number := page.Field{Name: "number", Label: "desk.find.number", Hint: "desk.find.number.hint", Value: typed.number, MaxLength: desk.MaxNumber, Size: 20}
	p.show(w, r, status, p.find, func(h console.Head) any {
		return findPage{h, page.Form{Fields: []page.Field{document, reason, number}, Errors: problems}, r.URL.Query().Get("gone") != "", int(desk.Shown / time.Minute)}
	})
}

func (p *Pages) showFind(w http.ResponseWriter, r *http.Request) {
	p.renderFind(w, r, http.StatusOK, finding{}, nil)
}

func (p *Pages) lookUp(w http.ResponseWriter, r *http.Request) {
	typed := finding{reason: r.PostFormValue("reason"), number: r.PostFormValue("number")}
	q, problems := desk.Question{}, page.Errors(nil)
	q.Document, typed.document, problems = documentQuestion.Read(r)
	var known bool
	if q.Reason, known = desk.ParseReason(typed.reason); !known {
		problems.Add("reason", "desk.find.reason.error")
	}
	var err error
	if q.Number, err = desk.ReadNumber(typed.number); err != nil {
		problems.Add("number", "desk.find.number.error")
	}
	if len(problems) > 0 {
		p.renderFind(w, r, http.StatusUnprocessableEntity, typed, problems)
		return
	}
	c, err := p.Desk.LookUp(r.Context(), staff.From(r.Context()), q)
	var limit desk.LimitError
	switch {
	case errors.Is(err, desk.ErrUnknown):
		p.renderFind(w, r, http.StatusNotFound, typed, page.Errors{{Field: "document", Key: "desk.document.error.unknown"}})
	case errors.Is(err, desk.ErrOwnRecord):
		p.showStopped(w, r, http.StatusForbidden, stoppedPage{Cause: "own_record", Back: Path})
	case errors.As(err, &limit):
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(limit.Until.Sub(p.Now())/time.Second))))
		p.showStopped(w, r, http.StatusTooManyRequests, stoppedPage{Cause: "look_ups", Until: limit.Until})
	case err != nil:
		p.fail(w, r, err)
	default:
		route.SeeOther(w, casePath+c.ID)
	}
}
