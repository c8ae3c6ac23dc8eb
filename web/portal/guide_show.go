package portal

import (
	"net/http"
	"net/url"
	"slices"

	"clave/web/page"
)

// The guide keeps nothing: the answers are the address, so that the back button,
// a reload and a second tab do what people expect.

type questionData struct {
	page.Form
	page.WayBack
	// Number of the question, from 1.
	Number   int
	Question asked
	// Given are the answers so far, Back the address of the question before.
	Given []answered
	Back  string
}

// answered is an answer that the next one is sent with.
type answered struct{ Name, Value string }

type adviceData struct {
	page.WayBack
	Way     way
	Reasons []string
	Back    string
}

func (p *Pages) showGuide(w http.ResponseWriter, r *http.Request) {
	ways, err := p.ways(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	query := r.URL.Query()
	given, before := answers{}, []answered{}
	for {
		q, more := given.next(ways)
		if !more {
			break
		}
		answer := query.Get(string(q))
		if !slices.Contains(q.choices(), answer) {
			p.ask(w, r, q, before, query.Get("asked") == string(q))
			return
		}
		given[q] = answer
		before = append(before, answered{string(q), answer})
	}
	advised := recommend(given, ways)
	p.Engine.Render(w, r, http.StatusOK, p.advice, adviceData{
		WayBack: page.WayBackOf(r), Way: ways[advised.Channel], Reasons: advised.Reasons, Back: backTo(before),
	})
}

// ask shows a question; missed says that it was sent without an answer.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, q asked, before []answered, missed bool) {
	field := page.Field{Name: string(q), Label: "portal.guide." + string(q) + ".question", Hint: "portal.guide." + string(q) + ".hint"}
	for _, choice := range q.choices() {
		field.Options = append(field.Options, page.Option{Value: choice, Label: "portal.guide." + string(q) + "." + choice})
	}
	data := questionData{
		Form: page.Form{Fields: []page.Field{field}}, WayBack: page.WayBackOf(r),
		Number: len(before) + 1, Question: q, Given: before, Back: backTo(before),
	}
	if missed {
		data.Errors.Add(string(q), "portal.guide.choose")
	}
	p.Engine.Render(w, r, http.StatusOK, p.question, data)
}

// backTo is the address of the last question that was answered; empty before the
// first answer.
func backTo(given []answered) string {
	if len(given) == 0 {
		return ""
	}
	query := url.Values{}
	for _, a := range given[:len(given)-1] {
		query.Set(a.Name, a.Value)
	}
	if len(query) == 0 {
		return GuidePath
	}
	return GuidePath + "?" + query.Encode()
}
