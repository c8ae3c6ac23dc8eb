package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// turnWait is how long a running node may take to sign with another key.
const turnWait = time.Minute

// rotate gives the operator's command and waits until our metadata list so many
// certificates, the first of which is not the one given.
func (p *product) rotate(ctx context.Context, listed int, old string, more ...string) error {
	arguments := append([]string{"keys", "rotate", "saml", "--database", "sqlite://" + filepath.Join(p.folder, "clave.db")}, more...)
	if _, err := output(ctx, p.binary, arguments...); err != nil {
		return err
	}
	for deadline := time.Now().Add(turnWait); ; {
		us, err := p.provider(ctx)
		switch {
		case err != nil:
			return err
		case len(us.Certificates) == listed && us.Certificates[0] != old:
			return nil
		case time.Now().After(deadline):
			return errors.New("our metadata do not say that the keys were rotated")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// rollover lets us sign with the key that was the next one when the services read our
// metadata. They read them no more, and have to take it, at logins and logouts.
func rollover(ctx context.Context, clave *product, all []*visitor) result {
	r := result{peer: "rollover"}
	all = slices.DeleteFunc(slices.Clone(all), func(v *visitor) bool { return v.service == nil || v.service.metadata == "" })
	if len(all) == 0 {
		return r // there is nobody to notice
	}
	r.version = fmt.Sprintf("%d services", len(all))
	fmt.Printf("\n%s, %s\n", r.peer, r.version)
	us, err := clave.provider(ctx)
	if err == nil {
		err = clave.rotate(ctx, 1, us.Certificates[0], "--now")
	}
	if !r.note("sign with the next key", err) {
		return r
	}
	for _, v := range all {
		r.note(v.result.peer+" takes it", errors.Join(logsIn(ctx, v.world, v.service), logsOut(ctx, v.world, v.service)))
	}
	return r
}
