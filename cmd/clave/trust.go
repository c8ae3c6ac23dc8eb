package main

import (
	"context"
	"crypto/x509"
	"os"
	"os/signal"
	"syscall"
	"time"

	"clave/conf"
	"clave/providers/certificate/trust"
	"clave/providers/certificate/trustedlist"
	"clave/store"
)

const (
	// reloadEvery is how often a node looks whether files or the stored list were
	// changed. Our choice: as for its own certificates.
	reloadEvery = time.Minute
	// listPatience is how long the start waits for a list that nobody has stored yet.
	// Our choice: without one, citizens with certificates are refused, and the others
	// should not wait for them.
	listPatience = 15 * time.Second
)

// addTrust keeps the authorities of the method certificate fresh, where they may
// change.
func (in *installation) addTrust(ctx context.Context) {
	if in.Certificates == nil || in.Certificates.Live == nil {
		return
	}
	t := &trusted{installation: in, live: in.Certificates.Live}
	if in.Certificates.List.Address != "" {
		t.keeper = newKeeper(in.db, in.Certificates.List, in.settings)
		t.keeper.Metrics = trustedlist.NewMetrics(in.Metrics.Registerer())
		t.keeper.Apply = func(granted, withdrawn []*x509.Certificate) {
			t.live.List(trust.Listed{Trusted: granted, Withdrawn: withdrawn})
		}
		ctx, cancel := context.WithTimeout(ctx, listPatience)
		defer cancel()
		t.keeper.Open(ctx)
	}
	in.jobs = append(in.jobs, t.run)
}

// newKeeper makes the keeper of a list. Who it tells of it is the caller's to say.
func newKeeper(db *store.DB, l conf.TrustedList, s settings) *trustedlist.Keeper {
	return trustedlist.NewKeeper(trustedlist.Settings{
		Address: l.Address, Territory: l.Territory, Signers: l.Certificates, Refresh: l.Refresh, Grace: l.Grace,
		Copies: store.NewTrustedLists(db), Apply: func(_, _ []*x509.Certificate) {}, Log: s.Log, Now: s.Now,
	})
}

// trusted follows files and list.
type trusted struct {
	*installation
	live   *trust.Live
	keeper *trustedlist.Keeper // nil without a list
}

// run looks each minute, and at once at a SIGHUP, as operators are used to.
func (t *trusted) run(ctx context.Context) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	ticks := time.NewTicker(reloadEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			t.Log.InfoContext(ctx, "looking for changed authorities")
		case <-ticks.C:
		}
		t.look(ctx)
	}
}

func (t *trusted) look(ctx context.Context) {
	changed, err := t.live.Reload(t.Now())
	switch {
	case err != nil:
		t.Log.WarnContext(ctx, "authorities not read again, the former ones stay", "error", err.Error())
	case changed:
		t.Log.InfoContext(ctx, "authorities read again")
	}
	if t.keeper != nil {
		t.keeper.Look(ctx)
	}
}
