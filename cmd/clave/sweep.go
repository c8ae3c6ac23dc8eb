package main

import (
	"context"
	"errors"
	"time"

	"clave/audit"
)

// sweepEvery is how often what has expired is deleted.
const sweepEvery = 5 * time.Minute

type sweeper interface {
	Sweep(ctx context.Context, now time.Time) error
}

// sweep adds table groups to those that are swept.
func (in *installation) sweep(s ...sweeper) { in.swept = append(in.swept, s...) }

// sweeping deletes what has expired, one table group after the other.
func (in *installation) sweeping(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		for _, s := range in.swept {
			if err := s.Sweep(ctx, in.Now()); err != nil && !errors.Is(err, context.Canceled) {
				in.Log.Error("expired rows not swept", "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pruneEvery is how often audit events whose time is over are deleted.
const pruneEvery = 24 * time.Hour

// pruning deletes the audit events whose time is over. Every node may do it: who
// comes second finds nothing left.
func (in *installation) pruning(ctx context.Context) {
	if in.AuditKeep == 0 {
		return
	}
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		dropped, err := audit.Prune(ctx, in.db.Audit(), in.trail, in.Now().Add(-in.AuditKeep))
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			in.Log.Error("audit trail not pruned", "error", err.Error())
		case dropped > 0:
			in.Log.Info("audit trail pruned", "batches", dropped)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
