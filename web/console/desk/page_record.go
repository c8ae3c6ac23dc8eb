package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"clave/census"
	"clave/census/desk"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/staff"
	"clave/identity"
	"clave/web/console"
	"clave/web/route"
)

// recordPage is what is held about a citizen, and what can be done.
type recordPage struct {
	console.Head
	Path string // of the case
	Ends time.Time
	// What the reference data say, to be compared with the document shown.
	Name, Document, Birth, Support, Issued, Valid string
	Kind                                          identity.DocumentKind
	Minor, AgeUnknown                             bool
	// The registration; phone and e-mail masked.
	State        identity.State
	Level        identity.Registration
	Channel      identity.Channel
	Phone, Email string
	Acts         []act
	// Proposed is what can be proposed: revoked or lifted; empty for neither.
	Proposed registrar.Change
	// Running is where the procedure of this case stands, and Over that it is done.
	Running string
	Over    bool
	history
}

// act is something that the officer can do now.
type act struct {
	Name   registration.Name
	Change registrar.Change
}

func acts() []act {
	var all []act
	for _, p := range registration.AtDesk() {
		all = append(all, act{p.Name, p.Change})
	}
	return all
}

func (p *Pages) showRecord(w http.ResponseWriter, r *http.Request, c desk.Case) {
	if !c.Open(p.Now()) {
		p.afterwards(w, r, c)
		return
	}
	held, err := p.Register.Candidate(r.Context(), c.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if held.PersonID != "" && held.PersonID == c.Officer {
		p.showStopped(w, r, http.StatusForbidden, stoppedPage{Cause: "own_record", Back: Path})
		return
	}
	data := p.held(c, held)
	if running, err := p.Procedures.Open(r.Context(), handle(c)); err == nil {
		data.Running, data.Over = pathOf(c, running.At()), running.At() == registration.StepDone
	}
	if data.Acts, data.Proposed, err = p.possible(r, held); err != nil {
		p.fail(w, r, err)
		return
	}
	if data.history, err = p.past(r, c, held.PersonID); err != nil {
		p.fail(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, p.record, func(h console.Head) any { data.Head = h; return data })
}

// afterwards leads to what was begun while the case was open, and to a new look-up
// where nothing was.
func (p *Pages) afterwards(w http.ResponseWriter, r *http.Request, c desk.Case) {
	running, err := p.Procedures.Open(r.Context(), handle(c))
	switch {
	case err == nil:
		route.SeeOther(w, pathOf(c, running.At()))
	case errors.Is(err, registration.ErrNone):
		route.SeeOther(w, Path+"?gone=1")
	default:
		p.fail(w, r, err)
	}
}

func (p *Pages) held(c desk.Case, held census.Candidate) recordPage {
	who, ref := held.Reference.Person, held.Reference
	data := recordPage{
		Path: casePath + c.ID, Ends: c.Ends(), Name: who.GivenName + " " + who.FamilyName(), Document: who.Document.Reveal(), // the officer compares it
		Kind: who.Kind, Birth: printed(who.BirthDate), Support: ref.SupportNumber, Issued: printed(ref.IssueDate), Valid: printed(ref.ValidityDate),
		State: held.State, Level: held.Registration, Channel: held.Channel,
	}
	if held.State == identity.Registered || held.State == identity.PhoneRevoked {
		data.Phone, data.Email = held.Phone.String(), held.Email.String()
	}
	data.Minor, data.AgeUnknown = registration.Minority(who.BirthDate, identity.DateOf(p.Now().UTC()))
	return data
}

// printed is a date as documents have it, whatever the language of the page.
func printed(d identity.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, d.Month, d.Year)
}

// possible is what can be done now at the desk, and what can be proposed.
func (p *Pages) possible(r *http.Request, held census.Candidate) (can []act, proposed registrar.Change, err error) {
	if held.Deceased {
		return nil, "", nil
	}
	wanted := []registrar.Change{registrar.Revoked, registrar.Lifted}
	for _, a := range acts() {
		wanted = append(wanted, a.Change)
	}
	possible := []registrar.Change{registrar.Registered, registrar.Revoked} // of who never had to do with us
	if held.PersonID != "" {
		if _, possible, err = p.Registrar.Possible(r.Context(), held.PersonID, by(r), wanted...); err != nil {
			return nil, "", err
		}
	}
	for _, a := range acts() {
		if slices.Contains(possible, a.Change) {
			can = append(can, a)
		}
	}
	for _, change := range wanted[:2] {
		if slices.Contains(possible, change) && staff.From(r.Context()).Member.May(staff.Propose) {
			proposed = change
		}
	}
	return can, proposed, nil
}

// historyLines is how many lines a page shows.
const historyLines = 10

// history is a page of what happened to a registration, the newest first.
type history struct {
	Lines           []line
	From, To, Total int
	Newer, Older    string // addresses; empty for none
}

// line is one thing that happened.
type line struct {
	Change  registrar.Change
	At      time.Time
	State   identity.State
	Level   identity.Registration
	Phone   string // after it, masked
	Officer string // who did it at a desk; empty for others
	Office  string
	// Proposer proposed what the officer approved, for the Reason.
	Proposer string
	Reason   proposal.Reason
	Seen     identity.DocumentKind
	// Guardian who came along, and how they showed to be that.
	Guardian string
	Proof    registrar.GuardianProof
}

func (p *Pages) past(r *http.Request, c desk.Case, person identity.PersonID) (history, error) {
	if person == "" {
		return history{}, nil
	}
	all, err := p.Registrar.History(r.Context(), person)
	if err != nil {
		return history{}, err
	}
	slices.Reverse(all)
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	number = max(1, min(number, (len(all)+historyLines-1)/historyLines))
	from := (number - 1) * historyLines
	to := min(from+historyLines, len(all))
	h := history{From: from + 1, To: to, Total: len(all)}
	if number > 1 {
		h.Newer = casePath + c.ID + "?page=" + strconv.Itoa(number-1)
	}
	if to < len(all) {
		h.Older = casePath + c.ID + "?page=" + strconv.Itoa(number+1)
	}
	for _, record := range all[from:to] {
		l, err := p.line(r.Context(), record)
		if err != nil {
			return history{}, err
		}
		h.Lines = append(h.Lines, l)
	}
	return h, nil
}

func (p *Pages) line(ctx context.Context, record registrar.Record) (l line, err error) {
	l = line{
		Change: record.Change, At: record.At, State: record.State, Level: record.Level, Phone: record.Phone.String(),
		Seen: record.By.Seen.Document, Proof: record.By.Seen.Proof,
	}
	if !record.By.Seen.Guardian.IsZero() {
		l.Guardian = record.By.Seen.Guardian.String()
	}
	why := proposal.Reason(record.By.Reason)
	if slices.Contains(proposal.Reasons(registrar.Revoked), why) || slices.Contains(proposal.Reasons(registrar.Lifted), why) {
		l.Reason = why
	}
	if record.By.Officer == "" {
		return l, nil
	}
	if l.Officer, err = p.Console.MemberName(ctx, record.By.Officer); err != nil {
		return l, err
	}
	if l.Proposer, err = p.Console.MemberName(ctx, record.By.Proposer); err != nil {
		return l, err
	}
	l.Office, err = p.Console.OfficeName(ctx, record.By.Office)
	return l, err
}
