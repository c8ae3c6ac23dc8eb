package safelog_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"clave/internal/safelog"
)

type method string

// citizen forgot to print itself masked.
type citizen struct{ document string }

func TestWhatIsWritten(t *testing.T) {
	t.Parallel()
	address, err := url.Parse("https://user:pass@example.org/login/1?code=SECRET#SECRET")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		attr       slog.Attr
		text, json string
	}{
		{"a word", slog.String("method", "pin"), `method=pin`, `"method":"pin"`},
		{"a number", slog.Int("tries", 3), `tries=3`, `"tries":3`},
		{"a named string", slog.Any("method", method("pin")), `method=pin`, `"method":"pin"`},
		{"an error", slog.Any("error", errors.New("opening login 1: gone")), `error="opening login 1: gone"`, `"error":"opening login 1: gone"`},
		{"a list of words", slog.Any("methods", []method{"pin", "movil"}), `methods="[pin movil]"`, `"methods":"[pin movil]"`},
		{"a value that describes itself", slog.Any("client", netip.MustParseAddr("192.0.2.1")), `client=192.0.2.1`, `"client":"192.0.2.1"`},
		{"an address without query and user", slog.Any("url", address), `url=https://example.org/login/1`, `"url":"https://example.org/login/1"`},
		{"nothing", slog.Any("error", nil), `error=""`, `"error":""`},
		{"only the type of a struct", slog.Any("citizen", citizen{"SECRET"}), `citizen=[safelog_test.citizen]`, `"citizen":"[safelog_test.citizen]"`},
		{"only the type of a pointer", slog.Any("citizen", &citizen{"SECRET"}), `citizen=[*safelog_test.citizen]`, `"citizen":"[*safelog_test.citizen]"`},
		{"only the type of a list of structs", slog.Any("citizens", []citizen{{"SECRET"}}), `citizens=[[]safelog_test.citizen]`, `"citizens":"[[]safelog_test.citizen]"`},
		{"only the type of bytes", slog.Any("sealed", []byte("SECRET")), `sealed=[[]uint8]`, `"sealed":"[[]uint8]"`},
		{"only the type of a form", slog.Any("form", url.Values{"pin_code": {"SECRET"}}), `form=[url.Values]`, `"form":"[url.Values]"`},
		{"only the type of a request", slog.Any("request", &http.Request{RequestURI: "SECRET"}), `request=[*http.Request]`, `"request":"[*http.Request]"`},
		{"nothing under a telling key", slog.String("password", "SECRET"), `password=[hidden]`, `"password":"[hidden]"`},
		{"nothing under a telling key in a group", slog.Group("sms", slog.String("to", "SECRET")), `sms.to=[hidden]`, `"sms":{"to":"[hidden]"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for format, want := range map[safelog.Format]string{safelog.Text: test.text, safelog.JSON: test.json} {
				var out bytes.Buffer
				log := safelog.New(&out, format, slog.LevelInfo)
				log.Info("login opened", test.attr)
				log.With(test.attr).Warn("login refused")
				lines := strings.Split(strings.TrimSpace(out.String()), "\n")
				if len(lines) != 2 || !strings.Contains(lines[0], want) || !strings.Contains(lines[1], want) || strings.Contains(out.String(), "SECRET") || strings.Contains(out.String(), "pass@") {
					t.Errorf("%s: got %s, want %s twice", format, out.String(), want)
				}
			}
		})
	}
}

func TestLinesBelowTheLevelAreNotWritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := safelog.New(&out, safelog.JSON, slog.LevelWarn)
	log.Info("login opened")
	if out.Len() != 0 {
		t.Errorf("got %s", out.String())
	}
	log.Error("store gone")
	if got := out.String(); !strings.Contains(got, `"level":"ERROR","msg":"store gone"`) || !strings.Contains(got, `"time":"20`) {
		t.Errorf("got %s", got)
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"text", "json"} {
		if got, err := safelog.ParseFormat(s); err != nil || string(got) != s {
			t.Errorf("got %s, %v", got, err)
		}
	}
	if _, err := safelog.ParseFormat("xml"); err == nil {
		t.Error("xml is a format")
	}
}
