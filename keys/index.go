package keys

import "crypto/sha256"

// Index is a blind index: equal values give equal hashes, and without the key
// nobody can try out values. Rows are looked up by it instead of by the value.
type Index struct{ pick func() *key }

// Of returns the 32 bytes by which a value of that kind ("document", "phone") is
// found. The value must be canonical: two spellings are two values.
func (x *Index) Of(kind, value string) []byte {
	return x.pick().mac.appendSum(make([]byte, 0, sha256.Size), []string{kind, value})
}

// KeyID names the key in use, so that who fills two columns during a change of
// the key knows which is which.
func (x *Index) KeyID() string { return x.pick().ID }
