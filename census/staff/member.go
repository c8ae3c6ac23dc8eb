package staff

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"clave/audit"
	"clave/identity"
)

// Member is somebody of the staff. It prints masked.
type Member struct {
	Person identity.PersonID
	// Name is how the console and receipts name the member.
	Name string
	Role Role
	// Offices are the codes of the offices where the member may act; see census/office.
	Offices []string
	// Since is when the membership began, and Until when it ended; zero while it lasts.
	Since, Until time.Time
}

// Serving tells whether the membership lasts.
func (m Member) Serving(now time.Time) bool {
	return m.Person != "" && !now.Before(m.Since) && (m.Until.IsZero() || now.Before(m.Until))
}

// May tells whether the member has the right to the act.
func (m Member) May(a Act) bool { return m.Role.May(a) }

// At tells whether the member may act at the office.
func (m Member) At(office string) bool { return office != "" && slices.Contains(m.Offices, office) }

// office is where a member acts who has no choice; empty when there is one, or none.
func (m Member) office() string {
	if len(m.Offices) == 1 {
		return m.Offices[0]
	}
	return ""
}

// String tells id and role.
func (m Member) String() string { return "member " + string(m.Person) + ", " + string(m.Role) }

// Format writes what String gives, whatever the verb.
func (m Member) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// LogValue gives logs what String gives.
func (m Member) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Why a membership is not changed. The list is closed; nothing is changed. Any other
// error is an operator's matter.
var (
	// ErrNotMember: the person does not belong to the staff, or no longer.
	ErrNotMember = errors.New("not a member of the staff")
	// ErrMember: the person belongs to the staff already.
	ErrMember = errors.New("a member of the staff already")
	// ErrOffice: the role works at offices, and none is named.
	ErrOffice = errors.New("this role works at an office: name one at least")
	// ErrUnknown: neither the reference data nor a certificate ever said who holds
	// the document.
	ErrUnknown = errors.New("nobody is known by this document")
	// ErrBarred: no login of the person would be let in.
	ErrBarred = errors.New("the person is deceased, or revoked ex officio")
	// ErrSelf: a member changes their own membership.
	ErrSelf = errors.New("nobody changes their own membership")
	// ErrRight: who asks has not the right to.
	ErrRight = errors.New("the role does not allow this")
	// ErrLastAdministrator: without this administrator there would be none.
	ErrLastAdministrator = errors.New("the last administrator stays")
)

// check tells whether a membership can be as it is said to be.
func (m Member) check() error {
	switch {
	case m.Person == "" || m.Name == "":
		return ErrUnknown
	case !slices.Contains(Roles(), m.Role):
		return ErrRole
	case m.Role.AtOffice() && len(m.Offices) == 0:
		return ErrOffice
	}
	return nil
}

// By is who changes the staff: an administrator, or, with Operator, whoever runs
// commands on the machine. The zero value may change nothing.
type By struct {
	Member   Member
	Operator audit.Actor
}

// may tells whether who asks may change the membership of a person.
func (b By) may(person identity.PersonID, now time.Time) error {
	switch {
	case b.Operator != "":
		return nil
	case !b.Member.Serving(now) || !b.Member.May(Manage):
		return ErrRight
	case b.Member.Person == person:
		return ErrSelf
	}
	return nil
}

// lastAdministrator tells whether nobody but this person administers the staff.
func lastAdministrator(all []Member, person identity.PersonID, now time.Time) bool {
	for _, m := range all {
		if m.Role == Administrator && m.Serving(now) && m.Person != person {
			return false
		}
	}
	return true
}
