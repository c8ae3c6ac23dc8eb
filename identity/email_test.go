package identity_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"clave/identity"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, typed, want string }{
		{"an address stays", "carmen@ejemplo.es", "carmen@ejemplo.es"},
		{"spaces around are dropped", " carmen@ejemplo.es\n", "carmen@ejemplo.es"},
		{"the domain is lower case", "Carmen@EJEMPLO.es", "Carmen@ejemplo.es"},
		{"a tag is kept", "carmen+clave@ejemplo.es", "carmen+clave@ejemplo.es"},
		{"punycode is a domain", "carmen@xn--espaa-rta.es", "carmen@xn--espaa-rta.es"},
		{"nothing is refused", "", ""},
		{"no at sign is refused", "carmen.ejemplo.es", ""},
		{"two at signs are refused", "carmen@a@ejemplo.es", ""},
		{"no local part is refused", "@ejemplo.es", ""},
		{"no domain is refused", "carmen@", ""},
		{"a bare host is refused", "carmen@localhost", ""},
		{"an address literal is refused", "carmen@[192.0.2.1]", ""},
		{"a number for a domain is refused", "carmen@192.0.2.1", ""},
		{"a display name is refused", "Carmen <carmen@ejemplo.es>", ""},
		{"a list is refused", "carmen@ejemplo.es,otra@ejemplo.es", ""},
		{"a header after a line break is refused", "carmen@ejemplo.es\r\nBcc: x@y.es", ""},
		{"a line break inside is refused", "car\nmen@ejemplo.es", ""},
		{"a quoted local part is refused", `"carmen ejemplar"@ejemplo.es`, ""},
		{"an option for sendmail is kept out of the domain", "carmen@-oQ.es", ""},
		{"a doubled dot is refused", "carmen..e@ejemplo.es", ""},
		{"an empty label is refused", "carmen@ejemplo..es", ""},
		{"a letter of another script is refused", "cаrmen@ejemplo.es", ""},
		{"a long local part is refused", strings.Repeat("a", 65) + "@ejemplo.es", ""},
		{"a long label is refused", "a@" + strings.Repeat("a", 64) + ".es", ""},
		{"a long address is refused", "a@" + strings.Repeat("a.", 130) + "es", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParseEmail(test.typed)
			if got.Reveal() != test.want || (err == nil) != (test.want != "") || err != nil && !errors.Is(err, identity.ErrEmail) {
				t.Errorf("got %q, %v, want %q", got.Reveal(), err, test.want)
			}
		})
	}
}

func TestEmailPrintsMasked(t *testing.T) {
	t.Parallel()
	email, err := identity.ParseEmail("carmen@ejemplo.es")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%v|%#v|%d|%x|%s", email, email, email, email, email.LogValue())
	if want := strings.Join([]string{"c•••@e•••.es", "c•••@e•••.es", "c•••@e•••.es", "c•••@e•••.es", "c•••@e•••.es"}, "|"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSameMailbox(t *testing.T) {
	t.Parallel()
	one, _ := identity.ParseEmail("Carmen@ejemplo.es")
	two, _ := identity.ParseEmail("carmen@Ejemplo.es")
	other, _ := identity.ParseEmail("carmen@ejemplo.com")
	var none identity.Email
	if !one.Same(two) || one.Same(other) || none.Same(none) || one.Same(none) {
		t.Error("mailboxes are not compared as people do")
	}
}

func FuzzParseEmail(f *testing.F) {
	f.Add("carmen@ejemplo.es")
	f.Add(" a.b+c@X-y.example ")
	f.Fuzz(func(t *testing.T, typed string) {
		email, err := identity.ParseEmail(typed)
		if err != nil {
			return
		}
		if strings.ContainsAny(email.Reveal(), " \r\n\t,;<>\"()[]\\") {
			t.Errorf("%q became %q", typed, email.Reveal())
		}
		if again, err := identity.ParseEmail(email.Reveal()); err != nil || again != email || again.String() == "" {
			t.Errorf("%q became %q, which is not canonical: %v", typed, email.Reveal(), err)
		}
	})
}
