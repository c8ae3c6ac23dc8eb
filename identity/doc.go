// Package identity is the vocabulary of the product: who somebody is and how
// well that was proven. It holds values and rules about values only: documents,
// dates, phones, e-mail addresses, levels, methods and attributes.
//
// It does no I/O and imports nothing else of the product, so everything may
// import it. It does not know who is registered (census) nor what a login needs
// (broker).
//
// Personal values print masked, whatever the verb:
//
//	fmt.Println(doc)        •••••678Z
//	slog.Info("x", "d", doc) d=•••••678Z
//	doc.Reveal()            12345678Z
//
// Each call of Reveal is a place where a reviewer asks why.
package identity
