package office_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"clave/census/office"

	"github.com/google/go-cmp/cmp"
)

const good = "O1,Oficina Uno,Calle Mayor 1,28001,Madrid,Madrid,L-V 9-14,Registro,https://cita.example/1,40.416775,-3.703790"

func read(text string) ([]office.Office, int, string, error) {
	var rejects bytes.Buffer
	offices, rejected, err := office.Read(strings.NewReader(text), &rejects)
	return offices, rejected, rejects.String(), err
}

func TestReadTakesAGoodFile(t *testing.T) {
	t.Parallel()
	one := office.Office{
		Code: "O1", Name: "Oficina Uno", Address: "Calle Mayor 1", PostalCode: "28001", City: "Madrid", Province: "Madrid",
		Hours: "L-V 9-14", Services: "Registro", Appointment: "https://cita.example/1", Latitude: "40.416775", Longitude: "-3.70379",
	}
	bare := office.Office{Code: "O2", Name: "Oficina Dos", Address: "Plaza 2", PostalCode: "01001", City: "Vitoria-Gasteiz", Province: "Álava"}
	const second = "O2,Oficina Dos,Plaza 2,01001,Vitoria-Gasteiz,Álava,,,,,"
	for _, test := range []struct {
		name, text string
		want       []office.Office
	}{
		{"commas", office.Header() + "\n" + good + "\n" + second + "\n", []office.Office{one, bare}},
		{"a byte order mark and Windows lines", "\ufeff" + office.Header() + "\r\n" + good + "\r\n", []office.Office{one}},
		{"semicolons and decimal commas", strings.ReplaceAll(office.Header(), ",", ";") + "\n" +
			"O1;Oficina Uno;Calle Mayor 1;28001;Madrid;Madrid;L-V 9-14;Registro;https://cita.example/1;40,416775;-3,703790\n", []office.Office{one}},
		{"spaces around the values", office.Header() + "\n O2 , Oficina Dos ,Plaza 2,01001,Vitoria-Gasteiz,Álava,,,,,\n", []office.Office{bare}},
		{"no offices", office.Header() + "\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, rejected, rejects, err := read(test.text)
			if err != nil || rejected != 0 || rejects != "" {
				t.Fatalf("got %v, %d rejected: %s", err, rejected, rejects)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadPutsBadRowsAside(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, row, reason string }{
		{"nothing in it", ",,,,,,,,,,", "code: missing; name: missing; address: missing; postal_code: missing; city: missing; province: missing"},
		{"a field too few", "O2,Dos,Calle,28001,Madrid,Madrid,,,,", "10 fields instead of 11"},
		{"a strange code", "O/2,Dos,Calle,28001,Madrid,Madrid,,,,,", "code: only letters A to Z, digits and - _ . are allowed"},
		{"the code of another", "O1,Dos,Calle,28001,Madrid,Madrid,,,,,", "code: the same as in line 2"},
		{"a postal code without its zero", "O2,Dos,Calle,8001,Barcelona,Barcelona,,,,,", "postal_code: not five digits that begin with 01 to 52"},
		{"a postal code of no province", "O2,Dos,Calle,53001,Madrid,Madrid,,,,,", "postal_code: not five digits that begin with 01 to 52"},
		{"an appointment by another scheme", "O2,Dos,Calle,28001,Madrid,Madrid,,,javascript:alert(1),,", "appointment: not an https address"},
		{"an appointment with a quote", `O2,Dos,Calle,28001,Madrid,Madrid,,,"https://cita.example/""x",,`, "appointment: not an https address"},
		{"an appointment that hides its host", "O2,Dos,Calle,28001,Madrid,Madrid,,,https://cita.example@evil.example/,,", "appointment: not an https address"},
		{"half a coordinate", "O2,Dos,Calle,28001,Madrid,Madrid,,,,40.4,", "longitude: latitude and longitude go together"},
		{"a coordinate off the globe", "O2,Dos,Calle,28001,Madrid,Madrid,,,,91,-3", "latitude: not degrees such as 40.416775"},
		{"a coordinate that is no number", "O2,Dos,Calle,28001,Madrid,Madrid,,,,40,NaN", "longitude: not degrees such as 40.416775"},
		{"two lines", "O2,Dos,\"Calle\nMayor\",28001,Madrid,Madrid,,,,,", "address: more than one line, or a control character"},
		{"a long name", "O2," + strings.Repeat("ñ", 151) + ",Calle,28001,Madrid,Madrid,,,,,", "name: more than 150 characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			offices, rejected, rejects, err := read(office.Header() + "\n" + good + "\n" + test.row + "\n")
			if err != nil || len(offices) != 1 || rejected != 1 {
				t.Fatalf("got %d offices, %d rejected, %v", len(offices), rejected, err)
			}
			if want := "line,reason," + office.Header() + "\n3,"; !strings.HasPrefix(rejects, want) || !strings.Contains(rejects, test.reason) {
				t.Errorf("got %s", rejects)
			}
		})
	}
}

func TestReadRefusesAFileThatIsWrongAsAWhole(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString(office.Header() + "\n")
	for i := range 20_001 {
		fmt.Fprintf(&many, "O%d,Dos,Calle,28001,Madrid,Madrid,,,,,\n", i)
	}
	for _, test := range []struct{ name, text, want string }{
		{"an empty file", "", "the first line has to be code,name,"},
		{"another header", "name,code\n" + good, "the first line has to be code,name,"},
		{"a quote that does not close", office.Header() + "\n" + good + "\nO2,\"Dos,Calle,28001\n", "reading the offices"},
		{"Latin-1", office.Header() + "\nO2,Le\xf3n,,,,,,,,,\n", "is not UTF-8"},
		{"too many", many.String(), "20001 are more than the 20000"},
		{"too large", office.Header() + strings.Repeat("\n", 32<<20), "more than 32 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if offices, _, _, err := read(test.text); err == nil || !strings.Contains(err.Error(), test.want) || offices != nil {
				t.Errorf("got %d offices and %v, want %q", len(offices), err, test.want)
			}
		})
	}
	broken := errors.New("the disk is full")
	if _, _, err := office.Read(strings.NewReader(office.Header()+"\n,\n"), brokenWriter{broken}); !errors.Is(err, broken) {
		t.Errorf("rejects that cannot be written: got %v", err)
	}
	if _, _, err := office.Read(iotest.ErrReader(broken), &bytes.Buffer{}); !errors.Is(err, broken) {
		t.Errorf("a file that cannot be read: got %v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func FuzzRead(f *testing.F) {
	f.Add(office.Header() + "\n" + good + "\n")
	f.Add(strings.ReplaceAll(office.Header(), ",", ";") + "\n;;;;;;;;;;\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		offices, _, _, err := read(text)
		if err != nil && offices != nil {
			t.Error("offices from a file that is wrong as a whole")
		}
		for _, o := range offices {
			if len(o.PostalCode) != 5 || o.Code == "" || o.Appointment != "" && !strings.HasPrefix(o.Appointment, "https://") {
				t.Errorf("an office that is not right: %+v", o)
			}
		}
	})
}
