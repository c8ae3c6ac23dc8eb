package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clave/audit"
	"clave/identity"
)

// Roster says who belongs to the staff. Every field is required.
type Roster struct {
	Tx       Transactor
	People   People
	Members  Members
	Sessions Sessions
	Trail    audit.Trail
	Now      func() time.Time
}

// Add makes the holder of a document a member, anew when they were one before. It
// answers one of the errors of this package when that is not possible.
func (r *Roster) Add(ctx context.Context, by By, document identity.DocumentID, role Role, offices []string) (Member, error) {
	var m Member
	err := r.Tx.Tx(ctx, func(ctx context.Context) error {
		person, who, state, err := r.People.Recognise(ctx, document)
		if err != nil {
			return err
		}
		if state == identity.Deceased || state == identity.Revoked {
			return ErrBarred
		}
		m = Member{Person: person, Name: strings.TrimSpace(who.GivenName + " " + who.FamilyName()), Role: role, Offices: offices, Since: r.Now()}
		return r.change(ctx, by, person, func(_ []Member, old Member) (Member, audit.Data, error) {
			if old.Serving(r.Now()) {
				return Member{}, nil, ErrMember
			}
			return m, audit.StaffAdded{Role: string(role), Offices: offices}, nil
		})
	})
	return m, err
}

// Change gives a member another role and other offices, and ends their sessions:
// what the console lets them do is read when they sign in again.
func (r *Roster) Change(ctx context.Context, by By, person identity.PersonID, role Role, offices []string) error {
	return r.change(ctx, by, person, func(all []Member, old Member) (Member, audit.Data, error) {
		if !old.Serving(r.Now()) {
			return Member{}, nil, ErrNotMember
		}
		if old.Role == Administrator && role != Administrator && lastAdministrator(all, person, r.Now()) {
			return Member{}, nil, ErrLastAdministrator
		}
		m := old
		m.Role, m.Offices = role, offices
		return m, audit.StaffChanged{Was: string(old.Role), Role: string(role), Offices: offices}, nil
	})
}

// Remove ends a membership and its sessions at once. The name stays for what the
// member did.
func (r *Roster) Remove(ctx context.Context, by By, person identity.PersonID) error {
	return r.change(ctx, by, person, func(all []Member, old Member) (Member, audit.Data, error) {
		if !old.Serving(r.Now()) {
			return Member{}, nil, ErrNotMember
		}
		if old.Role == Administrator && lastAdministrator(all, person, r.Now()) {
			return Member{}, nil, ErrLastAdministrator
		}
		m := old
		m.Until = r.Now()
		return m, audit.StaffRemoved{Role: string(old.Role)}, nil
	})
}

// change decides on what is there now, while it holds it.
func (r *Roster) change(ctx context.Context, by By, person identity.PersonID, decide func(all []Member, old Member) (Member, audit.Data, error)) error {
	err := r.Tx.Tx(ctx, func(ctx context.Context) error {
		all, err := r.Members.Members(ctx)
		if err != nil {
			return err
		}
		if by.Member, err = still(by, all); err != nil {
			return err
		}
		if err := by.may(person, r.Now()); err != nil {
			return err
		}
		var old Member
		if i := slices.IndexFunc(all, func(m Member) bool { return m.Person == person }); i >= 0 {
			old = all[i]
		}
		m, fact, err := decide(all, old)
		if err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return err
		}
		if err := r.Members.SaveMember(ctx, m); err != nil {
			return err
		}
		if err := r.Sessions.EndSessions(ctx, person, r.Now()); err != nil {
			return err
		}
		return r.Trail.Record(ctx, audit.Event{Actor: by.actor(), Person: person, Data: fact})
	})
	if err != nil {
		return fmt.Errorf("changing the staff: %w", err)
	}
	return nil
}

// still is the member who asks as they are now: a page may be older than its
// reader's dismissal.
func still(by By, all []Member) (Member, error) {
	if by.Operator != "" {
		return Member{}, nil
	}
	i := slices.IndexFunc(all, func(m Member) bool { return m.Person == by.Member.Person })
	if i < 0 {
		return Member{}, ErrRight
	}
	return all[i], nil
}

func (b By) actor() audit.Actor {
	if b.Operator != "" {
		return b.Operator
	}
	return audit.Officer(string(b.Member.Person))
}

// Denial is the error of this package that err is, or nil: then it is an operator's
// matter.
func Denial(err error) error {
	for _, why := range []error{ErrNotMember, ErrMember, ErrOffice, ErrUnknown, ErrBarred, ErrSelf, ErrRight, ErrLastAdministrator, ErrRole} {
		if errors.Is(err, why) {
			return why
		}
	}
	return nil
}
