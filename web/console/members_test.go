package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"clave/census/staff"
	"clave/identity"
)

// roll is who belongs to the staff; what is asked of it fails as told.
type roll struct {
	err  error
	done []string
	more int // officers, beside those whom tests name
}

func (r *roll) Members(context.Context) ([]staff.Member, error) {
	former := member(staff.Supervisor, "O1").Member
	former.Person, former.Name, former.Until = "P3", "Former Prueba", noon
	other := member(staff.Officer, "O1").Member
	other.Person, other.Name = "P2", "Zoe Prueba"
	all := []staff.Member{former, other, member(staff.Administrator).Member}
	for i := range r.more {
		another := member(staff.Officer, "O1").Member
		another.Person, another.Name = identity.PersonID(fmt.Sprintf("M%d", i)), fmt.Sprintf("Member %03d Prueba", i)
		all = append(all, another)
	}
	return all, nil
}

func (r *roll) Member(ctx context.Context, person identity.PersonID) (staff.Member, error) {
	all, err := r.Members(ctx)
	if i := slices.IndexFunc(all, func(m staff.Member) bool { return m.Person == person }); i >= 0 {
		return all[i], err
	}
	return staff.Member{}, staff.ErrNotMember
}

func (r *roll) note(by staff.By, what string) error {
	r.done = append(r.done, string(by.Member.Person)+" "+what)
	return r.err
}

func (r *roll) Add(_ context.Context, by staff.By, document identity.DocumentID, role staff.Role, offices []string) (staff.Member, error) {
	return staff.Member{}, r.note(by, "adds "+document.Reveal()+" as "+string(role)+" at "+strings.Join(offices, "+"))
}

func (r *roll) Change(_ context.Context, by staff.By, person identity.PersonID, role staff.Role, offices []string) error {
	return r.note(by, "makes "+string(person)+" "+string(role)+" at "+strings.Join(offices, "+"))
}

func (r *roll) Remove(_ context.Context, by staff.By, person identity.PersonID) error {
	return r.note(by, "removes "+string(person))
}

func TestAdministratorsSeeTheStaff(t *testing.T) {
	t.Parallel()
	h := serving(t, &porter{signed: member(staff.Administrator)})
	list := send(h, http.MethodGet, "/staff/members?done=added", own, "", nil).Body.String()
	for _, want := range []string{"Olga Prueba", "Zoe Prueba", "Former Prueba", "/staff/members/P2/change"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Contains(list, "/staff/members/P1/change") {
		t.Error("the list offers to change oneself")
	}
	if one := send(h, http.MethodGet, "/staff/members/P2/change", own, "", nil); one.Code != http.StatusOK || !strings.Contains(one.Body.String(), "Zoe Prueba") {
		t.Errorf("got %d", one.Code)
	}
	if none := send(h, http.MethodGet, "/staff/members/P9/change", own, "", nil); none.Code != http.StatusNotFound {
		t.Errorf("got %d for nobody", none.Code)
	}
}

func TestTheStaffIsListedByPages(t *testing.T) {
	t.Parallel()
	p := &porter{signed: member(staff.Administrator)}
	p.roll.more = 98 // and three
	h := serving(t, p)
	for _, test := range []struct {
		name, query string
		has, lacks  []string
	}{
		{"the first", "", []string{"Member 000", "Member 049", "?page=2"}, []string{"Member 050", "?page=0", "?page=1"}},
		{"the second", "?page=2", []string{"Member 050", "Member 097", "Olga Prueba", "Zoe Prueba", "?page=1", "?page=3"}, []string{"Member 049", "Former"}},
		{"the last, with who served once", "?page=3", []string{"Former Prueba", "?page=2"}, []string{"Zoe", "?page=4"}},
		{"one that is too far", "?page=999999999999999999999", []string{"Former Prueba"}, nil},
		{"one before the first", "?page=-3", []string{"Member 000"}, nil},
		{"no number", "?page=x", []string{"Member 000"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := send(h, http.MethodGet, "/staff/members"+test.query, own, "", nil).Body.String()
			_, list, _ = strings.Cut(list, "<main")
			list, _, _ = strings.Cut(list, "</main")
			for _, want := range test.has {
				if !strings.Contains(list, want) {
					t.Errorf("lacks %q", want)
				}
			}
			for _, other := range test.lacks {
				if strings.Contains(list, other) {
					t.Errorf("has %q", other)
				}
			}
		})
	}
}

func TestFormsAboutMembers(t *testing.T) {
	t.Parallel()
	const add, change, remove = "/staff/members/add", "/staff/members/P2/change", "/staff/members/P2/remove"
	form := func(document, role, offices string) url.Values {
		return url.Values{"document": {document}, "role": {role}, "offices": {offices}}
	}
	for _, c := range []struct {
		name, address string
		form          url.Values
		err           error
		status        int
		done          string
	}{
		{"a new officer", add, form("12.345.678-z", "officer", " O1, O1\tO1"), nil, 303, "P1 adds 12345678Z as officer at O1"},
		{"a new administrator", add, form("12345678Z", "administrator", ""), nil, 303, "P1 adds 12345678Z as administrator at "},
		{"no document", add, form("", "administrator", ""), nil, 422, ""},
		{"no role", add, form("12345678Z", "", ""), nil, 422, ""},
		{"a role that is none", add, form("12345678Z", "root", ""), nil, 422, ""},
		{"an officer of no office", add, form("12345678Z", "officer", ""), nil, 422, ""},
		{"an office that is none", add, form("12345678Z", "officer", "O1 O2"), nil, 422, ""},
		{"nobody is known", add, form("12345678Z", "reviewer", ""), staff.ErrUnknown, 422, "P1 adds 12345678Z as reviewer at "},
		{"a member already", add, form("12345678Z", "reviewer", ""), staff.ErrMember, 422, "P1 adds 12345678Z as reviewer at "},
		{"another role", change, form("", "supervisor", "O1"), nil, 303, "P1 makes P2 supervisor at O1"},
		{"an office that is none for a member", change, form("", "supervisor", "O2"), nil, 422, ""},
		{"the last administrator", change, form("", "reviewer", ""), staff.ErrLastAdministrator, 409, "P1 makes P2 reviewer at "},
		{"the end", remove, nil, nil, 303, "P1 removes P2"},
		{"the end of the last administrator", remove, nil, staff.ErrLastAdministrator, 409, "P1 removes P2"},
		{"no database", remove, nil, errors.New("no database"), 500, "P1 removes P2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &porter{signed: member(staff.Administrator)}
			p.roll.err = c.err
			w := send(serving(t, p), http.MethodPost, c.address, own, "same-origin", c.form)
			if got := strings.Join(p.roll.done, "; "); w.Code != c.status || got != c.done {
				t.Errorf("got %d, %q; want %d, %q", w.Code, got, c.status, c.done)
			}
		})
	}
}
