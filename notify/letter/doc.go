// Package letter sends letters on paper. It renders each as a PDF that fits a DL
// envelope with a window and hands batches of them to a print house, which prints,
// envelopes and posts them.
//
//	fact's transaction        Courier (each node)                     print house
//	──────────────────        ───────────────────                     ───────────
//	Queue.AddLetter ─sealed─► OpenBatch: queued letters → batch
//	                          House.Stage: PDF files, manifest last
//	                          HandedOver: letters erased, batch staged
//	                          House.Publish: one rename ────────────► spool/BATCH/
//	                          Published
//	`clave letters returned FILE` ◄────────────────────────────────── what came back
//
// Each letter is printed at most once: it belongs to one batch for ever, a batch is
// written anew only while it is open, and shown to the print house by one rename only
// after its letters are marked as handed over. A node that dies anywhere leaves a batch
// that its spool's next round finishes.
//
// A letter's address and code are sealed in the row and erased at hand-over.
package letter
