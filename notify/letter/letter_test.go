package letter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"clave/notify/letter"
	"clave/notify/letter/lettertest"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for range 100 {
		number := letter.NewNumber()
		if got, err := letter.ParseNumber(" " + number[:4] + " " + number[4:9] + "-" + number[9:]); err != nil || got != number {
			t.Fatalf("got %q, %v; want %q", got, err, number)
		}
		wrong := []byte(number)
		wrong[5] = '0' + (wrong[5]-'0'+1)%10
		if _, err := letter.ParseNumber(string(wrong)); !errors.Is(err, letter.ErrNumber) {
			t.Fatalf("a wrong digit in %s is not seen", number)
		}
	}
	for _, bad := range []string{"", "1234", "1234567890123a", "123456789012345", "１２３４５６７８９０１２３４"} {
		if _, err := letter.ParseNumber(bad); !errors.Is(err, letter.ErrNumber) {
			t.Errorf("%q: got %v, want ErrNumber", bad, err)
		}
	}
}

func TestALetterPrintsAsItsNumber(t *testing.T) {
	t.Parallel()
	l := lettertest.Sample("1", "ABCDEFGHJKLMNPQR")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb+verb, l, l.To); strings.Contains(got, "ABCD") || strings.Contains(got, "EJEMPLO") {
			t.Errorf("%s shows %s", verb, got)
		}
	}
}
