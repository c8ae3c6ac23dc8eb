package papers_test

import (
	"bytes"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"clave/census/receipt"
	"clave/census/receipt/receipttest"
	"clave/internal/onetime"
	"clave/internal/throttle"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal/papers"
	"clave/web/route"
)

// world is the page over one receipt of which one PDF was handed out.
type world struct {
	t       *testing.T
	handler http.Handler
	receipt receipt.Receipt
	pdf     []byte
}

func newWorld(t *testing.T) *world {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return receipttest.At() }
	engine := page.New(texts, page.Frame{Now: now})
	words := receipt.NewRenderer(texts, "https://clave.example", receipt.About{Name: "Cl@ve", Zone: time.UTC})
	w := &world{t: t, receipt: receipttest.Sample(t)}
	if w.pdf, err = words.PDF(w.receipt, ""); err != nil {
		t.Fatal(err)
	}
	var store receipttest.Memory
	if err := store.AddReceipt(t.Context(), w.receipt); err != nil {
		t.Fatal(err)
	}
	if err := store.NoteCopy(t.Context(), w.receipt.ID, receipt.DigestOf(w.pdf), receipttest.At()); err != nil {
		t.Fatal(err)
	}
	limiter := throttle.NewLimiter[netip.Prefix](throttle.Rate{PerSecond: .1, Burst: 20}, 10, now)
	pages := papers.New(papers.Config{
		Engine: engine, Receipts: &store, Words: words, Log: slog.New(slog.DiscardHandler),
		Slow: throttle.Middleware(throttle.Clients{}, limiter, engine.ErrorPage),
	})
	router := mux.NewRouter()
	guards := route.Guards{Fail: engine.ErrorPage, Log: slog.New(slog.DiscardHandler)}
	if err := route.Mount(router, append(engine.Routes(), pages.Routes()...), guards); err != nil {
		t.Fatal(err)
	}
	w.handler = router
	return w
}

func (w *world) do(r *http.Request, l lang.Language) (int, string) {
	w.t.Helper()
	r.Header.Set("Accept-Language", string(l))
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	return answer.Code, answer.Body.String()
}

func (w *world) ask(code string) (int, string) {
	w.t.Helper()
	return w.do(httptest.NewRequest(http.MethodGet, "/verify?code="+code, nil), lang.English)
}

// send sends a form with the code and a file; nil sends none.
func (w *world) send(code string, file []byte) (int, string) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("code", code) // memory does not fail
	part, err := form.CreateFormFile("file", "receipt.pdf")
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/verify", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return w.do(r, lang.English)
}

func expect(t *testing.T, what string, status, want int, body string, words ...string) {
	t.Helper()
	if status != want {
		t.Errorf("%s: got %d, want %d", what, status, want)
	}
	for _, word := range words {
		if !strings.Contains(body, word) {
			t.Errorf("%s: the page lacks %q", what, word)
		}
	}
}

func TestTheHolderOfThePaperSeesWhatWasIssuedMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, code := range []string{w.receipt.Code, strings.ToLower(onetime.Grouped(w.receipt.Code)), strings.ReplaceAll(onetime.Grouped(w.receipt.Code), "-", "+")} {
		status, body := w.ask(code)
		expect(t, code, status, 200, body, "We issued a receipt with this code", "•••••678Z", "M. E. D. L. P.", "21 November 2026",
			onetime.Grouped(w.receipt.Code), receipt.DigestOf(w.pdf).String(), "Receipt of registration")
		for _, secret := range []string{"12345678Z", "MARÍA", "EJEMPLO", "600000001", "maria@"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s: the page shows %s", code, secret)
			}
		}
	}
}

func TestAWrongCodeTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, body := w.do(httptest.NewRequest(http.MethodGet, "/verify", nil), lang.English)
	expect(t, "no code", status, 200, body, "Secure verification code")
	status, body = w.ask("")
	expect(t, "an empty code", status, 422, body, "<title>Error:", "Write the secure verification code.")
	status, body = w.ask("ABCD-0000")
	expect(t, "another shape", status, 422, body, "<title>Error:", "16 letters and digits", `value="ABCD-0000"`)
	status, body = w.ask(receipttest.Sample(t).Code)
	expect(t, "a code of no receipt", status, 404, body, "<title>Error:", "no receipt with this code")
	status, body = w.ask(`"><script>alert(1)</script>`)
	expect(t, "markup", status, 422, body)
	if strings.Contains(body, "<script>alert") {
		t.Error("what was typed is markup on the page")
	}
	status, body = w.send(receipttest.Sample(t).Code, w.pdf)
	expect(t, "a file for a code of no receipt", status, 404, body, "no receipt with this code")
}

func TestAFileIsComparedWithTheCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, body := w.send(w.receipt.Code, w.pdf)
	expect(t, "a genuine file", status, 200, body, "identical to a copy that we handed out on 21 November 2026 at 09:30")
	status, body = w.send(w.receipt.Code, append(bytes.Clone(w.pdf), '\n'))
	expect(t, "a changed file", status, 200, body, "none of the copies")
	if strings.Contains(body, "identical") {
		t.Error("a changed file is called genuine")
	}
	status, body = w.send(w.receipt.Code, nil)
	expect(t, "no file", status, 422, body, "<title>Error:", "Choose the PDF file", `href="#file"`)
	status, body = w.send(w.receipt.Code, make([]byte, 1<<20+1))
	expect(t, "a large file", status, 422, body, "too large")
	status, _ = w.send(w.receipt.Code, make([]byte, 2<<20))
	expect(t, "a huge file", status, 413, "")
	r := httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader("code="+w.receipt.Code))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _ = w.do(r, lang.English)
	expect(t, "another kind of form", status, 400, "")
}

func TestWhoAsksTooOftenIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refused := 0
	for range 50 {
		if status, _ := w.ask(receipttest.Sample(t).Code); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 30 {
		t.Errorf("%d of 50 guesses were refused, want 30", refused)
	}
	if status, _ := w.do(httptest.NewRequest(http.MethodGet, "/verify", nil), lang.English); status != 200 {
		t.Errorf("the empty form: got %d", status)
	}
}

func TestThePagesAreThereInEveryLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]lang.Language{}
	key := regexp.MustCompile(`(papers|receipt)\.[a-z]`)
	for _, l := range lang.All() {
		for _, path := range []string{"/verify", "/verify?code=" + w.receipt.Code, "/verify?code=x"} {
			_, body := w.do(httptest.NewRequest(http.MethodGet, path, nil), l)
			if strings.Count(body, "<h1>") != 1 || key.MatchString(body) {
				t.Errorf("%s in %s: the page has no single heading, or a key", path, l)
			}
			main := body[strings.Index(body, "<main"):strings.Index(body, "</main>")]
			if other, same := seen[main]; same {
				t.Errorf("%s is the same in %s and %s", path, l, other)
			}
			seen[main] = l
		}
	}
}
