package identity

import (
	"fmt"
	"io"
)

// mask is what a hidden character prints as.
const mask = "•"

// writeMasked answers every fmt verb with the masked form. A String method
// alone would leave %d and %#v to reflection, which prints the value.
func writeMasked(f fmt.State, masked string) {
	_, _ = io.WriteString(f, masked) // fmt.State keeps the error itself
}
