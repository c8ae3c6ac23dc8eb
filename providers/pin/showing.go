package pin

import (
	"context"
	"fmt"

	"clave/identity"
)

// Showing are the PINs that the Cl@ve app of a person shows, the last sent first, each
// as long as it can be entered: not one that was used, was voided by a lock or a change
// of phone, or has a newer one in its login. Whose app asks is for the caller to prove.
func (p *Provider) Showing(ctx context.Context, person identity.PersonID) ([]Challenge, error) {
	now := p.Now()
	showing, err := p.Challenges.Showing(ctx, person, now)
	if err != nil {
		return nil, fmt.Errorf("reading the PINs of an app: %w", err)
	}
	if len(showing) == 0 {
		return nil, nil
	}
	wrong, err := p.Tallies.Tally(ctx, wrongPINsOf(person))
	if err != nil {
		return nil, fmt.Errorf("reading the wrong PINs: %w", err)
	}
	var live []Challenge
	for _, c := range showing {
		if mayTry(c, wrong, now) == nil {
			live = append(live, c)
		}
	}
	return live, nil
}
