package portal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"clave/census/office"
	"clave/identity"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// shelf keeps a directory of offices in memory.
type shelf struct {
	offices []office.Office
	err     error
}

func (s *shelf) Version(context.Context) (int64, error) { return int64(len(s.offices)), s.err }

func (s *shelf) Offices(context.Context) ([]office.Office, int64, error) {
	return s.offices, int64(len(s.offices)), s.err
}

func (s *shelf) ReplaceOffices(_ context.Context, offices []office.Office, _ time.Time) error {
	s.offices = offices
	return nil
}

// madrid are offices enough for three pages, one of them with all that one can have.
func madrid() *shelf {
	s := &shelf{}
	for i := range 23 {
		s.offices = append(s.offices, office.Office{
			Code: fmt.Sprintf("M%02d", i), Name: fmt.Sprintf("Oficina <%d> & Cía", i), Address: "Calle 1", PostalCode: fmt.Sprintf("280%02d", i),
			City: "Madrid", Province: "Madrid",
		})
	}
	s.offices[0].Hours, s.offices[0].Services = "L-V 9-14", "Registro"
	s.offices[0].Appointment, s.offices[0].Latitude, s.offices[0].Longitude = "https://cita.example/?a=1&b=2", "40.4", "-3.7"
	s.offices = append(s.offices, office.Office{Code: "G", Name: "Gijón", Address: "Calle 2", PostalCode: "33201", City: "Gijón", Province: "Asturias"})
	return s
}

// all offers every way.
func all() map[identity.Channel]string {
	return map[identity.Channel]string{
		identity.ByLetter: "/register/letter", identity.ByCertificate: "/register/certificate", identity.ByVideo: "/register/video",
	}
}

type door struct {
	http.Handler
	around page.Around
}

func opened(t *testing.T, c portal.Config) *door {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	c.Engine = page.New(texts, page.Frame{OfficeSearch: portal.OfficesPath, Log: slog.New(slog.DiscardHandler)})
	c.Engine.Compare(func(err error) { t.Error(err) })
	router, pages := mux.NewRouter(), portal.New(c)
	guards := route.Guards{
		Fail: c.Engine.ErrorPage, Log: slog.New(slog.DiscardHandler),
		Around: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(page.With(r.Context(), d.around)))
			})
		},
	}
	if err := route.Mount(router, slices.Concat(c.Engine.Routes(), pages.Routes(), []route.Route{pages.Home()}), guards); err != nil {
		t.Fatal(err)
	}
	d.Handler = router
	return d
}

// get asks for a page in a language and gives what stands between main's tags.
func (d *door) get(t *testing.T, path string, l lang.Language) (main string, answer *http.Response) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", string(l))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	answer = w.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	from, to := strings.Index(page, "<main"), strings.Index(page, "</main>")
	if from < 0 {
		return "", answer
	}
	return page[from:to], answer
}

func online() portal.Online {
	return portal.Online{Phone: "/my/phone", Level: "/my/level", Email: "/my/email", Activation: "/my/activation", Withdraw: "/my/withdraw"}
}

func paths() []string {
	return []string{
		"/", "/register", "/register/guide", "/register/guide?certificate=no", "/register/guide?certificate=no&icon=no",
		"/register/guide?certificate=no&icon=yes&office=yes", "/register/guide?certificate=no&icon=unsure&office=no",
		"/register/change", "/register/level", "/register/withdraw", "/register/questions", "/register/phones",
		"/offices", "/offices?q=28001", "/offices?q=madrid&page=2", "/offices?q=marte",
	}
}

func TestEveryPageIsThereInEveryLanguage(t *testing.T) {
	t.Parallel()
	everything := opened(t, portal.Config{Ways: all(), Online: online(), Verify: "/verify", Offices: office.NewDirectory(madrid())})
	nothing := opened(t, portal.Config{Offices: office.NewDirectory(&shelf{})})
	for _, path := range paths() {
		for name, d := range map[string]*door{"everything": everything, "nothing": nothing} {
			seen := map[string]lang.Language{}
			for _, l := range lang.All() {
				main, answer := d.get(t, path, l)
				if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Language") != string(l) {
					t.Errorf("%s offered, %s in %s: got %d", name, path, l, answer.StatusCode)
				}
				if strings.Count(main, "<h1>") != 1 || strings.Contains(main, "{") || strings.Contains(main, "portal.") {
					t.Errorf("%s offered, %s in %s: no single heading, a hole or a key", name, path, l)
				}
				if strings.Contains(main, `href=""`) {
					t.Errorf("%s offered, %s in %s: a link leads nowhere", name, path, l)
				}
				if other, same := seen[main]; same {
					t.Errorf("%s offered, %s is the same in %s and %s", name, path, l, other)
				}
				seen[main] = l
			}
		}
	}
}

func TestPagesLinkOnlyToWhatIsOffered(t *testing.T) {
	t.Parallel()
	letterOnly := opened(t, portal.Config{
		Ways: map[identity.Channel]string{identity.ByLetter: "/register/letter"}, Offices: office.NewDirectory(&shelf{}),
	})
	everything := opened(t, portal.Config{Ways: all(), Online: online(), Verify: "/verify", Account: "/my", App: "/movil", Offices: office.NewDirectory(madrid())})
	const notYet = "Not offered here yet"
	for _, test := range []struct {
		name, path string
		d          *door
		links      []string
		missing    []string
		notYet     int
	}{
		{"the home page with all there is", "/", everything, []string{"/register", "/my", "/movil", "/verify", "/offices", "/help"}, nil, 0},
		{"the home page without", "/", letterOnly, []string{"/register", "/help"}, []string{"/my", "/movil", "/verify"}, 0},
		{"the front door and My Cl@ve", "/register", everything, []string{"/my", "/movil"}, nil, 0},
		{"the front door with a letter", "/register", letterOnly, []string{"/register/letter"}, []string{"/register/certificate", "/register/video", "/offices"}, 3},
		{"the front door with all ways", "/register", everything, []string{"/register/letter", "/register/certificate", "/register/video", "/offices"}, nil, 0},
		{"changing with a letter", "/register/change", letterOnly, []string{"/register/letter"}, []string{"/register/certificate", "/offices"}, 6},
		{"changing with all ways", "/register/change", everything, []string{"/register/letter", "/my/phone", "/my/email", "/my/activation", "/offices"}, nil, 0},
		{"a higher level with a letter", "/register/level", letterOnly, nil, []string{"/register/letter", "/register/certificate"}, 2},
		{"withdrawing with all ways", "/register/withdraw", everything, []string{"/my/withdraw", "/offices"}, nil, 0},
		{"questions, with receipts to verify", "/register/questions", everything, []string{"/verify", "/register/phones", "/register/level", "/movil"}, nil, 0},
		{"phones, with an app that needs no SMS", "/register/phones", everything, []string{"/movil"}, nil, 0},
		{"phones, without", "/register/phones", letterOnly, nil, []string{"/movil"}, 0},
		{"questions, without", "/register/questions", letterOnly, nil, []string{"/verify"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			main, _ := test.d.get(t, test.path, lang.English)
			for _, link := range test.links {
				if !strings.Contains(main, `href="`+link+`"`) {
					t.Errorf("no link to %s", link)
				}
			}
			for _, link := range test.missing {
				if test.path != "/register/questions" && strings.Contains(main, `href="`+link+`"`) {
					t.Errorf("a link to %s, which is not offered", link)
				}
			}
			if n := strings.Count(main, notYet); n != test.notYet {
				t.Errorf("%d are marked as not offered, want %d", n, test.notYet)
			}
		})
	}
	if main, _ := letterOnly.get(t, "/register", lang.English); strings.Index(main, "invitation letter") > strings.Index(main, notYet) {
		t.Error("what is offered does not come first")
	}
	noLetter := opened(t, portal.Config{Offices: office.NewDirectory(madrid())})
	if main, _ := noLetter.get(t, "/register/questions", lang.English); strings.Contains(main, "tax address") {
		t.Error("questions about a letter that is not offered")
	}
}

func TestAWaitingLoginIsLedBackTo(t *testing.T) {
	t.Parallel()
	d := opened(t, portal.Config{Ways: all(), Online: online(), Offices: office.NewDirectory(madrid())})
	if main, _ := d.get(t, "/register", lang.English); strings.Contains(main, "/login/") {
		t.Error("a login waits that nobody began")
	}
	d.around = page.Around{Service: "Sede <b>", Waiting: "/login/abc", LoginID: "abc"}
	for _, path := range paths() {
		main, _ := d.get(t, path, lang.English)
		if strings.Contains(path, "guide?") && !strings.Contains(path, "office=") || path == "/register/guide" {
			continue // the frame leads back; the question is not to be missed
		}
		if !strings.Contains(main, `href="/login/abc"`) || !strings.Contains(main, "Sede &lt;b&gt;") {
			t.Errorf("%s does not lead back to the service", path)
		}
	}
}

func TestOfficesAreFound(t *testing.T) {
	t.Parallel()
	d := opened(t, portal.Config{Offices: office.NewDirectory(madrid())})
	for _, test := range []struct {
		name, path string
		says       []string
		not        []string
	}{
		{"nothing asked: the provinces", "/offices", []string{"Asturias", "1 office", "23 offices", `href="/offices?q=Madrid"`}, []string{"found for", "Oficina &lt;"}},
		{"a postal code", "/offices?q=28001", []string{"23 offices found for “28001”", "nearest postal codes", "Oficina &lt;1&gt; &amp; Cía", "Page 1 of 3",
			`href="/offices?page=2&amp;q=28001" rel="next"`}, []string{"rel=\"prev\"", "Gijón</h3>"}},
		{"a page in the middle", "/offices?q=madrid&page=2", []string{`href="/offices?q=madrid" rel="prev"`, `href="/offices?page=3&amp;q=madrid" rel="next"`, "Page 2 of 3"}, nil},
		{"a page beyond the end", "/offices?q=madrid&page=99", []string{"Page 3 of 3"}, []string{`rel="next"`}},
		{"a page that is no number", "/offices?q=madrid&page=x'y", []string{"Page 1 of 3"}, nil},
		{"all that an office can have", "/offices?q=28000", []string{"L-V 9-14", `href="https://cita.example/?a=1&amp;b=2"`,
			`href="https://www.openstreetmap.org/?mlat=40.4&amp;mlon=-3.7#map=17/40.4/-3.7"`}, nil},
		{"one office, in a province of another name", "/offices?q=gijon", []string{"1 office found", "33201 Gijón (Asturias)"}, []string{"Page 1"}},
		{"nothing found", "/offices?q=marte", []string{"We found no office for “marte”", "Check the spelling", "Asturias"}, nil},
		{"a script as a place", "/offices?q=%3Cscript%3E%22", []string{"“&lt;script&gt;&#34;”", `value="&lt;script&gt;&#34;"`}, []string{"<script>"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			main, answer := d.get(t, test.path, lang.English)
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("status %d", answer.StatusCode)
			}
			for _, want := range test.says {
				if !strings.Contains(main, want) {
					t.Errorf("it does not say %s", want)
				}
			}
			for _, bad := range test.not {
				if strings.Contains(main, bad) {
					t.Errorf("it says %s", bad)
				}
			}
		})
	}
}

func TestWithoutADirectory(t *testing.T) {
	t.Parallel()
	none := opened(t, portal.Config{Offices: office.NewDirectory(&shelf{})})
	if main, _ := none.get(t, "/offices?q=madrid", lang.English); !strings.Contains(main, "not available here yet") || strings.Contains(main, "<form") {
		t.Error("an empty directory is searched")
	}
	const outside = "https://oficinas.example/buscar"
	elsewhere := opened(t, portal.Config{Ways: map[identity.Channel]string{identity.ByOffice: outside}, Offices: office.NewDirectory(&shelf{})})
	if _, answer := elsewhere.get(t, "/offices?q=https://evil.example", lang.English); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != outside {
		t.Errorf("got %d to %s", answer.StatusCode, answer.Header.Get("Location"))
	}
	if main, _ := elsewhere.get(t, "/register", lang.English); !strings.Contains(main, `href="`+outside+`"`) {
		t.Error("the ways do not lead to the search elsewhere")
	}
	broken := opened(t, portal.Config{Offices: office.NewDirectory(&shelf{err: errors.New("the database is gone")})})
	for _, path := range []string{"/register", "/register/guide", "/register/change", "/register/questions", "/offices?q=x"} {
		if main, answer := broken.get(t, path, lang.English); answer.StatusCode != http.StatusInternalServerError || strings.Contains(main, "database") {
			t.Errorf("%s without a database: got %d", path, answer.StatusCode)
		}
	}
}
