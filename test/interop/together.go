package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// together lets a citizen use all peers in one browser, and log out at each in turn: all
// others have to hear of it. Services of the dialect are not told, and take no part.
func together(ctx context.Context, all []*visitor) result {
	r := result{peer: "together"}
	all = slices.DeleteFunc(slices.Clone(all), func(v *visitor) bool { return v.service == nil || v.service.metadata == "" })
	if len(all) < 2 {
		return r // there is nobody to tell
	}
	r.version = fmt.Sprintf("%d services", len(all))
	fmt.Printf("\n%s, %s\n", r.peer, r.version)
	for _, leaving := range all {
		r.note("logout at "+leaving.result.peer+" reaches all others", leave(ctx, leaving, all))
	}
	return r
}

// leave logs a citizen in everywhere, the first time with a proof and then by the
// session, and out again at one.
func leave(ctx context.Context, leaving *visitor, all []*visitor) error {
	c, err := leaving.world.clave.citizen(ctx, carmen)
	if err != nil {
		return err
	}
	b, err := newBrowser(leaving.world.clave, "test:"+carmen+":pin")
	if err != nil {
		return err
	}
	defer func() { _ = leaving.world.keep(b) }() // only for who looks for a mistake
	for _, v := range all {
		p, err := b.open(ctx, v.service.home)
		if err == nil {
			err = v.service.shows(p, c)
		}
		if err != nil {
			return fmt.Errorf("logging in at %s: %w", v.result.peer, err)
		}
		b.hint = "" // from here the session has to do
	}
	out, err := b.open(ctx, leaving.service.logout)
	if err != nil {
		return err
	}
	for _, v := range all {
		p, err := b.open(ctx, v.service.home)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(p.at.String(), v.world.clave.issuer+"/login/") {
			return fmt.Errorf("%s did not hear of it: %s\nthe logout ended so: %s", v.result.peer, p.says(), out.says())
		}
	}
	return nil
}
