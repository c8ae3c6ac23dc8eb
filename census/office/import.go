package office

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a file. Our choice: Spain has some thousands of offices.
const (
	maxFileBytes = 32 << 20
	maxOffices   = 20_000
)

// The columns of a file, in their order.
const (
	colCode = iota
	colName
	colAddress
	colPostalCode
	colCity
	colProvince
	colHours
	colServices
	colAppointment
	colLatitude
	colLongitude
	columnCount
)

var columnNames = [columnCount]string{
	"code", "name", "address", "postal_code", "city", "province", "hours", "services", "appointment", "latitude", "longitude",
}

// Header is the first line of a file.
func Header() string { return strings.Join(columnNames[:], ",") }

// Read reads a directory from a file: UTF-8 CSV, separated by commas or, as
// spreadsheets in Spain write it, by semicolons; the first line is Header. Rows
// with something wrong go to rejects, with their line and the reason in front of
// their columns, and are counted. A file that is wrong as a whole, also one whose
// quotes do not close, is an error: half a directory would look like a whole one.
func Read(file io.Reader, rejects io.Writer) (offices []Office, rejected int, err error) {
	rows, err := open(file)
	if err != nil {
		return nil, 0, err
	}
	bad := csv.NewWriter(rejects)
	seen := map[string]int{}
	for {
		fields, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("reading the offices: %w", err)
		}
		line, _ := rows.FieldPos(0)
		p := parser{fields: fields}
		o := p.office()
		if first, twice := seen[o.Code]; twice && o.Code != "" {
			p.refuse(colCode, "the same as in line "+strconv.Itoa(first))
		}
		if len(p.reasons) == 0 {
			seen[o.Code] = line
			offices = append(offices, o)
			continue
		}
		if rejected == 0 {
			_ = bad.Write(append([]string{"line", "reason"}, columnNames[:]...)) // Error tells
		}
		rejected++
		_ = bad.Write(append([]string{strconv.Itoa(line), strings.Join(p.reasons, "; ")}, fields...)) // Error tells
	}
	if len(offices) > maxOffices {
		return nil, 0, fmt.Errorf("reading the offices: %d are more than the %d that a directory takes", len(offices), maxOffices)
	}
	bad.Flush()
	if err := bad.Error(); err != nil {
		return nil, 0, fmt.Errorf("writing the rejects: %w", err)
	}
	return offices, rejected, nil
}

// open checks what concerns the whole file and reads its header.
func open(file io.Reader) (*csv.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the offices: %w", err)
	case len(text) > maxFileBytes:
		return nil, fmt.Errorf("reading the offices: the file has more than %d MB", maxFileBytes>>20)
	case !utf8.Valid(text):
		return nil, errors.New("reading the offices: the file is not UTF-8; save it as “CSV UTF-8”")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	rows := csv.NewReader(bytes.NewReader(text))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.ContainsRune(first, ';') {
		rows.Comma = ';'
	}
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil || !slices.Equal(header, columnNames[:]) {
		return nil, fmt.Errorf("reading the offices: the first line has to be %s", Header())
	}
	return rows, nil
}
