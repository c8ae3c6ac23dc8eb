package permanente

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"clave/broker"
	"clave/web/page"
)

// tell tells whether a page is to say, before the login goes on, that the password ends
// soon. That it could not be noted is no reason to keep the citizen.
func (p *Provider) tell(ctx context.Context, l *broker.Login, a Account) bool {
	if l.Row.Reason != "" || !a.tells(p.Now()) {
		return false
	}
	told, err := p.Tell(ctx, a)
	if err != nil {
		p.Log.WarnContext(ctx, "end of a password not told", "login_id", string(l.Request.ID), "error", err.Error())
	}
	return told
}

// Tell notes that a page tells the citizen of an account that the password ends soon. It
// is false when that was done in the last day, or the password is another one by now.
func (p *Provider) Tell(ctx context.Context, a Account) (told bool, err error) {
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		held, err := p.Accounts.Account(ctx, a.Person)
		if err != nil {
			return fmt.Errorf("holding a password: %w", err)
		}
		now := p.clock()
		if told = held.Person == a.Person && held.tells(now); !told {
			return nil
		}
		held.ToldAt = now
		if err := p.Accounts.KeepAccount(ctx, held); err != nil {
			return fmt.Errorf("noting what was told of a password: %w", err)
		}
		return nil
	})
	return told && err == nil, err
}

// expiringPage tells that the password ends soon.
type expiringPage struct {
	page.WayBack
	Until  time.Time
	Change string
}

// showExpiring is a page of who has just logged in; it blocks nothing.
func (p *Provider) showExpiring(w http.ResponseWriter, r *http.Request) {
	a, err := p.Settings(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.Pages.Render(w, r, http.StatusOK, p.pages.expiring, expiringPage{page.WayBackOf(r), a.Expires(), changePath})
}
