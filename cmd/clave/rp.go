package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"clave/audit"
	"clave/broker/registry"
	"clave/keys"
	"clave/store"
)

// rpCommand is `clave rp`.
type rpCommand struct {
	Apply   rpApplyCommand   `cmd:"" help:"Register the relying parties of YAML files, or change them."`
	List    rpListCommand    `cmd:"" help:"List the relying parties."`
	Show    rpShowCommand    `cmd:"" help:"Show relying parties as YAML that can be applied again."`
	Remove  rpRemoveCommand  `cmd:"" help:"Remove a relying party; its citizens cannot log in there any more."`
	Refresh rpRefreshCommand `cmd:"" help:"Fetch the metadata of SAML services now, and tell what is wrong with them."`
}

// readParties reads files of relying parties. Certificates and metadata that
// they name stand beside them.
func readParties(names []string, rules registry.Rules) ([]*registry.File, error) {
	var files []*registry.File
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading relying parties: %w", err)
		}
		rules.ReadFile = func(other string) ([]byte, error) {
			if !filepath.IsAbs(other) {
				other = filepath.Join(filepath.Dir(name), other)
			}
			return os.ReadFile(other)
		}
		files = append(files, registry.Read(name, data, rules))
	}
	return files, nil
}

// changeParties makes the change that prepare finds, together with its audit
// events, and the signing keys that it needs before anybody asks for them. It
// prepares again when somebody else was quicker.
func (a *access) changeParties(ctx context.Context, prepare func(registry.Register) (registry.Change, error)) (registry.Change, int64, error) {
	kept := a.db.Registrations()
	for {
		current, err := kept.Register(ctx)
		if err != nil {
			return registry.Change{}, 0, fmt.Errorf("reading the relying parties: %w", err)
		}
		change, err := prepare(current)
		if err != nil || change.Empty() {
			return change, current.Revision, err
		}
		if err := a.keys.OIDC().Ensure(ctx, registry.NewSnapshot(0, change.Put).Algorithms()...); err != nil {
			return change, 0, fmt.Errorf("making signing keys for relying parties: %w", err)
		}
		var revision int64
		err = a.db.Tx(ctx, func(ctx context.Context) error {
			if revision, err = kept.Change(ctx, change); err != nil {
				return err
			}
			return a.recordParties(ctx, current, change)
		})
		if !errors.Is(err, registry.ErrChanged) {
			return change, revision, err
		}
	}
}

func (a *access) recordParties(ctx context.Context, before registry.Register, change registry.Change) error {
	had := registry.NewSnapshot(0, before.Parties)
	for _, p := range change.Put {
		did := "added"
		if _, known := had.Party(p.ID); known {
			did = "changed"
		}
		if err := a.record(ctx, audit.Event{RelyingParty: p.ID, Data: audit.RelyingPartyChanged{Change: did}}); err != nil {
			return err
		}
	}
	for _, id := range change.Remove {
		if err := a.record(ctx, audit.Event{RelyingParty: id, Data: audit.RelyingPartyChanged{Change: "removed"}}); err != nil {
			return err
		}
	}
	return nil
}

// kept tells whether a key signs or did.
func (a *access) kept(use keys.Use, id string) bool {
	r := find(a.keys.Records(), func(r keys.Record) bool { return r.ID == id })
	return r.Use == use && r.State != keys.Next
}

// rules are those of the installation: lax in a sandbox, strict everywhere else.
func (a *access) rules(ctx context.Context) (registry.Rules, error) {
	kind, err := a.db.Kind(ctx)
	return registry.Rules{Sandbox: kind == store.Sandbox, Now: a.now(), Kept: a.kept}, err
}
