package page_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"clave/internal/safelog/safelogtest"
	"clave/web/page"
)

func TestAnErrorOfOursIsLoggedAndShownByItsReferenceAlone(t *testing.T) {
	t.Parallel()
	var logged safelogtest.Log
	w := httptest.NewRecorder()
	engine(t, page.Frame{}).Failed(w, get("/somewhere"), slog.New(slog.NewTextHandler(&logged, nil)), "step failed", errors.New("no database"))
	found := regexp.MustCompile(`msg="step failed" reference=(\S+) error="no database"`).FindStringSubmatch(logged.String())
	switch {
	case found == nil:
		t.Errorf("got the log %s", logged.String())
	case w.Code != http.StatusInternalServerError, !strings.Contains(w.Body.String(), found[1]):
		t.Errorf("got %d, without the reference", w.Code)
	case strings.Contains(w.Body.String(), "no database"):
		t.Error("the page tells what went wrong inside")
	}
}

func TestABrowserThatLeftIsNoError(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	var logged safelogtest.Log
	w := httptest.NewRecorder()
	engine(t, page.Frame{}).Failed(w, get("/somewhere").WithContext(ctx), slog.New(slog.NewTextHandler(&logged, nil)), "step failed", ctx.Err())
	if logged.String() != "" || w.Body.Len() != 0 {
		t.Errorf("got the log %q and %d bytes", logged.String(), w.Body.Len())
	}
}
