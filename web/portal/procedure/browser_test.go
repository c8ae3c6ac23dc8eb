package procedure_test

import (
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census/receipt"
	"clave/census/registration/registrationtest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/portal/procedure"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// site is the pages over a world in memory.
type site struct {
	*registrationtest.World
	server http.Handler
	around page.Around
	// citizen is who is logged in; nil for nobody.
	citizen *broker.Citizen
}

var texts = sync.OnceValues(lang.Load)

func newSite(t testing.TB, around page.Around) *site {
	t.Helper()
	loaded, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{World: registrationtest.New(t), around: around}
	engine := page.New(loaded, page.Frame{Now: s.Clock.Now})
	pages := procedure.New(procedure.Config{
		Procedures: s.Procedures, Receipts: s.Town.Receipts, Engine: engine, Offered: procedure.Offered{Certificates: true}, Mails: true, Now: s.Clock.Now,
		Papers: receipt.NewRenderer(loaded, "https://clave.example", receipt.About{Name: "Cl@ve", Zone: time.UTC}),
		Log:    slog.New(slog.NewTextHandler(s.Log, nil)),
	})
	router := mux.NewRouter()
	err = route.Mount(router, slices.Concat(pages.Letter(), pages.LeaveByLetter(), pages.Logged(), pages.Certified(), pages.ConfirmEmail(), engine.Routes()), route.Guards{
		Citizen: s.guard,
		Around: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(page.With(r.Context(), s.around)))
			})
		},
		Fail: engine.ErrorPage, Log: slog.New(slog.NewTextHandler(s.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = router
	return s
}

// browser walks the pages of one site.
type browser struct{ *pagetest.Browser }

func (s *site) browser(t testing.TB) *browser { return &browser{pagetest.New(t, s.server)} }
