package main

import (
	"context"
	"log/slog"

	"clave/audit"
	"clave/census/desk"
	"clave/census/proposal"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/keys"
	"clave/store"
	"clave/web/console"
	deskpages "clave/web/console/desk"
	"clave/web/console/proposals"
	"clave/web/lang"
	"clave/web/route"
)

// deskSections are what the console has beside its own pages, in the menu's order.
func deskSections() []console.Section {
	return []console.Section{deskpages.Section(), proposals.Section()}
}

// counter is a register with what changes it: where officers stand before citizens.
type counter struct {
	db         *store.DB
	keys       *keys.Keyring
	trail      audit.Trail
	registrar  *registrar.Registrar
	procedures *registration.Procedures
	papers     *receipt.Renderer
	log        *slog.Logger
}

// addDesk builds the pages on which officers serve citizens, where there is a console,
// and the same on a register of invented citizens, where the settings name one.
func (in *installation) addDesk(ctx context.Context, texts *lang.Texts, shared procedures) error {
	if in.console == nil {
		return nil
	}
	work, decided := in.serving(counter{in.db, in.keys, in.trail, in.registrar, in.procedures, in.papers, in.Log})
	var practice, practisedDecided []route.Route
	if in.TrainingURL != "" {
		practised, err := in.openTraining(ctx, texts, shared)
		if err != nil {
			return err
		}
		practice, practisedDecided = in.serving(practised)
	}
	in.routes = append(in.routes, in.console.Apart(work, practice)...)
	in.routes = append(in.routes, in.console.Apart(decided, practisedDecided)...)
	return nil
}

// serving are the pages on a register: those of the desk, and those of the proposals.
func (in *installation) serving(at counter) (served, decided []route.Route) {
	columns, index := at.keys.Columns(), at.keys.Index()
	persons := store.NewPersons(at.db, columns, index)
	cases, proposed := store.NewDesk(at.db, columns), store.NewProposals(at.db, columns)
	in.sweep(cases, proposed)
	decisions := &proposal.Desk{Tx: at.db, Store: proposed, Registrar: at.registrar, Trail: at.trail, Log: at.log, Now: in.Now}
	served = deskpages.New(deskpages.Config{
		Console:  in.console,
		Desk:     &desk.Desk{Tx: at.db, Cases: cases, Register: persons, Trail: at.trail, Log: at.log, Now: in.Now},
		Register: persons, Registrar: at.registrar, Procedures: at.procedures, Proposals: decisions, Proposed: proposals.OnePath,
		Receipts: store.NewReceipts(at.db, columns, index), Papers: at.papers, Log: at.log, Now: in.Now,
	}).Routes()
	decided = proposals.New(proposals.Config{
		Console: in.console, Desk: decisions, List: proposed, Register: persons, Log: at.log, Now: in.Now,
	}).Routes()
	return served, decided
}
