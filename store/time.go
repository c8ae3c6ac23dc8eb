package store

import (
	"fmt"
	"time"
)

// micros is how a time is stored: microseconds since 1970, UTC. The zero time
// is stored as null.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// timeInto scans a column of microseconds into t; null gives the zero time.
func timeInto(t *time.Time) *timeColumn { return &timeColumn{t} }

type timeColumn struct{ t *time.Time }

// Scan implements sql.Scanner.
func (c *timeColumn) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*c.t = time.Time{}
	case int64:
		*c.t = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("scanning a time: the column holds %T, not microseconds", v)
	}
	return nil
}

// textInto scans a nullable text column into s; null gives the empty string.
func textInto[S ~string](s *S) *textColumn[S] { return &textColumn[S]{s} }

type textColumn[S ~string] struct{ s *S }

// Scan implements sql.Scanner.
func (c *textColumn[S]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*c.s = ""
	case string:
		*c.s = S(v)
	case []byte:
		*c.s = S(v)
	default:
		return fmt.Errorf("scanning a text: the column holds %T", v)
	}
	return nil
}

// orNull stores the empty string as null.
func orNull[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}
