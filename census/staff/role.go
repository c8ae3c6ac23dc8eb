package staff

import (
	"errors"
	"slices"
)

// Role is what a member of staff works as. The zero value may do nothing.
type Role string

// The roles. Source: the registration offices and reviewers of the help pages; that
// administrators of staff do not work at desks, and that who approves is above who
// proposes, is our choice: no one person does both ends of anything.
const (
	Officer       Role = "officer"       // serves citizens at an office
	Reviewer      Role = "reviewer"      // judges video identifications
	Supervisor    Role = "supervisor"    // an officer who also approves what others propose
	Administrator Role = "administrator" // says who the staff are
)

// Roles lists the roles.
func Roles() []Role { return []Role{Officer, Reviewer, Supervisor, Administrator} }

// ErrRole says that something is no role.
var ErrRole = errors.New("no such role: officer, reviewer, supervisor or administrator")

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", ErrRole
}

// Act is something that staff do at the console.
type Act string

// The acts.
const (
	// Enter is to sign in and see the console.
	Enter Act = "enter"
	// Serve is to find, register, change and withdraw citizens at a desk.
	Serve Act = "serve"
	// Propose is to propose a revocation ex officio, or to lift one.
	Propose Act = "propose"
	// Approve is to decide on what somebody else proposed.
	Approve Act = "approve"
	// Manage is to say who the staff are.
	Manage Act = "manage"
)

// Acts lists the acts.
func Acts() []Act { return []Act{Enter, Serve, Propose, Approve, Manage} }

// rights is what each role may do. What is not in it may not be done.
var rights = map[Role][]Act{
	Officer:       {Enter, Serve, Propose},
	Reviewer:      {Enter},
	Supervisor:    {Enter, Serve, Propose, Approve},
	Administrator: {Enter, Manage},
}

// May tells whether the role has the right to the act.
func (r Role) May(a Act) bool { return slices.Contains(rights[r], a) }

// AtOffice tells whether the act is done at an office, whose name goes with it.
func (a Act) AtOffice() bool { return a == Serve || a == Propose || a == Approve }

// AtOffice tells whether the role works at offices: its members are bound to one at
// least, and choose one when they sign in.
func (r Role) AtOffice() bool { return r.May(Serve) }
