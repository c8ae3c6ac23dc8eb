package letter

import (
	"slices"
	"testing"
)

func TestAddressLines(t *testing.T) {
	t.Parallel()
	home := Recipient{Name: "MARÍA EJEMPLO", Street: "CALLE MAYOR, 1", PostalCode: "28801", City: "ALCALÁ DE HENARES", Province: "MADRID", Country: "ES"}
	change := func(f func(r *Recipient)) Recipient {
		r := home
		f(&r)
		return r
	}
	for _, test := range []struct {
		name string
		to   Recipient
		want []string
	}{
		{"at home", home, []string{"MARÍA EJEMPLO", "CALLE MAYOR, 1", "28801 ALCALÁ DE HENARES", "MADRID"}},
		{"the province that the city names is left out", change(func(r *Recipient) { r.City = "Madrid" }),
			[]string{"MARÍA EJEMPLO", "CALLE MAYOR, 1", "28801 Madrid"}},
		{"abroad", change(func(r *Recipient) { r.Country, r.Province = "DE", "" }),
			[]string{"MARÍA EJEMPLO", "CALLE MAYOR, 1", "28801 ALCALÁ DE HENARES", "ALEMANIA"}},
		{"a long street takes two lines", change(func(r *Recipient) { r.Street = "AVENIDA DE LA CONSTITUCIÓN ESPAÑOLA DE 1978, 125, 4º IZQUIERDA" }),
			[]string{"MARÍA EJEMPLO", "AVENIDA DE LA CONSTITUCIÓN ESPAÑOLA", "DE 1978, 125, 4º IZQUIERDA", "28801 ALCALÁ DE HENARES", "MADRID"}},
		{"where there is no room, the province goes", change(func(r *Recipient) {
			r.Street, r.Country = "AVENIDA DE LA CONSTITUCIÓN ESPAÑOLA DE 1978, 125, 4º IZQUIERDA", "FR"
		}), []string{"MARÍA EJEMPLO", "AVENIDA DE LA CONSTITUCIÓN ESPAÑOLA", "DE 1978, 125, 4º IZQUIERDA", "28801 ALCALÁ DE HENARES", "FRANCIA"}},
		{"line breaks from outside make no lines", change(func(r *Recipient) { r.Street = " CALLE\nMAYOR \t1" }),
			[]string{"MARÍA EJEMPLO", "CALLE MAYOR 1", "28801 ALCALÁ DE HENARES", "MADRID"}},
		{"what is not known is left out", Recipient{Name: "MARÍA", City: "LUGO"}, []string{"MARÍA", "LUGO"}},
		{"a country that nobody knows", change(func(r *Recipient) { r.Country, r.Province = "??", "" }),
			[]string{"MARÍA EJEMPLO", "CALLE MAYOR, 1", "28801 ALCALÁ DE HENARES", "??"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.to.lines()
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(got) > addressLines {
				t.Errorf("%d lines do not fit", len(got))
			}
		})
	}
}

// The sheet, folded to 210 × 99 mm, slides in an envelope of 220 × 110 mm. Wherever it
// lies, the whole address shows in the window, and nothing else does.
func TestTheAddressShowsInEveryWindow(t *testing.T) {
	t.Parallel()
	for _, side := range []Window{Right, Left} {
		for _, size := range []struct{ width, height float64 }{{90, 35}, {100, 45}} {
			window := box{x: 20, y: 110 - 20 - size.height, width: size.width, height: size.height}
			if side == Right {
				window.x = 220 - 20 - size.width
			}
			for _, slide := range []struct{ x, y float64 }{{0, 0}, {10, 0}, {0, 11}, {10, 11}, {5, 5}} {
				shown := box{window.x - slide.x, window.y - slide.y, window.width, window.height} // on the sheet
				if address := addressBox(side); !address.within(shown) {
					t.Errorf("window %s %g×%g, slid by %v: the address is cut", side, size.width, size.height, slide)
				}
				if sender := senderBox(side); sender.meets(shown) {
					t.Errorf("window %s %g×%g, slid by %v: the sender shows", side, size.width, size.height, slide)
				}
				if shown.y+shown.height > bodyTop {
					t.Errorf("window %s %g×%g, slid by %v: what is inside shows", side, size.width, size.height, slide)
				}
			}
		}
	}
}

func (b box) within(o box) bool {
	return b.x >= o.x && b.y >= o.y && b.x+b.width <= o.x+o.width && b.y+b.height <= o.y+o.height
}

func (b box) meets(o box) bool {
	return b.x < o.x+o.width && o.x < b.x+b.width && b.y < o.y+o.height && o.y < b.y+b.height
}
