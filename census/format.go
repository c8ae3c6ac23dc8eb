package census

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Columns of the import file, in this order. The names are the file's contract.
const (
	colDocument = iota
	colKind
	colGivenName
	colFirstSurname
	colSecondSurname
	colBirthDate
	colSupportNumber
	colIssueDate
	colExpiryDate
	colAddress
	colPostalCode
	colCity
	colProvince
	colCountry
	colDeceasedOn
	colPreviousDocument
	columnCount
)

var columnNames = [columnCount]string{
	"document", "kind", "given_name", "first_surname", "second_surname", "birth_date", "support_number", "issue_date",
	"expiry_date", "address", "postal_code", "city", "province", "country", "deceased_on", "previous_document",
}

// Header is the first line of an import file.
func Header() string { return strings.Join(columnNames[:], ",") }

// foreignStarts are how files begin that are not what they should be.
var foreignStarts = []struct{ start, remedy string }{
	{"\xff\xfe", "the file is UTF-16; save it as UTF-8"},
	{"\xfe\xff", "the file is UTF-16; save it as UTF-8"},
	{"\x1f\x8b", "the file is compressed; unpack it first"},
	{"\x28\xb5\x2f\xfd", "the file is compressed; unpack it first"},
	{"PK", "the file is an archive or a spreadsheet; save it as CSV"},
}

// checkHeader says what is wrong with the first line, and how to put it right.
// It quotes the line only where that cannot be a citizen's row.
func checkHeader(line []byte) error {
	for _, f := range foreignStarts {
		if bytes.HasPrefix(line, []byte(f.start)) {
			return fmt.Errorf("reading the header: %s", f.remedy)
		}
	}
	want := "the first line has to be\n" + Header()
	if len(line) == 0 {
		return fmt.Errorf("reading the header: the file is empty; %s", want)
	}
	var fields []string
	fields, problem := splitRow(string(line), fields)
	if slices.Equal(fields, columnNames[:]) && problem == "" {
		return nil
	}
	if strings.Contains(string(line), ";") || strings.Contains(string(line), "\t") {
		return fmt.Errorf("reading the header: columns are separated by commas, not semicolons or tabs; %s", want)
	}
	var missing []string
	for _, name := range columnNames {
		if !slices.Contains(fields, name) {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == columnCount:
		return fmt.Errorf("reading the header: there is none; %s", want)
	case len(missing) > 0:
		return fmt.Errorf("reading the header: missing %s; %s", strings.Join(missing, ", "), want)
	case len(fields) > columnCount:
		return fmt.Errorf("reading the header: %d columns instead of %d; %s", len(fields), columnCount, want)
	}
	return fmt.Errorf("reading the header: the columns stand in another order; %s", want)
}

// splitRow splits a line without its end into fields, as RFC 4180 does, but for
// one thing: a quoted field ends on its line. So a stray quote costs its own
// line and not the rest of the file, memory has a bound, and any number of
// goroutines can start at any line. No text of the register has line breaks.
// It appends to fields, and returns what is wrong, if anything.
func splitRow(line string, fields []string) (_ []string, problem string) {
	for {
		if len(line) == 0 || line[0] != '"' {
			field, rest, more := strings.Cut(line, ",")
			if strings.IndexByte(field, '"') >= 0 {
				return fields, "a quote inside a field that does not begin with one"
			}
			fields = append(fields, field)
			if !more {
				return fields, ""
			}
			line = rest
			continue
		}
		field, rest, problem := unquote(line[1:])
		if problem != "" {
			return fields, problem
		}
		fields = append(fields, field)
		if rest == "" {
			return fields, ""
		}
		line = rest[1:]
	}
}

// unquote reads a quoted field behind its first quote; rest is empty or begins
// with a comma.
func unquote(s string) (field, rest, problem string) {
	var unescaped []byte
	for {
		end := strings.IndexByte(s, '"')
		if end < 0 {
			return "", "", "a quoted field does not end on its line"
		}
		switch after := s[end+1:]; {
		case strings.HasPrefix(after, `"`):
			unescaped = append(unescaped, s[:end+1]...)
			s = after[1:]
		case after == "" || after[0] == ',':
			if unescaped == nil {
				return s[:end], after, ""
			}
			return string(append(unescaped, s[:end]...)), after, ""
		default:
			return "", "", "text behind the closing quote of a field"
		}
	}
}
