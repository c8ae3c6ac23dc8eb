// Package paper lays out documents on A4: headings, paragraphs, lists of facts, codes in
// large type, QR codes. It knows nothing of what they say.
//
// The same calls always give the same bytes, so that the digest of a file names it. The
// fonts are the Go fonts (Bigelow & Holmes, under the same licence as Go), embedded as the
// subset that a document uses; a letter that they lack is written without its accent.
//
// No tagged PDF comes out of this, so whoever hands out a document shows the same words on
// an accessible page as well; see [Document.Text].
package paper
