// Package safelog makes the product's logger. The rule that logs hold no personal
// data is kept by those who write log lines; this package makes the common slips
// harmless: a struct printed field by field, a request, an address with its
// query, a value under a telling key.
package safelog

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
)

// Format is how lines are written.
type Format string

// The formats: text for people, JSON for collectors.
const (
	Text Format = "text"
	JSON Format = "json"
)

// ParseFormat reads text or json.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Text, JSON:
		return f, nil
	}
	return "", fmt.Errorf("unknown log format %q: want text or json", s)
}

// New returns a logger that writes a line for each record from level on. An
// unknown format is text.
func New(w io.Writer, format Format, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: harmless}
	if format == JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// hidden is what stands for a value that is not written.
const hidden = "[hidden]"

// telling tells whether the values of a key are never written, whatever they hold.
func telling(key string) bool {
	switch key {
	case "document", "name", "given_name", "family_name", "surname", "birth_date", "birthdate", "postal_address",
		"phone", "email", "to", "code", "pin", "password", "secret", "token", "cookie", "assertion", "body",
		"authorization", "support_number", "contrast":
		return true
	}
	return false
}

// harmless is called for each attribute, after LogValue.
func harmless(_ []string, a slog.Attr) slog.Attr {
	if telling(a.Key) {
		return slog.String(a.Key, hidden)
	}
	if a.Value.Kind() == slog.KindAny {
		a.Value = plain(a.Value.Any())
	}
	return a
}

// plain writes values that describe themselves and the type of all others: fmt
// and JSON would walk into unexported or forgotten fields.
func plain(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.StringValue("")
	case *url.URL:
		return slog.StringValue(withoutQuery(v))
	case url.URL:
		return slog.StringValue(withoutQuery(&v))
	case *http.Request, *http.Response, http.Header, url.Values, []byte:
		return slog.StringValue(fmt.Sprintf("[%T]", v))
	case error:
		return slog.StringValue(v.Error())
	case fmt.Stringer:
		return slog.StringValue(v.String())
	case *slog.Source:
		return slog.AnyValue(v)
	}
	if kind := reflect.TypeOf(v).Kind(); isBasic(kind) ||
		(kind == reflect.Slice || kind == reflect.Array) && isBasic(reflect.TypeOf(v).Elem().Kind()) {
		return slog.StringValue(fmt.Sprint(v))
	}
	return slog.StringValue(fmt.Sprintf("[%T]", v))
}

// withoutQuery drops what may carry codes and names.
func withoutQuery(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func isBasic(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}
