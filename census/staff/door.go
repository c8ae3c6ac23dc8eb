package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/audit"
	"clave/identity"
	"clave/internal/onetime"
)

// ErrNoSession: the browser has no session at the console, or it is over.
var ErrNoSession = errors.New("no session at the console")

// Door opens and ends sessions at the console. Every field is required.
type Door struct {
	Tx       Transactor
	Members  Members
	Sessions Sessions
	Trail    audit.Trail
	Now      func() time.Time
}

// seenEvery is how often the use of a session is noted. Our choice: the quarter of
// an hour that one lasts unused need not be counted by the second.
const seenEvery = time.Minute

// SignIn begins a session for who proved in that login to be the person, and gives
// the token for the browser: none for who is no member, which the audit trail tells.
// It joins the transaction in ctx.
func (d *Door) SignIn(ctx context.Context, person identity.PersonID, login string, training bool) (token string, err error) {
	now := d.Now()
	m, err := d.Members.Member(ctx, person)
	if err != nil && !errors.Is(err, ErrNotMember) {
		return "", fmt.Errorf("reading a member: %w", err)
	}
	if !m.Serving(now) {
		return "", d.Trail.Record(ctx, audit.Event{
			Actor: audit.Citizen, Person: person, Login: login, Data: audit.StaffRefused{Reason: "not_member"},
		})
	}
	token = onetime.NewToken()
	s := Session{
		ID: onetime.NewID(), TokenHash: onetime.Hash(token), Person: person, Office: m.office(), Login: login, Training: training, Started: now, Seen: now,
	}
	if err := d.Sessions.AddSession(ctx, s); err != nil {
		return "", fmt.Errorf("adding a session at the console: %w", err)
	}
	return token, d.record(ctx, Signed{m, s}, audit.StaffSignedIn{Session: s.ID, Role: string(m.Role), Training: training})
}

// Admit tells who is at work with the browser's token, and notes it as use of the
// session once a minute. ErrNoSession when nobody is: the session is over, or the
// membership.
func (d *Door) Admit(ctx context.Context, token string) (*Signed, error) {
	if token == "" {
		return nil, ErrNoSession
	}
	signed, err := d.Sessions.Signed(ctx, onetime.Hash(token))
	if err != nil {
		return nil, fmt.Errorf("reading a session at the console: %w", err)
	}
	now := d.Now()
	if !signed.Session.Live(now) || !signed.Member.Serving(now) {
		return nil, ErrNoSession
	}
	if signed.Session.Office != "" && !signed.Member.At(signed.Session.Office) {
		signed.Session.Office = ""
	}
	if now.Sub(signed.Session.Seen) >= seenEvery {
		if err := d.use(ctx, &signed, signed.Session.Office); err != nil {
			return nil, err
		}
	}
	return &signed, nil
}

// Refuse notes that a member tried what the role does not allow.
func (d *Door) Refuse(ctx context.Context, signed *Signed, act Act) error {
	return d.Tx.Tx(ctx, func(ctx context.Context) error {
		return d.record(ctx, *signed, audit.StaffRefused{Reason: "role", Act: string(act), Session: signed.Session.ID})
	})
}

// Choose says where the member acts from now on. ErrOffice for an office that is not
// theirs.
func (d *Door) Choose(ctx context.Context, signed *Signed, office string) error {
	if !signed.Member.At(office) {
		return ErrOffice
	}
	return d.Tx.Tx(ctx, func(ctx context.Context) error {
		if err := d.use(ctx, signed, office); err != nil {
			return err
		}
		return d.record(ctx, *signed, audit.StaffMoved{Session: signed.Session.ID, Office: office})
	})
}

// Stay keeps the session open because the member asked for it.
func (d *Door) Stay(ctx context.Context, signed *Signed) error {
	return d.use(ctx, signed, signed.Session.Office)
}

func (d *Door) use(ctx context.Context, signed *Signed, office string) error {
	now := d.Now()
	if err := d.Sessions.UseSession(ctx, signed.Session.ID, office, now); err != nil {
		return fmt.Errorf("noting the use of a session at the console: %w", err)
	}
	signed.Session.Office, signed.Session.Seen = office, now
	return nil
}

// Leave ends the session of the browser's token, if it has one.
func (d *Door) Leave(ctx context.Context, token, why string) error {
	if token == "" {
		return nil
	}
	return d.Tx.Tx(ctx, func(ctx context.Context) error {
		signed, err := d.Sessions.Signed(ctx, onetime.Hash(token))
		if errors.Is(err, ErrNoSession) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading a session at the console: %w", err)
		}
		if !signed.Session.Live(d.Now()) {
			return nil
		}
		ended, err := d.Sessions.EndSession(ctx, signed.Session.ID, d.Now())
		if err != nil {
			return fmt.Errorf("ending a session at the console: %w", err)
		}
		if !ended {
			return nil
		}
		return d.record(ctx, signed, audit.StaffSignedOut{Session: signed.Session.ID, Reason: why})
	})
}

func (d *Door) record(ctx context.Context, signed Signed, fact audit.Data) error {
	err := d.Trail.Record(ctx, audit.Event{
		Actor: audit.Officer(string(signed.Member.Person)), Person: signed.Member.Person, Login: signed.Session.Login, Data: fact,
	})
	if err != nil {
		return fmt.Errorf("recording at the console: %w", err)
	}
	return nil
}
