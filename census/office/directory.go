package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"
)

// PageSize is how many offices a page of results has. Our choice: what one reads.
const PageSize = 10

// maxTyped is how many characters of a question are read: no place has more.
const maxTyped = 100

// Directory finds offices. It may be used by any number of goroutines.
type Directory struct {
	store Store

	mu        sync.Mutex
	version   int64
	loaded    bool
	entries   []entry
	provinces []Province
}

// NewDirectory searches what the store keeps.
func NewDirectory(store Store) *Directory { return &Directory{store: store} }

// Province is a province that has offices.
type Province struct {
	Name    string
	Offices int
}

// Found is one page of the answer to a question.
type Found struct {
	Offices []Office
	// Total counts the offices on all pages.
	Total int
	// Page is the number of this page, from 1; Pages how many there are, 0 when
	// nothing was found.
	Page, Pages int
	// Postal tells that a postal code was asked for: the nearest come first.
	Postal bool
}

// Search finds the offices for a place or a postal code, or the beginning of one.
// A page that is not there is taken for the nearest that is.
func (d *Directory) Search(ctx context.Context, typed string, page int) (Found, error) {
	entries, _, err := d.current(ctx)
	if err != nil {
		return Found{}, err
	}
	if utf8.RuneCountInString(typed) > maxTyped {
		return Found{}, nil
	}
	all, postal := find(entries, typed)
	f := Found{Total: len(all), Pages: (len(all) + PageSize - 1) / PageSize, Postal: postal}
	f.Page = max(1, min(page, f.Pages))
	from := min((f.Page-1)*PageSize, len(all))
	for _, e := range all[from:min(from+PageSize, len(all))] {
		f.Offices = append(f.Offices, e.Office)
	}
	return f, nil
}

// Office finds an office by its code; false when the directory has none of it.
func (d *Directory) Office(ctx context.Context, code string) (Office, bool, error) {
	entries, _, err := d.current(ctx)
	if err != nil {
		return Office{}, false, err
	}
	for _, e := range entries {
		if e.Code == code {
			return e.Office, true, nil
		}
	}
	return Office{}, false, nil
}

// Provinces are those that have offices, by name. There are none before a
// directory was imported.
func (d *Directory) Provinces(ctx context.Context) ([]Province, error) {
	_, provinces, err := d.current(ctx)
	return provinces, err
}

// current is the directory as it is stored now, read again when it was replaced.
func (d *Directory) current(ctx context.Context) ([]entry, []Province, error) {
	version, err := d.store.Version(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the directory of offices: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.loaded && d.version == version {
		return d.entries, d.provinces, nil
	}
	offices, version, err := d.store.Offices(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the directory of offices: %w", err)
	}
	d.entries, d.version, d.loaded = make([]entry, len(offices)), version, true
	for i, o := range offices {
		d.entries[i] = newEntry(o)
	}
	inOrder(d.entries)
	d.provinces = provincesOf(d.entries)
	return d.entries, d.provinces, nil
}

func provincesOf(entries []entry) []Province {
	at := map[string]int{}
	var provinces []Province
	for _, e := range entries {
		i, known := at[e.province]
		if !known {
			i = len(provinces)
			at[e.province] = i
			provinces = append(provinces, Province{Name: e.Province})
		}
		provinces[i].Offices++
	}
	slices.SortFunc(provinces, func(a, b Province) int { return cmp.Compare(fold(a.Name), fold(b.Name)) })
	return provinces
}
