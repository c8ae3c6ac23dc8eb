package paper

import "testing"

func TestFold(t *testing.T) {
	t.Parallel()
	l, err := newLetters()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, in, want string }{
		{"the languages of Spain stay", "ÁÉÍÓÚÜÑÇ ÀÈÒ L·L ªº «»–— €", "ÁÉÍÓÚÜÑÇ ÀÈÒ L·L ªº «»–— €"},
		{"most of Europe stays", "Łódź Škoda Żółć Ērģļi Þór", "Łódź Škoda Żółć Ērģļi Þór"},
		{"a mark that the fonts lack is left out", "Ṩ", "S"},
		{"a decomposed letter is put together", "n\u0303", "ñ"},
		{"what has no base letter", "李", "?"},
		{"what shows nothing is left out", "a\u202eb\u200dc", "abc"},
	} {
		if got := l.fold(test.in); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
