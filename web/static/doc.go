// Package static holds what browsers load besides pages: one style sheet, the
// scripts, the wordmark and the drawings of documents. Nothing comes from anybody
// else. Each file has the hash of its content in its address, so that browsers
// may keep it for ever and a new release is seen at once.
//
// One file is not ours: jsqr.js is jsQR 1.4.0 as the npm registry has it, unchanged,
// under the Apache License 2.0, which is served beside it.
package static
