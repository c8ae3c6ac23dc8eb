package sandbox

import (
	"context"
	"fmt"

	"clave/audit"
	"clave/census/staff"
	"clave/identity"
)

// Post is what one of the citizens works as.
type Post struct {
	Document string
	Role     staff.Role
	Offices  []string
}

// Posts are the staff of the sandbox, one of each role.
func Posts() []Post {
	return []Post{
		{"00000003A", staff.Officer, []string{"P28001"}},
		{"00000004G", staff.Reviewer, nil},
		{"00000005M", staff.Supervisor, []string{"P28001", "P08001"}},
		{"00000006Y", staff.Administrator, nil},
	}
}

// SeedStaff gives the posts to their citizens the way an operator would, by document.
// Staff that is there already stays as it is.
func SeedStaff(ctx context.Context, members staff.Members, roster *staff.Roster, operator audit.Actor) error {
	all, err := members.Members(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	for _, p := range Posts() {
		document, err := identity.ParseDocument(p.Document)
		if err == nil {
			_, err = roster.Add(ctx, staff.By{Operator: operator}, document, p.Role, p.Offices)
		}
		if err != nil {
			return fmt.Errorf("adding the sandbox's staff: %w", err)
		}
	}
	return nil
}

// postView is a member of the staff on the home page, with the hint that logs them in.
type postView struct{ Name, Hint, Role string }

func posts() []postView {
	var views []postView
	for _, p := range Posts() {
		c, _ := citizenOf(p.Document)
		views = append(views, postView{c.GivenName + " " + c.FirstSurname, "test:" + p.Document + ":" + string(identity.Certificate), string(p.Role)})
	}
	return views
}
