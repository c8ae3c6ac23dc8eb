package main

import (
	"context"
	"net/netip"

	"clave/census/receipt"
	"clave/internal/throttle"
	"clave/store"
	"clave/web/lang"
	"clave/web/portal/papers"
)

// verifyRate is how often one client may look for a receipt. Our choice: nobody guesses
// 80 bits, and an office that checks one paper after the other does not notice.
func verifyRate() throttle.Rate { return throttle.Rate{PerSecond: .5, Burst: 30} }

// addPapers makes what writes receipts, and the page where anybody checks one. The store
// is returned to be swept.
func (in *installation) addPapers(texts *lang.Texts) *store.Receipts {
	columns, index := in.keys.Columns(), in.keys.Index()
	receipts, frame := store.NewReceipts(in.db, columns, index), in.engine.Frame()
	in.papers = receipt.NewRenderer(texts, in.Issuer, receipt.About{
		Name: frame.Name, Responsible: frame.Responsible, Office: in.officeName, Zone: frame.Zone,
	})
	limiter := throttle.NewLimiter[netip.Prefix](verifyRate(), maxClients, in.Now)
	pages := papers.New(papers.Config{
		Engine: in.engine, Receipts: receipts, Words: in.papers, Log: in.Log,
		Slow: throttle.Middleware(in.Clients, limiter, in.busy),
	})
	in.routes = append(in.routes, pages.Routes()...)
	return receipts
}

// officeName is what an office is called, on papers; its code when the directory does
// not name it, or cannot be read just now.
func (in *installation) officeName(code string) string {
	if o, known, err := in.directory.Office(context.Background(), code); err == nil && known {
		return o.Name
	}
	return code
}
