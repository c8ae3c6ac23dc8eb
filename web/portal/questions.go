package portal

import (
	"net/http"

	"clave/identity"
	"clave/web/page"
)

// group is some questions under a heading; Title is a key.
type group struct {
	Title     string
	Questions []question
}

// question has the texts portal.q.NAME.q and .a; Link, if any, leads on.
type question struct {
	Name string
	Link link
}

// questionsFor are the frequent questions, without those about what is not offered.
func (p *Pages) questionsFor(ways map[identity.Channel]way) []group {
	groups := []group{{"portal.questions.before", []question{
		{Name: "who"}, {Name: "certificate"}, {Name: "proxy"}, {Name: "minor"},
	}}}
	if ways[identity.ByLetter].Path != "" {
		groups = append(groups, group{"portal.questions.letter", []question{
			{Name: "address"}, {Name: "lost_letter"}, {Name: "letter_valid"},
		}})
	}
	groups = append(groups, group{"portal.questions.phone", []question{
		{Name: "one_phone"}, {Name: "taken", Link: link{ChangePath, "portal.change.title"}},
		{Name: "stolen", Link: link{ChangePath, "portal.change.title"}},
		{Name: "foreign", Link: link{PhonesPath, "portal.phones.title"}},
	}})
	after := []question{
		{Name: "levels"}, {Name: "icon", Link: link{LevelPath, "portal.level.title"}},
		{Name: "activation", Link: link{ChangePath, "portal.change.title"}},
	}
	if p.App != "" {
		after = append(after, question{Name: "app", Link: link{p.App, "portal.app.title"}})
	}
	if p.Verify != "" {
		after = append(after, question{Name: "receipt", Link: link{p.Verify, "portal.verify"}})
	}
	return append(groups, group{"portal.questions.after", after})
}

type questionsData struct {
	page.WayBack
	Groups []group
}

func (p *Pages) showQuestions(w http.ResponseWriter, r *http.Request) {
	ways, err := p.ways(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.Engine.Render(w, r, http.StatusOK, p.questions, questionsData{page.WayBackOf(r), p.questionsFor(ways)})
}
