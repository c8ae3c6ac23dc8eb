package registrar

import (
	"cmp"
	"context"
	"fmt"

	"clave/identity"
)

// Possible tells which of the changes somebody may ask for now, in the order in which
// they are named, and how the registration stands: for a page that offers them. A
// reason that is asked for later is not missed. ErrNoPerson.
func (r *Registrar) Possible(ctx context.Context, person identity.PersonID, by By, changes ...Change) (e Entry, possible []Change, err error) {
	by.Reason = cmp.Or(by.Reason, "given later")
	if e, err = r.Store.Entry(ctx, person); err != nil {
		return Entry{}, nil, fmt.Errorf("reading the entry of person %s: %w", person, err)
	}
	for _, c := range changes {
		if allowed(e, c, by) == nil {
			possible = append(possible, c)
		}
	}
	return e, possible, nil
}
