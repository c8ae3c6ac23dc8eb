package gsm7_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"clave/notify/gsm7"
	"clave/test/fakes/smsc"
)

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		text    string
		fits    bool
		septets int
	}{
		{"an empty text takes nothing", "", true, 0},
		{"the at sign is in the basic table", "@localhost #K7M", true, 15},
		{"grave and umlaut letters and the n with tilde are in the basic table", "àèéùìòÑñÜüÖöÄäÇÉ", true, 16},
		{"the euro takes two septets", "€", true, 2},
		{"brackets, braces, backslash, tilde, caret and bar take two septets", "[]{}\\~^|", true, 16},
		{"a line feed and a carriage return are characters", "a\r\nb", true, 4},
		{"a with acute is not in it", "á", false, 0},
		{"i, o, u with acute are not in it", "íóú", false, 0},
		{"the small c with cedilla is not in it", "ç", false, 0},
		{"the grave accent alone is not in it", "`", false, 0},
		{"a tab is not in it", "\t", false, 0},
		{"a zero byte is not in it", "\x00", false, 0},
		{"an escape is not a character", "\x1b", false, 0},
		{"delete is not in it", "\x7f", false, 0},
		{"an emoji is not in it", "🙂", false, 0},
		{"a broken character is not in it", "\xff", false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, want := gsm7.Fits(c.text), c.fits; got != want {
				t.Errorf("Fits = %v, want %v", got, want)
			}
			if got, want := gsm7.Septets(c.text), c.septets; c.fits && got != want {
				t.Errorf("Septets = %d, want %d", got, want)
			}
			if _, err := gsm7.Encode(c.text); errors.Is(err, gsm7.ErrAlphabet) == c.fits {
				t.Errorf("Encode error = %v, want an error: %v", err, !c.fits)
			}
		})
	}
}

func TestEveryCharacterIsReadBackByAPhone(t *testing.T) {
	t.Parallel()
	count := 0
	for r := rune(0); r < 0x3000; r++ {
		if !gsm7.Fits(string(r)) {
			continue
		}
		count++
		septets, err := gsm7.Encode(string(r))
		if err != nil {
			t.Fatalf("%U: %v", r, err)
		}
		if got, want := smsc.DecodeGSM7(septets), string(r); got != want {
			t.Errorf("%U reads %q, want %q", r, got, want)
		}
	}
	if got, want := count, 127+10; got != want {
		t.Errorf("the alphabet has %d characters, want %d", got, want)
	}
}

func TestPack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		text   string
		fill   int
		octets string
	}{
		{"nothing stays nothing", "", 0, ""},
		{"the standard's example of eight septets", "hellohello", 0, "\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37"},
		{"seven septets end with a carriage return", "1234567", 0, "\x31\xd9\x8c\x56\xb3\xdd\x1a"},
		{"eight septets fill seven octets", "12345678", 0, "\x31\xd9\x8c\x56\xb3\xdd\x70"},
		{"a fill bit shifts everything", "A", 1, "\x82"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			septets, err := gsm7.Encode(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(gsm7.Pack(septets, c.fill)), c.octets; got != want {
				t.Errorf("got % x, want % x", got, want)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"acute letters lose their mark and the others stay", "Málaga, Àvila, León, España, Güímar", "Malaga, Avila, Leon, España, Güimar"},
		{"decomposed letters are composed first", "Espan\u0303a, cafe\u0301", "España, café"},
		{"capital acute letters too, but É is in the alphabet", "ÁÉÍÓÚÇç", "AÉIOUÇc"},
		{"the Catalan middle dot becomes a stop", "Col·legi d’Enginyers", "Col.legi d'Enginyers"},
		{"typographic signs become plain", "«Sí» — “no”…", `"Si" - "no"...`},
		{"ordinals become letters", "1ª planta, nº 3", "1a planta, no 3"},
		{"tabs and hard spaces become spaces", "a\tb\u00a0c", "a b c"},
		{"invisible joiners vanish", "a\u200bb\u00adc", "abc"},
		{"other scripts become question marks", "市", "?"},
		{"an emoji becomes one question mark", "🙂", "?"},
		{"ligatures come apart", "oﬃce", "office"},
		{"what fits is untouched", "[Cl@ve] 5 €", "[Cl@ve] 5 €"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := gsm7.Fold(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCutAndSplit(t *testing.T) {
	t.Parallel()
	if got, want := gsm7.Cut("ab€cd", 3), "ab"; got != want {
		t.Errorf("the euro does not fit into one septet: got %q, want %q", got, want)
	}
	if got, want := gsm7.Cut("añb", 2), "añ"; got != want {
		t.Errorf("cut at a character's edge: got %q, want %q", got, want)
	}
	if got, want := gsm7.Cut("abc", 0), ""; got != want {
		t.Errorf("no room: got %q, want %q", got, want)
	}
	text := strings.Repeat("a", 152) + "€" + strings.Repeat("b", 200)
	parts := gsm7.Split(text, 153)
	if got, want := len(parts), 3; got != want {
		t.Fatalf("got %d parts, want %d", got, want)
	}
	if got, want := gsm7.Septets(parts[0]), 152; got != want {
		t.Errorf("the escape is not parted from the euro: first part %d septets, want %d", got, want)
	}
	if got, want := strings.Join(parts, ""), text; got != want {
		t.Error("the parts do not make up the text")
	}
	if got, want := len(gsm7.Split("", 153)), 1; got != want {
		t.Errorf("an empty text is %d parts, want %d", got, want)
	}
}

func FuzzCoder(f *testing.F) {
	for _, s := range []string{"", "@", "K7M [€]\n@localhost #K7M", "1234567", "12345678", "áéíóú", "\xff\x00"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(5))
	}
	f.Fuzz(func(t *testing.T, text string, shift uint8) {
		fill := int(shift % 7)
		folded := gsm7.Fold(text)
		if utf8.ValidString(text) && !gsm7.Fits(folded) {
			t.Fatalf("folding %q leaves %q", text, folded)
		}
		septets, err := gsm7.Encode(folded)
		if err != nil {
			t.Fatalf("encoding what was folded: %v", err)
		}
		if got, want := len(septets), gsm7.Septets(folded); got != want {
			t.Fatalf("%d septets, counted %d", got, want)
		}
		if got := smsc.DecodeGSM7(septets); got != folded {
			t.Fatalf("a phone reads %q, want %q", got, folded)
		}
		// A text that itself ends in a carriage return on the last edge may
		// lose it: the standard leaves the two apart only for other characters.
		unpacked := smsc.UnpackGSM7(gsm7.Pack(septets, fill), fill)
		if !strings.HasSuffix(folded, "\r") && string(unpacked) != string(septets) {
			t.Fatalf("unpacked %x, want %x", unpacked, septets)
		}
		if joined := strings.Join(gsm7.Split(folded, 7), ""); joined != folded {
			t.Fatalf("split and joined %q, want %q", joined, folded)
		}
	})
}
