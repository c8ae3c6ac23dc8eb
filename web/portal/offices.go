package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"clave/census/office"
	"clave/identity"
	"clave/web/page"
)

type officesData struct {
	page.Form
	page.WayBack
	// Query is what was asked for; empty when nothing was.
	Query   string
	Found   office.Found
	Offices []shownOffice
	// Previous and Next are the addresses of the pages beside this one.
	Previous, Next string
	Provinces      []province
}

// Empty tells whether no directory was imported yet.
func (d officesData) Empty() bool { return len(d.Provinces) == 0 }

// Several tells whether what was found has more pages than this one.
func (d officesData) Several() bool { return d.Found.Pages > 1 }

// shownOffice is an office with what only the page needs.
type shownOffice struct {
	office.Office
	// ElsewhereInProvince tells whether the province says more than the city.
	ElsewhereInProvince bool
	// Map is where the office is shown on a map; empty when it is not known.
	Map string
}

type province struct {
	office.Province
	Path string
}

// showOffices searches by an address that can be kept and sent on.
func (p *Pages) showOffices(w http.ResponseWriter, r *http.Request) {
	provinces, err := p.Offices.Provinces(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if elsewhere := p.Ways[identity.ByOffice]; len(provinces) == 0 && elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusSeeOther) // by the settings, never by the request
		return
	}
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	number, _ := strconv.Atoi(r.URL.Query().Get("page")) // none is the first
	data := officesData{
		Form: page.Form{Fields: []page.Field{{
			Name: "q", Label: "portal.offices.field.label", Hint: "portal.offices.field.hint", Value: query, MaxLength: maxQuery,
		}}},
		WayBack: page.WayBackOf(r), Query: query,
	}
	if data.Found, err = p.Offices.Search(r.Context(), query, number); err != nil {
		p.fail(w, r, err)
		return
	}
	for _, o := range data.Found.Offices {
		data.Offices = append(data.Offices, shownOffice{o, !strings.EqualFold(o.City, o.Province), mapOf(o)})
	}
	if data.Found.Page > 1 {
		data.Previous = officesAt(query, data.Found.Page-1)
	}
	if data.Found.Page < data.Found.Pages {
		data.Next = officesAt(query, data.Found.Page+1)
	}
	for _, one := range provinces {
		data.Provinces = append(data.Provinces, province{one, officesAt(one.Name, 1)})
	}
	p.Engine.Render(w, r, http.StatusOK, p.offices, data)
}

// maxQuery is how many characters can be typed: the longest names of places have
// about 60.
const maxQuery = 80

func officesAt(query string, number int) string {
	values := url.Values{"q": {query}}
	if number > 1 {
		values.Set("page", strconv.Itoa(number))
	}
	return OfficesPath + "?" + values.Encode()
}

// mapOf is a map that shows the office. Nothing of it is loaded by our page: the
// citizen who follows the link goes there. Our choice: OpenStreetMap asks nothing
// of who looks.
func mapOf(o office.Office) string {
	if !o.Located() {
		return ""
	}
	return "https://www.openstreetmap.org/?mlat=" + o.Latitude + "&mlon=" + o.Longitude + "#map=17/" + o.Latitude + "/" + o.Longitude
}
